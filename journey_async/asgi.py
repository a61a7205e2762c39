"""The webhook receiver as an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

from journey_async.core.deliveries import Answer, Characters, Headers

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Read: TypeAlias = Callable[[], Awaitable[bytes]]
"""Gives the next part of a body, empty at its end."""
Handle: TypeAlias = Callable[[str, Headers, Characters, Read], Awaitable[Answer]]


class AsgiApp:
    """A receiver as an ASGI application.

    It is an object and no method, because Starlette takes every method for a function of a request.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or the server's start and end."""
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "lifespan":
            await _lifespan(receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close"})
        else:
            message = f"an ASGI scope of type {kind!r} is not known"
            raise NotImplementedError(message)

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        more = True

        async def read() -> bytes:
            nonlocal more
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _HungUpError
                more = message.get("more_body", False)
                if part := message.get("body", b""):
                    return bytes(part)
            return b""

        # Who hangs up, before or after the answer, gets none: servers tell the latter by an OSError.
        with suppress(_HungUpError):
            answer = await self._handle(scope["method"], scope["headers"], scope.get("query_string", b""), read)
            with suppress(OSError):
                await _respond(answer, send)


class _HungUpError(Exception):
    pass


async def _respond(answer: Answer, send: Send) -> None:
    body = answer.why.encode()
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        **extra_headers(answer),
    }
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def extra_headers(answer: Answer) -> dict[str, str]:
    """Give the headers that its status demands."""
    return {"Allow": "POST"} if answer.status == 405 else {}  # noqa: PLR2004 - HTTP demands it of this status
