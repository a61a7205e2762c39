"""What a task is: its kind, which is the class of the result that it gives once finished.

A kind is a class and a result is a value of it, so one hierarchy serves three purposes: `Task[PanGrid]` for the type
checkers, `issubclass` for the rule table, and the value that `await task` returns.

Kinds that add no field inherit all that attrs makes of the class above them, and are not made anew: every start of a
client would wait for it, longer than for anything else here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from attrs import field

from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING: Mapping[str, object] = MappingProxyType({})


@frozen(kw_only=True)
class Result:
    """What a finished task gives; also the kind of a task of which nothing more is known."""

    label: ClassVar[str] = "a task of unknown kind"
    """How messages call a task of this kind."""
    fields: ClassVar[tuple[str, ...]] = ()
    """The fields of the service's reply without which there is no result of this kind."""
    also: ClassVar[tuple[str, ...]] = ()
    """The fields that a result of this kind may have."""

    task_id: str
    raw: Mapping[str, object] = field(default=_NOTHING, repr=False, eq=False)
    """The reply as the service gave it, with every field this package does not know."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs of the files to keep: four for a grid and for videos, one for a picture, none for text."""
        return ()


Kind: TypeAlias = type[Result]


@frozen(kw_only=True)
class Grid(Result):
    """Four pictures of Midjourney's and the 2x2 sheet that shows them together."""

    label = "a Midjourney grid"
    fields = ("original_image_url", "image_urls")

    original_image_url: str
    """The 2x2 sheet."""
    image_urls: tuple[str, ...]
    """The four tiles: top-left, top-right, bottom-left, bottom-right, which are index 1, 2, 3, 4."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The four tiles."""
        return self.image_urls


class ImagineGrid(Grid):
    """The grid of an imagine with model `midjourney`."""

    __slots__ = ()

    label = "an imagine grid"


class RerollGrid(Grid):
    """The grid of a reroll."""

    __slots__ = ()

    label = "a reroll grid"


class VariationGrid(Grid):
    """The grid of variations, positional, strong or subtle."""

    __slots__ = ()

    label = "a variation grid"


class PanGrid(Grid):
    """The grid of a pan."""

    __slots__ = ()

    label = "a pan grid"


class InpaintGrid(Grid):
    """The grid of an inpaint."""

    __slots__ = ()

    label = "an inpaint grid"


class OutpaintGrid(Grid):
    """The grid of an outpaint."""

    __slots__ = ()

    label = "an outpaint grid"


class BlendGrid(Grid):
    """The grid of a blend."""

    __slots__ = ()

    label = "a blend grid"


@frozen(kw_only=True)
class Picture(Result):
    """One picture: of a model other than Midjourney's, or of a faceswap."""

    label = "a picture not made by Midjourney"
    fields = ("image_url",)

    image_url: str

    @property
    def urls(self) -> tuple[str, ...]:
        """The one picture."""
        return (self.image_url,)


class MidjourneyPicture(Picture):
    """One picture of Midjourney's."""

    __slots__ = ()

    label = "a Midjourney picture"


class UpscaledPicture(MidjourneyPicture):
    """The picture of an upscale-1x: one tile picked out of a grid, and the gateway to every edit."""

    __slots__ = ()

    label = "an upscale-1x picture"


class EnlargedPicture(MidjourneyPicture):
    """The picture of an upscale-alt or an upscale-2x-4x."""

    __slots__ = ()

    label = "an upscale-alt or upscale-2x-4x picture"


@frozen(kw_only=True)
class Videos(Result):
    """Four short videos."""

    label = "a video task"
    fields = ("video_urls",)

    video_urls: tuple[str, ...]
    """The four videos, which are index 1, 2, 3, 4."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The four videos."""
        return self.video_urls


class ImagineVideos(Videos):
    """The four videos of an imagine-video."""

    __slots__ = ()

    label = "an imagine-video task"


class ExtendedVideos(Videos):
    """The four videos of an extend-video; each is a clip of its own, not joined to its parent."""

    __slots__ = ()

    label = "an extend-video task"


class Text(Result):
    """Text about a picture, a prompt or a task."""

    __slots__ = ()

    label = "a text task"


@frozen(kw_only=True)
class Description(Text):
    """The prompts that a describe found for a picture."""

    label = "a describe task"
    fields = ("content",)
    also = ("image_url",)

    content: tuple[str, ...]
    """Four prompts; entries start with a keycap emoji and may end in flags."""
    image_url: str | None = None
    """The described picture, as it was given."""


@frozen(kw_only=True)
class Shortening(Text):
    """The shorter prompts that a shorten found."""

    label = "a shorten task"
    fields = ("content",)
    also = ("full_content",)

    content: tuple[str, ...]
    full_content: str | None = None
    """An analysis of the weight of each word, in markdown."""


@frozen(kw_only=True)
class Seed(Text):
    """The seed number of a task. The endpoint is a sibling service's and unconfirmed."""

    label = "a seed task"
    fields = ("seed",)

    seed: str


_BY_TASK_TYPE: Mapping[str, Kind] = MappingProxyType(
    {
        "reroll": RerollGrid,
        "blend": BlendGrid,
        "inpaint": InpaintGrid,
        "upscale#1": UpscaledPicture,
        "upscale-1x": UpscaledPicture,
        "upscale-subtle": EnlargedPicture,
        "upscale-creative": EnlargedPicture,
        "upscale-2x": EnlargedPicture,
        "upscale-4x": EnlargedPicture,
        "faceswap": Picture,
        "imagine-video": ImagineVideos,
        "imagine-video-extend": ExtendedVideos,
        "describe": Description,
        "shorten": Shortening,
        "seed": Seed,
    }
)
_BY_PREFIX: tuple[tuple[str, Kind], ...] = (
    ("variation-", VariationGrid),
    ("pan-", PanGrid),
    ("outpaint", OutpaintGrid),
)
_BY_SHAPE: tuple[Kind, ...] = (Grid, Videos, Picture)


def kind_of(reply: Mapping[str, Any]) -> Kind:
    """Tell the kind of the task that *reply*, a task object of the service, describes; `Result` if it does not say."""
    task_type = reply.get("task_type")
    if isinstance(task_type, str):
        if task_type == "imagine":
            return _kind_of_imagine(reply)
        if task_type in _BY_TASK_TYPE:
            return _BY_TASK_TYPE[task_type]
        for prefix, kind in _BY_PREFIX:
            if task_type.startswith(prefix):
                return kind
    return next((kind for kind in _BY_SHAPE if all(name in reply for name in kind.fields)), Result)


def _kind_of_imagine(reply: Mapping[str, Any]) -> Kind:
    model = reply.get("model")
    if isinstance(model, str):
        return ImagineGrid if model == "midjourney" else Picture
    # Webhook bodies carry no model: the shape of the result decides.
    if "image_urls" in reply or "original_image_url" in reply:
        return ImagineGrid
    return Picture if "image_url" in reply else Result
