"""The pictures of results, saved in one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import anyio
from yarl import URL

from journey_async.cli.complaints import MISUSED, CommandError
from journey_async.core.kinds import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from journey_async.core.kinds import Result


class Album:
    """A folder of pictures that come over *session*."""

    def __init__(self, folder: Path, session: aiohttp.ClientSession) -> None:
        self._folder = anyio.Path(folder)
        self._session = session
        self.saved = 0
        """How many pictures there are."""

    async def open(self) -> None:
        """Make the folder; raises `CommandError` where that cannot be."""
        try:
            await self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(
                f"cannot make the folder {self._folder}: {error.strerror or error}", exit_code=MISUSED
            ) from error

    async def keep(self, name: str, result: Result) -> str:
        """Save every picture of *result*, all at once, and give the pattern of their names."""
        urls = files(name, result)
        async with anyio.create_task_group() as group:
            for file, url in urls.items():
                group.start_soon(self._download, file, url)
        return f"{name}.png" if len(urls) == 1 else f"{name}-*.png"

    async def save(self, file: str, data: bytes) -> None:
        """Save one picture."""
        path = self._folder / file
        try:
            await path.write_bytes(data)
        except OSError as error:
            raise CommandError(f"cannot write {path}: {error.strerror or error}") from error
        self.saved += 1

    async def load(self, file: str) -> bytes:
        """Read a picture that was saved."""
        return await (self._folder / file).read_bytes()

    async def _download(self, file: str, url: str) -> None:
        try:
            # As it was given: yarl would rewrite what is quoted in it.
            async with self._session.get(URL(url, encoded=True), raise_for_status=True) as response:
                data = await response.read()
        except aiohttp.ClientError as error:
            raise CommandError(f"cannot download {url}: {error}") from error
        await self.save(file, data)


def files(name: str, result: Result) -> Mapping[str, str]:
    """Give the URLs of *result* by the names of the files to be: a sheet and four tiles, or one picture."""
    if isinstance(result, Grid):
        tiles = {f"{name}-{number}.png": url for number, url in enumerate(result.urls, 1)}
        return {f"{name}-sheet.png": result.original_image_url, **tiles}
    return {f"{name}.png": url for url in result.urls}
