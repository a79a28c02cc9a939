"""The table that ``make bench`` prints and docs/benchmarks.md keeps."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Figures beside what was asked for."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    missed: int = 0
    skipped: int = 0

    def add(self, what: str, value: float, unit: str, *, limit: float, more_is_better: bool = False) -> None:
        """A figure that has a limit."""
        met = value >= limit if more_is_better else value <= limit
        self.missed += not met
        self._row(
            what,
            _format(value, unit),
            f"{'at least' if more_is_better else 'at most'} {limit:g} {unit}".strip(),
            "met" if met else "MISSED",
        )

    def note(self, what: str, value: float, unit: str) -> None:
        """A figure for comparison."""
        self._row(what, _format(value, unit), "", "")

    def skip(self, what: str, why: str) -> None:
        """A figure that cannot be measured here."""
        self.skipped += 1
        self._row(what, "not measured", "", why)

    def summary(self) -> str:
        """How it went, in a line."""
        missed = f"{self.missed} figures missed" if self.missed else "every figure that was measured is met"
        return f"{missed}; {self.skipped} not measured" if self.skipped else missed

    def table(self) -> str:
        """All of it in Markdown."""
        head = ("what", "measured", "asked for", "")
        lines = [f"| {' | '.join(row)} |" for row in (head, ("---", "---:", "---:", "---"), *self.rows)]
        return "\n".join(lines)

    def _row(self, what: str, value: str, limit: str, verdict: str) -> None:
        self.rows.append((what.replace("  ", "&nbsp;&nbsp;"), value, limit, verdict))
        print(f"{what:58} {value:>14}  {limit:>18}  {verdict}", flush=True)


def _format(value: float, unit: str) -> str:
    if not unit and 0 < value < 1:
        return f"{value:.3f}"
    digits = 0 if value == int(value) and not unit else 2 if value < 10 else 1
    return f"{value:.{digits}f} {unit}".strip()
