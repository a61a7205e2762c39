"""Paid requests: repeated only if they certainly were not accepted, else in doubt after exactly one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import (
    ApiError,
    BadRequestError,
    ConnectionFailedError,
    NoReplyError,
    RateLimitError,
    Reply,
    ReplyLostError,
    RetryPolicy,
    ServerError,
    SubmissionInDoubtError,
    Task,
    UnreadableReplyError,
)
from tests.client.scripted import ACCEPTED, Script, json_reply
from tests.client.services import requests

if TYPE_CHECKING:
    from journey_async import JourneyError
    from tests.client.services import Service

LIMIT = json_reply({"errors": [{"msg": "Rate limit exceeded"}]}, 429)


def no_connection() -> ConnectionFailedError:
    return ConnectionFailedError("no connection", method="POST", path="/imagine", paid=True)


def reply_lost() -> ReplyLostError:
    return ReplyLostError("cut", method="POST", path="/imagine", paid=True)


def cut_off() -> ReplyLostError:
    return ReplyLostError("cut", method="GET", path="/account")


@pytest.mark.parametrize(
    "fault",
    ["lost-reply", "error-after-accept", "reset-before-accept", "http-500", "http-502", "truncated-json", "not-json"],
)
async def test_a_paid_request_of_unknown_fate_is_in_doubt_after_exactly_one_request(
    service: Service, fault: str
) -> None:
    """Whether it was accepted or not: the client cannot know."""
    service.set_faults([f"{fault}:imagine"])
    async with service.client() as journey:
        with pytest.raises(SubmissionInDoubtError) as caught:
            await journey.imagine("an elk", webhook_url="https://example.com/hook", webhook_secret="canary")
        assert requests(service, "/imagine") == 1
    error = caught.value
    assert error.credits_may_have_moved
    assert isinstance(error.__cause__, ReplyLostError | ServerError | UnreadableReplyError)
    assert error.__cause__.credits_may_have_moved
    assert (error.intent.action, error.intent.path, error.intent.parent) == ("imagine", "/imagine", None)
    assert error.intent.body == {
        "prompt": "an elk",
        "model": "midjourney",
        "webhook_url": "https://example.com/hook",
    }
    assert error.intent.id in str(error)


@pytest.mark.parametrize("fault", ["http-429-bare:imagine:2", "http-429-bare:imagine:1"])
async def test_a_429_is_repeated_until_it_is_accepted_once(service: Service, fault: str) -> None:
    """Certainly not accepted."""
    service.set_faults([fault])
    async with service.client() as journey:
        task = await journey.imagine("an elk")
        await task
    ledger = service.ledger()
    assert ledger["accepted"] == 1
    assert ledger["requests"]["/imagine"] == 1 + int(fault[-1])


async def test_no_connection_is_repeated_on_a_paid_request() -> None:
    """Nothing had left."""
    script = Script(no_connection(), no_connection(), ACCEPTED)
    async with script.client() as journey:
        assert (await journey.imagine("an elk")).id == "t1"
    assert len(script.sent) == 3


async def test_no_connection_is_told_when_patience_is_over() -> None:
    """As itself, not as a doubt."""
    script = Script(no_connection())
    async with script.client(retry=RetryPolicy(first=0.001, longest=0.001, patience=0.005)) as journey:
        with pytest.raises(ConnectionFailedError) as caught:
            await journey.imagine("an elk")
    assert not caught.value.credits_may_have_moved
    assert len(script.sent) > 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 415, 422, 301, 308])
async def test_a_refusal_is_told_after_one_request(status: int) -> None:
    """With all the service's words; no credits moved."""
    script = Script(json_reply({"errors": [{"msg": "prompt is required"}, {"msg": "and more"}]}, status))
    async with script.client() as journey:
        with pytest.raises(ApiError, match="prompt is required; and more") as caught:
            await journey.imagine("an elk")
    assert len(script.sent) == 1
    assert isinstance(caught.value, BadRequestError) is (status == 400)
    assert caught.value.messages == ("prompt is required", "and more")
    assert not caught.value.credits_may_have_moved


@pytest.mark.parametrize("status", [202, 302, 408, 409, 500, 502, 503, 504, 520])
async def test_any_other_answer_to_a_paid_request_is_in_doubt(status: int) -> None:
    """It may have been handled."""
    script = Script(json_reply({}, status))
    async with script.client() as journey:
        with pytest.raises(SubmissionInDoubtError):
            await journey.imagine("an elk")
    assert len(script.sent) == 1


@pytest.mark.parametrize("error", [cut_off(), LIMIT, json_reply({}, 500), Reply(status=200, body=b"{")], ids=str)
async def test_a_free_request_is_repeated_through_any_transient_fault(error: JourneyError | Reply) -> None:
    """Lost, refused for now, broken or unreadable."""
    script = Script(error, error, json_reply({"credits": 5, "plan": "basic"}))
    async with script.client() as journey:
        assert (await journey.account()).slots == 5
    assert len(script.sent) == 3


async def test_a_refusal_of_a_free_request_is_not_repeated() -> None:
    """It would be refused again."""
    script = Script(json_reply({}, 401))
    async with script.client() as journey:
        with pytest.raises(ApiError):
            await journey.account()
    assert len(script.sent) == 1


async def test_retry_after_is_a_floor_and_holds_back_every_sender() -> None:
    """Jitter is added, never taken off; free requests wait too, because the service asked for it."""
    script = Script(
        json_reply({}, 429, retry_after="0.04"),
        json_reply({"task_id": "t1"}),
        json_reply({"credits": 5, "task_id": "t2"}),
    )
    async with script.client() as journey, anyio.create_task_group() as group:
        group.start_soon(journey.imagine, "first")
        await script.arrived.wait()
        await anyio.wait_all_tasks_blocked()
        group.start_soon(journey.imagine, "second")
        group.start_soon(journey.account)
    first, *others = script.times
    assert len(others) == 3
    assert min(others) - first >= 0.04


async def test_a_retry_after_beyond_patience_is_told_at_once() -> None:
    """Waiting would be in vain."""
    script = Script(json_reply({}, 429, retry_after="3600"))
    async with script.client() as journey:
        with pytest.raises(RateLimitError) as caught:
            await journey.imagine("an elk")
    assert caught.value.retry_after == 3600
    assert len(script.sent) == 1


async def test_more_calls_than_the_plan_has_slots_all_get_through(service: Service) -> None:
    """429 is a reason to wait, not to fail."""
    async with service.client() as journey:
        tasks: list[Task[Any]] = []

        async def one(number: int) -> None:
            tasks.append(await journey.imagine(f"elk {number}"))

        async with anyio.create_task_group() as group:
            for number in range(40):
                group.start_soon(one, number)
        assert len({task.id for task in tasks}) == 40
    ledger = service.ledger()
    assert ledger["accepted"] == 40
    assert ledger["charged"] == 160


def test_a_lost_reply_is_no_reply() -> None:
    """So that one except clause catches both."""
    assert isinstance(reply_lost(), NoReplyError)
