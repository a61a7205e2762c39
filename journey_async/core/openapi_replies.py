"""What the service answers, as JSON schemas: immediate replies, tasks by the kind of their result, errors."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from journey_async.core import kinds
from journey_async.core.openapi_requests import task_id
from journey_async.core.rules import RULES
from journey_async.core.tasks import PLANS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_async.core.kinds import Kind
    from journey_async.core.openapi_requests import Schema

SHAPES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "FinishedGrid": kinds.Grid,
        "FinishedVideos": kinds.Videos,
        "FinishedDescription": kinds.Description,
        "FinishedShortening": kinds.Shortening,
        "FinishedSeed": kinds.Seed,
        "FinishedPicture": kinds.Picture,
    }
)
"""The schemas of finished tasks, each with the kind whose fields it has; generated clients try them in this order."""

TASK_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "imagine with another model": "imagine",
        "variations": "variation-[1-4]",
        "variations strong or subtle": "variation-(strong|subtle)",
        # Two pages spell it in two ways.
        "upscale-1x": "upscale(#1|-1x)",
        "upscale-alt": "upscale-(subtle|creative)",
        "upscale-2x-4x": "upscale-[24]x",
        "upscale-2x-4x of a tile": "upscale-[24]x",
        "upscale-2x-4x of a URL": "upscale-[24]x",
        "pan": "pan-(up|down|left|right)",
        "outpaint": r"outpaint(-[0-9.]+)?",
        "extend-video": "imagine-video-extend",
    }
)
"""What the service calls the tasks of a rule, where that is not the rule's name."""

_UNFINISHED: Final = ("staged", "pending", "starting", "processing")
_RESULTS: Final[Mapping[str, Schema]] = MappingProxyType(
    {
        "original_image_url": {"type": "string", "description": "The 2x2 sheet that shows the four pictures together."},
        "image_urls": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 4,
            "maxItems": 4,
            "description": "The four pictures: top-left, top-right, bottom-left, bottom-right, which are index 1 to 4.",
        },
        "image_url": {"type": "string", "description": "The picture."},
        "video_urls": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 4,
            "maxItems": 4,
            "description": "The four videos, which are index 1 to 4.",
        },
        "content": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Prompts, each behind a keycap emoji.",
        },
        "full_content": {"type": "string", "description": "The weight of each word, in markdown."},
        "seed": {"type": "string", "description": "The seed number."},
    }
)
_ID: Final = task_id("The id of the task: letters, digits and dashes, to be taken as they are.")
_PERCENTAGE: Final[Schema] = {
    "type": "string",
    "pattern": "^(100|[1-9]?[0-9])$",
    "description": "How much is done, as a text.",
}
_MODEL: Final[Schema] = {"type": "string", "description": "The model. Deliveries to a webhook do not have it."}
_ERROR: Final[Schema] = {"type": "string", "description": "Why.", "examples": ["Content policy violation"]}
_AT_ONCE: Final = "The reply to a synchronous model, for which the caller has waited."


def refer(name: str) -> Schema:
    """Refer to a schema of `reply_schemas`."""
    return {"$ref": f"#/components/schemas/{name}"}


def immediate(action: str) -> Schema:
    """Give the schema of the reply that accepts *action*."""
    also = {
        "imagine": ("PictureAtOnce", "FailureAtOnce"),
        "describe": ("DescriptionAtOnce",),
        "shorten": ("ShorteningAtOnce",),
    }
    names = (*also.get(action, ()), "Accepted")
    return {"oneOf": [refer(name) for name in names]} if len(names) > 1 else refer("Accepted")


def reply_schemas() -> dict[str, Schema]:
    """Give every schema of a reply by its name."""
    return {
        "Accepted": _object({"task_id": _ID}, description="The task has begun.", additionalProperties=False),
        **_at_once(),
        "UnfinishedTask": _task("The task is on its way.", _UNFINISHED),
        "FailedTask": _task(
            "The task has failed. The HTTP status is 200 all the same.", ("failed",), {"error": _ERROR}, ("error",)
        ),
        **{name: _finished(kind) for name, kind in SHAPES.items()},
        "Task": {
            "description": "A task, and its result when it has one.",
            "oneOf": [refer(name) for name in ("UnfinishedTask", "FailedTask", *SHAPES)],
        },
        "EndedTask": {
            "description": "A task that has finished or failed.",
            "oneOf": [refer(name) for name in ("FailedTask", *SHAPES)],
        },
        "Tasks": _object({"tasks": {"type": "array", "items": refer("Task")}}),
        "Account": _object(
            {
                "email": {"type": "string"},
                "credits": {"type": "number", "description": "What is left."},
                "total_images": {"type": "number", "description": "How many pictures were made."},
                "plan": {"type": "string", "description": f"How many tasks run at once: {_plans()}."},
            }
        ),
        "Errors": _object(
            {
                "errors": {
                    "type": "array",
                    "minItems": 1,
                    "items": _object({"msg": {"type": "string", "examples": ["prompt is required"]}}),
                    "description": "Everything that is wrong with the request.",
                }
            }
        ),
        "Nothing": {"type": "object", "maxProperties": 0},
    }


def task_types_of(kind: Kind) -> Iterator[str]:
    """Give the patterns of what the service calls the tasks that give *kind*."""
    rules = (rule for rule in RULES.values() if issubclass(rule.gives, kind))
    yield from dict.fromkeys(TASK_TYPES.get(rule.name, rule.name) for rule in rules)


def _plans() -> str:
    return ", ".join(f"{plan} {slots}" for plan, slots in PLANS.items())


def _object(properties: Mapping[str, object], **more: object) -> Schema:
    """Describe an object that has all of these properties."""
    return {"type": "object", "properties": properties, "required": list(properties), **more}


def _at_once() -> dict[str, Schema]:
    finished: Schema = {"type": "string", "const": "finished"}
    return {
        "PictureAtOnce": _object(
            {"task_id": _ID, "status": finished, "image_url": _RESULTS["image_url"]}, description=_AT_ONCE
        ),
        "FailureAtOnce": _object(
            {"task_id": _ID, "status": {"type": "string", "const": "failed"}, "error": _ERROR},
            description=_AT_ONCE,
            **{"x-unconfirmed": "What a synchronous model that fails replies is not published."},
        ),
        **{
            f"{kind.__name__}AtOnce": _object(
                {"task_id": _ID, "task_type": {"type": "string", "const": task_type}, "content": _RESULTS["content"]}
                | {name: _RESULTS[name] for name in kind.also},
                description="The sample of the page; its text speaks of a task id alone. Both are to be expected.",
            )
            for kind, task_type in ((kinds.Description, "describe"), (kinds.Shortening, "shorten"))
        },
    }


def _finished(kind: Kind) -> Schema:
    results = {name: _RESULTS[name] for name in (*kind.fields, *kind.also)}
    task_types = tuple(task_types_of(kind))
    return _task(f"{kind.label[0].upper()}{kind.label[1:]}, finished.", ("finished",), results, kind.fields, task_types)


def _task(
    description: str,
    statuses: tuple[str, ...],
    more: dict[str, Schema] | None = None,
    needed: tuple[str, ...] = (),
    task_types: tuple[str, ...] = (),
) -> Schema:
    status: Schema = (
        {"type": "string", "const": statuses[0]} if len(statuses) == 1 else {"type": "string", "enum": list(statuses)}
    )
    named: Schema = {"type": "string", "description": "What the task was made by."}
    match task_types:
        case []:
            pass
        case [only]:
            named["const"] = only
        case _:
            named["pattern"] = f"^({'|'.join(task_types)})$"
    return {
        "type": "object",
        "description": description,
        "properties": {
            "task_id": _ID,
            "task_type": named,
            "model": _MODEL,
            "status": status,
            "percentage": _PERCENTAGE,
            **(more or {}),
        },
        "required": ["task_id", "task_type", "status", *needed],
    }
