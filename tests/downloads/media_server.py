"""A file server that misbehaves as it is told, request by request."""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import anyio.lowlevel
from aiohttp import web

from journey_async.core.kinds import ImagineGrid, ImagineVideos, Picture
from journey_async.core.retrying import RetryPolicy
from journey_async.downloads import Downloader
from tests.pictures import PNG

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    Behaviour: TypeAlias = "Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]"

QUICK = RetryPolicy(first=0.001, longest=0.002, patience=5.0, rate_limit_patience=5.0)
ONCE = RetryPolicy(first=0.001, longest=0.002, patience=0.0, rate_limit_patience=0.0)
TAG = '"v1"'
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00" + b"mp4 " * 50


def picture(size: int = 1000, mark: int = 0) -> bytes:
    """Make what a picture's signature and any bytes are, of an exact size."""
    body = bytes((mark + number * number // 7) % 251 for number in range(251)) * (size // 251 + 1)
    return (PNG[:33] + body)[:size]


def downloader(**options: Any) -> Downloader:
    """Make a downloader that goes past proxies and does not wait for long."""
    given: dict[str, Any] = {"retry": QUICK, "proxy": "", **options}
    return Downloader(**given)


class MediaServer:
    """Serves `files`; a path behaves as its `plan` says, one entry for each request, then plainly."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.plans: dict[str, list[Behaviour]] = {}
        self.got: list[web.Request] = []
        self.sent = 0
        self.open = 0
        self.most_open = 0
        self.port = 0

    def link(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, data: bytes, *plan: Behaviour) -> str:
        self.files[path] = data
        self.plans[path] = list(plan)
        return self.link(path)

    def picture(self, *plan: Behaviour, size: int = 1000, task_id: str = "t-1", **fields: Any) -> Picture:
        link = self.put(f"/{task_id}/0_0.png", picture(size), *plan)
        return Picture(task_id=task_id, image_url=link, **fields)

    def grid(self, task_id: str = "t-1") -> ImagineGrid:
        links = [self.put(f"/{task_id}/0_{n}.png", picture(500 + n, n)) for n in range(4)]
        sheet = self.put(f"/{task_id}/grid_0.png", picture(900, 9))
        return ImagineGrid(task_id=task_id, image_urls=tuple(links), original_image_url=sheet)

    def videos(self, task_id: str = "t-1") -> ImagineVideos:
        links = [self.put(f"/{task_id}/{n}.mp4", MP4 + bytes([n])) for n in range(4)]
        return ImagineVideos(task_id=task_id, video_urls=tuple(links))

    def asked(self, header: str) -> list[str | None]:
        return [request.headers.get(header) for request in self.got]

    def requests(self) -> Counter[str]:
        return Counter(request.path for request in self.got)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.got.append(request)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            plan = self.plans.get(request.path, [])
            behave = plan.pop(0) if plan else plain
            return await behave(request, self.files.get(request.path, b""))
        finally:
            self.open -= 1


@asynccontextmanager
async def media_server() -> AsyncGenerator[MediaServer]:
    server = MediaServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01, access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


async def plain(request: web.Request, data: bytes, **headers: str) -> web.StreamResponse:
    """Serve as a file server does, parts too."""
    headers = {"ETag": TAG, "Content-Type": "image/png", **headers}
    asked = request.headers.get("Range", "")
    if not asked or request.headers.get("If-Range", headers["ETag"]) not in headers.values():
        return web.Response(body=data, headers=headers)
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    if start >= len(data):
        return web.Response(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
    return web.Response(status=206, body=data[start:], headers=headers)


def with_headers(**headers: str) -> Behaviour:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, data: plain(request, data, **named)


def status(number: int, **headers: str) -> Behaviour:
    async def behave(request: web.Request, data: bytes) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=number, text="no", headers=named)

    return behave


def redirect(to: str, number: int = 302) -> Behaviour:
    return status(number, Location=to)


def cut(at: int, **headers: str) -> Behaviour:
    """Send *at* bytes of what was asked for and hang up."""

    async def behave(request: web.Request, data: bytes) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        whole = await plain(request, data, **named)
        assert isinstance(whole, web.Response)
        body = whole.body
        assert isinstance(body, bytes)
        response = web.StreamResponse(status=whole.status, headers=whole.headers)
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[:at])
        await hang_up(request)
        return response

    return behave


async def hang_up(request: web.Request) -> None:
    """Close the connection once the client has had some turns of the loop to read what was sent."""
    for _ in range(20):
        await anyio.lowlevel.checkpoint()
    assert request.transport is not None
    request.transport.close()


async def whole(request: web.Request, data: bytes) -> web.StreamResponse:
    """Serve the whole file whatever part was asked for, and name no version."""
    return web.Response(body=data)


async def chunked(request: web.Request, data: bytes) -> web.StreamResponse:
    """Serve without telling the length."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(data)
    await response.write_eof()
    return response


async def drip(request: web.Request, data: bytes) -> web.StreamResponse:
    """Serve one byte at a time."""
    response = web.StreamResponse()
    response.content_length = len(data)
    await response.prepare(request)
    for place in range(len(data)):
        await response.write(data[place : place + 1])
        await anyio.lowlevel.checkpoint()
    return response


def lies(length: int) -> Behaviour:
    """Announce *length* bytes and send the file."""

    async def behave(request: web.Request, data: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": TAG})
        response.content_length = length
        await response.prepare(request)
        await response.write(data)
        await hang_up(request)
        return response

    return behave


def packed(coding: str = "gzip", *, cut_at: int | None = None) -> Behaviour:
    """Serve gzip that nobody asked for."""

    async def behave(request: web.Request, data: bytes) -> web.StreamResponse:
        body = gzip.compress(data)[:cut_at]
        return web.Response(body=body, headers={"Content-Encoding": coding, "ETag": TAG})

    return behave


def stuck(after: int) -> Behaviour:
    """Send *after* bytes and fall silent until the client leaves."""

    async def behave(request: web.Request, data: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": TAG})
        response.content_length = len(data)
        await response.prepare(request)
        await response.write(data[:after])
        await anyio.sleep_forever()
        return response

    return behave


def meeting(server: MediaServer, several: int) -> Behaviour:
    """Serve once *several* requests have been open together, and leave time for one more to come."""

    async def behave(request: web.Request, data: bytes) -> web.StreamResponse:
        with anyio.fail_after(20):
            while server.most_open < several:  # noqa: ASYNC110 - the count has no event
                await anyio.sleep(0.001)
        await anyio.sleep(0.005)
        return await plain(request, data)

    return behave


def part(start: int) -> Behaviour:
    """Send a part of one's own choice, from *start*."""

    async def behave(request: web.Request, data: bytes) -> web.StreamResponse:
        headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}", "ETag": TAG}
        return web.Response(status=206, body=data[start:], headers=headers)

    return behave


def names(folder: Any) -> Sequence[str]:
    """List the files below *folder*."""
    return sorted(str(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file())
