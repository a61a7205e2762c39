"""A run as it goes on: bars on a terminal, plain lines or JSON anywhere else."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.text import Text

from journey_async.cli.complaints import one_line
from journey_async.cli.consoles import console
from journey_async.cli.result_texts import json_line
from journey_async.cli.run_bars import RunBars
from journey_async.cli.run_counts import Counts
from journey_async.cli.run_json import error_as_json, event_as_json
from journey_async.cli.run_texts import is_old, text_of
from journey_async.core.events import NodeProgressed

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from rich.console import Console

    from journey_async.core.events import Event
    from journey_async.core.outcome import Outcome

_STEP = 25
"""Percent between two lines about one node."""


class RunDisplay(Protocol):
    """Shows a run."""

    def begin(self, outcome: Outcome) -> None:
        """Take in what earlier runs left."""
        ...

    def tell(self, event: Event) -> None:
        """Show what happened."""
        ...

    def saved(self, key: str, files: Sequence[Path]) -> None:
        """Show that the files of the node *key* are on the disk."""
        ...

    def not_saved(self, key: str, error: Exception) -> None:
        """Show that files of the node *key* did not come."""
        ...

    def redraw(self) -> None:
        """Show the time that has passed."""
        ...

    def close(self) -> None:
        """Leave the screen to others; what is told afterwards is shown without bars."""
        ...


@contextmanager
def run_display(*, as_json: bool) -> Generator[RunDisplay]:
    """Give the display that suits standard output."""
    stdout = console()
    if as_json:
        yield _JsonLines()
    elif stdout.is_terminal and not stdout.is_dumb_terminal:
        bars = RunBars(stdout, Counts(time.monotonic()))
        try:
            yield bars
        finally:
            bars.close()
    else:
        yield _Lines(console(wrapped=False))


class _JsonLines:
    """One JSON object for each event."""

    def begin(self, outcome: Outcome) -> None:
        del outcome

    def tell(self, event: Event) -> None:
        print(json_line(event_as_json(event)), flush=True)  # noqa: T201 - it is what the command is for

    def saved(self, key: str, files: Sequence[Path]) -> None:
        line = json_line({"event": "saved", "node": key, "files": [str(path) for path in files]})
        print(line, flush=True)  # noqa: T201

    def not_saved(self, key: str, error: Exception) -> None:
        print(json_line({"event": "not saved", "node": key, "error": error_as_json(error)}), flush=True)  # noqa: T201

    def redraw(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Lines:
    """One line for each event, of progress one for each quarter of the way."""

    def __init__(self, stdout: Console) -> None:
        self._console = stdout
        self._quarters: dict[str, int] = {}

    def begin(self, outcome: Outcome) -> None:
        del outcome

    def tell(self, event: Event) -> None:
        if isinstance(event, NodeProgressed):
            quarter = (event.task_state.percentage or 0) // _STEP
            if self._quarters.get(event.node.key, 0) >= quarter:
                return
            self._quarters[event.node.key] = quarter
        elif is_old(event):
            return
        self._say(text_of(event))

    def saved(self, key: str, files: Sequence[Path]) -> None:
        for path in files:
            self._say(f"{'saved':10}  {one_line(key):24}  {one_line(path)}")

    def not_saved(self, key: str, error: Exception) -> None:
        self._say(f"{'not saved':10}  {one_line(key):24}  {one_line(error)}")

    def redraw(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _say(self, line: str) -> None:
        self._console.print(Text(line))
        self._console.file.flush()
