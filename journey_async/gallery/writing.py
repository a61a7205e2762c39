"""The folder of a gallery: files that are replaced whole, so that nobody ever reads half a page. Blocks."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from journey_async.errors import Fault, InvalidRequestError
from journey_async.gallery.page import GENERATOR

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.gallery.page import Page

INDEX: Final = "index.html"
STATIC: Final = ("gallery.css", "gallery.js", "icon.svg")
_MARK: Final = f'<meta name="generator" content="{GENERATOR} '.encode()


def check_folder(folder: Path) -> None:
    """Raise `InvalidRequestError` for what is no folder, or holds a page that is not ours to replace."""
    index = folder / INDEX
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is not a folder: name one that is, or that does not exist yet"
    elif index.exists() and _MARK not in index.read_bytes()[:4096]:
        message = f"{index} is a page that is not a gallery: name another folder"
    else:
        return
    raise InvalidRequestError("gallery", [Fault(argument="folder", value=os.fspath(folder), message=message)])


def write_page(folder: Path, page: Page) -> Path:
    """Write the page and what it needs, and tell where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    shipped = files("journey_async.gallery") / "static"
    for name in STATIC:
        _replace(folder / name, (shipped / name).read_bytes())
    # An open page looks at the pulse first: whatever it announces is there by then.
    _replace(folder / "parts.js", page.parts)
    _replace(folder / INDEX, page.index)
    _replace(folder / "pulse.js", page.pulse)
    return folder / INDEX


def _replace(path: Path, data: bytes) -> None:
    with suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
