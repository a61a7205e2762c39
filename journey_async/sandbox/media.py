"""Draws media files when they are asked for, and answers for them as a file server does."""

from __future__ import annotations

import re
from collections import OrderedDict
from hashlib import blake2b
from io import BytesIO
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio
import anyio.to_thread
from aiohttp import web
from attrs import frozen
from PIL import Image

from journey_async.sandbox.drawing.pictures import render_png, render_video, sheet_png

if TYPE_CHECKING:
    from journey_async.sandbox.scenes import Scene, Video

CACHED: Final = 32 * 1024 * 1024
"""Bytes of drawn files that are kept."""
DRAWN_AT_ONCE: Final = 4
"""Drawing takes a processor, so more at once would only be slower."""

_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "mp4": "video/mp4"}
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*", re.IGNORECASE)


File: TypeAlias = "tuple[str, tuple[Scene, ...] | Video]"
"""A name, whose ending says in which format, and what the file shows."""


class Darkroom:
    """Draws files in worker threads and keeps the latest."""

    def __init__(self) -> None:
        self._files: OrderedDict[File, bytes] = OrderedDict()
        self._size = 0
        self._limiter = anyio.CapacityLimiter(DRAWN_AT_ONCE)

    async def file(self, name: str, shown: tuple[Scene, ...] | Video) -> bytes:
        """Give the file *name*, whose ending says in which format, of what is *shown*."""
        key = (name, shown)
        if key not in self._files:
            data = await anyio.to_thread.run_sync(_drawn, name, shown, limiter=self._limiter)
            self.keep(key, data)
        self._files.move_to_end(key)
        return self._files[key]

    def keep(self, key: File, data: bytes) -> None:
        """Keep a file, and drop the oldest of those that are too many."""
        self._size += len(data) - len(self._files.get(key, b""))
        self._files[key] = data
        while self._size > CACHED and len(self._files) > 1:
            _, dropped = self._files.popitem(last=False)
            self._size -= len(dropped)


def _drawn(name: str, shown: tuple[Scene, ...] | Video) -> bytes:
    if not isinstance(shown, tuple):
        return render_video(shown)
    data = render_png(shown[0]) if len(shown) == 1 else sheet_png(shown)
    return _as_jpeg(data) if name.endswith(".jpg") else data


def _as_jpeg(data: bytes) -> bytes:
    buffer = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.convert("RGB").save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@frozen
class Part:
    """The bytes of a file that a range asks for: from *start* up to, not including, *end*."""

    start: int
    end: int


def part_of(asked: str, size: int) -> Part | None:
    """Read a Range header; None where the whole file is to be sent. An empty part cannot be satisfied."""
    match = _RANGE.fullmatch(asked)
    if match is None or match.group(1, 2) == ("", ""):
        return None
    first, last = match.group(1, 2)
    if not first:
        return Part(max(0, size - int(last)), size) if int(last) else Part(size, size)
    if last and int(last) < int(first):
        return None
    return Part(int(first), min(size, int(last) + 1 if last else size))


def file_response(request: web.Request, name: str, data: bytes) -> web.Response:
    """Answer for a file: whole, or the part that a Range header asks for."""
    tag = f'"{blake2b(data, digest_size=8).hexdigest()}"'
    content_type = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    headers = {"Accept-Ranges": "bytes", "ETag": tag, "Content-Type": content_type}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    part = None
    if request.method == "GET" and request.headers.get("If-Range", tag) == tag:
        part = part_of(request.headers.get("Range", ""), len(data))
    if part is None:
        return web.Response(body=data, headers=headers)
    if part.start >= part.end:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}", "ETag": tag})
    headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{len(data)}"
    return web.Response(status=206, body=data[part.start : part.end], headers=headers)
