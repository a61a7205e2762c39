"""What webhooks are told, and when."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.sandbox import Delivery, World
from tests.sandbox.asking import JSON, Caller

HOOK = {"webhook_url": "https://your-server.com/webhook?task=1", "webhook_secret": "s3cret"}


def due(caller: Caller) -> tuple[Delivery, ...]:
    """Go to the next event and take what is due."""
    at = caller.world.next_event(caller.now)
    assert at is not None
    caller.now = at
    return caller.world.due_deliveries(at)


def body_of(delivery: Delivery) -> JSON:
    return json.loads(delivery.body)


@pytest.mark.parametrize("endpoint", ["imagine", "blend", "describe", "faceswap", "imagine-video"])
def test_a_delivery_is_the_fetched_object_less_its_model(endpoint: str) -> None:
    caller = Caller()
    task_id = caller.submit(endpoint, **HOOK).task_id
    (delivery,) = due(caller)
    item = caller.fetch(task_id)
    del item["model"]
    assert item == body_of(delivery)
    assert HOOK["webhook_url"] == delivery.url
    assert delivery.headers == {"Content-Type": "application/json", "x-webhook-secret": "s3cret"}


def test_a_failure_is_told_in_the_published_shape() -> None:
    caller = Caller()
    task_id = caller.submit("imagine", prompt="x [sandbox:fail]", **HOOK).task_id
    (delivery,) = due(caller)
    assert {
        "task_id": task_id,
        "task_type": "imagine",
        "status": "failed",
        "error": "Content policy violation",
    } == body_of(delivery)


def test_without_a_secret_there_is_no_header_of_it() -> None:
    caller = Caller()
    caller.submit("imagine", webhook_url="http://localhost:8000/hook")
    (delivery,) = due(caller)
    assert delivery.headers == {"Content-Type": "application/json"}


def test_a_synchronous_task_is_told_too() -> None:
    caller = Caller()
    task_id = caller.submit("imagine", model="z-image", **HOOK).task_id
    (delivery,) = due(caller)
    assert (task_id, "finished") == (body_of(delivery)["task_id"], body_of(delivery)["status"])


def test_without_a_webhook_nothing_is_sent() -> None:
    caller = Caller()
    caller.submit("imagine")
    assert due(caller) == ()
    assert caller.world.next_event(caller.now) is None


def test_a_delivery_that_fails_is_tried_again_after_10_30_and_90_seconds_and_then_given_up() -> None:
    caller = Caller()
    caller.submit("imagine", **HOOK)
    (first,) = due(caller)
    waits: list[float] = []
    delivery = first
    for _ in range(3):
        caller.now += 1.5
        caller.world.delivered(delivery, arrived=False, now=caller.now)
        before = caller.now
        (delivery,) = due(caller)
        waits.append(caller.now - before)
        assert first.body == delivery.body
    assert waits == pytest.approx([10, 30, 90])
    assert list(caller.world.undeliverable) == []
    caller.world.delivered(delivery, arrived=False, now=caller.now)
    assert caller.world.next_event(caller.now) is None
    assert list(caller.world.undeliverable) == [delivery]


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_no_try_follows_one_that_arrived(fates: list[bool]) -> None:
    caller = Caller()
    caller.submit("imagine", **HOOK)
    tries = 0
    while caller.world.next_event(caller.now) is not None:
        (delivery,) = due(caller)
        caller.world.delivered(delivery, arrived=fates[tries], now=caller.now)
        tries += 1
    assert tries == (fates.index(True) + 1 if True in fates else 4)
    assert len(caller.world.undeliverable) == (True not in fates)


def told(caller: Caller) -> list[tuple[float, str]]:
    """Accept every delivery, and tell when which status came."""
    seen: list[tuple[float, str]] = []
    while caller.world.next_event(caller.now) is not None:
        for delivery in due(caller):
            seen.append((caller.now, body_of(delivery)["status"]))
            caller.world.delivered(delivery, arrived=True, now=caller.now)
    return seen


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("lost-webhook", []),
        ("late-webhook", [(70, "finished")]),
        ("double-webhook", [(10, "finished"), (10, "finished")]),
        ("backward-webhook", [(10, "finished"), (10, "processing")]),
    ],
)
def test_a_fault_of_webhooks(fault: str, expected: list[tuple[float, str]]) -> None:
    caller = Caller(World(task_seconds=10, faults=[f"{fault}:blend:1"]))
    caller.submit("blend", **HOOK)
    assert expected == told(caller)
    caller.submit("blend", **HOOK)
    assert [(caller.now + 10, "finished")] == told(caller)


@pytest.mark.parametrize("seconds", [0, 10])
def test_a_backward_delivery_is_an_older_state_of_the_same_task(seconds: float) -> None:
    caller = Caller(World(task_seconds=seconds, faults=["backward-webhook"]))
    task_id = caller.submit("imagine", **HOOK).task_id
    (final,) = due(caller)
    caller.world.delivered(final, arrived=True, now=caller.now)
    (older,) = due(caller)
    body = body_of(older)
    assert int(body.pop("percentage")) < 100
    assert {"task_id": task_id, "task_type": "imagine", "status": "processing"} == body
