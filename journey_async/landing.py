"""Where a downloaded file stands: under a temporary name until it is whole, then under a name that nobody has taken.

Everything here blocks and is for worker threads.
"""

from __future__ import annotations

import filecmp
import secrets
import threading
from typing import IO, TYPE_CHECKING, Final

from journey_async.core.file_names import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_NUMBERS: Final = 9999
"""How many files with numbers behind the same name are looked at."""


def places(place: Path) -> Iterator[Path]:
    """Give *place* and the places beside it that are taken one after the other if it is not free."""
    for number in range(1, MOST_NUMBERS + 1):
        yield place.with_name(numbered(place.name, number))


def found(place: Path, *, head: bytes, size: int) -> Path | None:
    """Give the file at *place*, or at a numbered place beside it, that has this size and starts with *head*."""
    for each in places(place):
        if each.is_file():
            if each.stat().st_size == size and _starts_with(each, head):
                return each
        elif not each.is_symlink() and not each.exists():
            break
    return None


class PartFile:
    """A file that is not whole, in the folder in which it is to stand.

    A thread cannot be cancelled: one that is late finds the file discarded, and leaves nothing behind.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"journey-{secrets.token_hex(8)}.part"
        self._file: IO[bytes] | None = None
        self._discarded = False
        self._lock = threading.Lock()

    def write(self, data: bytes | bytearray, *, at: int) -> None:
        """Write *data* behind the first *at* bytes; what stood there is gone. Raises OSError."""
        with self._lock:
            if self._discarded:
                return
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("xb")
            if self._file.tell() != at:
                self._file.seek(at)
                self._file.truncate()
            self._file.write(data)

    def publish(self, place: Path) -> Path:
        """Move the file to *place*, or beside it if another file stands there, and tell where. Raises OSError.

        A file that stands there already with the very same bytes is as good.
        """
        with self._lock:
            if self._file is not None:
                self._file.close()
            for each in places(place):
                try:
                    _move(self._path, each)
                except FileExistsError:
                    if each.is_file() and filecmp.cmp(self._path, each, shallow=False):
                        return each
                else:
                    return each
        raise FileExistsError(f"{MOST_NUMBERS} files of this name are there already")

    def discard(self) -> None:
        """Remove the file, unless it was published."""
        with self._lock:
            self._discarded = True
            if self._file is not None:
                try:
                    self._file.close()
                finally:
                    self._path.unlink(missing_ok=True)


def _move(part: Path, place: Path) -> None:
    """Move *part*, never over another file. Raises FileExistsError."""
    try:
        place.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: an empty file reserves the name for the moment until it is replaced.
        place.touch(exist_ok=False)
        try:
            part.replace(place)
        except OSError:
            place.unlink()
            raise
    else:
        part.unlink()


def _starts_with(path: Path, head: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(head)) == head
