"""Whether language models write for a repository, and how much they may take."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SummaryPolicy:
    """What the operator has decided.

    Attributes:
        mode: ``off`` never, ``asked`` where a repository asks for it, ``on`` where it does not decline.
        tokens_a_day: Most tokens of one repository within 24 hours.
        seconds: Longest time of one call; the rest is written with the next one.
    """

    mode: Literal["off", "asked", "on"] = "asked"
    tokens_a_day: int = 500_000
    seconds: float = 20.0

    def allows(self, asked: bool | None) -> bool:
        """Whether a model writes for a repository that asks, declines, or leaves it open."""
        return self.mode != "off" and (self.mode == "on" if asked is None else asked)
