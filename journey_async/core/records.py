"""What the journal of a run keeps, as values: each a line of JSON. Any text gives a record or a `DamageError`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, cast

from attrs import fields_dict

from journey_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    InsufficientCreditsError,
    JourneyError,
)
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

# The field `at` is seconds since 1970. A node is known by its number, which never changes; its key may.


class DamageError(ValueError):
    """The records are not what runs write; the message says which. Whoever knows the file makes it a `JournalError`."""


@frozen(kw_only=True)
class RunBegan:
    """A run began, or went on, with these nodes in drawing order."""

    record: ClassVar[str] = "run"

    at: float
    version: str
    """Of this package."""
    slots: int | None
    balance: float
    keys: Mapping[str, str]
    """The key of each node, by its number."""


@frozen(kw_only=True)
class NodeDrawn:
    """A node that the journal did not know."""

    record: ClassVar[str] = "node"

    number: int
    parent: int | None
    table: Mapping[str, object]
    """As in a file, without parent and webhook secret."""


@frozen(kw_only=True)
class IndexChosen:
    """The index of a node was chosen; None: nobody chose."""

    record: ClassVar[str] = "chosen"

    number: int
    index: str | None


@frozen(kw_only=True)
class Intended:
    """A paid request is about to leave: on disk before it does."""

    record: ClassVar[str] = "intended"

    at: float
    intent: str
    number: int
    parent: str | None
    """The task id of the parent."""
    credits: int


@frozen(kw_only=True)
class Accepted:
    """The service accepted it."""

    record: ClassVar[str] = "accepted"

    at: float
    intent: str
    task_id: str


@frozen(kw_only=True)
class Returned:
    """It certainly was not accepted, and may be sent again."""

    record: ClassVar[str] = "returned"

    intent: str
    why: str


@frozen(kw_only=True)
class Refused:
    """The service refused it for good."""

    record: ClassVar[str] = "refused"

    at: float
    intent: str
    error: Mapping[str, object]


@frozen(kw_only=True)
class Doubted:
    """Whether it was accepted cannot be known."""

    record: ClassVar[str] = "doubted"

    intent: str
    why: str


@frozen(kw_only=True)
class Ended:
    """The task of a node finished or failed."""

    record: ClassVar[str] = "ended"

    at: float
    number: int
    failed: bool
    task: Mapping[str, object]
    """As the service told it."""


@frozen(kw_only=True)
class GivenUp:
    """The task of a node cannot be found or read, or what was to choose its index raised; the next run tries again."""

    record: ClassVar[str] = "given up"

    at: float
    number: int
    error: Mapping[str, object]


@frozen(kw_only=True)
class Settled:
    """It was decided what becomes of a node in doubt, or that a failed one or one that was given up is sent again."""

    record: ClassVar[str] = "settled"

    at: float
    number: int
    how: Literal["adopted", "resubmitted", "abandoned"]
    task_id: str | None = None
    """Of the task that was adopted."""


Record: TypeAlias = (
    RunBegan | NodeDrawn | IndexChosen | Intended | Accepted | Returned | Refused | Doubted | Ended | GivenUp | Settled
)

_TYPES: Final[Mapping[str, type[Record]]] = {
    kind.record: kind
    for kind in (
        RunBegan,
        NodeDrawn,
        IndexChosen,
        Intended,
        Accepted,
        Returned,
        Refused,
        Doubted,
        Ended,
        GivenUp,
        Settled,
    )
}


_NAMES: Final[Mapping[type[Record], tuple[str, ...]]] = {kind: tuple(fields_dict(kind)) for kind in _TYPES.values()}
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=dict)
"""Made once: three records are written of every node."""


def encode(record: Record) -> str:
    """Write a record, in ASCII: prompts and the service's words may hold half a character, which no file can."""
    values: dict[str, object] = {"record": record.record}
    for name in _NAMES[type(record)]:
        values[name] = getattr(record, name)
    return _ENCODER.encode(values)


def decode(text: str) -> Record:
    """Read a record. Raises `DamageError` for anything that `encode` did not write."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(text) from error
    if not isinstance(value, dict):
        raise _damaged(text)
    given = cast("dict[str, Any]", value)
    name = given.pop("record", None)
    kind = _TYPES.get(name) if isinstance(name, str) else None
    if kind is None or not _fits(kind, given):
        raise _damaged(text)
    return kind(**given)


_CHECKS: Final[Mapping[str, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str | None": (str, type(None)),
    "int | None": (int, type(None)),
    "Mapping[str, object]": (dict,),
    "Mapping[str, str]": (dict,),
}
_HOWS: Final = ("adopted", "resubmitted", "abandoned")


def _fits(kind: type[Record], given: Mapping[str, object]) -> bool:
    known = fields_dict(kind)
    if set(given) != set(known):
        return False
    return all(_has_type(str(known[name].type), value) for name, value in given.items())


def _has_type(annotation: str, value: object) -> bool:
    if annotation.startswith("Literal"):
        return value in _HOWS
    if annotation == "Mapping[str, str]" and isinstance(value, dict):
        return all(isinstance(item, str) for item in cast("dict[str, object]", value).values())
    return isinstance(value, _CHECKS[annotation]) and isinstance(value, bool) is (annotation == "bool")


def _damaged(text: str) -> DamageError:
    return DamageError(f"a record that this version does not write: {text[:80]!r}")


# ---------------------------------------------------------------------------------------------------------------------
# Errors


def error_as_values(error: JourneyError) -> dict[str, object]:
    """Give what is kept of an error of the service."""
    values: dict[str, object] = {"message": error.message}
    if isinstance(error, ApiError):
        values |= {
            "method": error.method,
            "path": error.path,
            "status": error.status,
            "body": error.body,
            "messages": list(error.messages),
        }
    return values


def error_from_values(values: Mapping[str, object]) -> JourneyError:
    """Make the error anew."""
    message = str(values.get("message", ""))
    status = values.get("status")
    if not isinstance(status, int):
        return JourneyError(message)
    messages = values.get("messages")
    error = _REFUSALS.get(status, ApiError)(
        message,
        method=str(values.get("method", "")),
        path=str(values.get("path", "")),
        status=status,
        messages=[str(said) for said in cast("list[object]", messages)] if isinstance(messages, list) else (),
        paid=True,
    )
    # Not through the constructor, which would shorten once more what it shortened before.
    error.body = str(values.get("body", ""))
    return error


_REFUSALS: Final[Mapping[int, type[ApiError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: InsufficientCreditsError,
}
