"""How tasks are getting on, as bars in a terminal and as lines anywhere else."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from journey_async.cli.run_counts import duration, seconds_left

if TYPE_CHECKING:
    from collections.abc import Generator

    from rich.console import Console, RenderableType

    from journey_async.task import Task

_STEP: Final = 25
"""Percent between two lines about one task: a log is not to drown in progress."""


class Display(Protocol):
    """Shows tasks, and what is said between them."""

    def say(self, *what: RenderableType) -> None:
        """Print something that stays."""
        ...

    def show(self, name: str, task: Task[Any]) -> None:
        """Show the state of *task*, which is called *name*."""
        ...

    def saved(self, name: str) -> None:
        """Show that the pictures of the task called *name* are on the disk."""
        ...


@contextmanager
def display_on(console: Console) -> Generator[Display]:
    """Give the display that suits *console*."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    # Drawn when something changes; rich would otherwise start a thread to draw by the clock.
    with Progress(*_columns(), console=console, auto_refresh=False, transient=True) as progress:
        yield _Bars(progress)


def _columns() -> tuple[TextColumn | BarColumn, ...]:
    return (
        TextColumn("  {task.description:20}"),
        BarColumn(bar_width=24, finished_style="green"),
        TaskProgressColumn(),
        TextColumn("{task.fields[state]:10}"),
        TextColumn("{task.fields[credits]} credits", style="dim"),
        TextColumn("{task.fields[left]}", style="dim"),
    )


class _Bars:
    """One bar for each task, below what was said."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._begun: dict[str, float] = {}

    def say(self, *what: RenderableType) -> None:
        self._progress.console.print(*what, highlight=False)

    def show(self, name: str, task: Task[Any]) -> None:
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(name, state="", credits=credits_of(task), left="")
            self._begun[name] = time.monotonic()
        state = task.state
        percentage = state.percentage or 0
        left = seconds_left(percentage, time.monotonic() - self._begun[name])
        told = "" if left is None else f"{duration(left)} left"
        self._progress.update(self._bars[name], completed=percentage, state=state.status, left=told, refresh=True)

    def saved(self, name: str) -> None:
        self._progress.update(self._bars[name], state="saved", refresh=True)


class _Lines:
    """One line for each change of a state, and for each quarter of the way."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, tuple[str, int]] = {}

    def say(self, *what: RenderableType) -> None:
        self._console.print(*what, highlight=False)

    def show(self, name: str, task: Task[Any]) -> None:
        state = task.state
        percentage = state.percentage or 0
        shown = (state.status, percentage // _STEP)
        if self._shown.get(name) != shown:
            self._shown[name] = shown
            self.say(f"  {name:20} {percentage:3}%  {state.status:10}  {credits_of(task)} credits")

    def saved(self, name: str) -> None:
        self.say(f"  {name:20} 100%  saved")


def credits_of(task: Task[Any]) -> int:
    """Give what *task* cost; 0 for a task that was not submitted here."""
    return 0 if task.action is None else task.action.credits
