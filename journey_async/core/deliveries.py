"""Webhook deliveries: which of the requests that reach a webhook tell something, and what.

A delivery echoes the secret and is not signed otherwise: it is a reason to ask the service, and no proof.
https://journeyapi.co/docs/webhooks
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final, TypeAlias, cast
from urllib.parse import parse_qsl, quote

from attrs import field

from journey_async.core.kinds import Result, kind_of
from journey_async.core.reading import decoded, read_item
from journey_async.errors import UnreadableReplyError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from journey_async.core.kinds import Kind
    from journey_async.core.tasks import TaskState

SECRET_HEADER: Final = b"x-webhook-secret"
INTENT: Final = "intent"
"""The name under which the query of a webhook URL carries the id of the intent."""
_INTENT_IS: Final = f"{INTENT}="
_BEFORE_A_NAME: Final = frozenset({"", "&"})
LARGEST_BODY: Final = 1024 * 1024
"""Bytes. The body of a finished grid has about 600."""

Characters: TypeAlias = str | bytes
"""Servers give headers and queries as texts or as bytes."""
Headers: TypeAlias = "Iterable[tuple[Characters, Characters]]"
"""Names and values, as `headers.items()` gives them; the case of the names does not count."""


@frozen(kw_only=True)
class Delivery:
    """What came with the right secret: how a task is doing, if that is believed without asking the service."""

    task_id: str
    intent: str | None = None
    """The id of the intent that the task came from; None where the URL carries none."""
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)
    """The body: the object of `/fetch` without its `model`."""

    def state(self, kind: Kind = Result) -> TaskState[Result] | None:
        """Read the state that the body tells; *kind* is what the task is known to be. None if it cannot be read."""
        try:
            return read_item(self.raw, task_id=self.task_id, kind=kind)
        except UnreadableReplyError:
            return None


@frozen(kw_only=True)
class Answer:
    """What to answer to a request of the service; anything but a 2xx makes it try again, up to three times."""

    status: int
    why: str = ""


Decision: TypeAlias = Delivery | Answer
"""A delivery to take in, or what to answer at once because there is none."""

RECEIVED: Final = Answer(status=200)
NO_TASK: Final = Answer(status=200, why="the body tells of no task")
"""Whole, from the service, and of no use: a repetition would be the same, so it is not asked for."""
NO_JSON: Final = Answer(status=400, why="the body is no JSON object")
"""Perhaps it was cut on its way, and the next try arrives whole."""
NO_SECRET: Final = Answer(status=401, why="the webhook secret is missing or wrong")
NO_POST: Final = Answer(status=405, why="deliveries come by POST")
TOO_LARGE: Final = Answer(status=413, why="the body is too large")


def decide(
    method: str,
    headers: Headers,
    query: Characters,
    body: bytes,
    *,
    secrets: Sequence[bytes],
    largest_body: int = LARGEST_BODY,
) -> Decision:
    """Decide what a request to a webhook is: any values give a decision, and without one of *secrets* no delivery."""
    return refuse(method, headers, secrets=secrets) or told(query, body, largest_body=largest_body)


def told(query: Characters, body: bytes, *, largest_body: int = LARGEST_BODY) -> Decision:
    """Decide what a request that came with the right secret is."""
    if len(body) > largest_body:
        return TOO_LARGE
    value = decoded(body)
    if not isinstance(value, dict):
        return NO_JSON
    item = cast("dict[str, object]", value)
    task_id = _id(item.get("task_id"))
    return NO_TASK if task_id is None else Delivery(task_id=task_id, intent=intent_in(query), raw=item)


def refuse(method: str, headers: Headers, *, secrets: Sequence[bytes]) -> Answer | None:
    """Refuse a request before its body is read; None if the body deserves to be read."""
    if method != "POST":
        return NO_POST
    given = [
        value
        for name, value in headers
        # The length first: it is seen at once, and tells nearly all headers apart.
        if len(name) == len(SECRET_HEADER) and _bytes(name).lower() == SECRET_HEADER
    ]
    return refuse_secret(given, secrets=secrets)


def refuse_secret(given: Sequence[Characters], *, secrets: Sequence[bytes]) -> Answer | None:
    """Refuse a POST whose secret headers have the values *given*; None if they are one, and right."""
    if len(given) != 1:
        return NO_SECRET
    value = _bytes(given[0])
    right = False
    for secret in secrets:
        # Every secret is compared: how long that takes tells nothing about them.
        right |= hmac.compare_digest(value, secret)
    return None if right else NO_SECRET


def may_be(item: Mapping[str, object], kind: Kind) -> bool:
    """Tell whether *item*, a task object of the service, leaves it possible that the task is of this kind."""
    told = kind_of(item)
    return issubclass(told, kind) or issubclass(kind, told)


def read_as(item: Mapping[str, object], kind: Kind) -> TaskState[Result] | None:
    """Read *item*, a task object of the service, as a task of this kind; None if it is none, or cannot be read."""
    if not may_be(item, kind):
        return None
    try:
        return read_item(item, kind=kind)
    except UnreadableReplyError:
        return None


def webhook_url_for(public_url: str, intent_id: str) -> str:
    """Add the id of an intent to the query of *public_url*, every other byte of which stays as it is."""
    base, hash_mark, fragment = public_url.partition("#")
    joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
    return f"{base}{joint}{INTENT}={quote(intent_id, safe='')}{hash_mark}{fragment}"


def intent_in(query: Characters) -> str | None:
    """Give the id of the intent that the query of a webhook URL carries."""
    text = query if isinstance(query, str) else query.decode("latin-1")
    if not text:
        return None
    # The last one is ours: `webhook_url_for` adds it behind whatever the user's own URL has. Ids that are made here
    # need no decoding.
    rest, found_it, last = text.rpartition(_INTENT_IS)
    if found_it and last.isalnum() and rest[-1:] in _BEFORE_A_NAME:
        return last
    found = [value for name, value in parse_qsl(text) if name == INTENT and value.strip()]
    return found[-1] if found else None


def _bytes(value: Characters) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _id(value: object) -> str | None:
    """Read a task id: a text that is not blank; a number is read as one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None
