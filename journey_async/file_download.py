"""The download of one file: asked for until it is whole, patience is over or it proves to be something else."""

from __future__ import annotations

import logging
import random
import time
import zlib
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from journey_async.core.media import HEAD, PIECE, Unpacked, content_range, length, media_type, shown, validator
from journey_async.errors import ConfigurationError, DownloadError
from journey_async.landing import PartFile, found
from journey_async.media_host import MediaError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from journey_async.core.file_names import NameTemplate
    from journey_async.core.retrying import RetryPolicy
    from journey_async.media_host import MediaHost, MediaReply

T = TypeVar("T")

_log = logging.getLogger("journey_async")


@frozen(kw_only=True)
class MediaFile:
    """One file to fetch: where from, as what, and where to."""

    url: str
    task_id: str
    n: str
    types: frozenset[str]
    """What it may be, as extensions."""
    folder: Path
    name: NameTemplate
    values: Mapping[str, str]
    """What the fields of the name stand for, all but the extension."""

    def place(self, extension: str) -> Path:
        """Give the path under which the file is to stand."""
        return Path(self.folder, *self.name.fill({**self.values, "ext": extension}))

    def failed(self, why: str, *, status: int | None = None) -> DownloadError:
        """Make the error that tells why the file did not come."""
        link = shown(self.url)
        message = f"task {self.task_id}, file {self.n} was not downloaded: {why} ({link})"
        return DownloadError(message, url=link, status=status, n=self.n, task_id=self.task_id)


class FileDownload:
    """The download of one file, which happens once."""

    def __init__(
        self,
        host: MediaHost,
        file: MediaFile,
        *,
        retry: RetryPolicy,
        largest: int,
        tell: Callable[[int, int | None], None],
    ) -> None:
        """Set it up; *tell* is called with the bytes that are here and those of the whole, where they are known."""
        self._host = host
        self._file = file
        self._retry = retry
        self._largest = largest
        self._tell = tell
        self._part: PartFile | None = None
        self._place = file.folder
        self._size = 0
        self._forget()

    async def run(self) -> Path:
        """Fetch the file and tell where it is. Raises `DownloadError`."""
        try:
            return await self._patiently()
        except MediaError as error:
            raise self._file.failed(str(error), status=error.status) from None
        except ConfigurationError as error:
            raise self._file.failed(str(error)) from error
        finally:
            if self._part is not None:
                with anyio.CancelScope(shield=True), suppress(OSError):
                    await anyio.to_thread.run_sync(self._part.discard)

    async def _patiently(self) -> Path:
        trouble_since: float | None = None
        furthest = tries = 0
        while True:
            try:
                return await self._attempt()
            except MediaError as error:
                now = time.monotonic()
                if trouble_since is None or self._size > furthest:
                    trouble_since, furthest, tries = now, self._size, 0
                wait = error.wait + self._jitter(tries)
                limited = error.status == 429  # noqa: PLR2004 - too many requests
                patience = self._retry.rate_limit_patience if limited else self._retry.patience
                if not error.passing or now + wait - trouble_since > patience:
                    raise
                if error.status == 416:  # noqa: PLR2004 - what is here is no beginning of what is there
                    self._forget()
                _log.info("file %s of task %s: again in %.1f s: %s", self._file.n, self._file.task_id, wait, error)
            tries += 1
            await anyio.sleep(wait)

    def _jitter(self, tries: int) -> float:
        return random.uniform(0, min(self._retry.longest, self._retry.first * 2 ** min(tries, 30)))  # noqa: S311 - to spread out, not to hide

    async def _attempt(self) -> Path:
        async with self._host.get(self._file.url, self._range()) as reply:
            self._begin(reply)
            here = await self._receive(reply)
        if here is not None:
            return here
        if self._part is None or not self._size:
            raise MediaError("the host sent an empty file")
        if self._total is not None and self._size != self._total:
            raise MediaError(f"{self._size} of {self._total} bytes came", passing=True)
        return await self._on_disk(partial(self._part.publish, self._place))

    def _range(self) -> dict[str, str]:
        """Give the headers that ask for what is missing; none where the whole file is to come."""
        if not self._size or self._total is None:
            return {}
        headers = {"Range": f"bytes={self._size}-"}
        return {**headers, "If-Range": self._validator} if self._validator else headers

    def _forget(self) -> None:
        """Start again: the bytes that are here are written over."""
        self._size = 0
        self._total: int | None = None
        self._validator = ""

    def _begin(self, reply: MediaReply) -> None:
        """Learn from the headers which bytes are to come and how many there are."""
        if reply.status == 206:  # noqa: PLR2004 - a part
            brought = content_range(reply.headers.get("Content-Range", ""))
            known = {self._total, brought.total if brought else None} - {None}
            if brought is None or brought.start != self._size or len(known) > 1:
                self._forget()
                raise MediaError("the host sent another part than was asked for", status=206, passing=True)
            self._total = self._total or brought.total
        else:
            self._forget()
            if _coding(reply) is None:
                self._total = length(reply.headers.get("Content-Length", ""))
                self._validator = validator(reply.headers)
        self._check_size(self._total or 0)

    def _check_size(self, size: int) -> None:
        if size > self._largest:
            raise MediaError(f"it is larger than {self._largest} bytes: allow more with largest=")

    async def _receive(self, reply: MediaReply) -> Path | None:
        """Keep what comes, also of a reply that is cut; give the file that proves to be here already."""
        buffer = bytearray()
        unpacked = None if _coding(reply) is None else Unpacked()
        try:
            while data := await reply.read():
                for piece in (data,) if unpacked is None else _unpacked(unpacked, data):
                    buffer += piece
                    self._check_size(self._size + len(buffer))
                    if len(buffer) >= PIECE and (here := await self._keep(buffer)):
                        return here
                self._tell(self._size + len(buffer), self._total)
        except MediaError as error:
            if error.passing and (self._size or len(buffer) >= HEAD):
                await self._keep(buffer)
            raise
        if unpacked is not None and not unpacked.whole:
            raise MediaError("the packed body was cut", passing=True)
        return await self._keep(buffer)

    async def _keep(self, buffer: bytearray) -> Path | None:
        """Write the buffer behind what is here and empty it; give the file that proves to be here already."""
        if not buffer:
            return None
        data = bytes(buffer)
        buffer.clear()
        if self._size == 0 and (here := await self._look(data)):
            return here
        if self._part is None:
            self._part = PartFile(self._place.parent)
        await self._on_disk(partial(self._part.write, data, at=self._size))
        self._size += len(data)
        return None

    async def _look(self, head: bytes) -> Path | None:
        """Learn from its beginning what the file is, and whether it is here already."""
        extension = media_type(head)
        if extension is None or extension not in self._file.types:
            raise MediaError(f"what came is no {'video' if 'mp4' in self._file.types else 'picture'}")
        self._place = self._file.place(extension)
        if self._total is None:
            return None
        return await self._on_disk(partial(found, self._place, head=head, size=self._total))

    async def _on_disk(self, work: Callable[[], T]) -> T:
        try:
            return await anyio.to_thread.run_sync(work)
        except OSError as error:
            raise self._file.failed(f"it cannot be kept in {self._place.parent}: {error.strerror or error}") from error


def _coding(reply: MediaReply) -> str | None:
    """Give how the body is packed although we asked for it as it is; None if it is not."""
    coding = reply.headers.get("Content-Encoding", "").strip().lower()
    if coding in {"", "identity"}:
        return None
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise MediaError(f"it is packed as {coding[:20]!r}, which was not asked for")
    return coding


def _unpacked(unpacked: Unpacked, data: bytes) -> Iterable[bytes]:
    try:
        yield from unpacked.pieces(data)
    except zlib.error:
        raise MediaError("it is packed and cannot be unpacked") from None
