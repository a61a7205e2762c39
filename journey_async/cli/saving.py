"""Where the files of results go, checked before anything is spent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from journey_async.cli.complaints import CommandError
from journey_async.cli.exit_codes import MISUSED
from journey_async.core.download_defaults import DEFAULT_NAME
from journey_async.core.file_names import name_template
from journey_async.downloads import Downloader
from journey_async.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journey_async.downloads import Wanted

DEFAULT_RUN_NAME = "{key}-{n}.{ext}"
"""In a graph a node has a name of its own."""


@frozen(kw_only=True)
class Saving:
    """A folder for the files of results, and how they are named in it."""

    folder: Path
    name: str
    sheet: bool

    @classmethod
    def of(cls, folder: Path | None, *, name: str | None, sheet: bool, default: str = DEFAULT_NAME) -> Saving | None:
        """Check the options, and make the folder; None where nothing is to be saved. Raises `CommandError`."""
        if folder is None:
            if name is not None or sheet:
                option = "--sheet" if name is None else "--name"
                raise CommandError(f"{option} is about files: add --download DIR", exit_code=MISUSED)
            return None
        template = name_template(default if name is None else name)
        if isinstance(template, Fault):
            raise CommandError(f"--name: {template}", exit_code=MISUSED)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"cannot make the folder {folder}: {error.strerror or error}"
            raise CommandError(message, exit_code=MISUSED) from error
        return cls(folder=folder, name=template.text, sheet=sheet)

    async def save(self, wanted: Iterable[Wanted]) -> tuple[Path, ...]:
        """Fetch the files and tell where they are. Raises `DownloadError` once all others are there."""
        return await Downloader().download(tuple(wanted), self.folder, name=self.name, sheet=self.sheet)
