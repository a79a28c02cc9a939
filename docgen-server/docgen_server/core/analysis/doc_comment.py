"""What a doc comment says, taken apart."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DocItem:
    """One parameter, return value or exception."""

    name: str
    text: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class DocNote:
    """A part with a title of its own: ``Note``, ``See Also``, ``deprecated``."""

    title: str
    text: str


@dataclass(slots=True)
class DocComment:
    """A doc comment taken apart; texts are as their author wrote them."""

    summary: str = ""
    description: str = ""
    """The text without its structured parts."""
    parameters: list[DocItem] = field(default_factory=list)
    attributes: list[DocItem] = field(default_factory=list)
    returns: list[DocItem] = field(default_factory=list)
    yields: list[DocItem] = field(default_factory=list)
    raises: list[DocItem] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    notes: list[DocNote] = field(default_factory=list)
