"""The part of the engine that does jobs in this process: DBOS Transact, in threads and an event loop of its own."""

# asyncio is used because the engine has a loop of its own: what it begins there is done in the loop of the client.

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final

import anyio
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from journey_async.cluster.queues import (
    APPLICATION,
    VERSION,
    engine_url,
)
from journey_async.cluster.threads import done_in_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from anyio.abc import TaskGroup

    from journey_async.cluster.address import Cluster
    from journey_async.cluster.queues import Kind

THREADS: Final = 64
LAUNCHING: Final = 30.0
"""Seconds for which a caller who is cancelled waits at the most until it has begun, or has ended."""

_log = logging.getLogger("journey_async")


class Engine:
    """Does the jobs of the queues, each in a task of *group*. There is one in a process at a time."""

    def __init__(
        self,
        cluster: Cluster,
        name: str,
        work: Mapping[Kind, Callable[[str, int], Awaitable[bool]]],
        put_aside: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """Take how each kind of job is done, and how one that gives False is put aside: by its run and its id."""
        self._url = engine_url(cluster)
        self._name = name
        self._work = work
        self._put_aside = put_aside
        self._loop: asyncio.AbstractEventLoop | None = None
        self._group: TaskGroup | None = None

    async def start(self, group: TaskGroup) -> None:
        """Begin to do jobs. Whatever comes of it, `stop` ends it."""
        self._loop, self._group = asyncio.get_running_loop(), group
        await done_in_thread(self._launch, within=LAUNCHING)

    async def stop(self) -> None:
        """Begin no more jobs; those that have begun are for others to go on with."""
        self._group = None
        with anyio.CancelScope(shield=True):
            await done_in_thread(self._end, within=LAUNCHING)

    # --- what follows is run in threads

    def _launch(self) -> None:
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url.render_as_string(hide_password=False),
            "executor_id": self._name,
            "application_version": VERSION,
            "run_migrations": False,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "max_executor_threads": THREADS,
        }
        DBOS(config=config)
        for kind in self._work:
            self._register(kind)
        DBOS.launch()
        # What fails in a job is told by us already.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)

    def _register(self, kind: Kind) -> None:
        @DBOS.workflow(name=kind, max_recovery_attempts=None)
        async def job(run: str, number: int) -> None:
            await asyncio.wrap_future(self._begin(kind, run, number, DBOS.workflow_id or ""))

        _ = job

    def _begin(self, kind: Kind, run: str, number: int, job: str) -> Future[None]:
        done: Future[None] = Future()

        def begin() -> None:
            if self._group is not None:
                self._group.start_soon(self._do, kind, run, number, job, done)

        if self._loop is not None:
            self._loop.call_soon_threadsafe(begin)
        # If nothing was begun it never ends, and the engine keeps the job for somebody else.
        return done

    def _end(self) -> None:
        DBOS.destroy(destroy_registry=True)

    # --- and this in the loop of the client

    async def _do(self, kind: Kind, run: str, number: int, job: str, done: Future[None]) -> None:
        try:
            over = await self._work[kind](run, number)
            if not over:
                await self._put_aside(run, job)
        except Exception as error:  # noqa: BLE001 - whatever it is
            # A defect of ours or of the user's code: one job must not end the worker. Resuming the run tries it again.
            _log.exception("%s of node %d of run %s failed; resuming the run tries it again", kind, number, run)
            done.set_exception(RuntimeError(type(error).__name__))
        else:
            if over:
                done.set_result(None)
            else:
                done.cancel()
