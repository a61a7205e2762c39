"""Replies to values: any bytes give a value or an `ApiError`, never another exception."""

from __future__ import annotations

import json
import math
import re
from calendar import monthrange, timegm
from email.utils import parsedate_tz
from typing import TYPE_CHECKING, Any, Final, cast

from journey_async.core import kinds, wire
from journey_async.core.kinds import Kind, Result
from journey_async.core.tasks import SUBMITTED, Account, Failed, Finished, TaskState, Unfinished
from journey_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    InsufficientCreditsError,
    RateLimitError,
    ServerError,
    UnreadableReplyError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from journey_async.core.wire import Reply, Request

_DECODER: Final = json.JSONDecoder()
_BARE_ID = re.compile(rb'\{"task_id": ?"([!#-\[\]-~]+)"\}')
"""A reply that tells nothing but a task id, of characters that JSON writes as they are."""
_BLOT: Final = "(secret)"
_ONCE: Final = (wire.fetch(""), wire.Reply(status=200))
"""In errors about a task that was told of earlier, the request and its reply."""
_LISTS: Final = frozenset({"image_urls", "video_urls", "content"})
_TEXTS_ALONE: Final = frozenset({str})
"""The types in a list as the service sends it."""
_REFUSALS: Final[Mapping[int, type[ApiError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: InsufficientCreditsError,
    429: RateLimitError,
}
_MEANINGS: Final[Mapping[int, str]] = {
    401: "the API key is missing, malformed or revoked (it is sent as it is, without Bearer)",
    402: "not enough credits on the account",
    429: "the plan's limit of tasks at once is reached",
}


def read_answer(request: Request, reply: Reply, *, gives: Kind) -> TaskState[Result] | str:
    """Read the immediate answer to a submission: a bare task id, as usual, or a task.

    That is finished already where the action is synchronous.
    """
    bare = _BARE_ID.fullmatch(reply.body)
    if bare is not None and reply.status == 200:  # noqa: PLR2004 - what the service answers when it accepts
        # To read it as JSON would take four times as long.
        return bare[1].decode()
    item = _object(request, reply)
    task_id = _text(item.get("task_id"))
    if task_id is None:
        raise _unreadable(request, reply, "it has no task_id")
    if len(item) > 1:
        return _state(request, reply, item, task_id, gives)
    as_it_came = item["task_id"] is task_id
    return task_id if as_it_came else Unfinished(task_id=task_id, status=SUBMITTED, kind=gives, raw=item)


def read_task(request: Request, reply: Reply, *, kind: Kind = Result) -> TaskState[Result]:
    """Read the answer to `/fetch`; *kind* is what the task is known to be."""
    item = _object(request, reply)
    task_id = _text(item.get("task_id"))
    if task_id is None:
        raise _unreadable(request, reply, "it has no task_id")
    return _state(request, reply, item, task_id, kind)


def read_tasks(
    request: Request, reply: Reply, *, known: Mapping[str, Kind] | None = None
) -> dict[str, TaskState[Result] | ApiError]:
    """Read the answer to `/fetch-many`; one task that cannot be read is an error in its place alone."""
    known = known or {}
    return {
        task_id: read_told(request, reply, item, task_id, known.get(task_id, Result))
        for task_id, item in told_tasks(request, reply).items()
    }


def told_tasks(request: Request, reply: Reply) -> dict[str, dict[str, Any]]:
    """Give the task objects in the answer to `/fetch-many` by their task ids, not read any further."""
    items = _object(request, reply).get("tasks")
    if not isinstance(items, list):
        raise _unreadable(request, reply, "it has no list of tasks")
    tasks = cast("Sequence[Any]", items)
    try:
        # What the service sends: every id is a text, and none is blank.
        told: dict[str, dict[str, Any]] = {item["task_id"]: item for item in tasks}
        if all(map(str.strip, told)):
            return told
    except (TypeError, KeyError):
        pass
    return {
        task_id: item
        for item in tasks
        if isinstance(item, dict) and (task_id := _text(cast("dict[str, Any]", item).get("task_id"))) is not None
    }


def read_told(
    request: Request, reply: Reply, item: dict[str, Any], task_id: str, known: Kind
) -> TaskState[Result] | ApiError:
    """Read one task object of a *reply*; one that cannot be read is an error."""
    try:
        return _state(request, reply, item, task_id, known)
    except ApiError as error:
        return error


def read_item(item: Mapping[str, object], *, task_id: str | None = None, kind: Kind = Result) -> TaskState[Result]:
    """Read a task as the service once told it; *kind* is what it is known to be. Raises `UnreadableReplyError`.

    *task_id* is its id, where that has been read already.
    """
    task_id = task_id or _text(item.get("task_id"))
    if task_id is None:
        raise _unreadable(*_ONCE, "it has no task_id")
    return _state(*_ONCE, item if isinstance(item, dict) else dict(item), task_id, kind)


def read_account(request: Request, reply: Reply) -> Account:
    """Read the answer to `/account`."""
    item = _object(request, reply)
    left = _number(item.get("credits"))
    if left is None:
        raise _unreadable(request, reply, "it has no credits")
    return Account(
        email=_text(item.get("email")) or "",
        credits=int(left) if left == int(left) else left,
        total_images=int(_number(item.get("total_images")) or 0),
        plan=_text(item.get("plan")) or "",
        raw=item,
    )


def read_error(request: Request, reply: Reply) -> ApiError:
    """Turn a reply whose status says no into the error of that status, with the service's words."""
    secret = _secret(request)
    messages = tuple(said if secret is None else said.replace(secret, _BLOT) for said in _messages(reply))
    status = reply.status
    if status >= 500:  # noqa: PLR2004 - the class of status codes
        kind: type[ApiError] = ServerError
    else:
        kind = _REFUSALS.get(status, ApiError)
    said = "; ".join(messages) or _MEANINGS.get(status, "no reason given")
    location = reply.headers.get("location")
    if 300 <= status < 400 and location is not None:  # noqa: PLR2004 - the class of status codes
        shown = location if secret is None else location.replace(secret, _BLOT)
        said = f"a redirect to {shown}, which is not followed: set base_url to where the service is"
    return kind(
        f"{request.method} {request.path}: {status}: {said}",
        method=request.method,
        path=request.path,
        status=status,
        body=_shown(request, reply),
        messages=messages,
        retry_after=retry_after(reply),
        paid=request.paid,
    )


def says_unknown_task(error: ApiError) -> bool:
    """Tell whether the service refused a `/fetch` because it does not know the task; it publishes no words for that."""
    return isinstance(error, BadRequestError) and any("not found" in message.lower() for message in error.messages)


def retry_after(reply: Reply) -> float | None:
    """Give the seconds that a Retry-After header asks to wait, written as seconds or as an HTTP date."""
    value = reply.headers.get("retry-after", "").strip()
    if not value:
        return None
    seconds = _number(value)
    if seconds is None:
        at = _http_date(value)
        # The service's own clock is the better start: ours may be wrong.
        now = _http_date(reply.headers.get("date", "")) or reply.received_at
        seconds = None if at is None else at - now
    return None if seconds is None else max(0.0, seconds)


def _state(request: Request, reply: Reply, item: dict[str, Any], task_id: str, known: Kind) -> TaskState[Result]:
    kind = kinds.kind_of(item) if known is Result else known
    status = _text(item.get("status"))
    word = None if status is None else status.lower()
    error = None if word == "finished" else _text(item.get("error"))
    if word == "failed" or (word is None and error is not None):
        percentage = read_percentage(item.get("percentage"))
        return Failed(task_id=task_id, error=error or "no reason given", percentage=percentage, kind=kind, raw=item)
    result = _result(item, task_id, kind) if word is None or word == "finished" else None
    if result is not None:
        return Finished(result=result)
    if word == "finished":
        secret = _secret(request)
        shown = task_id if secret is None else task_id.replace(secret, _BLOT)
        why = f"task {shown} is finished without {' and '.join(kind.fields)}"
        raise _unreadable(request, reply, why, task_id=task_id)
    percentage = read_percentage(item.get("percentage"))
    return Unfinished(task_id=task_id, status=status or "unknown", percentage=percentage, kind=kind, raw=item)


def _result(item: dict[str, Any], task_id: str, kind: Kind) -> Result | None:
    """Build the result out of the fields that *kind* needs and those it may have; None if one is missing."""
    if not kind.fields and _text(item.get("status")) is None:
        return None
    values: dict[str, object] = {"task_id": task_id, "raw": item}
    for name in kind.fields:
        value = _texts(item.get(name)) if name in _LISTS else _text(item.get(name))
        if not value:
            return None
        values[name] = value
    for name in kind.also:
        if value := _texts(item.get(name)) if name in _LISTS else _text(item.get(name)):
            values[name] = value
    make: Any = kind
    result: Result = make(**values)
    return result


def read_percentage(value: object) -> int | None:
    """Read a percentage, which the service writes as a text from "0" to "100"."""
    number = _number(value.removesuffix("%") if isinstance(value, str) else value)
    return None if number is None else max(0, min(100, int(number)))


def _object(request: Request, reply: Reply) -> dict[str, Any]:
    if not 200 <= reply.status < 300:  # noqa: PLR2004 - the class of status codes
        raise read_error(request, reply)
    value = decoded(reply.body)
    if not isinstance(value, dict):
        raise _unreadable(request, reply, "it is not a JSON object")
    return cast("dict[str, Any]", value)


def decoded(body: bytes) -> object:
    """Decode JSON; None for what is none, which is also what the JSON text `null` gives."""
    try:
        # What the service sends: UTF-8, and nothing around it. `json.loads` would take twice as long to find that out.
        text = body.decode()
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return value
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _messages(reply: Reply) -> tuple[str, ...]:
    body = decoded(reply.body)
    errors = cast("dict[str, object]", body).get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return ()
    said = (item.get("msg") for item in _objects(cast("list[object]", errors)))
    return tuple(text for text in said if isinstance(text, str) and text.strip())


def _objects(items: list[object]) -> list[dict[str, Any]]:
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def _unreadable(request: Request, reply: Reply, why: str, *, task_id: str | None = None) -> UnreadableReplyError:
    return UnreadableReplyError(
        f"{request.method} {request.path}: the reply ({reply.status}) is not what the service documents: {why}",
        method=request.method,
        path=request.path,
        status=reply.status,
        body=_shown(request, reply),
        paid=request.paid,
        task_id=task_id,
    )


def _secret(request: Request) -> str | None:
    """Give the webhook secret, which a service that complains about a request may echo."""
    secret = (request.body or {}).get("webhook_secret")
    return secret if isinstance(secret, str) else None


def _shown(request: Request, reply: Reply) -> str:
    """Give the body as a text, without the webhook secret in any of the ways that JSON can write it."""
    secret = _secret(request)
    if secret is None:
        return reply.body.decode("utf-8", errors="replace")
    value = decoded(reply.body)
    if value is None:
        return reply.body.decode("utf-8", errors="replace").replace(secret, _BLOT)
    try:
        return json.dumps(_blotted(value, secret), ensure_ascii=False)
    except RecursionError:
        # JSON can be read that is nested too deeply to be gone through.
        return _BLOT


def _blotted(value: object, secret: str) -> object:
    if isinstance(value, str):
        return value.replace(secret, _BLOT)
    if isinstance(value, list):
        return [_blotted(item, secret) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {name.replace(secret, _BLOT): _blotted(item, secret) for name, item in items}
    return value


def _text(value: object) -> str | None:
    """Read a text; a number is read as one too, a blank text is none."""
    if isinstance(value, str):
        return value if value.strip() else None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _texts(value: object) -> tuple[str, ...] | None:
    """Read a list of texts; a lone text is read as a list of one."""
    if isinstance(value, str):
        return (value,) if value.strip() else None
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    if _TEXTS_ALONE.issuperset(map(type, items)):
        return cast("tuple[str, ...]", tuple(items))
    read = [item if isinstance(item, str) else _text(item) for item in items]
    texts = tuple(text for text in read if text is not None)
    return texts if len(texts) == len(read) else None


def _number(value: object) -> float | None:
    """Read a number, also one that is written as a text; nothing that is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _http_date(value: str) -> float | None:
    try:
        parts = parsedate_tz(value)
        if parts is None:
            return None
        year, month, day, hour, minute, second = parts[:6]
        if not (1 <= day <= monthrange(year, month)[1] and hour < _HOURS and minute < _SIXTY and second <= _SIXTY):
            return None
        # A date without a zone is in Greenwich time, as HTTP has it (RFC 9110, 5.6.7).
        return timegm(parts[:9]) - (parts[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


_HOURS: Final = 24
_SIXTY: Final = 60
