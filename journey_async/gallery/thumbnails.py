"""Small pictures of large ones, drawn by Pillow. Everything here blocks: it is called in worker threads."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from PIL import Image, ImageOps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Size: TypeAlias = tuple[int, int]

BOX: Final = (512, 512)
"""What a thumbnail fits into: twice as large as it is shown, for dense screens."""
QUALITY: Final = 78
GAP: Final = 4
"""Pixels between the four tiles of a grid."""
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
"""What is opened at all: Pillow knows formats that start other programs."""


class UnreadablePictureError(Exception):
    """A file is no picture that can be drawn small; the message says why."""


def picture_size(path: Path) -> Size:
    """Give width and height of a picture without reading all of it. Raises `UnreadablePictureError`."""
    with _opened(path) as image:
        # A camera's picture may lie on its side, and browsers turn it upright.
        # Asked for what a PNG does not say at its beginning, Pillow reads it to its end.
        known = image.format != "PNG" or "exif" in image.info
        turned = known and image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
        return (image.height, image.width) if turned else image.size


def draw_thumbnail(sources: Sequence[Path | None], target: Path) -> Size:
    """Draw *target*, a WebP, from one picture or from the four tiles of a grid, of which some may be missing.

    Raises `UnreadablePictureError`, and OSError if it cannot be written.
    """
    if len(sources) == 1 and sources[0] is not None:
        drawn = _small(sources[0], BOX)
    else:
        drawn = _sheet([None if source is None else _small(source, (BOX[0] // 2, BOX[1] // 2)) for source in sources])
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        drawn.save(part, "WEBP", quality=QUALITY, method=2)
        part.replace(target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return drawn.size


_ORIENTATION: Final = 0x0112
_ON_ITS_SIDE: Final = frozenset({5, 6, 7, 8})


def _opened(path: Path) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns about a picture of more pixels than it likes, and only refuses one of twice as many.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(path, formats=FORMATS)
    except Image.DecompressionBombWarning as error:
        raise UnreadablePictureError("the picture has too many pixels to be drawn small") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePictureError("the picture cannot be read") from error


def _small(path: Path, box: Size) -> Image.Image:
    with _opened(path) as image:
        try:
            image.draft("RGB", (box[0] * 2, box[1] * 2))
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
            small = upright.convert(mode)
            cast("Any", small).thumbnail(box, Image.Resampling.LANCZOS)
        except (OSError, ValueError, SyntaxError) as error:
            raise UnreadablePictureError("the picture is damaged") from error
    return small


def _sheet(tiles: Sequence[Image.Image | None]) -> Image.Image:
    """Lay four tiles out as the service's sheet does: top-left, top-right, bottom-left, bottom-right."""
    there = [tile for tile in tiles if tile is not None]
    if not there:
        raise UnreadablePictureError("no tile of the grid is here")
    width, height = max(tile.width for tile in there), max(tile.height for tile in there)
    sheet = Image.new("RGBA", (2 * width + GAP, 2 * height + GAP))
    for number, tile in enumerate(tiles):
        if tile is not None:
            left, top = number % 2 * (width + GAP), number // 2 * (height + GAP)
            sheet.paste(tile, (left + (width - tile.width) // 2, top + (height - tile.height) // 2))
    return sheet
