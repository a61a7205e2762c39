"""One value per mutating endpoint: what is asked, checked at birth, priced, and turned into the body that is sent.

An action does not know its parent: whether it may follow a task is the rule table's business (`rules.py`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias

from attrs import field
from attrs.converters import optional as if_given

from journey_async.core import checks
from journey_async.core.models import MIDJOURNEY, MODELS, OFFERED_BY_SOME
from journey_async.errors import Fault, InvalidRequestError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Index: TypeAlias = Literal[1, 2, 3, 4, "1", "2", "3", "4"]
Strength: TypeAlias = Literal["strong", "subtle"]
Direction: TypeAlias = Literal["up", "down", "left", "right"]
AspectRatio: TypeAlias = Literal["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"]
OutputFormat: TypeAlias = Literal["png", "jpg"]
Resolution: TypeAlias = Literal["1K", "2K", "4K"]
Dimension: TypeAlias = Literal["square", "portrait", "landscape"]
Motion: TypeAlias = Literal["low", "high"]

Checks: TypeAlias = "Mapping[str, checks.Check]"


def _checks(**by_field: checks.Check) -> Checks:
    return MappingProxyType(by_field)


_NONE: Final = _checks()
_WEBHOOK: Final = _checks(webhook_url=checks.webhook_url, webhook_secret=checks.webhook_secret)
_NOT_OFFERED: Final = {
    model.id: frozenset(name for name in OFFERED_BY_SOME if not model.offers(name)) for model in MODELS.values()
}
"""The fields that each model of `/imagine` does not take."""
_PICTURE_NEEDED: Final = frozenset(model.id for model in MODELS.values() if model.image_url == "required")


# Without slots: one is made for every call, and a frozen value without slots is made in a third of the time.
@frozen(kw_only=True, slots=False)
class Action:
    """One mutating call of the service. Making one raises `InvalidRequestError` that tells all of its faults."""

    name: ClassVar[str]
    """The service's name, which is also the last part of its path: `upscale-1x`."""
    parent_field: ClassVar[str | None] = None
    """The field that carries the parent's task id; None where the endpoint takes no parent."""
    instead_of_parent: ClassVar[str | None] = None
    """The field that may be given in place of a parent."""
    price: ClassVar[int] = 4
    required: ClassVar[Checks] = _NONE
    """The fields that must be given, parent aside, each with the check of its value."""
    optional: ClassVar[Checks] = _NONE
    """The fields that may be None, webhook aside, each with the check of its value."""

    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    extra: Mapping[str, object] | None = None
    """Undocumented fields, sent as they are."""
    # `_given` too is in the `__dict__`: the fields but *extra* that are not None. It is none of those of attrs.

    _check_of: ClassVar[Checks]
    """The check of each field, in the order in which faults are told."""

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        cls._check_of = {**cls.required, **cls.optional, **_WEBHOOK, "extra": checks.extra(cls.documented())}

    def __attrs_post_init__(self) -> None:
        given: dict[str, object] = {}
        faults: list[Fault] = []
        fields, check_of = self.__dict__, self._check_of
        for name, value in fields.items():
            if value is not None:
                given[name] = value
                fault = check_of[name](name, value)
                if fault is not None:
                    faults.append(fault)
        for name in self.required:
            if name not in given:
                fault = check_of[name](name, None)
                if fault is not None:
                    faults.append(fault)
        between = self._faults_between_fields(given)
        extra = given.pop("extra", None)
        if extra is not None:
            fields["extra"] = checks.as_own(extra)
        fields["_given"] = given
        if faults or between:
            in_order = list(check_of)
            faults.sort(key=lambda fault: in_order.index(fault.argument))
            # What is not documented comes last.
            faults = sorted((*faults, *between), key=lambda fault: fault.argument == "extra")
            raise InvalidRequestError(self.name, faults)

    @classmethod
    def documented(cls) -> frozenset[str]:
        """Give all field names that the endpoint documents."""
        parent = () if cls.parent_field is None else (cls.parent_field,)
        return frozenset((*cls.required, *cls.optional, *_WEBHOOK, *parent))

    @property
    def credits(self) -> int:
        """What the action costs when it is accepted."""
        return self.price

    @property
    def rule_name(self) -> str:
        """Which row of the rule table holds for this action with these arguments."""
        return self.name

    def body(self, parent: str | None = None) -> dict[str, object]:
        """Give the JSON body that asks for this action, to follow the task *parent*."""
        body: dict[str, object] = dict(self.__dict__["_given"])
        if parent is not None and self.parent_field is not None:
            body[self.parent_field] = parent
        if self.extra is not None:
            body.update(self.extra)
        return body

    def _faults_between_fields(self, given: Mapping[str, object]) -> Sequence[Fault]:  # noqa: ARG002 - for overriders
        """Tell what is wrong between the arguments; *given* are those that are required or not None."""
        return ()


@frozen(kw_only=True, slots=False)
class Imagine(Action):
    """Make a picture, or with Midjourney a grid of four, from a prompt. https://journeyapi.co/docs/imagine."""

    name = "imagine"
    required = _checks(prompt=checks.prompt, model=checks.one_of(MODELS))
    optional = _checks(
        aspect_ratio=checks.aspect_ratio,
        output_format=checks.one_of(("png", "jpg")),
        resolution=checks.one_of(("1K", "2K", "4K")),
        image_url=checks.url,
        negative_prompt=checks.negative_prompt,
    )

    prompt: str
    model: str = MIDJOURNEY
    aspect_ratio: str | None = None
    output_format: str | None = None
    resolution: str | None = None
    image_url: str | None = None
    negative_prompt: str | None = None

    @property
    def credits(self) -> int:
        """1 to 8 by model."""
        return MODELS[self.model].credits

    @property
    def rule_name(self) -> str:
        """A grid of Midjourney's and a picture of another model are two rules."""
        return self.name if self.model == MIDJOURNEY else "imagine with another model"

    def _faults_between_fields(self, given: Mapping[str, object]) -> Sequence[Fault]:
        model = given.get("model")
        refused = _NOT_OFFERED.get(model) if isinstance(model, str) else None
        if refused is None:
            return ()
        faults: list[Fault] = []
        if self.image_url is None and model in _PICTURE_NEEDED:
            faults.append(Fault(argument="image_url", value=None, message=f"image_url is required by model {model}"))
        if not refused.isdisjoint(given):
            for name in sorted(refused.intersection(given)):
                takers = ", ".join(other.id for other in MODELS.values() if other.offers(name))
                message = f"model {model} takes no {name}: leave it out, or use one of {takers}"
                faults.append(Fault(argument=name, value=given[name], message=message))
        return faults


@frozen(kw_only=True, slots=False)
class Reroll(Action):
    """Run the prompt of an imagine again, or a new prompt. https://journeyapi.co/docs/reroll."""

    name = "reroll"
    parent_field = "parent_task_id"
    optional = _checks(prompt=checks.prompt)

    prompt: str | None = None


@frozen(kw_only=True, slots=False)
class Variations(Action):
    """Vary a tile of a grid, or an upscale-1x picture strongly or subtly. https://journeyapi.co/docs/variations."""

    name = "variations"
    parent_field = "parent_task_id"
    required = _checks(index=checks.index_or_strength)

    index: str = field(converter=checks.as_index)

    @property
    def rule_name(self) -> str:
        """A position varies a grid's tile; strong and subtle vary an upscale-1x picture."""
        return "variations strong or subtle" if self.index in checks.STRENGTHS else self.name


@frozen(kw_only=True, slots=False)
class Upscale1x(Action):
    """Pick one tile of a grid: the gateway to every edit. https://journeyapi.co/docs/upscale-1x."""

    name = "upscale-1x"
    parent_field = "parent_task_id"
    price = 2
    required = _checks(index=checks.index)

    index: str = field(converter=checks.as_index)


@frozen(kw_only=True, slots=False)
class UpscaleAlt(Action):
    """Enlarge an upscale-1x picture with subtle or creative detail. https://journeyapi.co/docs/upscale-alt."""

    name = "upscale-alt"
    parent_field = "parent_task_id"
    required = _checks(type=checks.one_of(("subtle", "creative")))

    type: str


@frozen(kw_only=True, slots=False)
class Upscale2x4x(Action):
    """Enlarge a picture of Midjourney's, a tile, or any public picture. https://journeyapi.co/docs/upscale-2x-4x."""

    name = "upscale-2x-4x"
    parent_field = "parent_task_id"
    instead_of_parent = "image_url"
    price = 2
    required = _checks(type=checks.one_of(("2x", "4x")))
    optional = _checks(index=checks.index, image_url=checks.url)

    type: str
    index: str | None = field(default=None, converter=if_given(checks.as_index))
    image_url: str | None = None

    @property
    def rule_name(self) -> str:
        """A tile of a grid, a single picture and a picture at a URL are three rules."""
        if self.image_url is not None:
            return "upscale-2x-4x of a URL"
        return self.name if self.index is None else "upscale-2x-4x of a tile"

    def _faults_between_fields(self, given: Mapping[str, object]) -> Sequence[Fault]:
        if "image_url" not in given or "index" not in given:
            return ()
        message = "index belongs to a parent that is a grid: leave it out with image_url"
        return [Fault(argument="index", value=self.index, message=message)]


@frozen(kw_only=True, slots=False)
class Pan(Action):
    """Extend an upscale-1x picture on one side. https://journeyapi.co/docs/pan."""

    name = "pan"
    parent_field = "parent_task_id"
    required = _checks(direction=checks.one_of(("up", "down", "left", "right")))

    direction: str


@frozen(kw_only=True, slots=False)
class Inpaint(Action):
    """Repaint the white region of a mask. Its page could not be read: fields and price are the sibling service's."""

    name = "inpaint"
    parent_field = "parent_task_id"
    required = _checks(mask=checks.mask)
    optional = _checks(prompt=checks.prompt)

    mask: str = field(converter=checks.as_data_uri, repr=False)
    prompt: str | None = None


@frozen(kw_only=True, slots=False)
class Outpaint(Action):
    """Extend an upscale-1x picture on all sides. Its page could not be read: fields and price are the sibling's."""

    name = "outpaint"
    parent_field = "parent_task_id"
    required = _checks(zoom_ratio=checks.zoom_ratio)
    optional = _checks(aspect_ratio=checks.aspect_ratio, prompt=checks.prompt)

    zoom_ratio: str = field(converter=checks.as_decimal)
    aspect_ratio: str | None = None
    prompt: str | None = None


@frozen(kw_only=True, slots=False)
class Blend(Action):
    """Blend two to five pictures into a grid. https://journeyapi.co/docs/blend."""

    name = "blend"
    required = _checks(image_urls=checks.urls)
    optional = _checks(dimension=checks.one_of(("square", "portrait", "landscape")))

    image_urls: tuple[str, ...] = field(converter=checks.as_tuple)
    dimension: str | None = None


@frozen(kw_only=True, slots=False)
class Describe(Action):
    """Find four prompts for a picture. https://journeyapi.co/docs/describe."""

    name = "describe"
    price = 2
    required = _checks(image_url=checks.url)

    image_url: str


@frozen(kw_only=True, slots=False)
class Shorten(Action):
    """Find shorter prompts and the weight of each word. https://journeyapi.co/docs/shorten."""

    name = "shorten"
    price = 2
    required = _checks(prompt=checks.prompt)

    prompt: str


@frozen(kw_only=True, slots=False)
class AskSeed(Action):
    """Ask for the seed number of a task. Unconfirmed: only the sibling service documents this endpoint."""

    name = "seed"
    parent_field = "task_id"
    price = 2


@frozen(kw_only=True, slots=False)
class Faceswap(Action):
    """Put the face of one picture into another. https://journeyapi.co/docs/faceswap."""

    name = "faceswap"
    price = 2
    required = _checks(target_image_url=checks.url, swap_image_url=checks.url)

    target_image_url: str
    swap_image_url: str


@frozen(kw_only=True, slots=False)
class ImagineVideo(Action):
    """Make four videos from a prompt and a start frame. https://journeyapi.co/docs/imagine-video."""

    name = "imagine-video"
    price = 8
    required = _checks(prompt=checks.prompt, image_url=checks.url)
    optional = _checks(motion=checks.one_of(("low", "high")))

    prompt: str
    image_url: str
    motion: str | None = None


@frozen(kw_only=True, slots=False)
class ExtendVideo(Action):
    """Go on from the last frame of one of four videos. https://journeyapi.co/docs/extend-video."""

    name = "extend-video"
    parent_field = "parent_task_id"
    price = 8
    required = _checks(index=checks.index, prompt=checks.prompt)
    optional = _checks(image_url=checks.url, motion=checks.one_of(("low", "high")))

    index: str = field(converter=checks.as_index)
    prompt: str
    image_url: str | None = None
    motion: str | None = None


ACTIONS: Final[Mapping[str, type[Action]]] = MappingProxyType(
    {
        action.name: action
        for action in (
            Imagine,
            Reroll,
            Variations,
            Upscale1x,
            UpscaleAlt,
            Upscale2x4x,
            Pan,
            Inpaint,
            Outpaint,
            Blend,
            Describe,
            Shorten,
            AskSeed,
            Faceswap,
            ImagineVideo,
            ExtendVideo,
        )
    }
)
"""Every action by the service's name."""
