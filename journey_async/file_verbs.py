"""The client's verbs for files: results to disk.

What only downloads need is loaded by the first verb that needs it: who fetches no files would wait for it at every
start.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from journey_async.core.download_defaults import AT_ONCE, DEFAULT_NAME, LARGEST

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from journey_async.core.retrying import RetryPolicy
    from journey_async.downloads import Downloader, Downloading
    from journey_async.wanted_files import Downloadables, FilePath


class FileVerbs:
    """What a client does with the files of results."""

    _retry: RetryPolicy
    _proxy: str | None

    async def download(
        self,
        results: Downloadables,
        folder: FilePath,
        /,
        *,
        name: str = DEFAULT_NAME,
        sheet: bool = False,
        at_once: int = AT_ONCE,
        largest: int = LARGEST,
        strict: bool = False,
    ) -> tuple[Path, ...]:
        """Put every file of one or several results into *folder* and tell where they are, in the results' order.

        Of tasks, which are waited for; of results; of an outcome, all that have files. A grid has four, its tiles, and
        with *sheet* a fifth; videos are four, a picture is one. *name* may use {prompt}, {task_id}, {action}, {key},
        {n} and {ext}, and have folders. *largest* is in bytes for one file, *at_once* in files.

        A file appears under its name when it is whole, never over another one; running it again fetches only what is
        missing. What is cut is resumed. No key goes to the host of the files. With *strict* its address must be public.

        Raises `InvalidRequestError` for what has no files and a wrong *name*, `DownloadError` once all other files
        are there, and what `await task` raises.
        """
        from journey_async.wanted_files import wanted

        downloader = self._downloader(at_once=at_once, largest=largest, strict=strict)
        return await downloader.download(await wanted(results, name), folder, name=name, sheet=sheet)

    @asynccontextmanager
    async def downloading(
        self,
        results: Downloadables,
        folder: FilePath,
        /,
        *,
        name: str = DEFAULT_NAME,
        sheet: bool = False,
        at_once: int = AT_ONCE,
        largest: int = LARGEST,
        strict: bool = False,
    ) -> AsyncGenerator[Downloading]:
        """Do what `download` does while the block lasts, and give an iterator over the progress, file by file."""
        from journey_async.wanted_files import wanted

        downloader = self._downloader(at_once=at_once, largest=largest, strict=strict)
        async with downloader.downloading(await wanted(results, name), folder, name=name, sheet=sheet) as progress:
            yield progress

    def _downloader(self, *, at_once: int, largest: int, strict: bool) -> Downloader:
        from journey_async.downloads import Downloader

        return Downloader(retry=self._retry, proxy=self._proxy, at_once=at_once, largest=largest, strict=strict)
