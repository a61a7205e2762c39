"""Masks that are given as paths."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from journey_async.core import checks

if TYPE_CHECKING:
    from typing import TypeAlias

    FilePath: TypeAlias = str | os.PathLike[str]

HEAD: Final = 12
"""Bytes that tell a picture from anything else."""


def read_mask(mask: object, *, folder: FilePath = "") -> bytes | None:
    """Read the picture that *mask* names, relative to *folder*; None for a picture as text, and for what names none.

    A file that is larger than a mask may be is read no further than shows it. What is no picture is not given: the
    error that refuses it would show how it begins.
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
            data = file.read(HEAD)
            return data + file.read(checks.MASK_LIMIT + 1 - len(data)) if checks.picture_type(data) else None
    except (OSError, TypeError, ValueError):
        return None
