"""One row of the table of figures: what was hoped for, what was measured, and whether that is enough."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import asdict, frozen

from benchmarks.paired import Comparison, Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Size: TypeAlias = Literal["quick", "usual", "full"]
"""Quick shows that the benchmark works, and its figures mean nothing; full takes minutes where usual takes seconds."""


@frozen(kw_only=True)
class Row:
    """One figure."""

    headline: str
    limit: str = ""
    """What physics allows."""
    goal: float | None = None
    """None: reported only."""
    stretch: float | None = None
    more_is_better: bool = False
    measured: Measured | None = None
    """None: not measured, and the note says why."""
    note: str = ""
    valid: bool = True
    """False: the control was off, so that the figure says nothing."""

    @property
    def verdict(self) -> str:
        """Tell whether the goal is met by the worse end of the interval."""
        if self.measured is None:
            return "skipped"
        if not self.valid:
            return "invalid"
        if self.goal is None:
            return "reported"
        if self.stretch is not None and self._reaches(self.stretch):
            return "met, stretch too"
        return "met" if self._reaches(self.goal) else "MISSED"

    def _reaches(self, goal: float) -> bool:
        assert self.measured is not None
        return self.measured.low >= goal if self.more_is_better else self.measured.high <= goal


def exactly(value: float) -> Measured:
    """Give a figure that is the same every time."""
    return Measured(value, value, value)


def compared(
    headline: str, comparison: Comparison, *, goal: float | None, stretch: float | None, limit: str, note: str = ""
) -> Row:
    """Give the row of a paired comparison."""
    return Row(
        headline=headline,
        limit=limit,
        goal=goal,
        stretch=stretch,
        more_is_better=True,
        measured=comparison.ratio,
        valid=comparison.valid,
        note="; ".join(part for part in (str(comparison), note) if part),
    )


def table(rows: Sequence[Row]) -> str:
    """Write the table."""
    width = max(len(row.headline) for row in rows)
    lines = [f"{'':{width}}  {'limit':>12} {'goal':>9} {'stretch':>9} {'measured':>26}"]
    for row in rows:
        sign = ">=" if row.more_is_better else "<="
        goal, stretch = ("-" if wanted is None else f"{sign} {_number(wanted)}" for wanted in (row.goal, row.stretch))
        lines.append(
            f"{row.headline:{width}}  {row.limit or '-':>12} {goal:>9} {stretch:>9} "
            f"{_shown(row.measured):>26}  {row.verdict}{f'  [{row.note}]' if row.note else ''}"
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _shown(measured: Measured | None) -> str:
    if measured is None:
        return "-"
    if measured.low == measured.high:
        return _number(measured.value)
    return f"{_number(measured.value)} ({_number(measured.low)}-{_number(measured.high)})"


def report(question: str | None, measure: Callable[[Size], Sequence[Row]]) -> None:
    """Run a benchmark from the command line: `--quick`, `--full`, `--json`."""
    parser = argparse.ArgumentParser(description=(question or "").partition("\n")[0])
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", dest="size", action="store_const", const="quick", help="see only that it works")
    sizes.add_argument("--full", dest="size", action="store_const", const="full", help="larger loads, more rounds")
    parser.add_argument("--json", action="store_true", help="write the rows as JSON")
    parser.set_defaults(size="usual")
    options = parser.parse_args()
    rows = measure(options.size)
    if options.json:
        json.dump([{**asdict(row), "verdict": row.verdict} for row in rows], sys.stdout)
    else:
        print(table(rows))
