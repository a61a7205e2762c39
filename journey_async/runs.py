"""One execution of a graph: planned before anything is sent, driven while its block lasts, told as events."""

from __future__ import annotations

import logging
import math
import time
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import anyio
from anyio import to_thread

from journey_async.cluster.address import Cluster
from journey_async.core.events import Event, RunPlanned
from journey_async.core.records import Accepted, decode, encode
from journey_async.errors import JournalError, first_of
from journey_async.journal import Journal
from journey_async.journal_file import read_journal_file
from journey_async.planning import (
    afford,
    ask_account,
    beginning,
    check_options,
    look_up,
    plan,
    read_history,
)
from journey_async.runner import Runner
from journey_async.settling import Settlement, judged
from journey_async.telling import NoLog
from journey_async.values import frozen
from journey_async.version import __version__

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from journey_async.core.kinds import Result
    from journey_async.core.node import Node
    from journey_async.core.outcome import Outcome
    from journey_async.core.run_state import RunState
    from journey_async.core.tasks import TaskState
    from journey_async.deciding import Decide
    from journey_async.telling import Log
    from journey_async.workings import Workings

_logger = logging.getLogger("journey_async")


class Run:
    """A run on its way: iterating gives its events until it is over; `outcome` is what came of it so far."""

    def __init__(self, state: RunState, events: AsyncIterator[Event]) -> None:
        self._state = state
        self._events = events

    @property
    def outcome(self) -> Outcome:
        """What came of the run so far; after the last event: what came of it."""
        return self._state.outcome()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        return await anext(self._events)

    def __repr__(self) -> str:
        return f"<Run {self.outcome!r}>"


FilePath: TypeAlias = "str | os.PathLike[str]"


@frozen(kw_only=True)
class RunOptions:
    """What a run is told."""

    journal: FilePath | Cluster | None = None
    budget: float | None = None
    in_flight: int | None = None
    settle: Decide | None = None


async def run(workings: Workings, graph: Iterable[Node[Any]] | None, options: RunOptions) -> Outcome:
    """Run *graph* to its end; without one that which the journal holds."""
    async with _begun(workings, graph, options) as begun:
        await begun.drive(None)
        return begun.state.outcome()


@asynccontextmanager
async def running(workings: Workings, graph: Iterable[Node[Any]] | None, options: RunOptions) -> AsyncGenerator[Run]:
    """Run *graph* while the block lasts; leaving the block stops submitting at once."""
    async with _begun(workings, graph, options) as begun:
        # Without a limit: a slow reader must not slow down the run.
        send, receive = anyio.create_memory_object_stream[Event](math.inf)
        failures: list[Exception] = []
        left_by: BaseException | None = None

        async def drive() -> None:
            with send:
                try:
                    await begun.drive(send.send_nowait)
                except Exception as error:  # noqa: BLE001 - it is raised below, as itself and not in a group
                    failures.append(error)

        with receive:
            async with anyio.create_task_group() as group:
                group.start_soon(drive)
                try:
                    yield Run(begun.state, receive)
                except anyio.get_cancelled_exc_class():
                    raise
                except BaseException as error:  # noqa: BLE001 - it is raised below, as itself and not in a group
                    left_by = error
                group.cancel_scope.cancel()
        if left_by is not None:
            raise left_by
        if failures:
            raise failures[0]


async def settle(
    journal: FilePath | Cluster,
    key: str,
    settlement: Settlement,
    *,
    find: Callable[[str], Awaitable[TaskState[Result]]],
) -> None:
    """Record in a *journal* what becomes of the node *key*; *find* looks up a task that is to be adopted."""
    if isinstance(journal, Cluster):
        from journey_async.cluster import running as cluster_runs  # noqa: PLC0415 - what it needs is an extra

        await cluster_runs.settle(journal, key, settlement, find=find)
        return
    async with _log(journal, new=False) as log:
        history = await read_history(log.records, file=str(Path(journal)))
        record = await judged(history, key, settlement, find=find, clock=time.time)
        await log.write(encode(record))


async def read_journal(journal: FilePath | Cluster, /) -> Outcome:
    """Tell what came of the runs of a journal so far, also while one is on its way; nothing is sent or written.

    Raises `JournalError` if it cannot be read.
    """
    records = await read_records(journal)
    return (await plan(None, records, file=name_of(journal), to_send=False)).state.outcome()


async def read_records(journal: FilePath | Cluster, /) -> Sequence[str]:
    """Read the records of a journal, also while a run is on its way. Raises `JournalError`."""
    if isinstance(journal, Cluster):
        from journey_async.cluster import running as cluster_runs  # noqa: PLC0415 - what it needs is an extra

        return await cluster_runs.records_of(journal)
    return await to_thread.run_sync(read_journal_file, journal)


def name_of(journal: FilePath | Cluster) -> str:
    """Give the name of a journal for messages."""
    return str(journal) if isinstance(journal, Cluster) else str(Path(journal))


# ---------------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class _Begun:
    """A run that was planned and recorded, to be carried here or elsewhere."""

    state: RunState
    drive: Callable[[Callable[[Event], None] | None], Awaitable[None]]
    """Brings it to its end, and tells whoever is named what happens."""


@asynccontextmanager
async def _begun(workings: Workings, graph: Iterable[Node[Any]] | None, options: RunOptions) -> AsyncGenerator[_Begun]:
    """Plan and record a run; it is to be driven within the block."""
    check_options(budget=options.budget, in_flight=options.in_flight)
    if isinstance(options.journal, Cluster):
        from journey_async.cluster import running as cluster_runs  # noqa: PLC0415 - what it needs is an extra

        handed = cluster_runs.begun(
            workings,
            graph,
            options.journal,
            budget=options.budget,
            in_flight=options.in_flight,
            decide=options.settle,
        )
        async with handed as (state, follow):
            yield _Begun(state=state, drive=follow)
        return
    async with _begun_here(workings, graph, options.journal, options) as planned:
        yield _Begun(state=planned.state, drive=partial(_drive, workings, planned, options))


@frozen(kw_only=True)
class _Planned:
    """A run of this process that was planned and recorded."""

    state: RunState
    event: RunPlanned
    log: Log


@asynccontextmanager
async def _begun_here(
    workings: Workings, graph: Iterable[Node[Any]] | None, journal: FilePath | None, options: RunOptions
) -> AsyncGenerator[_Planned]:
    begun: _Planned | None = None
    try:
        async with _log(journal, new=graph is not None) as log:
            begun = await _planned(workings, graph, log, journal, options)
            yield begun
    except BaseException as error:
        # Here, because what was lost is complete once the journal is closed.
        if begun is not None and begun.log.unwritten:
            _tell_losses(error, begun)
        raise


@asynccontextmanager
async def _log(journal: FilePath | None, *, new: bool) -> AsyncGenerator[Log]:
    if journal is None:
        yield NoLog()
        return
    if not new and not await anyio.Path(journal).exists():
        raise JournalError(str(Path(journal)), "there is no such file: nothing is to be resumed")
    async with Journal(journal) as log:
        yield log


async def _planned(
    workings: Workings, graph: Iterable[Node[Any]] | None, log: Log, journal: FilePath | None, options: RunOptions
) -> _Planned:
    file = "in memory" if journal is None else str(Path(journal))
    made = await plan(graph, log.records, file=file)
    state = made.state
    account = await ask_account(workings.sender)
    await look_up(workings.sender, state, now=time.time())
    afford(state, balance=account.credits, budget=options.budget)
    slots = account.slots if options.in_flight is None else options.in_flight
    earlier = state.history.spending
    records = beginning(made, version=__version__, account=account, slots=slots, now=time.time())
    await log.write(*map(encode, records))
    planned = RunPlanned(
        nodes=len(state.nodes),
        to_send=state.to_send,
        credits=state.to_pay,
        earlier=earlier,
        differences=made.differences,
        balance=account.credits,
        slots=slots,
    )
    return _Planned(state=state, event=planned, log=log)


async def _drive(
    workings: Workings, begun: _Planned, options: RunOptions, tell: Callable[[Event], None] | None
) -> None:
    if tell is not None:
        tell(begun.event)
    runner = Runner(workings, begun.state, begun.log, in_flight=options.in_flight, decide=options.settle, tell=tell)
    try:
        with workings.slots.allowed(begun.event.slots):
            await runner.drive()
    except ExceptionGroup as group:
        # Several at once are one trouble: a journal that broke does so for all nodes on their way.
        error = first_of(group)
        raise error from error.__cause__


def _tell_losses(error: BaseException, begun: _Planned) -> None:
    """Say which nodes were accepted without the journal knowing: it will take them for in doubt."""
    lives = begun.state.history.lives.values()
    keys = {life.intent.intent: life.key for life in lives if life.intent is not None}
    for record in map(decode, begun.log.unwritten):
        if isinstance(record, Accepted):
            key = keys.get(record.intent, "?")
            lost = f"node {key} was accepted, which the journal does not know: settle it by Adopt({record.task_id!r})"
            error.add_note(lost)
            # Where it is a cancellation nobody sees the notes.
            _logger.error("%s", lost)
    if isinstance(error, JournalError):
        error.unwritten = tuple(begun.log.unwritten)
        error.credits_may_have_moved = True
