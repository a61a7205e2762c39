"""Bad arguments, and the service saying no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journey_async import (
    AuthenticationError,
    InsufficientCreditsError,
    InvalidRequestError,
    JourneyClient,
    RateLimitError,
    RetryPolicy,
    ServerError,
    TaskFailedError,
    TaskNotFoundError,
    UnreadableReplyError,
)
from tests.client.services import PATIENT, InProcess, OverHttp, requests

if TYPE_CHECKING:
    from tests.client.services import Service

IMPATIENT = RetryPolicy(first=0.001, longest=0.002, patience=0.0, rate_limit_patience=0.0)


async def test_all_faults_of_a_call_are_told_at_once_and_nothing_is_sent(service: Service) -> None:
    """In the service's words where it publishes them."""
    async with service.client() as journey:
        imagine: Any = journey.imagine
        with pytest.raises(InvalidRequestError) as caught:
            await imagine("", aspect_ratio="5:1", output_format="gif", webhook_url="ftp://x", extra={"prompt": "y"})
    said = [str(fault) for fault in caught.value.faults]
    assert [fault.argument for fault in caught.value.faults] == [
        "prompt",
        "aspect_ratio",
        "output_format",
        "webhook_url",
        "output_format",
        "extra",
    ]
    assert said[0].startswith("prompt is required")
    assert said[1].startswith("aspect_ratio must be a valid ratio (e.g., 16:9)")
    assert str(caught.value).startswith("imagine: 6 faults, nothing was sent:")
    assert requests(service) == 0


async def test_fetch_many_takes_2_to_20_ids(service: Service) -> None:
    """The service's own words; doubles count once."""
    async with service.client() as journey:
        for ids in (["one"], [f"id {number}" for number in range(21)], ["same", "same"], "abc", ["a", ""]):
            with pytest.raises(InvalidRequestError, match="task_ids must contain 2-20 IDs"):
                await journey.fetch_many(ids)
        with pytest.raises(InvalidRequestError, match="task_id is required"):
            await journey.fetch(" ")
        assert requests(service) == 0


async def test_a_wrong_key_is_an_authentication_error(service: Service) -> None:
    """401 with the empty body of the service."""
    if isinstance(service, InProcess):
        service.transport.headers["Authorization"] = "japi_live_wrong"
        client = service.client()
    else:
        assert isinstance(service, OverHttp)
        client = JourneyClient("japi_live_wrong", base_url=service.box.base_url, retry=PATIENT)
    async with client as journey:
        for call in (journey.imagine("an elk"), journey.account(), journey.fetch("some-id")):
            with pytest.raises(AuthenticationError) as caught:
                await call
            assert caught.value.status == 401
            assert not caught.value.credits_may_have_moved
    assert requests(service) == 3


@pytest.mark.serving(credits=3)
async def test_too_few_credits_are_told_and_not_repeated(service: Service) -> None:
    """402 with the service's words."""
    async with service.client() as journey:
        with pytest.raises(InsufficientCreditsError, match="Insufficient credits") as caught:
            await journey.imagine("an elk")
        assert caught.value.messages == ("Insufficient credits",)
    assert requests(service) == 1


async def test_a_429_is_told_with_its_retry_after_when_patience_is_over(service: Service) -> None:
    """Nothing was accepted."""
    service.set_faults(["http-429:imagine"])
    async with service.client(retry=IMPATIENT) as journey:
        with pytest.raises(RateLimitError, match="Rate limit exceeded") as caught:
            await journey.imagine("an elk")
    assert caught.value.retry_after == 1.0
    assert not caught.value.credits_may_have_moved
    assert service.ledger()["accepted"] == 0


@pytest.mark.parametrize("fault", ["http-500", "http-502"])
async def test_a_broken_service_is_told_on_a_free_call_when_patience_is_over(service: Service, fault: str) -> None:
    """5xx, with what the reply said."""
    service.set_faults([f"{fault}:account"])
    async with service.client(retry=IMPATIENT) as journey:
        with pytest.raises(ServerError) as caught:
            await journey.account()
    assert caught.value.status == int(fault[-3:])
    assert caught.value.path == "/account"
    assert not caught.value.credits_may_have_moved


@pytest.mark.parametrize("fault", ["not-json", "truncated-json"])
async def test_an_unreadable_reply_to_a_free_call_is_told_when_patience_is_over(service: Service, fault: str) -> None:
    """What came is shown, shortened."""
    service.set_faults([f"{fault}:account"])
    async with service.client(retry=IMPATIENT) as journey:
        with pytest.raises(UnreadableReplyError, match="not what the service documents") as caught:
            await journey.account()
    assert caught.value.body


async def test_a_failed_task_raises_the_service_s_words_and_gives_its_credits_back(service: Service) -> None:
    """However often it is awaited; its updates end with the failure instead."""
    async with service.client() as journey:
        task = await journey.imagine("an elk [sandbox:fail]")
        for _ in range(2):
            with pytest.raises(TaskFailedError, match=r"imagine task .* failed: Content policy violation") as caught:
                await task
            assert (caught.value.reason, caught.value.task_id) == ("Content policy violation", task.id)
        states = [state async for state in task.updates()]
        assert [state.status for state in states] == ["failed"]
    ledger = service.ledger()
    assert (ledger["charged"], ledger["refunded"]) == (4, 4)


async def test_an_unknown_task_is_not_found(service: Service) -> None:
    """At once by fetch; after three replies without it by waiting."""
    async with service.client() as journey:
        with pytest.raises(TaskNotFoundError):
            await journey.fetch("no-such-task")
        before = requests(service)
        with pytest.raises(TaskNotFoundError, match="3 replies in a row") as caught:
            await journey.task("no-such-task")
        assert caught.value.task_id == "no-such-task"
        assert requests(service) == before + 3


async def test_a_mask_that_is_no_file_and_no_picture_is_a_fault(service: Service) -> None:
    """Named with what was given; nothing is sent for it but the look-up of its parent's state."""
    async with service.client() as journey:
        elk = await journey.upscale_1x(await journey.imagine("an elk"), index=1)
        before = requests(service)
        for mask in ("no-such-file.png", b"no picture", "\0"):
            with pytest.raises(InvalidRequestError, match="mask must be the bytes, the path or the base64 text"):
                await journey.inpaint(elk, mask=mask)
        assert requests(service) == before
