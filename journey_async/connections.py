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

    # Time is the number of looks so far: to ask the clock for each request would take longer than all else here.

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._looks = 0
        self._newest: dict[ResponseHandler, tuple[Connection, int]] = {}
        """By what stays the same from one request on a kept connection to the next: the newest, and when it left."""
        self._next_look: asyncio.TimerHandle | None = None

    def began(self, connection: Connection, protocol: ResponseHandler) -> None:
        """Take in that a request leaves on *connection*, which is closed for its holder once the reply is whole."""
        self._newest[protocol] = connection, self._looks
        if self._next_look is None:
            self._look_later()

    def close(self) -> None:
        """Look no more."""
        self._newest.clear()
        if self._next_look is not None:
            self._next_look.cancel()

    def _look_later(self) -> None:
        self._next_look = asyncio.get_running_loop().call_later(self._seconds / _LOOKS, self._look)

    def _look(self) -> None:
        self._looks += 1
        for protocol, (connection, began) in list(self._newest.items()):
            if connection.closed:
                del self._newest[protocol]
            elif self._looks - began > _LOOKS:
                # One more than a limit's worth, as the first may have come right after the request.
                del self._newest[protocol]
                protocol.set_exception(aiohttp.SocketTimeoutError(f"no whole reply within {self._seconds:g} s"))
                if connection.transport is not None:
                    connection.transport.abort()
        self._next_look = None
        if self._newest:
            self._look_later()


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
