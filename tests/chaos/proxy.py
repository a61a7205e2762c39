"""A hostile TCP proxy in front of the sandbox: it does to each request what the plan of its seed says."""

from __future__ import annotations

import re
import socket
import struct
import zlib
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio
import anyio.abc
import anyio.lowlevel
import anyio.to_thread
from anyio.abc import SocketAttribute

from tests.chaos.troubles import Sort, Trouble, trouble

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from anyio.abc import SocketStream, TaskGroup, TaskStatus

    Misbehaviour: TypeAlias = "Callable[[Proxy, SocketStream, bytes, Trouble], Awaitable[None]]"

HOST: Final = "127.0.0.1"
PADDED: Final = 10_000_000
ENDS: Final = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)
FREE: Final = ("/api/v1/fetch", "/api/v1/fetch-many", "/api/v1/account")


class Proxy:
    """Listens on a port of its own, which it keeps, for as long as its block is open."""

    def __init__(self, upstream: Callable[[], int], *, seed: str, rates: dict[Sort, float]) -> None:
        """Hand requests on to the port that *upstream* gives; *rates* says how many of a sort get a trouble."""
        self.port = 0
        self.struck: Counter[str] = Counter()
        """The troubles that were injected, by name."""
        self.exchanges = 0
        """Requests that are under way."""
        self.connections = 0
        """Connections of clients that are open."""
        self.rates = rates
        self._upstream = upstream
        self._seed = seed
        self._numbers: Counter[Sort] = Counter()
        self._group: TaskGroup | None = None
        self._scope: anyio.CancelScope | None = None
        self._listener: anyio.abc.Listener[SocketStream] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Proxy]:
        async with anyio.create_task_group() as group:
            self._group = group
            await self.rise()
            try:
                yield self
            finally:
                with anyio.CancelScope(shield=True):
                    await self.fall()

    async def rise(self) -> None:
        """Listen, on the port of before."""
        assert self._group is not None
        self._listener = await anyio.create_tcp_listener(local_host=HOST, local_port=self.port)
        self.port = self._listener.extra(SocketAttribute.local_port)
        self._scope = await self._group.start(self._serve, self._listener)

    async def fall(self) -> None:
        """Stop listening and reset every connection."""
        assert self._listener is not None
        assert self._scope is not None
        # Closed first: asyncio complains of a connection that comes while the wait for one is being cancelled.
        await self._listener.aclose()
        self._scope.cancel()

    async def _serve(
        self, listener: anyio.abc.Listener[SocketStream], *, task_status: TaskStatus[anyio.CancelScope]
    ) -> None:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                task_status.started(scope)
                try:
                    await listener.serve(self._connected, group)
                except* anyio.ClosedResourceError:
                    await anyio.sleep_forever()

    async def _connected(self, client: SocketStream) -> None:
        self.connections += 1
        try:
            with suppress(*ENDS):
                await self._exchange_all(client)
        except anyio.get_cancelled_exc_class():
            reset(client)
            raise
        finally:
            self.connections -= 1
            await anyio.aclose_forcefully(client)

    async def _exchange_all(self, client: SocketStream) -> None:
        received = bytearray()
        while request := await next_request(client, received):
            sort = sort_of(request)
            self._numbers[sort] += 1
            planned = trouble(self._seed, sort, self._numbers[sort], self.rates[sort])
            self.exchanges += 1
            try:
                await self._exchange(client, request, planned)
            finally:
                self.exchanges -= 1

    async def _exchange(self, client: SocketStream, request: bytes, planned: Trouble | None) -> None:
        if planned is None:
            await client.send(await self.replied(client, request))
        else:
            self.struck[planned.name] += 1
            await MISBEHAVIOUR[planned.name](self, client, request, planned)

    async def replied(self, client: SocketStream, request: bytes) -> bytes:
        """Hand a request on and give the whole reply; what the server cuts is cut for the client too."""
        first, rest = request.split(b"\r\n", 1)
        reply = bytearray()
        async with AsyncExitStack() as stack:
            with suppress(*ENDS):
                upstream = await stack.enter_async_context(await anyio.connect_tcp(HOST, self._upstream()))
                await upstream.send(first + b"\r\nConnection: close\r\n" + rest)
                while True:
                    reply += await upstream.receive()
        head, gap, body = bytes(reply).partition(b"\r\n\r\n")
        if not gap:
            reset(client)
            raise anyio.BrokenResourceError
        return re.sub(rb"(?i)\r\nconnection: close", b"", head) + gap + body


async def next_request(client: SocketStream, received: bytearray) -> bytes:
    """Give the next request of a connection; nothing when the client has left."""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += await client.receive()
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", received[:end])
    size = end + 4 + (int(length[1]) if length else 0)
    while len(received) < size:
        received += await client.receive()
    request = bytes(received[:size])
    del received[:size]
    return request


def sort_of(request: bytes) -> Sort:
    path = request.split(b" ", 2)[1].decode()
    return "media" if path.startswith("/media/") else "free" if path in FREE else "paid"


def reset(client: SocketStream) -> None:
    """Make the close that follows a RST."""
    with suppress(OSError, anyio.ClosedResourceError):
        client.extra(SocketAttribute.raw_socket).setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )


def with_length(reply: bytes, change: Callable[[int], int]) -> bytes:
    """Announce another length."""
    return re.sub(rb"(?i)content-length: *(\d+)", lambda match: b"Content-Length: %d" % change(int(match[1])), reply)


@cache
def bomb() -> bytes:
    """Pack 100 MB of nothing."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()


async def gone(client: SocketStream) -> None:
    """Wait until the client hangs up."""
    while True:
        await client.receive()


# ---------------------------------------------------------------------------------------------------------------------
# Troubles by name. Each ends the connection unless the reply was whole.


async def _reset_on_arrival(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reset(client)
    raise anyio.BrokenResourceError


async def _mute(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    await gone(client)


async def _mute_after_accept(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    await proxy.replied(client, request)
    await gone(client)


async def _drip(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    for at in range(min(len(reply), 400)):
        await client.send(reply[at : at + 1])
        await anyio.sleep(0.001)
    if reply[400:]:
        await client.send(reply[400:])


async def _crawl(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    for at in range(len(reply)):
        await client.send(reply[at : at + 1])
        await anyio.sleep(1.0)


async def _padded(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    await client.send(with_length(reply, lambda length: length + PADDED) + b" " * PADDED)


async def _endless(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    await proxy.replied(client, request)
    await client.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"100000\r\n" + b"[" * 0x100000 + b"\r\n"
    while True:
        await client.send(chunk)


async def _too_long(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    await client.send(with_length(reply, lambda length: length + 1 + int(planned.at * 1000)))
    await client.send_eof()
    await gone(client)


async def _too_short(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    await client.send(with_length(reply, lambda length: max(0, length - 1 - int(planned.at * length))))
    await gone(client)


async def _redirect(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    # A file is really there; an endpoint is not, and nobody may follow with a paid request or the key.
    path = request.split(b" ", 2)[1] if sort_of(request) == "media" else b"/api/v1/elsewhere"
    location = f"{proxy.url}{path.decode()}"
    head = f"HTTP/1.1 {planned.status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    await client.send(head.encode())


async def _bomb(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    await proxy.replied(client, request)
    packed = await anyio.to_thread.run_sync(bomb)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    await client.send(head.encode() + packed)


async def _half_closed(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    await client.send(reply[: int(planned.at * len(reply))])
    await client.send_eof()
    await gone(client)


async def _reset(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    await client.send(reply[: int(planned.at * len(reply))])
    reset(client)
    raise anyio.BrokenResourceError


async def _chopped(proxy: Proxy, client: SocketStream, request: bytes, planned: Trouble) -> None:
    reply = await proxy.replied(client, request)
    size = max(1 + int(planned.at * 50), len(reply) // 50)
    for at in range(0, len(reply), size):
        await client.send(reply[at : at + size])
        await anyio.lowlevel.checkpoint()


MISBEHAVIOUR: Final[dict[str, Misbehaviour]] = {
    "reset-on-arrival": _reset_on_arrival,
    "mute": _mute,
    "mute-after-accept": _mute_after_accept,
    "drip": _drip,
    "crawl": _crawl,
    "10-mb": _padded,
    "endless": _endless,
    "length-too-long": _too_long,
    "length-too-short": _too_short,
    "redirect": _redirect,
    "gzip-bomb": _bomb,
    "half-closed": _half_closed,
    "reset": _reset,
    "chopped": _chopped,
}
