"""One value per mutating endpoint: what is asked, checked at birth, priced, and turned into the body that is sent.

An action does not know its parent: whether it may follow a task is the rule table's business (`rules.py`).
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias

import attrs
from attrs import field
from attrs.converters import optional as if_given

from journey_async.core import checks
from journey_async.core.models import MIDJOURNEY, MODELS, OFFERED_BY_SOME
from journey_async.errors import Fault, InvalidRequestError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from journey_async.values import frozen as _action
else:
    _action = partial(frozen, init=False)

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


# One is made for every call and lives as long as its task. So its `__dict__` holds what was given and nothing else:
# that is what is sent. The fields that were not given are found in the class.
@_action(kw_only=True, slots=False)
class Action:
    """One mutating call of the service. Making one raises `InvalidRequestError` that tells all of its faults."""

    name: ClassVar[str]
    """The service's name: `upscale-1x`."""
    path: ClassVar[str]
    """Where it is asked for, relative to the base URL: `/upscale-1x`."""
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

    _check_of: ClassVar[Checks]
    """The check of each field, in the order in which faults are told."""
    _converter_of: ClassVar[Mapping[str, Callable[[Any], object]]]
    """What turns what callers write into what is sent, for the fields that need it."""
    _usual: ClassVar[Mapping[str, object]]
    """What a required field is unless it is given, for those that may be left out."""

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        cls.path = f"/{cls.name}"
        fields = attrs.fields(cls)
        usual = {one.name: one.default for one in fields if one.default is not attrs.NOTHING}
        for name, value in usual.items():
            # What is not given is found here.
            setattr(cls, name, value)
        cls._usual = {name: value for name, value in usual.items() if name in cls.required}
        cls._converter_of = {one.name: one.converter for one in fields if one.converter is not None}
        cls._check_of = {**cls.required, **cls.optional, **_WEBHOOK, "extra": checks.extra(cls.documented())}

    if not TYPE_CHECKING:  # for whom it has the arguments that attrs would give it

        def __init__(self, **arguments: object) -> None:
            check_of, converter_of = self._check_of, self._converter_of
            if not arguments.keys() <= check_of.keys():
                raise self._called_wrongly(arguments)
            given = self.__dict__
            faults: list[Fault] = []
            for name, value in arguments.items():
                if value is not None:
                    given[name] = sent = converter_of[name](value) if name in converter_of else value
                    fault = check_of[name](name, sent)
                    if fault is not None:
                        faults.append(fault)
            if not given.keys() >= self.required.keys():
                given.update((name, usual) for name, usual in self._usual.items() if name not in arguments)
                missing = self.required.keys() - given.keys()
                if not missing <= arguments.keys():
                    raise self._called_wrongly(arguments)
                told = (check_of[name](name, None) for name in missing)
                faults += [fault for fault in told if fault is not None]
            between = self._faults_between_fields(given)
            if faults or between:
                raise self._refused(faults, between)
            if "extra" in given:
                given["extra"] = checks.as_own(given["extra"])

    def _called_wrongly(self, arguments: Mapping[str, object]) -> TypeError:
        what = f"{type(self).__name__}() "
        unknown = sorted(arguments.keys() - self._check_of.keys())
        if unknown:
            return TypeError(f"{what}takes no {', '.join(unknown)}")
        needed = self.required.keys() - self._usual.keys() - arguments.keys()
        return TypeError(f"{what}needs {', '.join(sorted(needed))}")

    def _refused(self, faults: list[Fault], between: Sequence[Fault]) -> InvalidRequestError:
        in_order = list(self._check_of)
        faults.sort(key=lambda fault: in_order.index(fault.argument))
        # What is not documented comes last.
        told = sorted((*faults, *between), key=lambda fault: fault.argument == "extra")
        return InvalidRequestError(self.name, told)

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
        return dict(self.asked(parent))

    def asked(self, parent: str | None) -> Mapping[str, object]:
        """Give the same to read only, which where nothing is added to the arguments is what the action holds."""
        body: dict[str, object] = self.__dict__
        if parent is not None and self.parent_field is not None:
            body = {**body, self.parent_field: parent}
        if self.extra is not None:
            body = {**body, **self.extra}
            del body["extra"]
        return body

    def _faults_between_fields(self, given: Mapping[str, object]) -> Sequence[Fault]:  # noqa: ARG002 - for overriders
        """Tell what is wrong between the arguments; *given* are those that are required or not None."""
        return ()


@_action(kw_only=True, slots=False)
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
        if model in _PICTURE_NEEDED and self.image_url is None:
            faults.append(Fault(argument="image_url", value=None, message=f"image_url is required by model {model}"))
        if not refused.isdisjoint(given):
            for name in sorted(refused.intersection(given)):
                takers = ", ".join(other.id for other in MODELS.values() if other.offers(name))
                message = f"model {model} takes no {name}: leave it out, or use one of {takers}"
                faults.append(Fault(argument=name, value=given[name], message=message))
        return faults


@_action(kw_only=True, slots=False)
class Reroll(Action):
    """Run the prompt of an imagine again, or a new prompt. https://journeyapi.co/docs/reroll."""

    name = "reroll"
    parent_field = "parent_task_id"
    optional = _checks(prompt=checks.prompt)

    prompt: str | None = None


@_action(kw_only=True, slots=False)
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


@_action(kw_only=True, slots=False)
class Upscale1x(Action):
    """Pick one tile of a grid: the gateway to every edit. https://journeyapi.co/docs/upscale-1x."""

    name = "upscale-1x"
    parent_field = "parent_task_id"
    price = 2
    required = _checks(index=checks.index)

    index: str = field(converter=checks.as_index)


@_action(kw_only=True, slots=False)
class UpscaleAlt(Action):
    """Enlarge an upscale-1x picture with subtle or creative detail. https://journeyapi.co/docs/upscale-alt."""

    name = "upscale-alt"
    parent_field = "parent_task_id"
    required = _checks(type=checks.one_of(("subtle", "creative")))

    type: str


@_action(kw_only=True, slots=False)
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


@_action(kw_only=True, slots=False)
class Pan(Action):
    """Extend an upscale-1x picture on one side. https://journeyapi.co/docs/pan."""

    name = "pan"
    parent_field = "parent_task_id"
    required = _checks(direction=checks.one_of(("up", "down", "left", "right")))

    direction: str


@_action(kw_only=True, slots=False)
class Inpaint(Action):
    """Repaint the white region of a mask. Its page could not be read: fields and price are the sibling service's."""

    name = "inpaint"
    parent_field = "parent_task_id"
    required = _checks(mask=checks.mask)
    optional = _checks(prompt=checks.prompt)

    mask: str = field(converter=checks.as_data_uri, repr=False)
    prompt: str | None = None


@_action(kw_only=True, slots=False)
class Outpaint(Action):
    """Extend an upscale-1x picture on all sides. Its page could not be read: fields and price are the sibling's."""

    name = "outpaint"
    parent_field = "parent_task_id"
    required = _checks(zoom_ratio=checks.zoom_ratio)
    optional = _checks(aspect_ratio=checks.aspect_ratio, prompt=checks.prompt)

    zoom_ratio: str = field(converter=checks.as_decimal)
    aspect_ratio: str | None = None
    prompt: str | None = None


@_action(kw_only=True, slots=False)
class Blend(Action):
    """Blend two to five pictures into a grid. https://journeyapi.co/docs/blend."""

    name = "blend"
    required = _checks(image_urls=checks.urls)
    optional = _checks(dimension=checks.one_of(("square", "portrait", "landscape")))

    image_urls: tuple[str, ...] = field(converter=checks.as_tuple)
    dimension: str | None = None


@_action(kw_only=True, slots=False)
class Describe(Action):
    """Find four prompts for a picture. https://journeyapi.co/docs/describe."""

    name = "describe"
    price = 2
    required = _checks(image_url=checks.url)

    image_url: str


@_action(kw_only=True, slots=False)
class Shorten(Action):
    """Find shorter prompts and the weight of each word. https://journeyapi.co/docs/shorten."""

    name = "shorten"
    price = 2
    required = _checks(prompt=checks.prompt)

    prompt: str


@_action(kw_only=True, slots=False)
class AskSeed(Action):
    """Ask for the seed number of a task. Unconfirmed: only the sibling service documents this endpoint."""

    name = "seed"
    parent_field = "task_id"
    price = 2


@_action(kw_only=True, slots=False)
class Faceswap(Action):
    """Put the face of one picture into another. https://journeyapi.co/docs/faceswap."""

    name = "faceswap"
    price = 2
    required = _checks(target_image_url=checks.url, swap_image_url=checks.url)

    target_image_url: str
    swap_image_url: str


@_action(kw_only=True, slots=False)
class ImagineVideo(Action):
    """Make four videos from a prompt and a start frame. https://journeyapi.co/docs/imagine-video."""

    name = "imagine-video"
    price = 8
    required = _checks(prompt=checks.prompt, image_url=checks.url)
    optional = _checks(motion=checks.one_of(("low", "high")))

    prompt: str
    image_url: str
    motion: str | None = None


@_action(kw_only=True, slots=False)
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
