"""What a task makes: the scenes behind its media files, or its words."""

from __future__ import annotations

import re
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from attrs import evolve, frozen

from journey_async.core.models import MIDJOURNEY
from journey_async.sandbox import words
from journey_async.sandbox.scenes import (
    POSITIONED,
    STRONG,
    SUBTLE,
    Blended,
    Clip,
    Edited,
    Enhanced,
    Extended,
    Imagined,
    Inpainted,
    Outpainted,
    Panned,
    Scene,
    Swapped,
    Upscaled,
    Varied,
    Video,
    ratio_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from journey_async.sandbox.scenes import Direction, Motion, Ratio
    from journey_async.sandbox.validation import Asking

TILES: Final = (1, 2, 3, 4)
_DIMENSIONS: Final[Mapping[str, Ratio]] = MappingProxyType(
    {"": (1, 1), "square": (1, 1), "portrait": (2, 3), "landscape": (3, 2)}
)
_FACTORS: Final[Mapping[str, float]] = MappingProxyType({"": 1, "1K": 1, "2K": 2, "4K": 4})
_SEED = re.compile(r"(?:^|\s)--seed\s+([0-9]{1,10})(?![0-9])", re.IGNORECASE)
_MARKER = re.compile(r"\[sandbox:(fail|stuck|seconds)(?:=([^\]]*))?\]")

Said: TypeAlias = "Mapping[str, str | list[str]]"


@frozen(kw_only=True)
class Made:
    """What one task makes."""

    pictures: tuple[Scene, ...] = ()
    """Four in a grid, else one."""
    videos: tuple[Video, ...] = ()
    names: tuple[str, ...] = ()
    """The file name of each picture or video."""
    sheet: str | None = None
    """The file name of the four together."""
    said: Said = MappingProxyType({})
    """The fields of a text result."""
    prompt: str = ""
    """What the pictures were made from, for those that are made from them."""
    seed: int = 0

    def scenes(self, name: str) -> tuple[Scene, ...] | Video | None:
        """Give what the file *name* shows: the pictures of a sheet, one picture, or a video."""
        if name == self.sheet:
            return self.pictures
        if name not in self.names:
            return None
        place = self.names.index(name)
        return self.videos[place] if self.videos else self.pictures[place : place + 1]


@frozen(kw_only=True)
class Wishes:
    """The outcome that a prompt asks for.

    The markers are `[sandbox:fail]`, `[sandbox:fail=any words]`, `[sandbox:stuck]` and `[sandbox:seconds=3]`.
    """

    error: str | None = None
    """The words of the failure, empty for the usual ones; None for none."""
    stuck: bool = False
    seconds: float | None = None


def wishes(prompt: str) -> Wishes:
    """Read the markers of a prompt; a marker with a value that makes no sense asks for nothing."""
    read = Wishes()
    for name, value in _MARKER.findall(prompt):
        if name == "fail":
            read = evolve(read, error=value.strip())
        elif name == "stuck":
            read = evolve(read, stuck=True)
        elif re.fullmatch(r"\s*[0-9]{1,9}(\.[0-9]{0,9})?\s*", value):
            read = evolve(read, seconds=float(value))
    return read


def derived(*parts: object) -> int:
    """Give a seed as Midjourney writes them, below 2**32, that depends on nothing but *parts*."""
    # A prompt may hold half a surrogate pair, which no strict encoding takes.
    return int.from_bytes(blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=4).digest())


@frozen(kw_only=True)
class Maker:
    """Makes what a request asks for, out of what its parent made."""

    asking: Asking
    parent: Made | None
    seed: int
    picture_at: Callable[[str], Scene]
    """Gives what a URL shows."""
    video_suffix: str

    def make(self) -> Made:
        """Make it."""
        maker: Callable[[Maker], Made] = _MAKERS[self.asking.action]
        return maker(self)

    def imagine(self) -> Made:
        """Four tiles of Midjourney's, or one picture of another model."""
        text, seed = drawn(self.asking.text("prompt")), self.seed
        asked_ratio = self.asking.text("aspect_ratio") or None
        if self.asking.model == MIDJOURNEY:
            ratio = ratio_of(text, asked_ratio)
            return self._grid((Imagined(prompt=text, seed=seed, ratio=ratio, tile=tile) for tile in TILES), prompt=text)
        ratio = ratio_of("", asked_ratio)
        url = self.asking.text("image_url")
        scene: Scene = Imagined(prompt=text, seed=seed, ratio=ratio)
        if url:
            scene = Edited(base=self.picture_at(url), prompt=text, seed=seed, ratio=ratio)
        factor = _FACTORS[self.asking.text("resolution")]
        if factor > 1:
            scene = Enhanced(base=scene, factor=factor)
        suffix = "jpg" if self.asking.text("output_format") == "jpg" else "png"
        return self._single(scene, name=f"0_0.{suffix}", prompt=text)

    def reroll(self) -> Made:
        """Four new tiles from the parent's prompt or a new one."""
        own = self.asking.text("prompt")
        text = drawn(own) if own else self._parent.prompt
        first = self._parent.pictures[0]
        ratio = ratio_of(text) if own or not isinstance(first, Imagined) else first.ratio
        tiles = (Imagined(prompt=text, seed=self.seed, ratio=ratio, tile=tile) for tile in TILES)
        return self._grid(tiles, prompt=text)

    def variations(self) -> Made:
        """Four variations of a tile, or strong or subtle ones of a picture."""
        strength = {"strong": STRONG, "subtle": SUBTLE}.get(self.asking.text("index"), POSITIONED)
        base = self._chosen()
        return self._grid(Varied(base=base, seed=derived(self.seed, tile), strength=strength) for tile in TILES)

    def upscale_1x(self) -> Made:
        """One tile, enlarged."""
        return self._single(
            Upscaled(base=self._chosen()), name=self._parent.names[self._place()], seed=self._parent.seed
        )

    def upscale_alt(self) -> Made:
        """The picture with subtle or creative detail."""
        creative = self.asking.text("type") == "creative"
        scene = Enhanced(base=self._chosen(), factor=2, creative=creative)
        return self._single(scene, name=self._parent.names[0], seed=self._parent.seed)

    def upscale_2x_4x(self) -> Made:
        """The picture, the tile or what is at a URL, enlarged."""
        factor = 4 if self.asking.text("type") == "4x" else 2
        url = self.asking.text("image_url")
        if url:
            return self._single(Enhanced(base=self.picture_at(url), factor=factor))
        name = self._parent.names[self._place()]
        return self._single(Enhanced(base=self._chosen(), factor=factor), name=name, seed=self._parent.seed)

    def pan(self) -> Made:
        """Four continuations of the picture on one side."""
        base, direction = self._chosen(), cast("Direction", self.asking.text("direction"))
        return self._grid(Panned(base=base, direction=direction, seed=self.seed, tile=tile) for tile in TILES)

    def inpaint(self) -> Made:
        """Four repaintings of the masked part."""
        base, mask = self._chosen(), self.asking.mask
        text = drawn(self.asking.text("prompt")) or None
        return self._grid(Inpainted(base=base, mask=mask, prompt=text, seed=self.seed, tile=tile) for tile in TILES)

    def outpaint(self) -> Made:
        """Four surroundings of the picture."""
        base, zoom = self._chosen(), float(self.asking.text("zoom_ratio"))
        return self._grid(Outpainted(base=base, zoom=zoom, seed=self.seed, tile=tile) for tile in TILES)

    def blend(self) -> Made:
        """Four blends of some pictures."""
        images, ratio = self.asking.texts("image_urls"), _DIMENSIONS[self.asking.text("dimension")]
        return self._grid(Blended(images=images, ratio=ratio, seed=self.seed, tile=tile) for tile in TILES)

    def describe(self) -> Made:
        """Four prompts for a picture."""
        url = self.asking.text("image_url")
        return Made(said={"image_url": url, "content": words.descriptions(self.picture_at(url), self.seed)})

    def shorten(self) -> Made:
        """Three shorter prompts and the weight of the words."""
        content, analysis = words.shortened(drawn(self.asking.text("prompt")))
        return Made(said={"content": content, "full_content": analysis})

    def ask_seed(self) -> Made:
        """The seed of the task."""
        return Made(said={"seed": str(self._parent.seed)})

    def faceswap(self) -> Made:
        """The one picture with the face of the other."""
        target, face = self.asking.text("target_image_url"), self.asking.text("swap_image_url")
        return self._single(Swapped(target=self.picture_at(target), face=self.picture_at(face)))

    def video(self) -> Made:
        """Four videos that set out from a picture, or go on from a video."""
        text, url = drawn(self.asking.text("prompt")), self.asking.text("image_url")
        motion = cast("Motion", self.asking.text("motion") or "low")
        how: Any = {"prompt": text, "seed": self.seed, "motion": motion}
        if url:
            start = self.picture_at(url)
            videos: tuple[Video, ...] = tuple(Clip(start=start, number=number, **how) for number in TILES)
        else:
            clip = self._parent.videos[self._place()]
            videos = tuple(Extended(clip=clip, number=number, **how) for number in TILES)
        names = tuple(f"0_{number - 1}{self.video_suffix}" for number in TILES)
        return Made(videos=videos, names=names, prompt=text, seed=self.seed)

    @property
    def _parent(self) -> Made:
        return self.parent if self.parent is not None else Made()

    def _place(self) -> int:
        index = self.asking.text("index")
        return int(index) - 1 if index.isdigit() else 0

    def _chosen(self) -> Scene:
        return self._parent.pictures[self._place()]

    def _grid(self, tiles: Iterable[Scene], *, prompt: str | None = None) -> Made:
        return Made(
            pictures=tuple(tiles),
            names=tuple(f"0_{tile - 1}.png" for tile in TILES),
            sheet="grid_0.png",
            prompt=self._parent.prompt if prompt is None else prompt,
            seed=self.seed,
        )

    def _single(
        self, scene: Scene, *, name: str = "0_0.png", prompt: str | None = None, seed: int | None = None
    ) -> Made:
        return Made(
            pictures=(scene,),
            names=(name,),
            prompt=self._parent.prompt if prompt is None else prompt,
            seed=self.seed if seed is None else seed,
        )


_MAKERS: Final[Mapping[str, Callable[[Maker], Made]]] = MappingProxyType(
    {
        "imagine": Maker.imagine,
        "reroll": Maker.reroll,
        "variations": Maker.variations,
        "upscale-1x": Maker.upscale_1x,
        "upscale-alt": Maker.upscale_alt,
        "upscale-2x-4x": Maker.upscale_2x_4x,
        "pan": Maker.pan,
        "inpaint": Maker.inpaint,
        "outpaint": Maker.outpaint,
        "blend": Maker.blend,
        "describe": Maker.describe,
        "shorten": Maker.shorten,
        "seed": Maker.ask_seed,
        "faceswap": Maker.faceswap,
        "imagine-video": Maker.video,
        "extend-video": Maker.video,
    }
)


def drawn(prompt: str) -> str:
    """Give the part of a prompt that is drawn: without its seed and the sandbox's markers."""
    return " ".join(_SEED.sub("", _MARKER.sub("", prompt)).split())


def seed_in(prompt: str) -> int | None:
    """Give the seed that a prompt asks for by `--seed N`."""
    found = _SEED.findall(prompt)
    return int(found[-1]) if found else None
