"""Names that one process at a time may have: locks of the database, which go with the connection."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import anyio
from psycopg import AsyncConnection, Error

from journey_async.errors import JournalBusyError, JournalError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from journey_async.cluster.address import Cluster

# A machine that is gone is noticed after twenty seconds, by the server too: what it held is free then.
_SERVER: Final = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
PATIENCE: Final = 3.0
"""Seconds to wait for a name: the connection of a process that was killed may last a moment longer than it."""


async def connect(cluster: Cluster) -> AsyncConnection:
    """Open a connection of its own. Raises `JournalError`."""
    try:
        connection = await AsyncConnection.connect(
            cluster.url,
            autocommit=True,
            application_name="journey",
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=5,
            keepalives_count=3,
        )
        try:
            for setting, value in _SERVER.items():
                await connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await connection.close()
            raise
    except Error as error:
        raise JournalError(cluster.place, f"cannot connect: {str(error).strip().partition(chr(10))[0]}") from error
    return connection


async def take(connection: AsyncConnection, name: str, *, patience: float = PATIENCE) -> bool:
    """Take a name for as long as *connection* lasts; False if another process has it."""
    deadline = anyio.current_time() + patience
    while True:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"journey {name}",))
        row = await cursor.fetchone()
        if row is not None and row[0]:
            return True
        if anyio.current_time() >= deadline:
            return False
        await anyio.sleep(0.1)


@asynccontextmanager
async def named(cluster: Cluster, name: str, busy: str) -> AsyncGenerator[None]:
    """Have a name while the block lasts. Raises `JournalBusyError`, which says that somebody is *busy* with it."""
    connection = await connect(cluster)
    try:
        if not await take(connection, name):
            raise JournalBusyError(cluster.place, busy)
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await connection.close()
