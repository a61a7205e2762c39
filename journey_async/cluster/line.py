"""The line of one process to its cluster: the name that it has, and the deliveries that others received."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final, cast

import anyio
from psycopg import AsyncConnection, Error

from journey_async.cluster.names import connect, take
from journey_async.cluster.store import CHANNEL
from journey_async.core.deliveries import Delivery
from journey_async.errors import JournalBusyError, JournalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.cluster.address import Cluster

LARGEST: Final = 7900
"""Bytes that one notification of PostgreSQL carries."""
EVERY: Final = 5.0
"""Seconds between two looks whether the line is up."""

_log = logging.getLogger("journey_async")


def packed(delivery: Delivery, *, sender: str) -> str:
    """Write a delivery down for others; one that is too large without its body, which they ask the service for then."""
    values: dict[str, object] = {"from": sender, "task_id": delivery.task_id, "intent": delivery.intent}
    whole = json.dumps({**values, "raw": dict(delivery.raw)}, default=dict)
    return whole if len(whole.encode()) <= LARGEST else json.dumps({**values, "raw": {"task_id": delivery.task_id}})


def unpacked(payload: str, *, receiver: str) -> Delivery | None:
    """Read what was written down; None for what this process sent itself, and for what is none."""
    try:
        value: object = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    given = cast("dict[str, object]", value)
    task_id, intent, raw = given.get("task_id"), given.get("intent"), given.get("raw")
    known = isinstance(task_id, str) and isinstance(raw, dict) and given.get("from") != receiver
    if not known or not (intent is None or isinstance(intent, str)):
        return None
    return Delivery(task_id=cast("str", task_id), intent=intent, raw=cast("dict[str, object]", raw))


class Line:
    """A connection that listens, made anew when it breaks."""

    def __init__(
        self, cluster: Cluster, *, name: str | None, owner: str, deliver: Callable[[Delivery], object]
    ) -> None:
        """Take the *name* to have, if any, and what is done with deliveries that others than *owner* received."""
        self._cluster = cluster
        self._name = name
        self._owner = owner
        self._deliver = deliver
        self._connection: AsyncConnection | None = None
        self._up = True

    async def open(self) -> None:
        """Connect, and take the name. Raises `JournalError`, `JournalBusyError` if another process has the name."""
        connection = await connect(self._cluster)
        try:
            await self._prepare(connection)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await connection.close()
            raise
        self._connection, self._up = connection, True

    async def _prepare(self, connection: AsyncConnection) -> None:
        if self._name is not None and not await take(connection, f"worker {self._name}"):
            message = f"a worker named {self._name} is running: give this one another name"
            raise JournalBusyError(self._cluster.place, message)
        await connection.execute(f"LISTEN {CHANNEL}")

    async def listen(self) -> None:
        """Hand on what others received, until cancelled. Raises `JournalBusyError` if the name was lost to another."""
        while True:
            try:
                await self._hand_on()
            except (Error, JournalError) as error:
                if isinstance(error, JournalBusyError):
                    raise
                if self._up:
                    _log.warning("the line to cluster %s broke, and is made anew", self._cluster.place)
                self._up = False
                await self.close()
                await anyio.sleep(1.0)
                await self._again()

    async def close(self) -> None:
        """Let go of the name."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with anyio.CancelScope(shield=True):
                await connection.close()

    async def _again(self) -> None:
        try:
            await self.open()
        except JournalBusyError:
            raise
        except JournalError:
            return  # the next round tries again

    async def _hand_on(self) -> None:
        if self._connection is None:
            await self.open()
        connection = self._connection
        assert connection is not None  # noqa: S101 - it is open
        async for notify in connection.notifies(timeout=EVERY):
            delivery = unpacked(notify.payload, receiver=self._owner)
            if delivery is not None:
                self._deliver(delivery)
        await connection.execute("SELECT 1")
