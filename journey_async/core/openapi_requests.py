"""What may be asked, as JSON schemas: the body of each mutating endpoint, made from the tables of actions and models.

A schema says what is sent. Where two pages disagree, or none could be read, `x-unconfirmed` says why a field is not
certain. Fields that are not described here are passed on to the service, and may be ignored by it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, get_args

from attrs import NOTHING, fields_dict

from journey_async.core import actions, checks
from journey_async.core.models import MIDJOURNEY, MODELS, OFFERED_BY_SOME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_async.core.actions import Action

Schema: TypeAlias = dict[str, object]

UNREAD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "inpaint": "The page of this endpoint could not be read: its fields and price are the sibling service's.",
        "outpaint": "The page of this endpoint could not be read: its fields and price are the sibling service's.",
        "seed": "No page of JourneyAPI names this endpoint: it is described as the sibling service has it.",
    }
)
"""The endpoints whose own page could not be read, and what that means."""

# Patterns are ECMA-262, as JSON Schema has them: `$` is the end of the text and of nothing else.
_NOT_BLANK: Final = r"\S"
_HTTP: Final = "[Hh][Tt][Tt][Pp]"
_VISIBLE: Final = r"[^\x00-\x20\x7f]"
_IN_HOST: Final = r"[^/?#\x00-\x20\x7f]"
_REST: Final = f"([/?#]{_VISIBLE}*)?$"
_URL: Final = f"^{_HTTP}[Ss]?://{_IN_HOST}+{_REST}"
_THIS_MACHINE: Final = r"([Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]|127(\.[0-9]{1,3}){3}|\[::1\])"
_WEBHOOK_URL: Final = f"^({_HTTP}[Ss]://{_IN_HOST}+|{_HTTP}://({_IN_HOST}*@)?{_THIS_MACHINE}(:[0-9]*)?){_REST}"
_ECHOED: Final = r"[^\x00-\x1f\x7f]"
_SECRET: Final = rf"^[^\s\x00-\x1f\x7f]({_ECHOED}*[^\s\x00-\x1f\x7f])?$"
_ZOOM: Final = r"^0*(1(\.[0-9]+)?|2(\.0+)?)$"
_MASK: Final = (
    "^[Dd][Aa][Tt][Aa]:[Ii][Mm][Aa][Gg][Ee]/([Pp][Nn][Gg]|[Jj][Pp][Ee]?[Gg]|[Ww][Ee][Bb][Pp]);[Bb][Aa][Ss][Ee]64,"
)
_POSITIONS: Final = "1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right"


def _text(description: str, **more: object) -> Schema:
    return {"type": "string", "description": description, **more}


def _one_of(allowed: tuple[str, ...], description: str, **more: object) -> Schema:
    return {"type": "string", "enum": list(allowed), "description": description, **more}


def _url(description: str, **more: object) -> Schema:
    return _text(f"{description}: an http or https URL that the service can reach.", format="uri", pattern=_URL, **more)


def _prompt(description: str, **more: object) -> Schema:
    return _text(description, pattern=_NOT_BLANK, **more)


def task_id(description: str) -> Schema:
    """Give the schema of an id; samples contain letters behind f, so it is no UUID to be relied on."""
    return _text(description, pattern=_NOT_BLANK, examples=["550e8400-e29b-41d4-a716-446655440000"])


_FIELDS: Final[Mapping[str, Schema]] = MappingProxyType(
    {
        "prompt": _prompt("What is wanted, in words.", examples=["a majestic elk in a misty forest"]),
        "model": _one_of(tuple(MODELS), "The image model.", default=MIDJOURNEY),
        "aspect_ratio": _one_of(checks.RATIOS, "Width to height.", default=checks.RATIOS[0]),
        "output_format": _one_of(get_args(actions.OutputFormat), "The file format."),
        "resolution": _one_of(get_args(actions.Resolution), "How large the picture is."),
        "image_url": _url("A picture", examples=["https://example.com/photo.jpg"]),
        "negative_prompt": _text("What is not wanted.", maxLength=checks.NEGATIVE_PROMPT_LIMIT),
        "index": _one_of(checks.INDEXES, f"A position in the grid: {_POSITIONS}."),
        "direction": _one_of(get_args(actions.Direction), "The side on which new content appears."),
        "mask": _text(
            "A PNG, JPEG or WebP picture as a data URI, of the size of the parent's picture: white is repainted, black "
            f"is kept. At most {checks.MASK_LIMIT} bytes when decoded.",
            pattern=_MASK,
            examples=["data:image/png;base64,iVBORw0KGgo="],
        ),
        "zoom_ratio": _text(
            "A decimal number from 1 to 2: 1 makes the picture square, 1.5 and 2 zoom out.",
            pattern=_ZOOM,
            examples=["1", "1.5", "2"],
        ),
        "image_urls": {
            "type": "array",
            "items": _url("A picture", examples=["https://example.com/photo1.jpg", "https://example.com/photo2.jpg"]),
            "minItems": checks.BLEND_IMAGES.start,
            "maxItems": checks.BLEND_IMAGES.stop - 1,
            "description": "The pictures to be blended.",
        },
        "dimension": _one_of(get_args(actions.Dimension), "The shape of the pictures.", default="square"),
        "target_image_url": _url("The picture whose most prominent face is replaced"),
        "swap_image_url": _url("The picture that gives the face"),
        "motion": _one_of(get_args(actions.Motion), "How much moves.", default="low"),
        "webhook_url": _text(
            "Where to the service posts the task when it has finished or failed: an https URL that answers 2xx within "
            "10 seconds. Only the sandbox takes http too, on the machine it runs on.",
            format="uri",
            pattern=_WEBHOOK_URL,
            examples=["https://your-server.com/webhook"],
        ),
        "webhook_secret": _text(
            "Comes back, letter for letter, in the header x-webhook-secret of the delivery.",
            pattern=_SECRET,
            format="password",
        ),
    }
)
"""Every documented field by its name, parents aside."""

_OF_ONE_ENDPOINT: Final[Mapping[tuple[str, str], Schema]] = MappingProxyType(
    {
        ("imagine", "prompt"): _prompt(
            "What is wanted, in words. Midjourney reads flags at its end; an --ar among them wins over aspect_ratio.",
            examples=["a majestic elk in a misty forest --ar 16:9"],
        ),
        ("imagine", "negative_prompt"): _text(
            "What is not wanted.",
            maxLength=checks.NEGATIVE_PROMPT_LIMIT,
            **{"x-unconfirmed": "Only the pages of the models have it: the table of the imagine page is cut off."},
        ),
        ("imagine", "image_url"): _url(
            "The picture to work on",
            **{
                "x-unconfirmed": "The list of models that take one is cut off, and two pages disagree about grok-image."
            },
        ),
        ("imagine", "resolution"): _one_of(
            get_args(actions.Resolution),
            "How large the picture is.",
            **{"x-unconfirmed": "The pages disagree about the models that take it."},
        ),
        ("reroll", "prompt"): _prompt("A new prompt instead of the parent's."),
        ("inpaint", "prompt"): _prompt("A new prompt instead of the parent's."),
        ("outpaint", "prompt"): _prompt("A new prompt instead of the parent's."),
        ("variations", "index"): _one_of(
            (*checks.INDEXES, *checks.STRENGTHS),
            f"A position in a grid: {_POSITIONS}. Or strong or subtle, for an upscale-1x picture.",
        ),
        ("upscale-alt", "type"): _one_of(("subtle", "creative"), "How much detail is added."),
        ("upscale-2x-4x", "type"): _one_of(("2x", "4x"), "How much larger the picture becomes."),
        ("upscale-2x-4x", "index"): _one_of(
            checks.INDEXES,
            f"Which tile, when the parent is a grid: {_POSITIONS}. To be left out with any other parent.",
            **{"x-unconfirmed": "What the service does with a grid and no index is not published: always send it."},
        ),
        ("upscale-2x-4x", "image_url"): _url("Any picture, instead of a parent"),
        ("imagine-video", "image_url"): _url("The first frame"),
        ("extend-video", "image_url"): _url("A first frame instead of the parent's last one"),
        ("extend-video", "index"): _one_of(checks.INDEXES, "Which of the parent's four videos."),
    }
)


def field_schema(action: type[Action], name: str) -> Schema:
    """Give the schema of one field of an endpoint."""
    schema = dict(_OF_ONE_ENDPOINT.get((action.name, name)) or _FIELDS[name])
    if action.name in UNREAD and name not in _WEBHOOK:
        schema["x-unconfirmed"] = UNREAD[action.name]
    return schema


def request_body(action: type[Action]) -> Schema:
    """Give the schema of the body that asks for *action*."""
    own = (*action.required, *action.optional)
    parent = action.parent_field
    properties = {name: field_schema(action, name) for name in (*own, *_WEBHOOK)}
    required = [name for name in own if fields_dict(action)[name].default is NOTHING]
    if parent is not None:
        properties = {parent: _parent(action), **properties}
        required = [*([] if action.instead_of_parent else [parent]), *required]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        **_between_fields(action),
    }


def question_bodies() -> dict[str, Schema]:
    """Give the schemas of the bodies that ask how tasks are doing."""
    least, most = checks.FETCH_MANY_IDS.start, checks.FETCH_MANY_IDS.stop - 1
    ids = {
        "type": "array",
        "items": task_id("The id of a task."),
        "minItems": least,
        "maxItems": most,
        "description": f"{least} to {most} ids. Those that do not exist are left out of the reply.",
    }
    return {
        "FetchRequest": {
            "type": "object",
            "properties": {"task_id": task_id("The id of the task.")},
            "required": ["task_id"],
        },
        "FetchManyRequest": {"type": "object", "properties": {"task_ids": ids}, "required": ["task_ids"]},
    }


def _parent(action: type[Action]) -> Schema:
    schema = task_id("The id of the finished task that this one follows.")
    if action.name in UNREAD:
        schema["x-unconfirmed"] = UNREAD[action.name]
    return schema


def _between_fields(action: type[Action]) -> Schema:
    if action is actions.Imagine:
        return {"allOf": list(_by_model())}
    parent, instead = action.parent_field, action.instead_of_parent
    if parent is None or instead is None:
        return {}
    # Exactly one of both. Of a `oneOf` generators of clients would make a choice between two bodies.
    return {
        "if": {"required": [parent]},
        "then": {"not": {"required": [instead]}},
        "else": {"required": [instead]},
        "dependentRequired": {"index": [parent]},
    }


def _by_model() -> Iterator[Schema]:
    """Say which models need a picture, and which alone take the fields that not every model takes."""
    needing = [model.id for model in MODELS.values() if model.image_url == "required"]
    yield {
        "if": {"properties": {"model": {"enum": needing}}, "required": ["model"]},
        "then": {"required": ["image_url"]},
    }
    for name in OFFERED_BY_SOME:
        takers = [model.id for model in MODELS.values() if model.offers(name)]
        yield {
            "if": {"required": [name]},
            "then": {"properties": {"model": {"enum": takers}}, "required": ["model"]},
        }


_WEBHOOK: Final = ("webhook_url", "webhook_secret")
