"""What a connection must be to carry a request: nothing unasked on it before, and a whole reply in time after."""

# aiohttp's own timer is set and cancelled three times a request, which is a twelfth of all that a request costs.

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import aiohttp

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

_LOOKS: Final = 16
"""So many times is looked while a connection may be silent: it is cut at most a sixteenth late."""


class Silence:
    """The connections of one session, each cut when the reply to its newest request is not whole in time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._newest: dict[ResponseHandler, tuple[Connection, float]] = {}
        """By what stays the same from one request on a kept connection to the next: the newest, and when it left."""
        self._look: asyncio.TimerHandle | None = None

    def began(self, connection: Connection, protocol: ResponseHandler) -> None:
        """Take in that a request leaves on *connection*, which is closed for its holder once the reply is whole."""
        loop = asyncio.get_running_loop()
        self._newest[protocol] = connection, loop.time()
        if self._look is None:
            self._look = loop.call_later(self._seconds / _LOOKS, self._cut)

    def close(self) -> None:
        """Look no more."""
        self._newest.clear()
        if self._look is not None:
            self._look.cancel()

    def _cut(self) -> None:
        loop = asyncio.get_running_loop()
        long_ago = loop.time() - self._seconds
        for protocol, (connection, began) in list(self._newest.items()):
            if connection.closed:
                del self._newest[protocol]
            elif began <= long_ago:
                del self._newest[protocol]
                protocol.set_exception(aiohttp.SocketTimeoutError(f"no whole reply within {self._seconds:g} s"))
                if connection.transport is not None:
                    connection.transport.abort()
        self._look = loop.call_later(self._seconds / _LOOKS, self._cut) if self._newest else None


class UnaskedError(aiohttp.ClientConnectionError):
    """Something came on a kept connection that nobody asked for: no request leaves on it."""


def watched(silence: Silence) -> type[aiohttp.ClientRequest]:
    """Give the class of requests that leave on sound connections only, which are cut after *silence*."""

    class Request(aiohttp.ClientRequest):
        async def send(self, conn: Connection) -> aiohttp.ClientResponse:
            # aiohttp asks before it keeps a connection and not again: what comes later would be read as our reply, and
            # a second picture be taken for the first.
            protocol = conn.protocol
            if protocol is None or protocol.should_close:
                message = "something came on a kept connection that nobody asked for"
                raise UnaskedError(message)
            silence.began(conn, protocol)
            return await super().send(conn)

    return Request
