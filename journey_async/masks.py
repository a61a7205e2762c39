"""Masks that are given as paths."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from journey_async.core import checks

if TYPE_CHECKING:
    from typing import TypeAlias

    FilePath: TypeAlias = str | os.PathLike[str]


def read_mask(mask: object, *, folder: FilePath = "") -> bytes | None:
    """Read the file that *mask* names, relative to *folder*; None for a picture as text, and for what names no file.

    A file that is larger than a mask may be is read no further than shows it.
    """
    if isinstance(mask, str) and checks.picture_in(checks.as_data_uri(mask)) is not None:
        return None
    if not isinstance(mask, str | os.PathLike):
        return None
    try:
        path = Path(folder, cast("FilePath", mask))
        # Only a regular file: a device or a pipe would be read for ever.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(checks.MASK_LIMIT + 1)
    except (OSError, TypeError, ValueError):
        return None
