"""`journey run` and `journey resume`: a graph is run, shown and saved, until it is over or Ctrl-C."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import typer
from attrs import frozen

from journey_async.cli.complaints import counted, one_line
from journey_async.cli.connection import connected
from journey_async.cli.exit_codes import DONE, TASKS_FAILED, worst
from journey_async.cli.interruption import interruptible
from journey_async.cli.outcome_texts import advice, command, exit_code_for, sums
from journey_async.cli.result_texts import json_line
from journey_async.cli.run_display import run_display
from journey_async.cli.run_json import outcome_as_json
from journey_async.cli.standing import standing_of
from journey_async.cluster.address import Cluster
from journey_async.core.events import NodeFinished
from journey_async.downloads import Wanted
from journey_async.errors import DownloadError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from journey_async.cli.run_display import RunDisplay
    from journey_async.cli.saving import Saving
    from journey_async.cli.standing import Standing
    from journey_async.client import JourneyClient
    from journey_async.core.outcome import Outcome
    from journey_async.graph import TaskGraph
    from journey_async.runs import Run

_FRAME = 0.2
"""Seconds between two pictures of the bars."""
_NODES_AT_ONCE = 4
"""Nodes whose files are fetched at the same time."""


@frozen(kw_only=True)
class RunOrder:
    """What was typed."""

    journal: Path | Cluster
    graph: TaskGraph | None = None
    """None: the one that the journal holds."""
    budget: float | None = None
    in_flight: int | None = None
    saving: Saving | None = None
    as_json: bool = False

    def running(self, journey: JourneyClient) -> AbstractAsyncContextManager[Run]:
        """Give the run as a block."""
        given: dict[str, Any] = {"budget": self.budget, "in_flight": self.in_flight}
        if self.graph is None:
            return journey.resuming(self.journal, **given)
        return journey.running(self.graph, journal=self.journal, **given)


def run_graph(order: RunOrder, *, key_file: Path | None) -> int:
    """Run the graph and give the exit code."""
    client = connected(key_file)
    return anyio.run(partial(_run, client, order), backend="asyncio")


async def _run(client: JourneyClient, order: RunOrder) -> int:
    with run_display(as_json=order.as_json) as display:
        work = _Work(client, order, display)
        return await interruptible(work.run, stopping=work.stopping)


class _Work:
    """One run of a graph, and the downloads that go beside it."""

    def __init__(self, client: JourneyClient, order: RunOrder, display: RunDisplay) -> None:
        self._client = client
        self._order = order
        self._display = display
        self._fetching = anyio.CapacityLimiter(_NODES_AT_ONCE)
        self._code = 0
        self._files = 0
        self._following = False

    async def run(self) -> int:
        """Run the graph to its end, its downloads included."""
        try:
            async with self._client as journey, self._order.running(journey) as run:
                self._begun()
                outcome = await self._follow(run)
                standing = await standing_of(self._order.journal)
        except anyio.get_cancelled_exc_class():
            self._tell_how_to_go_on()
            raise
        code = worst((self._code, exit_code_for(outcome), DONE if standing is None else standing.exit_code))
        self._display.close()
        self._tell_outcome(outcome, standing, code)
        return code

    def _begun(self) -> None:
        self._following = True
        cluster = self._order.journal
        if isinstance(cluster, Cluster) and not self._order.as_json:
            # Without workers nothing happens from here on.
            _say(f"workers of {cluster.place} carry run {cluster.run}; Ctrl-C ends following it")

    async def _follow(self, run: Run) -> Outcome:
        async with anyio.create_task_group() as drawing:
            drawing.start_soon(self._draw)
            async with anyio.create_task_group() as fetching:
                self._display.begin(run.outcome)
                async for event in run:
                    self._display.tell(event)
                    if isinstance(event, NodeFinished):
                        fetching.start_soon(self._fetch, event)
            drawing.cancel_scope.cancel()
        return run.outcome

    async def _draw(self) -> None:
        while True:
            self._display.redraw()
            await anyio.sleep(_FRAME)

    async def _fetch(self, row: NodeFinished[Any]) -> None:
        saving = self._order.saving
        if saving is None or not row.result.urls:
            return
        async with self._fetching:
            try:
                files = await saving.save([Wanted.of_node(row)])
            except DownloadError as error:
                self._display.not_saved(row.node.key, error)
                self._code = TASKS_FAILED
            else:
                self._files += len(files)
                self._display.saved(row.node.key, files)

    def _tell_outcome(self, outcome: Outcome, standing: Standing | None, code: int) -> None:
        journal = self._order.journal
        if self._order.as_json:
            told = {} if standing is None else standing.as_json()
            typer.echo(json_line(outcome_as_json(outcome, exit_code=code) | told))
            return
        typer.echo(sums(outcome))
        if self._order.saving is not None:
            typer.echo(f"{counted(self._files, 'file')} in {one_line(self._order.saving.folder)}")
        if standing is not None:
            for line in standing.lines(journal, outcome):
                typer.echo(line)
        elif outcome.paused is not None:
            typer.echo(f"paused: {one_line(outcome.paused)}")
        for line in advice(outcome, journal):
            typer.echo(line)
        if outcome.complete:
            typer.echo(f"the {'run' if isinstance(journal, Cluster) else 'journal'} is {one_line(journal)}")

    def stopping(self) -> None:
        """Clear the screen, and say that the requests on their way are waited for."""
        self._display.close()
        if not isinstance(self._order.journal, Cluster):
            _say("stopping; Ctrl-C again leaves at once and loses nothing")

    def _tell_how_to_go_on(self) -> None:
        journal = self._order.journal
        if not isinstance(journal, Cluster):
            _say(f"stopped; tasks on their way go on. Go on with: {command('resume', journal)}")
        elif self._following:
            _say(f"stopped following, the workers go on. Follow again with: {command('resume', journal)}")
        else:
            _say(f"stopped while it was handed to the workers. Whether it was: {command('status', journal)}")


def _say(line: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"journey: {line}\n")
        sys.stderr.flush()
