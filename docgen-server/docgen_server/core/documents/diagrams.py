"""Mermaid diagrams: made from values so that no name is ever read as syntax, bounded, and checked before they are kept.

The grammar that is checked is the part of Mermaid (https://mermaid.js.org/syntax/) that pages need: flowcharts and class
diagrams. What does not fit it is shown as text, with the reason.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST_NODES = 24
MOST_EDGES = 40
_MOST_LINES = 120
_LONGEST_LABEL = 48
_MOST_CHARACTERS = 12_000

_ID = r"[A-Za-z][\w]*"
_LABEL = r'\["[^"\[\]{}<>;`]*[^"\[\]{}<>;`\s][^"\[\]{}<>;`]*"\]'
_FLOW_LINES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(graph|flowchart) (TB|TD|BT|RL|LR)$",
        rf"{_ID}({_LABEL})?(:::{_ID})?$",
        rf"{_ID}({_LABEL})? (-->|---|-\.->|==>)(\|\"?[^|\"<>{{}}]*\"?\|)? ?{_ID}({_LABEL})?$",
        rf"subgraph {_ID}( ?{_LABEL})?$",
        r"direction (TB|TD|BT|RL|LR)$",
        r"end$",
        r"%%(?!\{)[^\n]*$",
    )
)
_CLASS_LINES = tuple(
    re.compile(pattern)
    for pattern in (
        r"classDiagram$",
        r"direction (TB|TD|BT|RL|LR)$",
        rf"class {_ID}({_LABEL})?$",
        rf"{_ID} (<\|--|--\|>|<\|\.\.|\.\.\|>|-->|\.\.>) {_ID}$",
        r"%%(?!\{)[^\n]*$",
    )
)
_BASES = (
    re.compile(r"^\s*class\s+\w+\s*\((?P<bases>.*)\)\s*$", re.DOTALL),
    re.compile(r"\b(?:class|interface)\s+[\w<>,.\s]+?\s+(?:extends|implements)\s+(?P<bases>[^{]+)"),
    re.compile(r"^\s*class\s+[\w:]+\s*<\s*(?P<bases>[\w:.]+)"),
    re.compile(r"\b(?:class|struct|interface|protocol|object)\s+\w+(?:<[^>]*>)?(?:\([^)]*\))?\s*:\s*(?P<bases>[^{]+)"),
)
_NO_BASES = re.compile(r"\b(?:extends|implements|with|public|private|protected|virtual)\b")
_NAME = re.compile(r"^[A-Za-z_][\w.:]*$")


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow between two named things."""

    source: str
    target: str
    weight: int = 1


def draw_flow(
    edges: Iterable[Edge],
    *,
    sizes: Mapping[str, int] | None = None,
    direction: str = "LR",
    focus: str = "",
    layered: bool = False,
) -> str:
    """A flowchart of the most important things and the heaviest arrows between them, or nothing without arrows.

    Args:
        edges: Arrows; several between the same two are added up.
        sizes: How important a thing is; without it, how many arrows it has.
        direction: ``LR`` or ``TB``.
        focus: A thing that is never left out, and is set off.
        layered: Leave out what other arrows already say, so that layers can be seen.
    """
    weights: Counter[tuple[str, str]] = Counter()
    for edge in edges:
        if edge.source != edge.target:
            weights[edge.source, edge.target] += edge.weight
    kept = _most_important(weights, sizes or _degrees(weights), focus)
    drawn = {pair: weight for pair, weight in weights.items() if pair[0] in kept and pair[1] in kept}
    if layered:
        drawn = _reduced(drawn)
    heaviest = dict(sorted(drawn.items(), key=lambda item: (focus not in item[0], -item[1], item[0]))[:MOST_EDGES])
    if not heaviest:
        return ""
    names = {name: f"n{number}" for number, name in enumerate(sorted({name for pair in heaviest for name in pair}))}
    lines = [f"graph {direction}"]
    lines += [f'  {node}["{_label(name)}"]' for name, node in names.items()]
    lines += [f"  {names[source]} --> {names[target]}" for source, target in sorted(heaviest)]
    return "\n".join(lines)


def draw_classes(bases: Mapping[str, Sequence[str]]) -> str:
    """A class diagram of who extends whom, or nothing when nobody does.

    Args:
        bases: Names of the bases by class.
    """
    pairs = [(base, name) for name, parents in bases.items() for base in parents if base != name][:MOST_EDGES]
    if not pairs:
        return ""
    names = {name: f"c{number}" for number, name in enumerate(dict.fromkeys(name for pair in pairs for name in pair))}
    lines = ["classDiagram"]
    lines += [f'  class {node}["{_label(name)}"]' for name, node in names.items()]
    lines += [f"  {names[base]} <|-- {names[name]}" for base, name in pairs]
    return "\n".join(lines)


def bases_of(signature: str) -> list[str]:
    """Names that a class extends or implements, as its first line says them."""
    match = next((found for pattern in _BASES if (found := pattern.search(signature))), None)
    if match is None:
        return []
    text = re.sub(r"<[^<>]*>|\[[^\[\]]*\]|\([^()]*\)", "", _NO_BASES.sub(",", match["bases"]))
    names = [part.strip() for part in text.split(",")]
    return [name for name in names if _NAME.match(name) and name not in {"object", "where"}]


def find_fault(source: str) -> str | None:
    """Why a diagram is not kept, or nothing when it is valid and small enough."""
    lines = [line.strip() for line in source.strip().split("\n") if line.strip()]
    if not lines:
        return "the diagram is empty"
    if len(lines) > _MOST_LINES or len(source) > _MOST_CHARACTERS:
        return f"the diagram has more than {_MOST_LINES} lines or {_MOST_CHARACTERS} characters"
    grammar = _CLASS_LINES if lines[0] == "classDiagram" else _FLOW_LINES
    if not grammar[0].match(lines[0]):
        return f"'{lines[0][:40]}' is neither a flowchart nor a class diagram"
    wrong = next((line for line in lines[1:] if not any(pattern.match(line) for pattern in grammar[1:])), None)
    if wrong is not None:
        return f"the diagram is not valid at '{wrong[:60]}'"
    if lines.count("end") != sum(line.startswith("subgraph ") for line in lines):
        return "a subgraph is not closed"
    return None


def _degrees(weights: Mapping[tuple[str, str], int]) -> Counter[str]:
    degrees: Counter[str] = Counter()
    for (source, target), weight in weights.items():
        degrees[source] += weight
        degrees[target] += weight
    return degrees


def _most_important(weights: Mapping[tuple[str, str], int], sizes: Mapping[str, int], focus: str) -> set[str]:
    things = {name for pair in weights for name in pair}
    near = {name for pair in weights if focus in pair for name in pair}
    ranked = sorted(things, key=lambda name: (name != focus, name not in near, -sizes.get(name, 0), name))
    return set(ranked[:MOST_NODES])


def _reduced(weights: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Arrows that no longer way replaces; of two that face each other the heavier one stays."""
    reached: dict[str, set[str]] = {name: set() for pair in weights for name in pair}
    kept: dict[str, list[str]] = {name: [] for name in reached}
    for (source, target), _ in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
        if source not in reached[target]:
            kept[source].append(target)
            for name, others in reached.items():
                if name == source or source in others:
                    others |= {target, *reached[target]}
    return {
        (source, target): weights[source, target]
        for source, targets in kept.items()
        for target in targets
        if not any(target in reached[other] for other in targets)
    }


def _label(name: str) -> str:
    clean = re.sub(r"[^\w./\-: ]", "_", name)
    return clean if len(clean) <= _LONGEST_LABEL else "…" + clean[-_LONGEST_LABEL + 1 :]
