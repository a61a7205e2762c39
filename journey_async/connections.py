"""What a connection must be to carry a request: nothing unasked on it before, and a whole reply in time after."""

# aiohttp's own timer is set and cancelled three times a request, which is a twelfth of all that a request costs.

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

import aiohttp

if TYPE_CHECKING:
    from aiohttp.connector import Connection

_LOOKS: Final = 16
"""So many times is looked while a connection may be silent: it is cut at most a sixteenth late."""


class Silence:
    """The connections of one session that carry a request, each cut when its reply is not whole in time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._under_way: dict[Connection, float] = {}
        """When each request left, the oldest first."""
        self._look: asyncio.TimerHandle | None = None

    def began(self, connection: Connection) -> None:
        """Take in that a request left on *connection*, which tells by itself when the reply is whole."""
        loop = asyncio.get_running_loop()
        self._under_way[connection] = loop.time()
        connection.add_callback(partial(self._ended, connection))
        if self._look is None:
            self._look = loop.call_later(self._seconds / _LOOKS, self._cut)

    def _ended(self, connection: Connection) -> None:
        self._under_way.pop(connection, None)

    def close(self) -> None:
        """Look no more."""
        if self._look is not None:
            self._look.cancel()

    def _cut(self) -> None:
        loop = asyncio.get_running_loop()
        for connection, began in list(self._under_way.items()):
            if loop.time() - began < self._seconds:
                break
            del self._under_way[connection]
            if connection.protocol is not None and connection.transport is not None:
                message = f"no whole reply within {self._seconds:g} s"
                connection.protocol.set_exception(aiohttp.SocketTimeoutError(message))
                connection.transport.abort()
        self._look = loop.call_later(self._seconds / _LOOKS, self._cut) if self._under_way else None


class UnaskedError(aiohttp.ClientConnectionError):
    """Something came on a kept connection that nobody asked for: no request leaves on it."""


def watched(silence: Silence) -> type[aiohttp.ClientRequest]:
    """Give the class of requests that leave on sound connections only, which are cut after *silence*."""

    class Request(aiohttp.ClientRequest):
        async def send(self, conn: Connection) -> aiohttp.ClientResponse:
            # aiohttp asks before it keeps a connection and not again: what comes later would be read as our reply, and
            # a second picture be taken for the first.
            if conn.protocol is None or conn.protocol.should_close:
                message = "something came on a kept connection that nobody asked for"
                raise UnaskedError(message)
            silence.began(conn)
            return await super().send(conn)

    return Request
