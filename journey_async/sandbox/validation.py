"""Reads what a request asks for, and says everything that is wrong with it at once.

This is the service's side: it goes by the raw JSON and not by the client's actions. Both share the checks of single
values, so a value that one accepts is accepted by the other.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from attrs import field, frozen

from journey_async.core import checks
from journey_async.core.actions import ACTIONS
from journey_async.core.models import MIDJOURNEY, MODELS, OFFERED_BY_SOME
from journey_async.core.rules import RULES
from journey_async.sandbox import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from journey_async.core.rules import Rule
    from journey_async.errors import Fault

Body: TypeAlias = "Mapping[str, object]"


@frozen
class Field:
    """One documented field of an endpoint."""

    name: str
    check: checks.Check
    bad: str
    """What is said of a value that the check refuses."""
    missing: str | None = None
    """What is said when the field is absent; None where it may be."""
    read: Callable[[object], object] = field(default=lambda value: value, kw_only=True)
    """Turns the JSON value into the one to check: numbers into text where the service would take them."""


@frozen(kw_only=True)
class Asking:
    """What one request to a mutating endpoint asks for."""

    action: str
    fields: Body = field(repr=False)
    """The values that are right; undocumented fields and nulls are left out."""
    messages: tuple[str, ...] = ()
    """What is wrong, the parent aside."""

    @property
    def rule(self) -> Rule | None:
        """The row of the rule table that holds; None when a wrong index leaves that open."""
        match self.action:
            case "imagine" if self.text("model") != MIDJOURNEY:
                return RULES["imagine with another model"]
            case "variations" if not self.text("index"):
                return None
            case "variations" if self.text("index") in checks.STRENGTHS:
                return RULES["variations strong or subtle"]
            case "upscale-2x-4x" if "image_url" in self.fields:
                return RULES["upscale-2x-4x of a URL"]
            case "upscale-2x-4x" if "index" in self.fields:
                return RULES["upscale-2x-4x of a tile"]
            case _:
                return RULES[self.action]

    @property
    def parent(self) -> str | None:
        """The task id given as parent."""
        parent_field = ACTIONS[self.action].parent_field
        return None if parent_field is None else self.text(parent_field) or None

    @property
    def credits(self) -> int:
        """What the action costs when it is accepted."""
        return MODELS[self.model].credits if self.action == "imagine" else ACTIONS[self.action].price

    @property
    def model(self) -> str:
        """The image model, as /fetch names it."""
        # No page says what /fetch names as model of a faceswap, only that it is a model of its own.
        return {"imagine": self.text("model"), "faceswap": "faceswap"}.get(self.action, MIDJOURNEY)

    @property
    def synchronous(self) -> bool:
        """Whether the reply is the finished task."""
        return self.action == "imagine" and MODELS[self.model].mode == "sync"

    @property
    def wording(self) -> tuple[tuple[str, object], ...]:
        """The documented fields that are given, parent and webhook aside."""
        return tuple(
            (asked.name, self.fields[asked.name]) for asked in FIELDS[self.action] if asked.name in self.fields
        )

    @property
    def mask(self) -> bytes:
        """The bytes of the mask, none where there is no mask."""
        return checks.picture_in(self.fields.get("mask")) or b""

    def text(self, name: str) -> str:
        """Give a field's text, empty where there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a field's list of texts, empty where there is none."""
        value = self.fields.get(name)
        return cast("tuple[str, ...]", value) if isinstance(value, tuple) else ()


def _decimal(value: object) -> object:
    try:
        return checks.as_decimal(cast("float | str", value))
    except OverflowError:
        return value


def _mask(value: object) -> object:
    return checks.as_data_uri(value) if isinstance(value, str) else value


def _list(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _index(value: object) -> object:
    return checks.as_index(cast("int | str", value))


def _id(argument: str, value: object) -> Fault | None:
    return checks.text(argument)(argument, value)


def _one_of(name: str, *allowed: str, needed: bool = False) -> Field:
    bad = messages.ONE_OF.format(field=name, allowed=messages.listed(allowed))
    return Field(name, checks.one_of(allowed), bad, messages.REQUIRED.format(field=name) if needed else None)


def _url(name: str, *, needed: bool = False) -> Field:
    missing = messages.REQUIRED.format(field=name) if needed else None
    return Field(name, checks.url, messages.BAD_URL.format(field=name), missing)


_PROMPT = Field("prompt", checks.prompt, checks.PROMPT_REQUIRED, checks.PROMPT_REQUIRED)
_PROMPT_OR_NONE = Field("prompt", checks.prompt, messages.NOT_BLANK.format(field="prompt"))
_RATIO = Field("aspect_ratio", checks.aspect_ratio, checks.BAD_RATIO)
_INDEX = Field("index", checks.index, checks.BAD_INDEX, checks.BAD_INDEX, read=_index)
_MOTION = _one_of("motion", "low", "high")
_WEBHOOK = (
    Field("webhook_url", checks.webhook_url, messages.BAD_WEBHOOK),
    Field("webhook_secret", checks.webhook_secret, messages.BAD_HEADER),
)

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = MappingProxyType(
    {
        "imagine": (
            _PROMPT,
            Field("model", checks.one_of(MODELS), messages.UNKNOWN_MODEL),
            _RATIO,
            _one_of("output_format", "png", "jpg"),
            _one_of("resolution", "1K", "2K", "4K"),
            _url("image_url"),
            Field("negative_prompt", checks.negative_prompt, messages.NEGATIVE_PROMPT),
        ),
        "reroll": (_PROMPT_OR_NONE,),
        "variations": (Field("index", checks.index_or_strength, checks.BAD_INDEX, checks.BAD_INDEX, read=_index),),
        "upscale-1x": (_INDEX,),
        "upscale-alt": (_one_of("type", "subtle", "creative", needed=True),),
        "upscale-2x-4x": (
            _one_of("type", "2x", "4x", needed=True),
            Field("index", checks.index, checks.BAD_INDEX, read=_index),
            _url("image_url"),
        ),
        "pan": (_one_of("direction", "up", "down", "left", "right", needed=True),),
        "inpaint": (
            Field("mask", checks.mask, messages.BAD_MASK, messages.REQUIRED.format(field="mask"), read=_mask),
            _PROMPT_OR_NONE,
        ),
        "outpaint": (
            Field("zoom_ratio", checks.zoom_ratio, messages.BAD_ZOOM, messages.BAD_ZOOM, read=_decimal),
            _RATIO,
            _PROMPT_OR_NONE,
        ),
        "blend": (
            Field("image_urls", checks.urls, checks.BAD_IMAGE_URLS, checks.BAD_IMAGE_URLS, read=_list),
            _one_of("dimension", "square", "portrait", "landscape"),
        ),
        "describe": (_url("image_url", needed=True),),
        "shorten": (_PROMPT,),
        "seed": (),
        "faceswap": (_url("target_image_url", needed=True), _url("swap_image_url", needed=True)),
        "imagine-video": (_PROMPT, _url("image_url", needed=True), _MOTION),
        "extend-video": (_INDEX, _PROMPT, _url("image_url"), _MOTION),
    }
)
"""The documented fields of every mutating endpoint, parent and webhook aside."""

_FETCH = Field("task_id", _id, messages.REQUIRED.format(field="task_id"), messages.REQUIRED.format(field="task_id"))
_FETCH_MANY = Field("task_ids", checks.task_ids, checks.BAD_TASK_IDS, checks.BAD_TASK_IDS, read=_list)
FREE_FIELDS: Final[Mapping[str, Field]] = MappingProxyType({"fetch": _FETCH, "fetch-many": _FETCH_MANY})
"""The one field of the endpoints that ask how tasks are doing."""


def read_object(content_type: str, body: bytes) -> Body | str:
    """Read a request's body; a text says why it cannot be."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return messages.NOT_JSON_TYPE
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return messages.NOT_JSON
    return cast("Body", value) if isinstance(value, dict) else messages.NOT_AN_OBJECT


def read_asking(action: str, body: Body) -> Asking:
    """Read what a request to the mutating endpoint *action* asks for."""
    values, said = _checked((*_parent_of(action), *FIELDS[action], *_WEBHOOK), body)
    if action == "imagine":
        # A model that is given but wrong stays away: what that model takes is then not known.
        if body.get("model") is None:
            values["model"] = MIDJOURNEY
        said += _not_for_the_model(values, body)
    if action == "upscale-2x-4x":
        said += _not_one_source(body)
    return Asking(action=action, fields=MappingProxyType(values), messages=tuple(said))


def read_ids(endpoint: str, body: Body) -> tuple[str, ...] | str:
    """Read the task ids that a request to a free endpoint asks about; a text says what is wrong."""
    asked = FREE_FIELDS[endpoint]
    values, said = _checked((asked,), body)
    if said:
        return said[0]
    value = values[asked.name]
    return cast("tuple[str, ...]", value) if isinstance(value, tuple) else (str(value),)


def _parent_of(action: str) -> Iterator[Field]:
    name = ACTIONS[action].parent_field
    if name is not None:
        required = checks.PARENT_REQUIRED if name == "parent_task_id" else messages.REQUIRED.format(field=name)
        yield Field(name, _id, required, None if action == "upscale-2x-4x" else required)


def _checked(documented: tuple[Field, ...], body: Body) -> tuple[dict[str, object], list[str]]:
    """Give the values that are right, and what is wrong with the others; null is read as absent."""
    values: dict[str, object] = {}
    said: list[str] = []
    for asked in documented:
        given = body.get(asked.name)
        if given is None:
            said += [] if asked.missing is None else [asked.missing]
            continue
        value = asked.read(given)
        if asked.check(asked.name, value) is None:
            values[asked.name] = value
        else:
            said.append(asked.bad)
    return values, said


def _not_for_the_model(values: Body, body: Body) -> Iterator[str]:
    model = MODELS.get(str(values.get("model")))
    if model is None:
        return
    if model.image_url == "required" and body.get("image_url") is None:
        yield messages.REQUIRED.format(field="image_url")
    for name in OFFERED_BY_SOME:
        if body.get(name) is not None and not model.offers(name):
            yield messages.NOT_OFFERED.format(field=name, model=model.id)


def _not_one_source(body: Body) -> Iterator[str]:
    by_url = body.get("image_url") is not None
    if by_url == (body.get("parent_task_id") is not None):
        yield messages.PARENT_OR_URL
    if by_url and body.get("index") is not None:
        yield messages.INDEX_WITHOUT_GRID
