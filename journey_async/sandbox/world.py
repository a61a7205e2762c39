"""The service as a state machine: requests go in as values, answers and webhook deliveries come out as values.

It has no clock, no socket and no chance of its own. Every time is in sandbox seconds and is handed in; what looks like
chance comes from the seed. Time never runs backwards: an earlier time than one before is read as that one.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from attrs import evolve

from journey_async.core import checks
from journey_async.core.actions import ACTIONS
from journey_async.sandbox import messages
from journey_async.sandbox.account import Account
from journey_async.sandbox.answers import (
    INSUFFICIENT_CREDITS,
    RATE_LIMIT,
    UNAUTHORIZED,
    Answer,
    instead,
    refusal,
    reply,
    spoiled,
)
from journey_async.sandbox.faults import AFTER, BEFORE, ENDPOINTS, SLOW_REPLY, ActiveFaults
from journey_async.sandbox.options import API_KEY, Options
from journey_async.sandbox.validation import read_asking, read_ids, read_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from journey_async.sandbox.deliveries import Delivery
    from journey_async.sandbox.faults import Fault
    from journey_async.sandbox.ledger import Ledger
    from journey_async.sandbox.scenes import Scene, Video
    from journey_async.sandbox.validation import Asking, Body

PREFIX: Final = "/api/v1"
"""What the path of every request begins with."""
REQUEST_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of a request's body."""
EMAIL: Final = "sandbox@example.com"
"""What /account tells."""


def _starts_like_a_picture(data: bytes) -> bool:
    return checks.picture_type(data) is not None


class World:
    """The service for one account. `answer` takes a request; `due_deliveries` and `delivered` are for its webhooks."""

    def __init__(
        self,
        *,
        plan: str = "starter",
        credits: int = 1000,  # noqa: A002 - the service's word
        api_key: str = API_KEY,
        seed: int = 1,
        speed: float = 1.0,
        task_seconds: float | None = None,
        slots: int | None = None,
        faults: Iterable[str | Fault] = (),
        media_url: str = "http://sandbox.invalid/media",
        is_picture: Callable[[bytes], bool] = _starts_like_a_picture,
        video_suffix: str = ".webp",
    ) -> None:
        """Begin with an account of these options; *is_picture* judges the masks of /inpaint."""
        self._options = Options(
            plan=plan,
            credits=credits,
            api_key=api_key,
            seed=seed,
            speed=speed,
            task_seconds=task_seconds,
            slots=slots,
            faults=tuple(faults),
        )
        self._chance = Random(f"faults {seed}")
        active = ActiveFaults(self._options.faults, self._chance)
        self._account = Account(self._options, active, media_url=media_url, video_suffix=video_suffix)
        self._is_picture = is_picture
        self._now = 0.0

    @property
    def media_url(self) -> str:
        """Where the pictures are; may be set before the first request."""
        return self._account.media_url

    @media_url.setter
    def media_url(self, url: str) -> None:
        self._account.media_url = url

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force, with the counts that are left."""
        return self._account.faults.active

    def set_faults(self, faults: Iterable[str | Fault]) -> None:
        """Put these faults in force instead of the present ones."""
        self._account.faults = ActiveFaults(faults, self._chance)

    def ledger(self, now: float) -> Ledger:
        """Give the account's books."""
        self._advance(now)
        return self._account.books.ledger()

    def scene(self, task_id: str, name: str, *, now: float) -> tuple[Scene, ...] | Video | None:
        """Give what a file of a finished task shows: a sheet's pictures, one picture or a video; None for no file."""
        task = self._account.tasks.get(task_id)
        if task is None or task.status(self._advance(now)) != "finished":
            return None
        return task.made.scenes(name)

    def next_event(self, now: float) -> float | None:
        """Give when a task ends or a delivery is due; None when nothing will happen by itself."""
        self._advance(now)
        times = (self._account.next_ending, self._account.outbox.next_at)
        return min((time for time in times if time is not None), default=None)

    def due_deliveries(self, now: float) -> tuple[Delivery, ...]:
        """Take out the webhook deliveries to be sent now; each is to be reported by `delivered`."""
        return self._account.outbox.due(self._advance(now))

    def delivered(self, delivery: Delivery, *, arrived: bool, now: float) -> None:
        """Report that a delivery was answered 2xx in time, or was not."""
        self._account.outbox.tried(delivery, arrived=arrived, now=self._advance(now))

    @property
    def undeliverable(self) -> tuple[Delivery, ...]:
        """The last tries of the deliveries that were given up."""
        return tuple(self._account.outbox.undeliverable)

    def answer(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes, now: float) -> Answer:
        """Handle one request, whose *path* begins with `/api/v1`; never raises, whatever is handed in."""
        now = self._advance(now)
        if not path.startswith(f"{PREFIX}/"):
            return refusal(404, messages.NO_SUCH_ENDPOINT)
        endpoint = path.removeprefix(f"{PREFIX}/")
        self._account.books.received(f"/{endpoint}")
        if endpoint not in ENDPOINTS:
            return refusal(404, messages.NO_SUCH_ENDPOINT)
        allowed = "GET" if endpoint == "account" else "POST"
        if method != allowed:
            return refusal(405, messages.WRONG_METHOD.format(method=allowed), headers={"Allow": allowed})
        faults = self._account.faults
        fault = faults.strike(BEFORE, endpoint)
        if fault is not None:
            return instead(fault)
        answer = self._handled(endpoint, headers, body, now)
        if not answer.accepted:
            return answer
        fault = faults.strike(AFTER, endpoint)
        if fault is not None:
            answer = spoiled(answer, fault)
        slow = faults.strike(("slow-reply",), endpoint) is not None
        return evolve(answer, delay=answer.delay + SLOW_REPLY * self._options.speed) if slow else answer

    def _advance(self, now: float) -> float:
        self._now = max(self._now, now)
        self._account.settle(self._now)
        return self._now

    def _handled(self, endpoint: str, headers: Mapping[str, str], body: bytes, now: float) -> Answer:
        given = {name.lower(): value for name, value in headers.items()}
        if given.get("authorization") != self._options.api_key:
            return UNAUTHORIZED
        if endpoint == "account":
            return self._about_the_account()
        if len(body) > REQUEST_LIMIT:
            return refusal(413, messages.TOO_LARGE.format(limit=REQUEST_LIMIT))
        read = read_object(given.get("content-type", ""), body)
        if isinstance(read, str):
            return refusal(400, read)
        if endpoint in ACTIONS:
            return self._submitted(endpoint, read, now)
        return self._fetched(endpoint, read, now)

    def _about_the_account(self) -> Answer:
        account = self._account
        return reply(
            {
                "email": EMAIL,
                "credits": account.books.credits,
                "total_images": account.images,
                "plan": self._options.plan,
            }
        )

    def _fetched(self, endpoint: str, body: Body, now: float) -> Answer:
        ids = read_ids(endpoint, body)
        if isinstance(ids, str):
            return refusal(400, ids)
        account = self._account
        found = [account.tasks[task_id] for task_id in dict.fromkeys(ids) if task_id in account.tasks]
        if found and account.faults.strike(("omit-id",), endpoint):
            found.pop(self._chance.randrange(len(found)))
        items = [task.fetched(now, account.media_url) for task in found]
        if endpoint == "fetch-many":
            return reply({"tasks": items})
        return reply(items[0]) if items else refusal(400, messages.TASK_NOT_FOUND)

    def _submitted(self, action: str, body: Body, now: float) -> Answer:
        asking = read_asking(action, body)
        said = (*self._about_the_parent(asking, now), *asking.messages, *self._about_the_mask(asking))
        if said or asking.rule is None:
            return refusal(400, *said)
        account = self._account
        if asking.credits > account.books.credits:
            return INSUFFICIENT_CREDITS
        if account.books.in_flight >= self._options.tasks_at_once:
            return RATE_LIMIT
        task = account.accept(asking, asking.rule, now=now)
        if asking.synchronous:
            return reply(task.replied(account.media_url), delay=task.ends_at - now)
        return reply({"task_id": task.id})

    def _about_the_parent(self, asking: Asking, now: float) -> tuple[str, ...]:
        """Say why the parent that is given cannot be one."""
        rule = asking.rule
        if asking.parent is None or (rule is not None and not rule.parents):
            return ()
        parent = self._account.tasks.get(asking.parent)
        if parent is None:
            by_task_id = ACTIONS[asking.action].parent_field == "task_id"
            return (messages.TASK_NOT_FOUND if by_task_id else checks.PARENT_NOT_FOUND,)
        said = () if parent.status(now) == "finished" else (checks.PARENT_NOT_FINISHED,)
        if rule is None or rule.accepts(parent.kind):
            return said
        needed = messages.listed([kind.label for kind in rule.needs])
        return (*said, messages.WRONG_PARENT.format(rule=rule.name, needed=needed))

    def _about_the_mask(self, asking: Asking) -> tuple[str, ...]:
        right = "mask" not in asking.fields or self._is_picture(asking.mask)
        return () if right else (messages.BAD_MASK,)
