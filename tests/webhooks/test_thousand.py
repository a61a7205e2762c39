"""A thousand tasks whose webhooks are lost, doubled, late, out of order and forged: every wait ends as it should."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import json
import math
import random
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import anyio
from attrs import define, field

from journey_async import Failed, Finished, Pace, Reply, Request, RetryPolicy
from journey_async.core.actions import Imagine
from journey_async.sandbox import World
from journey_async.workings import Workings
from tests.client.services import KEY
from tests.virtual_service import bought
from tests.virtual_time import run_virtually
from tests.webhooks.receiving import SECRET, receiver

if TYPE_CHECKING:
    from journey_async.watch import Watch
    from journey_async.webhooks import WebhookReceiver

TASKS: Final = 1000
TOGETHER: Final = 50
"""The plan's tasks at once."""
FAULTS: Final = (
    # Only one of them strikes a task: what is left for the later ones is less than all.
    f"lost-webhook:imagine:{0.3}",
    f"double-webhook:imagine:{0.2 / 0.7}",
    f"late-webhook:imagine:{0.05 / 0.5}",
    f"backward-webhook:imagine:{0.05 / 0.45}",
)
FORGED: Final = 50
ROUND_TRIP: Final = 0.1
PACE: Final = Pace()


@define(eq=False)
class Batch:
    """A run of a thousand tasks in virtual time, with realistic durations, and what came of it."""

    trust: bool = False
    webhooks: bool = True
    world: World = field(init=False)
    ends: dict[int, Watch] = field(factory=dict[int, "Watch"])
    noticed: list[float] = field(factory=list[float])
    """How late each end was noticed."""
    answers: Counter[int] = field(factory=Counter[int])
    """The statuses that deliveries were answered with."""
    submitted: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    """Task ids, and where their deliveries go."""

    def __attrs_post_init__(self) -> None:
        self.world = World(api_key=KEY, speed=1, plan="enterprise", slots=TOGETHER, credits=10**6, faults=FAULTS)

    async def send(self, request: Request, /) -> Reply:
        await anyio.sleep(ROUND_TRIP / 2)
        headers = {"Authorization": KEY, "Content-Type": "application/json"}
        path, body = f"/api/v1{request.path}", request.encoded() or b""
        answer = self.world.answer(request.method, path, headers=headers, body=body, now=anyio.current_time())
        await anyio.sleep(ROUND_TRIP / 2)
        if request.paid and answer.status == 200:
            url = str((request.body or {}).get("webhook_url", ""))
            self.submitted.append((json.loads(answer.body)["task_id"], urlsplit(url).query))
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(status=answer.status, headers=named, body=answer.body)

    async def run(self) -> None:
        to = receiver(trust_bodies=self.trust) if self.webhooks else None
        workings = Workings.on(self, retry=RetryPolicy(), pace=PACE, webhooks=to, clock=anyio.current_time)
        if to is not None:
            to.attach(workings.submitter)
        async with anyio.create_task_group() as background:
            if to is not None:
                background.start_soon(self._deliver, to)
                background.start_soon(self._forge, to)
            with workings.slots.allowed(TOGETHER):
                async with anyio.create_task_group() as group:
                    for number in range(TASKS):
                        group.start_soon(self._one, workings, number)
            background.cancel_scope.cancel()

    async def _one(self, workings: Workings, number: int) -> None:
        fails = " [sandbox:fail=no elks today]" if number % 10 == 0 else ""
        order = workings.submitter.order(Imagine(prompt=f"elk {number}{fails}"))
        watch = await bought(workings, order)
        await workings.watcher.end(watch)
        self.ends[number] = watch
        self.noticed.append(anyio.current_time() - self.world._account.tasks[watch.task_id].ends_at)

    async def _deliver(self, to: WebhookReceiver) -> None:
        while True:
            now = anyio.current_time()
            for delivery in self.world.due_deliveries(now):
                status = await _posted(to, delivery.headers["x-webhook-secret"], delivery.url, delivery.body)
                self.answers[status] += 1
                self.world.delivered(delivery, arrived=status == 200, now=now)
            at = self.world.next_event(now)
            # Those that are submitted meanwhile do not end sooner than that.
            await anyio.sleep(1 if at is None else min(max(at - now, 0.001), 1))

    async def _forge(self, to: WebhookReceiver) -> None:
        """Tell lies about tasks on their way; only where bodies are not trusted with the right secret, now and then."""
        chance = random.Random(4)
        for number in range(FORGED):
            await anyio.sleep(chance.uniform(5, 30))
            task_id, query = chance.choice(self.submitted[-TOGETHER:])
            lie = {"task_id": task_id, "status": "failed", "task_type": "imagine", "error": "forged"}
            secret = "a-forged-secret-" if self.trust or number % 2 else SECRET
            self.answers[await _posted(to, secret, f"?{query}", json.dumps(lie).encode())] += 1

    @property
    def questions(self) -> int:
        requests = self.world.ledger(math.inf)["requests"]
        return requests.get("/fetch", 0) + requests.get("/fetch-many", 0)


async def _posted(to: WebhookReceiver, secret: str, url: str, body: bytes) -> int:
    return (await to.answer("POST", [("x-webhook-secret", secret)], urlsplit(url).query, body)).status


def ran(**options: Any) -> Batch:
    """Run a batch and check that all waits ended, none wrongly."""
    batch = Batch(**options)
    run_virtually(batch.run)
    assert len(batch.ends) == TASKS
    for number, watch in batch.ends.items():
        if number % 10 == 0:
            assert isinstance(watch.state, Failed)
            assert watch.state.error == "no elks today"
        else:
            assert isinstance(watch.state, Finished)
            assert watch.state.result.task_id == watch.task_id
    assert len({watch.task_id for watch in batch.ends.values()}) == TASKS
    batch.noticed.sort()
    assert batch.noticed[0] >= 0, "none ended before its task did"
    return batch


def test_a_thousand_tasks_end_by_webhooks_with_far_fewer_questions_than_by_polling() -> None:
    """Three in ten deliveries are lost, two doubled, one late or followed by an older one, and fifty forged.

    Of 1000 ends, polling notices each with some 1500 questions at this pace, which batch together 50 tasks at once.
    """
    polled, told, trusted = ran(webhooks=False), ran(), ran(trust=True)

    assert told.questions <= 0.65 * polled.questions, "those that confirm, and the back-stop"
    assert trusted.questions <= 0.3 * polled.questions, "the back-stop alone: for each lost or late one once"
    assert told.answers[401] == FORGED / 2
    assert trusted.answers[401] == FORGED
    for batch in (told, trusted):
        assert batch.answers[200] > 0.7 * TASKS
        assert set(batch.answers) == {200, 401}
        six_in_ten, last = batch.noticed[int(0.6 * TASKS)], batch.noticed[-1]
        assert six_in_ten < 1, "what is told is noticed at once"
        assert last < PACE.quiet + 1, "what is lost is noticed by the back-stop"
