"""Draws scenes: values in, bytes of PNG and WebP files out, the same bytes every time."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from journey_async.sandbox.drawing.brush import paint, stamp
from journey_async.sandbox.drawing.canvas import ink, resized
from journey_async.sandbox.drawing.landscape import randomness
from journey_async.sandbox.drawing.palettes import mix
from journey_async.sandbox.drawing.videos import VIDEO_EXTENSION, animated, still_size
from journey_async.sandbox.drawing.vistas import Frame, Vista, frame, repainted, settled, tint, vista
from journey_async.sandbox.scenes import (
    Edited,
    Enhanced,
    Extended,
    Inpainted,
    Outpainted,
    Panned,
    Swapped,
    Upscaled,
    kept,
    size,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.sandbox.scenes import Box, Scene, Size, Video

__all__ = ("VIDEO_EXTENSION", "is_picture", "render_png", "render_video", "sheet_png")

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MOST_PIXELS = 40_000_000
_WORTH_KEEPING = 700_000
"""Pictures of up to so many pixels are remembered; the bigger ones are the last of their chain."""
_CELL = 640


def render_png(scene: Scene, /) -> bytes:
    """Draw a scene as a PNG file."""
    return _png(_picture(scene))


def sheet_png(scenes: Sequence[Scene], /) -> bytes:
    """Draw up to four scenes as one PNG file: top-left, top-right, bottom-left, bottom-right."""
    width, height = size(scenes[0])
    shrink = min(1.0, _CELL / max(width, height))
    cell = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    sheet = Image.new("RGB", (2 * cell[0], 2 * cell[1]))
    for number, scene in enumerate(scenes[:4]):
        tile = _picture(scene)
        place = (number % 2 * cell[0], number // 2 * cell[1])
        sheet.paste(tile if tile.size == cell else resized(tile, cell), place)
    return _png(sheet)


def render_video(clip: Video, /) -> bytes:
    """Draw a video as an animated file whose name should end in VIDEO_EXTENSION."""
    first = clip
    while isinstance(first, Extended):
        first = first.clip
    width, height = size(first.start)
    return animated(clip, _drawn(settled(first.start), still_size(width / height)))


def is_picture(data: bytes, /) -> bool:
    """Tell whether some bytes are a PNG, JPEG, WebP or GIF file of a reasonable size."""
    return _opened(data) is not None


def _opened(data: bytes) -> Image.Image | None:
    try:
        image = Image.open(BytesIO(data), formats=_FORMATS)
        if image.width * image.height > _MOST_PIXELS:
            return None
        image.load()
    except Exception:  # noqa: BLE001  # a damaged file may raise nearly anything
        return None
    return image


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _picture(scene: Scene) -> Image.Image:
    return _drawn(settled(scene), size(scene))


def _drawn(scene: Scene, canvas: Size) -> Image.Image:
    return _remembered(scene, canvas) if canvas[0] * canvas[1] <= _WORTH_KEEPING else _draw(scene, canvas)


@lru_cache(maxsize=48)
def _remembered(scene: Scene, canvas: Size) -> Image.Image:
    return _draw(scene, canvas)


def _draw(scene: Scene, canvas: Size) -> Image.Image:
    match scene:
        case Upscaled():
            drawn = _drawn(scene.base, canvas)
        case Enhanced():
            drawn = _enhanced(scene, _drawn(scene.base, canvas))
        case Panned() | Outpainted():
            box = kept(scene, canvas)
            old = _drawn(scene.base, (box[2] - box[0], box[3] - box[1]))
            drawn = _surrounded(old, box, paint(vista(scene), frame(scene), canvas))
        case Inpainted():
            drawn = _inpainted(scene, _drawn(scene.base, canvas))
        case Swapped():
            drawn = _swapped(scene, _drawn(scene.target, canvas))
        case Edited():
            drawn = _edited(scene, _drawn(scene.base, size(scene.base)), canvas)
        case _:
            drawn = paint(vista(scene), frame(scene), canvas)
    return drawn


def _enhanced(scene: Enhanced, image: Image.Image) -> Image.Image:
    image = image.filter(ImageFilter.UnsharpMask(radius=max(image.size) / 400, percent=60, threshold=2))
    if not scene.creative:
        return image
    image = ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(1.12)).enhance(1.25)
    chance, light = randomness("motes", image.size), vista(scene).land.palette.light
    motes = Image.new("L", image.size)
    draw = ImageDraw.Draw(motes)
    for _ in range(60):
        x, y = chance.uniform(0, image.width), chance.uniform(0, image.height)
        radius = max(image.size) * chance.uniform(0.0015, 0.008)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.randrange(60, 170))
    image.paste(ink(light), (0, 0), motes.filter(ImageFilter.BoxBlur(max(image.size) / 700)))
    return image


def _surrounded(old: Image.Image, box: Box, canvas: Image.Image) -> Image.Image:
    """Put the old picture into a canvas that continues it, and let what was edited at its edges fade out."""
    left, top, right, bottom = box
    width, height = canvas.size
    reach = max(2, round(min(old.size) * 0.06))
    around = (
        ((left, top, left + 1, bottom), (max(0, left - reach), top, left, bottom), Image.Transpose.ROTATE_90),
        ((right - 1, top, right, bottom), (right, top, min(width, right + reach), bottom), Image.Transpose.ROTATE_270),
        ((left, top, right, top + 1), (left, max(0, top - reach), right, top), None),
        (
            (left, bottom - 1, right, bottom),
            (left, bottom, right, min(height, bottom + reach)),
            Image.Transpose.ROTATE_180,
        ),
    )
    own = canvas.copy()
    canvas.paste(old, (left, top))
    for edge, strip, turn in around:
        if strip[0] < strip[2] and strip[1] < strip[3]:
            fade = Image.linear_gradient("L")
            _fade(own, canvas, edge=edge, strip=strip, fade=fade if turn is None else fade.transpose(turn))
    return canvas


def _fade(own: Image.Image, canvas: Image.Image, *, edge: Box, strip: Box, fade: Image.Image) -> None:
    # What is carried over is the difference at the edge: where the land simply continues there is none.
    area = (strip[2] - strip[0], strip[3] - strip[1])
    before, after = (resized(image.crop(edge), area) for image in (own, canvas))
    weight = resized(fade, area).convert("RGB")
    more = ImageChops.multiply(ImageChops.subtract(after, before), weight)
    less = ImageChops.multiply(ImageChops.subtract(before, after), weight)
    canvas.paste(ImageChops.subtract(ImageChops.add(own.crop(strip), more), less), strip)


def _inpainted(scene: Inpainted, image: Image.Image) -> Image.Image:
    mask = _mask(scene.mask, image.size)
    marked = mask.getbbox()
    if marked is None:
        return image
    land, reach = repainted(scene), image.width / image.height / 2
    patch = paint(Vista(land=land), Frame(left=-reach, top=0.0, right=reach, bottom=1.0), image.size)
    stamp(patch, land.motif.name, marked, land.palette)
    return Image.composite(patch, image, mask)


def _mask(data: bytes, area: Size) -> Image.Image:
    """Read a mask: what is transparent counts as black, and a file that cannot be read as all black."""
    opened = _opened(data)
    if opened is None:
        return Image.new("L", area)
    if opened.has_transparency_data:
        marked = opened.convert("RGBA")
        opened = Image.alpha_composite(Image.new("RGBA", marked.size, (0, 0, 0, 255)), marked)
    return resized(opened.convert("L"), area, Image.Resampling.BILINEAR)


def _swapped(scene: Swapped, image: Image.Image) -> Image.Image:
    width, height = image.size
    side = min(width, height)
    oval = (max(2, round(side * 0.46)), max(2, round(side * 0.6)))
    left, top = (width - oval[0]) // 2, (height - oval[1]) // 2
    face = ImageOps.fit(_drawn(scene.face, size(scene.face)), oval, Image.Resampling.LANCZOS)
    mask = Image.new("L", oval)
    inset = side * 0.02
    ImageDraw.Draw(mask).ellipse((inset, inset, oval[0] - inset, oval[1] - inset), fill=255)
    image = image.copy()
    image.paste(face, (left, top), mask.filter(ImageFilter.GaussianBlur(side * 0.008)))
    return image


def _edited(scene: Edited, image: Image.Image, canvas: Size) -> Image.Image:
    palette = tint(scene).palette
    fitted = ImageOps.fit(image, canvas, Image.Resampling.LANCZOS)
    grey = ImageOps.autocontrast(fitted.convert("L"), cutoff=1)
    middle = ink(mix(palette.sky, palette.accent, 0.4))
    coloured = ImageOps.colorize(grey, black=ink(palette.near), white=ink(palette.light), mid=middle)
    return Image.blend(fitted, coloured, 0.85)
