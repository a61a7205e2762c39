"""Cutting connections on which nothing comes any more, without a timer for every request."""

# aiohttp's own timer is set and cancelled three times a request, which is a twelfth of all that a request costs.

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from aiohttp.connector import Connection

_LOOKS = 16
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


def watched(silence: Silence) -> type[aiohttp.ClientResponse]:
    """Give the class of replies whose connections are cut after *silence*."""

    class Response(aiohttp.ClientResponse):
        async def start(self, connection: Connection) -> aiohttp.ClientResponse:
            silence.began(connection)
            return await super().start(connection)

    return Response
