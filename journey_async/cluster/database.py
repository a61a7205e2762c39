"""The database of a cluster for coroutines: asked in threads, and again when the connection broke."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, Self, TypeVar

import anyio
from anyio import AsyncContextManagerMixin
from sqlalchemy.exc import DBAPIError, OperationalError

from journey_async.cluster.store import CONNECTIONS, Store
from journey_async.cluster.threads import done_in_thread
from journey_async.core.records import DamageError
from journey_async.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from journey_async.cluster.address import Cluster

P = ParamSpec("P")
T = TypeVar("T")
LONGEST: Final = 5.0
"""Seconds between two attempts at the most."""
FINISHING: Final = 10.0
"""Seconds for which a caller who is cancelled waits at the most for what was begun for him."""

_log = logging.getLogger("journey_async")


class Database(AsyncContextManagerMixin):
    """A store, open for one `async with` block."""

    def __init__(self, cluster: Cluster, *, patient: bool) -> None:
        """Name the database; one that is *patient* waits for as long as the database cannot be reached."""
        self._label = str(cluster)
        self._place = cluster.place
        self._store = Store(cluster)
        self._patient = patient
        self._threads = anyio.CapacityLimiter(2 * CONNECTIONS)
        self._connected = True

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        try:
            yield self
        finally:
            with anyio.CancelScope(shield=True):
                await done_in_thread(self._store.close, within=FINISHING)

    async def check(self) -> None:
        """Raise `JournalError`, which says what is wrong, if the database cannot be used."""
        try:
            wrong = await self._done(self._store.check)
        except DBAPIError as error:
            raise JournalError(self._place, f"cannot be used: {_gist(error)}") from error
        if wrong is not None:
            raise JournalError(self._place, wrong)

    async def prepare(self) -> None:
        """Make the tables that are not there. Raises `JournalError`."""
        try:
            await self._done(self._store.prepare)
        except DBAPIError as error:
            raise JournalError(self._place, f"cannot be prepared: {_gist(error)}") from error

    async def call(self, do: Callable[Concatenate[Store, P], T], /, *arguments: P.args, **named: P.kwargs) -> T:
        """Have a method of the store done; once begun it is done, whoever is cancelled meanwhile.

        Raises `JournalError` if the database cannot be used, or what is in it cannot be.
        """
        method = partial(do, self._store, *arguments, **named)
        wait = 0.1
        while True:
            try:
                answer = await self._done(method)
            except DamageError as error:
                raise JournalError(self._label, f"it is damaged: {error}") from error
            except DBAPIError as error:
                if not (self._patient and (error.connection_invalidated or isinstance(error, OperationalError))):
                    raise JournalError(self._label, _gist(error)) from error
                if self._connected:
                    _log.warning("cluster %s cannot be reached, and is tried again: %s", self._label, _gist(error))
                self._connected = False
            else:
                self._connected = True
                return answer
            await anyio.sleep(wait)
            wait = min(LONGEST, 2 * wait)

    async def _done(self, method: Callable[[], T]) -> T:
        return await done_in_thread(method, within=FINISHING, limiter=self._threads)


def _gist(error: DBAPIError) -> str:
    """Give the words of the database, without the statement and the address it was sent to."""
    return str(error.orig).strip().partition("\n")[0]
