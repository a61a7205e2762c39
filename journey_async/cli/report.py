"""What a story took and cost, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from rich.box import ROUNDED
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from journey_async.sandbox import Ledger
    from journey_async.task import Task


@frozen(kw_only=True)
class Step:
    """One task of the story."""

    name: str
    task: Task[Any]
    seconds: float
    pictures: str
    """The names of the files: one, or a pattern."""


def table(steps: Mapping[int, Step], ledger: Ledger, *, seconds: float) -> Table:
    """Draw the table of the tasks, with the credits as *ledger* tells them and *seconds* for all of it."""
    charges = {charge["task_id"]: charge["credits"] for charge in ledger["charges"]}
    drawn = Table(box=ROUNDED, show_footer=True)
    drawn.add_column("task", footer=f"{len(steps)} tasks")
    drawn.add_column("pictures")
    drawn.add_column("seconds", f"{seconds:.1f}", justify="right")
    drawn.add_column("credits", f"{ledger['charged']}", justify="right")
    for number in sorted(steps):
        step = steps[number]
        drawn.add_row(step.name, step.pictures, f"{step.seconds:.1f}", str(charges[step.task.id]))
    return drawn


def totals(ledger: Ledger, *, folder: Path, pictures: int) -> str:
    """Say what goes for all tasks together."""
    requests = ledger["requests"]
    asked = " and ".join(f"{requests[path]} {path}" for path in sorted(requests) if path.startswith("/fetch"))
    return (
        f"requests  {sum(requests.values())}: {ledger['accepted']} cost credits, {asked} cost nothing\n"
        f"credits   {ledger['charged']} spent, {ledger['credits']} left\n"
        f"pictures  {pictures} in {folder}"
    )
