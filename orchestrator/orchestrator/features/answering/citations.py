"""Citations and names in an answer: finding them, and writing the answer anew without the wrong ones."""

import re
from collections.abc import Collection

_MARKER = re.compile(r"\[(\d{1,3})\](?!\()")
_FENCE = re.compile(r"(^```.*?^```[^\S\n]*$)", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|#)[A-Za-z_$][\w$]*)*(?:\(\))?")


def cited_numbers(answer: str) -> list[int]:
    """Numbers that are cited outside of code, in the order they first appear."""
    prose = _FENCE.sub("", answer)
    return list(dict.fromkeys(int(number) for number in _MARKER.findall(_CODE_SPAN.sub("", prose))))


def drop_citations(answer: str, keep: Collection[int]) -> str:
    """The answer without markers of other citations; code blocks stay as they are."""

    def clean(part: str) -> str:
        if part.startswith("```"):
            return part
        cleaned = _MARKER.sub(lambda match: match.group() if int(match.group(1)) in keep else "\0", part)
        return re.sub(r" ?\0", "", cleaned)

    return "".join(clean(part) for part in _FENCE.split(answer))


def mentioned_names(answer: str) -> list[str]:
    """Names of code that the prose claims to exist: code spans that look like an identifier or a dotted name."""
    prose = _FENCE.sub("", answer)
    names = (match.strip() for match in _CODE_SPAN.findall(prose))
    return list(dict.fromkeys(name.removesuffix("()") for name in names if _NAME.fullmatch(name)))


def locate(text: str, lines: list[str]) -> tuple[int, int] | None:
    """Where a passage stands in a file, as first and last line, counting from 1; blank space at line ends is ignored."""
    wanted = [line.rstrip() for line in text.splitlines()]
    have = [line.rstrip() for line in lines]
    for start in range(len(have) - len(wanted) + 1):
        if have[start : start + len(wanted)] == wanted:
            return start + 1, start + len(wanted)
    return None
