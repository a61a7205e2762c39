"""Statistics: what the client says it did is what the service's books say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest

from journey_async import (
    ClientNotOpenError,
    Delivery,
    RateLimitError,
    RetryPolicy,
    Spending,
    SubmissionInDoubtError,
    Task,
    TaskFailedError,
    TaskGraph,
    WebhookReceiver,
)
from tests.client.scripted import ACCEPTED, FINISHED, Script, json_reply
from tests.client.services import requests
from tests.client.test_cancellation import CANCELLING
from tests.client.test_mixture import FAULTS

if TYPE_CHECKING:
    from journey_async import JourneyClient
    from tests.client.services import Service

FAILED = json_reply({"task_id": "t1", "task_type": "imagine", "status": "failed", "error": "No."})
IMAGINE = 4
"""What an imagine costs."""


def receiver(**options: Any) -> WebhookReceiver:
    return WebhookReceiver(secret="a-secret-of-24-letters..", public_url="https://example.com/journey", **options)


def intent_of(script: Script) -> str:
    """Give the id of the intent that the newest imagine's webhook URL carries."""
    (*_, body) = (request.body or {} for request in script.sent if request.path == "/imagine")
    return parse_qs(urlsplit(str(body["webhook_url"])).query)["intent"][0]


def delivery(script: Script, reply: Any = FINISHED) -> Delivery:
    return Delivery(task_id="t1", intent=intent_of(script), raw=json.loads(reply.body))


async def test_nothing_was_done_before_anything_is_done(service: Service) -> None:
    """A frozen value, which a later one does not change; and only an open client has one."""
    async with service.client() as journey:
        before = journey.statistics
        await journey.account()
        assert before.requests == {}
        assert (before.accepted, before.busy, before.queued, before.slots) == (0, 0, 0, None)
        assert before.spending == Spending()
        assert journey.statistics.requests == {"/account": 1}
    with pytest.raises(ClientNotOpenError):
        _ = journey.statistics


async def test_what_was_done_is_what_the_books_say(service: Service) -> None:
    """Requests by path, tasks by state, credits with their refunds."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        picture = await journey.upscale_1x(grid, index=1)
        broken = await journey.imagine("[sandbox:fail=No.]")
        with pytest.raises(TaskFailedError):
            await broken
        now, ledger = journey.statistics, service.ledger()
        assert dict(now.requests) == ledger["requests"]
        assert (now.accepted, now.finished, now.failed, now.in_doubt) == (3, 1, 1, 0)
        assert now.spending == Spending(taken=ledger["charged"], given_back=ledger["refunded"])
        assert now.busy == 1
        assert now.repeated == 0
        await picture
        assert (journey.statistics.busy, journey.statistics.finished) == (0, 2)


@pytest.mark.serving(credits=100_000, task_seconds=0.01)
async def test_the_books_agree_whatever_goes_wrong(service: Service) -> None:
    """Every charge was told as taken or as in doubt, and every refund that was seen as given back."""
    service.set_faults(FAULTS)
    doubts: list[SubmissionInDoubtError] = []

    async def one(journey: JourneyClient, number: int) -> None:
        try:
            await (await journey.imagine(f"elk {number}"))
        except SubmissionInDoubtError as error:
            doubts.append(error)
        except TaskFailedError:
            pass

    async with service.client() as journey:
        async with anyio.create_task_group() as group:
            for number in range(80):
                group.start_soon(one, journey, number)
        now, ledger = journey.statistics, service.ledger()
    assert dict(now.requests) == ledger["requests"]
    assert now.in_doubt == len(doubts) > 0
    assert now.spending.in_doubt == IMAGINE * len(doubts)
    assert now.accepted <= ledger["accepted"] <= now.accepted + now.in_doubt
    assert now.spending.taken <= ledger["charged"] <= now.spending.taken + now.spending.in_doubt
    assert now.accepted == now.finished + now.failed
    known = {charge["task_id"] for charge in ledger["charges"]}
    assert len(known) - now.accepted == (ledger["charged"] - now.spending.taken) // IMAGINE
    assert now.repeated == requests(service, "/imagine") - 80


async def test_a_run_is_counted_like_single_calls(service: Service) -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk")
    graph.upscale_1x(grid, index=1)
    graph.imagine("[sandbox:fail]")
    async with service.client() as journey:
        outcome = await journey.run(graph)
        now, ledger = journey.statistics, service.ledger()
    assert dict(now.requests) == ledger["requests"]
    assert (now.accepted, now.finished, now.failed) == (3, 2, 1)
    assert now.spending == outcome.spending == Spending(taken=ledger["charged"], given_back=ledger["refunded"])


async def test_what_others_bought_is_not_counted(service: Service) -> None:
    """A task that was found by its id: its questions are, its credits are not."""
    async with service.client() as other:
        grid = await other.imagine("an elk")
    async with service.client() as journey:
        await journey.task(grid.id)
        now = journey.statistics
    assert set(now.requests) == {"/fetch"}
    assert (now.accepted, now.finished, now.spending) == (0, 0, Spending())


async def test_a_task_that_is_asked_about_again_is_counted_once(service: Service) -> None:
    """However often and through however many handles."""
    async with service.client() as journey:
        task = await journey.imagine("an elk")
        await task
        await journey.fetch(task)
        await journey.fetch(task.id)
        await journey.task(task.id)
        assert journey.statistics.finished == 1


async def test_a_synchronous_answer_is_a_task_that_has_finished(service: Service) -> None:
    """It is never asked about."""
    async with service.client() as journey:
        words = await journey.shorten("an elk, an elk, an elk")
        await words
        now = journey.statistics
    assert (now.accepted, now.finished) == (1, 1)
    assert now.spending.taken == service.ledger()["charged"]


@pytest.mark.serving(plan="basic", task_seconds=0.2)
async def test_slots_tasks_and_calls_that_wait_are_told(service: Service) -> None:
    """A basic plan lets five run at once, which the client finds out."""
    # Long enough that a busy machine looks before one slot more is tried.
    async with service.client(retry=RetryPolicy(first=0.4, longest=0.4)) as journey:
        tasks: list[Task[Any]] = []

        async def imagine(number: int) -> None:
            tasks.append(await journey.imagine(f"elk {number}"))

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(imagine, number)
            while journey.statistics.queued == 0:  # noqa: ASYNC110 - a test looks from outside
                await anyio.sleep(0.002)
            now = journey.statistics
            assert now.slots is not None
            assert 1 <= now.slots <= 5
            assert 1 <= now.busy <= 5
        assert journey.statistics.queued == 0
        assert journey.statistics.accepted == len(tasks) == 8


async def test_a_repetition_is_counted_when_it_leaves() -> None:
    """Not when it is planned: a caller who is cancelled in between repeats nothing."""
    limit = json_reply({}, 429, retry_after="3600")
    async with Script(json_reply({}, 429), ACCEPTED).client() as journey:
        await journey.imagine("an elk")
        assert (journey.statistics.repeated, dict(journey.statistics.requests)) == (1, {"/imagine": 2})
    async with Script(limit).client(retry=RetryPolicy(rate_limit_patience=7200)) as journey:
        with anyio.move_on_after(0.02):
            await journey.imagine("an elk")
        assert (journey.statistics.repeated, dict(journey.statistics.requests)) == (0, {"/imagine": 1})


async def test_a_refusal_is_a_request_and_costs_nothing() -> None:
    async with Script(json_reply({}, 429)).client(retry=RetryPolicy(rate_limit_patience=0)) as journey:
        with pytest.raises(RateLimitError):
            await journey.imagine("an elk")
        now = journey.statistics
    assert (now.accepted, now.in_doubt, now.spending) == (0, 0, Spending())


# ---------------------------------------------------------------------------------------------------------------------
# Doubts


async def test_a_doubt_is_counted_with_its_price(service: Service) -> None:
    """Taken or not cannot be known."""
    service.set_faults(["lost-reply:imagine:1"])
    async with service.client() as journey:
        with pytest.raises(SubmissionInDoubtError):
            await journey.imagine("an elk")
        now = journey.statistics
    assert (now.accepted, now.in_doubt, now.spending) == (0, 1, Spending(in_doubt=IMAGINE))
    assert service.ledger()["charged"] == now.spending.in_doubt


@CANCELLING
async def test_a_doubt_of_a_caller_who_has_gone_is_counted_once(cancelled: Any) -> None:
    script = Script(json_reply({}, 500), holding=True)
    async with script.client() as journey:
        await cancelled(journey.imagine("an elk"), script.arrived.wait, script.released.set)
        assert journey.statistics.spending == Spending(in_doubt=IMAGINE)
        assert journey.statistics.in_doubt == 1


@pytest.mark.parametrize(
    ("reply", "ended", "spending"),
    [
        (FINISHED, (1, 0), Spending(taken=IMAGINE)),
        (FAILED, (0, 1), Spending(taken=IMAGINE, given_back=IMAGINE)),
    ],
    ids=["finished", "failed"],
)
async def test_a_doubt_that_a_webhook_reveals_was_an_acceptance(
    reply: Any, ended: tuple[int, int], spending: Spending
) -> None:
    """The waiting caller gets its task, and nothing is in doubt any longer."""
    webhooks, script = receiver(), Script(json_reply({}, 500), reply)
    tasks: list[Task[Any]] = []

    async def imagine() -> None:
        tasks.append(await journey.imagine("an elk"))

    async with script.client(webhooks=webhooks) as journey:
        async with anyio.create_task_group() as group:
            group.start_soon(imagine)
            await anyio.wait_all_tasks_blocked()
            assert journey.statistics.in_doubt == 1
            assert webhooks.take_in(delivery(script, reply))
        now = journey.statistics
    assert [task.id for task in tasks] == ["t1"]
    assert (now.accepted, now.in_doubt, now.finished, now.failed) == (1, 0, *ended)
    assert now.spending == spending


@pytest.mark.parametrize("trusting", [False, True])
async def test_a_doubt_that_a_webhook_reveals_late_was_an_acceptance_too(trusting: bool) -> None:
    """Its caller was told of the doubt; the task is among the orphans, and its credits among those taken."""
    webhooks = receiver(reveal_within=0, trust_bodies=trusting)
    script = Script(json_reply({}, 500), FINISHED)
    async with script.client(webhooks=webhooks) as journey:
        with pytest.raises(SubmissionInDoubtError):
            await journey.imagine("an elk")
        assert journey.statistics.in_doubt == 1
        assert webhooks.take_in(delivery(script))
        webhooks.take_in(delivery(script))
        orphan = journey.orphans[-1]
        assert isinstance(orphan, Task)
        await orphan
        now = journey.statistics
    assert (now.accepted, now.in_doubt, now.finished) == (1, 0, 1)
    assert now.spending == Spending(taken=IMAGINE)


async def test_a_delivery_that_overtakes_the_reply_is_one_task() -> None:
    """Counted once."""
    webhooks, script = receiver(trust_bodies=True), Script(ACCEPTED, holding=True)
    async with script.client(webhooks=webhooks) as journey:
        async with anyio.create_task_group() as group:
            group.start_soon(journey.imagine, "an elk")
            await script.arrived.wait()
            assert webhooks.take_in(delivery(script))
            script.released.set()
        now = journey.statistics
    assert (now.accepted, now.in_doubt, now.finished, now.busy) == (1, 0, 1, 0)
    assert now.spending == Spending(taken=IMAGINE)
