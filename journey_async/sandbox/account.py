"""The sandbox's one account: its tasks, its books, and what its webhooks are told."""

from __future__ import annotations

import heapq
import json
import math
import uuid
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Final

from attrs import evolve

from journey_async.sandbox import messages, pace
from journey_async.sandbox.deliveries import Delivery, Outbox
from journey_async.sandbox.faults import LATE_WEBHOOK
from journey_async.sandbox.ledger import Books
from journey_async.sandbox.making import Made, Maker, derived, seed_in, wishes
from journey_async.sandbox.scenes import Photo
from journey_async.sandbox.tasks import Task, task_type_of

if TYPE_CHECKING:
    from journey_async.core.rules import Rule
    from journey_async.sandbox.faults import ActiveFaults
    from journey_async.sandbox.options import Options
    from journey_async.sandbox.scenes import Scene, Video
    from journey_async.sandbox.tasks import Item
    from journey_async.sandbox.validation import Asking

_WEBHOOK_FAULTS: Final = ("lost-webhook", "late-webhook", "double-webhook", "backward-webhook")
_LOOKING_BACK: Final = 0.6
"""Part of a task's duration at which `backward-webhook` shows it."""


class Account:
    """What happens to accepted tasks as time goes by. Times are in sandbox seconds."""

    def __init__(self, options: Options, faults: ActiveFaults, *, media_url: str, video_suffix: str) -> None:
        self.media_url = media_url
        self.faults = faults
        self.tasks: dict[str, Task] = {}
        self.books = Books(credits=options.credits, slots=options.tasks_at_once)
        self.outbox = Outbox()
        self.images = 0
        """Pictures made so far."""
        self._options = options
        self._video_suffix = video_suffix
        self._ids = Random(f"ids {options.seed}")
        self._endings: list[tuple[float, int, Task]] = []
        self._asked: Counter[int] = Counter()

    @property
    def next_ending(self) -> float | None:
        """When the next task ends."""
        return self._endings[0][0] if self._endings else None

    def accept(self, asking: Asking, rule: Rule, *, now: float) -> Task:
        """Begin a task and take its credits."""
        task_id = str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
        parent = self.tasks.get(asking.parent or "")
        chance = Random(f"{self._options.seed} {task_id}")
        wished = wishes(asking.text("prompt"))
        fault = self.faults.strike(("stuck", "task-failed"), asking.action)
        error = wished.error if wished.error is not None else ("" if fault == "task-failed" else None)
        seconds = self._seconds(asking, wished.seconds, chance)
        task = Task(
            id=task_id,
            action=asking.action,
            kind=rule.gives,
            task_type=task_type_of(asking),
            model=asking.model,
            accepted_at=now,
            ends_at=math.inf if wished.stuck or fault == "stuck" else now + seconds,
            seconds=seconds,
            error=None if error is None else error or messages.POLICY_VIOLATION,
            progress=pace.progress(chance),
            made=self._made(asking, None if parent is None else parent.made),
            webhook_url=asking.text("webhook_url") or None,
            webhook_secret=asking.text("webhook_secret") or None,
        )
        self.tasks[task_id] = task
        self.books.charge(task_id, action=asking.action, price=asking.credits, now=now)
        if not task.stuck:
            heapq.heappush(self._endings, (task.ends_at, len(self.tasks), task))
        return task

    def settle(self, now: float) -> None:
        """End the tasks whose time has come: give back the credits of those that failed, and tell the webhooks."""
        while self._endings and self._endings[0][0] <= now:
            task = heapq.heappop(self._endings)[2]
            self.books.ended(task.id, failed=task.error is not None, at=task.ends_at)
            if task.error is None:
                self.images += len(task.made.pictures)
            if task.webhook_url is not None:
                self._tell(task, task.webhook_url)

    def shown(self, task_id: str, name: str) -> tuple[Scene, ...] | Video | None:
        """Give what a media file of a task shows, if the task makes one of that name."""
        task = self.tasks.get(task_id)
        return None if task is None else task.made.scenes(name)

    def picture_at(self, url: str) -> Scene:
        """Give what is at a URL: a picture of this account, the first of a sheet, or one from elsewhere, imagined."""
        if url.startswith(f"{self.media_url}/"):
            task_id, _, name = url.removeprefix(f"{self.media_url}/").partition("/")
            shown = self.shown(task_id, name)
            if isinstance(shown, tuple):
                return shown[0]
        return Photo(url=url)

    def _seconds(self, asking: Asking, wished: float | None, chance: Random) -> float:
        drawn = pace.duration(asking, chance)
        if wished is not None:
            return wished
        fixed = self._options.task_seconds
        return drawn if fixed is None else fixed * self._options.speed

    def _made(self, asking: Asking, parent: Made | None) -> Made:
        seed = seed_in(asking.text("prompt"))
        return Maker(
            asking=asking,
            parent=parent,
            seed=self._seed(asking, parent) if seed is None else seed,
            picture_at=self.picture_at,
            video_suffix=self._video_suffix,
        ).make()

    def _seed(self, asking: Asking, parent: Made | None) -> int:
        # By what is asked and not by the order of requests, so that a busy client gets the same pictures every time.
        base = derived(self._options.seed, asking.action, None if parent is None else parent.seed, *asking.wording)
        if asking.action == "imagine":
            return base
        # The same edit once more is to give something new.
        self._asked[base] += 1
        return derived(base, self._asked[base])

    def _tell(self, task: Task, url: str) -> None:
        fault = self.faults.strike(_WEBHOOK_FAULTS, task.action)
        if fault == "lost-webhook":
            return
        delivery = self._delivery(task, url, task.posted(task.ends_at, self.media_url))
        if fault == "double-webhook":
            delivery = evolve(delivery, after=(delivery,))
        if fault == "backward-webhook":
            before = task.accepted_at + _LOOKING_BACK * task.seconds
            older = evolve(task, ends_at=math.inf).posted(before, self.media_url)
            delivery = evolve(delivery, after=(self._delivery(task, url, older),))
        self.outbox.post(delivery, at=task.ends_at + (LATE_WEBHOOK if fault == "late-webhook" else 0))

    def _delivery(self, task: Task, url: str, item: Item) -> Delivery:
        secret = {} if task.webhook_secret is None else {"x-webhook-secret": task.webhook_secret}
        headers = {"Content-Type": "application/json", **secret}
        return Delivery(task_id=task.id, url=url, headers=headers, body=json.dumps(item).encode())
