"""Working for a cluster, cancelled at each suspension: no task and no connection is left, and nothing is paid twice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, LiteralString

import anyio
import psycopg
import pytest
from anyio import to_thread

from journey_async import Cluster, JourneyClient, Outcome, Task
from tests.cancellation.counting import CANCELLED, Counted, by_scope, by_task
from tests.cluster.conftest import PATIENT, PREPARED, QUICK, fresh
from tests.cluster.test_running import elks

if TYPE_CHECKING:
    from journey_async.testing import RunningSandbox
    from tests.cluster.postgres import Postgres

EITHER_WAY = pytest.mark.parametrize("cancel", [by_scope, by_task])
ENDINGS: Final = 200


class Begun:
    """Takes in that a worker has begun."""

    def __init__(self) -> None:
        self.yes = False

    def started(self, value: object = None) -> None:
        self.yes = True


class Apart:
    """A cluster, and a service in a thread of its own, so that whatever is left in this loop is the client's."""

    def __init__(self, url: str, sandbox: RunningSandbox) -> None:
        self.cluster = Cluster(url)
        self.sandbox = sandbox

    def client(self, **options: Any) -> JourneyClient:
        given: dict[str, Any] = {"base_url": self.sandbox.base_url, "pace": QUICK, "retry": PATIENT, "proxy": ""}
        return JourneyClient(self.sandbox.api_key, **given, **options)

    def _connections(self) -> int:
        # One that asked for nothing yet was being made, which psycopg lets go of when it is collected.
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query <> ''"
        )
        with psycopg.connect(self.cluster.url) as connection:
            (count,) = connection.execute(query).fetchall()[0]
            return int(count)

    async def nothing_is_left(self, before: set[asyncio.Task[Any]]) -> None:
        """See that no task runs on and the database has no connection."""
        left = {task for task in asyncio.all_tasks() - before if not task.done()}
        assert not left
        for _ in range(ENDINGS):
            # The server notices a little later that one was closed.
            if not await to_thread.run_sync(self._connections):
                return
            await anyio.sleep(0.01)
        message = "a connection is left open"
        raise AssertionError(message)


@pytest.fixture
async def apart(prepared: Postgres, journey_sandbox: RunningSandbox) -> Apart:
    return Apart(await to_thread.run_sync(fresh, prepared, PREPARED), journey_sandbox)


@EITHER_WAY
async def test_work_is_cancelled_at_each_suspension_until_it_has_begun(apart: Apart, cancel: Any) -> None:
    """Each time a worker of that name can begin, and in the end one goes on with the run."""
    idle = asyncio.all_tasks()
    async with apart.client() as runner, runner.running(elks(2), journal=apart.cluster):
        pass
    at, begun = 0, Begun()
    while not begun.yes:
        at += 1
        begun = Begun()
        async with apart.client(cluster=apart.cluster) as journey:
            await cancel(Counted(journey.work(name="w1", task_status=begun), at=at))
        await apart.nothing_is_left(idle)
    assert at > 10
    async with apart.client(cluster=apart.cluster) as journey, anyio.create_task_group() as group:
        await group.start(partial(journey.work, name="w1"))
        assert (await journey.resume(apart.cluster)).complete
        group.cancel_scope.cancel()
    assert await to_thread.run_sync(lambda: apart.sandbox.ledger()["accepted"]) == 6


@EITHER_WAY
@pytest.mark.journey_sandbox(slots=1, task_seconds=0.2)
async def test_a_call_is_cancelled_at_each_suspension(apart: Apart, cancel: Any) -> None:
    """What was bought is the caller's or an orphan, and its slot is free once it has ended."""
    idle = asyncio.all_tasks()
    async with apart.client(cluster=apart.cluster) as journey:
        at, result = 0, CANCELLED
        while result is CANCELLED:
            at += 1
            assert at < 200
            result = await cancel(Counted(journey.imagine("an elk"), at=at))
        assert at > 2
        assert isinstance(result, Task)
        told = {result.id, *(orphan.id for orphan in journey.orphans if isinstance(orphan, Task))}
        doubts = len(journey.orphans) + 1 - len(told)
        async with await psycopg.AsyncConnection.connect(apart.cluster.url, autocommit=True) as other:
            await _until(other, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM journey.slots)")
    ledger = await to_thread.run_sync(apart.sandbox.ledger)
    assert len({charge["task_id"] for charge in ledger["charges"]} - told) <= doubts
    await apart.nothing_is_left(idle)


@EITHER_WAY
async def test_a_run_whose_following_is_cancelled_at_each_suspension_goes_on(apart: Apart, cancel: Any) -> None:
    idle = asyncio.all_tasks()
    async with apart.client(cluster=apart.cluster) as worker, anyio.create_task_group() as group:
        await group.start(partial(worker.work, name="w1"))
        at, result = 0, CANCELLED
        while result is CANCELLED:
            at += 1
            async with apart.client() as runner:
                result = await cancel(Counted(runner.run(elks(2), journal=apart.cluster), at=at))
        assert at > 5
        assert isinstance(result, Outcome)
        assert result.complete
        group.cancel_scope.cancel()
    assert await to_thread.run_sync(lambda: apart.sandbox.ledger()["accepted"]) == 6
    await apart.nothing_is_left(idle)


@pytest.mark.journey_sandbox(slots=1)
async def test_a_call_that_is_cancelled_while_it_takes_a_slot_leaves_none_behind(apart: Apart) -> None:
    """Natively, in the very moment in which the database is asked: what it answers then is given back."""
    async with apart.client(cluster=apart.cluster) as journey:
        async with await psycopg.AsyncConnection.connect(apart.cluster.url) as other:
            await other.execute("SELECT * FROM journey.account FOR UPDATE")
            call = asyncio.create_task(journey.imagine("an elk"))
            await _until(other, "SELECT 1 FROM pg_locks WHERE NOT granted")
            call.cancel()
            # By now a slot would be given back that is not taken yet.
            await anyio.sleep(0.05)
        with suppress(asyncio.CancelledError):
            await call
        async with await psycopg.AsyncConnection.connect(apart.cluster.url, autocommit=True) as other:
            await _until(other, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
            with anyio.fail_after(20):
                await _until(other, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM journey.slots)")
    assert await to_thread.run_sync(lambda: apart.sandbox.ledger()["accepted"]) == 0


async def _until(connection: psycopg.AsyncConnection, query: LiteralString) -> None:
    """Wait until the database has a row for *query*."""
    while not await (await connection.execute(query)).fetchall():  # noqa: ASYNC110 - it is elsewhere
        await anyio.sleep(0.01)
