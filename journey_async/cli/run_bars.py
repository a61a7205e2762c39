"""A run on a terminal: what has ended scrolls by, what is on its way has bars, and the last lines sum it up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from journey_async.cli.complaints import counted, one_line
from journey_async.cli.run_counts import duration, seconds_left
from journey_async.cli.run_texts import is_old, text_of
from journey_async.core.events import NodeFailed, NodeInDoubt, NodeProgressed, NodeSubmitted, RunPaused, RunWaiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from rich.console import Console, RenderableType

    from journey_async.cli.run_counts import Counts, Moving
    from journey_async.core.events import Event
    from journey_async.core.outcome import Outcome

_BELOW: Final = 4
"""Lines that are not bars of nodes: the sum, the slots, trouble, and the cursor's."""
_LEAST: Final = 3
_LOUD: Final = (NodeFailed, NodeInDoubt, RunPaused, RunWaiting)


class RunBars:
    """The live part of the screen; drawn at most once for each call of `redraw`."""

    def __init__(self, console: Console, counts: Counts, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._counts = counts
        self._clock = clock
        self._files = 0
        # Drawn when the command says so; rich would otherwise start a thread to draw by the clock.
        self._live = Live(self, console=console, auto_refresh=False, transient=True, redirect_stderr=False)
        self._live.start()

    def begin(self, outcome: Outcome) -> None:
        """Take in what earlier runs left."""
        self._counts.begin(outcome, self._clock())

    def tell(self, event: Event) -> None:
        """Count an event, and print those that are worth to stay."""
        self._counts.take(event, self._clock())
        if not (isinstance(event, NodeProgressed | NodeSubmitted) or is_old(event)):
            self._say(text_of(event), style="yellow" if isinstance(event, _LOUD) else "")

    def saved(self, key: str, files: Sequence[Path]) -> None:
        """Count the files of a node."""
        del key
        self._files += len(files)

    def not_saved(self, key: str, error: Exception) -> None:
        """Print which files did not come."""
        self._say(f"not saved  {one_line(key)}  {one_line(error)}", style="yellow")

    def redraw(self) -> None:
        """Draw what is on its way."""
        if self._live.is_started:
            self._live.refresh()

    def close(self) -> None:
        """Take the bars from the screen."""
        self._live.stop()

    def __rich__(self) -> RenderableType:
        """Let rich draw the live part as it is at that moment, also below a line that it prints."""
        return self.drawn()

    def drawn(self) -> RenderableType:
        """Give the live part as it is now."""
        if self._counts.planned is None:
            return Text("checking the account and the graph", style="dim")
        now = self._clock()
        room = max(_LEAST, self._console.height - _BELOW)
        moving = sorted(self._counts.moving.items(), key=lambda item: -item[1].percentage)
        hidden = len(moving) - room
        shown = moving if hidden <= 0 else moving[: room - 1]
        more = [Text(f"  and {hidden + 1} more on their way", style="dim")] if hidden > 0 else []
        trouble = [] if self._counts.trouble is None else [_cut(f"  {one_line(self._counts.trouble)}", "yellow")]
        return Group(_bars(shown, now), *more, self._sum(now), self._means(), *trouble)

    def _sum(self, now: float) -> Table:
        counts = self._counts
        left = counts.seconds_left(now)
        told = "" if left is None else f", about {duration(left)} left"
        line = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, counts.nodes), completed=counts.ended, width=20)
        nodes = f"{counts.ended} of {counts.nodes} nodes"
        line.add_row(Text(nodes, style="bold"), bar, Text(f"{duration(now - counts.began)}{told}", no_wrap=True))
        return line

    def _means(self) -> Text:
        counts, planned = self._counts, self._counts.planned
        assert planned is not None  # noqa: S101 - else nothing is drawn but that
        of = "" if planned.slots is None else f" of {planned.slots}"
        most = planned.earlier.spent + planned.credits.most
        parts = [f"slots {len(counts.moving)}{of} in use", f"credits {counts.spent} of {most} spent"]
        parts += [f"{counts.states[state]} {state}" for state in ("failed", "in doubt") if counts.states[state]]
        parts += [f"{counted(self._files, 'file')} saved"] if self._files else []
        return _cut(", ".join(parts), "")

    def _say(self, line: str, *, style: str = "") -> None:
        self._console.print(Text(line, style=style))


def _bars(moving: Iterable[tuple[str, Moving]], now: float) -> Table:
    """Draw a line for each node that is on its way."""
    drawn = Table.grid(padding=(0, 1))
    for width, ratio in ((26, None), (13, None), (16, None), (4, None), (14, None)):
        drawn.add_column(width=width, ratio=ratio, no_wrap=True, overflow="ellipsis")
    for key, node in moving:
        left = seconds_left(node.percentage, now - node.since)
        drawn.add_row(
            Text(f"  {one_line(key)}", overflow="ellipsis"),
            Text(node.name, style="dim"),
            ProgressBar(total=100, completed=node.percentage, width=16),
            Text(f"{node.percentage:3}%"),
            Text(one_line(node.status) if left is None else f"{duration(left)} left", style="dim"),
        )
    return drawn


def _cut(line: str, style: str) -> Text:
    return Text(line, style=style, no_wrap=True, overflow="ellipsis")
