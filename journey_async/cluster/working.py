"""Being a worker of a cluster, until cancelled."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

import anyio

from journey_async.cluster.account_slots import AccountSlots
from journey_async.cluster.engine import Engine
from journey_async.cluster.line import Line
from journey_async.cluster.names import named
from journey_async.cluster.store import Store
from journey_async.cluster.worker import Worker
from journey_async.errors import ConfigurationError, JournalError, first_of
from journey_async.planning import ask_account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyio.abc import TaskStatus

    from journey_async.cluster.code import Code
    from journey_async.cluster.database import Database
    from journey_async.cluster.membership import Membership
    from journey_async.workings import Workings

HANDING_OVER: Final = 10.0
"""Seconds that a worker which stops takes at the most to hand its jobs over."""
WARNING_AFTER: Final = 20.0
"""Seconds between two looks for workers that are gone; one that is restarted is back before."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

_log = logging.getLogger("journey_async")


def check_name(argument: str, name: object) -> None:
    """Check the name of a worker. Raises `ConfigurationError`."""
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        message = f"{argument} must be 1 to 100 letters, digits, dots, dashes or underscores, got {name!r}"
        raise ConfigurationError(message)


async def work(
    workings: Workings,
    membership: Membership,
    code: Code,
    *,
    name: str,
    adopt: Sequence[str],
    task_status: TaskStatus[None] | None,
) -> None:
    """Carry nodes of all runs until cancelled; what was begun is handed over then.

    Raises `JournalBusyError` if a worker of that name is running, or one of those that are to be adopted.
    """
    slots, database = workings.slots, membership.database
    assert isinstance(slots, AccountSlots)  # noqa: S101 - the client is a member
    account = await ask_account(workings.sender)
    await database.call(Store.told, account.slots)
    line = Line(membership.cluster, name=name, owner=membership.owner, deliver=lambda _: None)
    await line.open()
    try:
        await _adopt(membership, name, adopt)
        worker = Worker(workings, slots, database, code, name=name)

        async def put_aside(run: str, job: str) -> None:
            await database.call(Store.put_aside, run, job)

        engine = Engine(
            membership.cluster,
            name,
            {"carry": worker.carry, "choose": worker.choose, "after": worker.after},
            put_aside=put_aside,
        )
        try:
            await _work(engine, database, line, task_status)
        finally:
            with anyio.move_on_after(HANDING_OVER, shield=True):
                await database.call(Store.take_over, [name])
    finally:
        await line.close()


async def _adopt(membership: Membership, name: str, adopt: Sequence[str]) -> None:
    """Let what workers of these names had begun be gone on with, and what the last one of this name had."""
    for each in adopt:
        busy = f"worker {each} is running: only a dead worker's tasks can be taken over"
        async with named(membership.cluster, f"worker {each}", busy):
            await membership.database.call(Store.take_over, [each])
    await membership.database.call(Store.take_over, [name])


async def _work(engine: Engine, database: Database, line: Line, task_status: TaskStatus[None] | None) -> None:
    try:
        async with anyio.create_task_group() as group:
            # Before the engine looks for work: one that knew no limit would take all there is.
            await database.call(Store.allow, await database.call(Store.limit))
            try:
                await engine.start(group)
                if task_status is not None:
                    task_status.started()
                group.start_soon(_keep_true, database)
                group.start_soon(_warn_of_the_dead, database)
                await line.listen()
            finally:
                await engine.stop()
    except* JournalError as errors:
        raise first_of(errors) from None


async def _keep_true(database: Database) -> None:
    """Let as many nodes be carried at once as there are slots, whenever their number changes."""
    known: int | None = -1
    while True:
        limit = await database.call(Store.limit)
        if limit != known:
            await database.call(Store.allow, limit)
            known = limit
        await anyio.sleep(1.0)


async def _warn_of_the_dead(database: Database) -> None:
    """Say once of each worker that is gone which slots it holds: somebody has to start it again, or adopt it."""
    told: set[str] = set()
    while True:
        await anyio.sleep(WARNING_AFTER)
        dead = await database.call(Store.dead)
        for name in dead.keys() - told:
            _log.warning(
                "worker %s is gone, and %d of its tasks hold slots: start it again, or another one with --adopt %s",
                name,
                dead[name],
                name,
            )
        told = set(dead)
