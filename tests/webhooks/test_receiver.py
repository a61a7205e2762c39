"""The receiver: what it asks of a submission, whom it tells, and what it answers."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from journey_async.core.deliveries import Delivery
from journey_async.errors import ConfigurationError
from tests.core import samples
from tests.webhooks.receiving import BODY, FINISHED, QUERY, SECRET, URL, Sink, receiver

if TYPE_CHECKING:
    from journey_async.webhooks import WebhookReceiver

OLD = "the-secret-before-that.."


async def answered(
    to: WebhookReceiver, body: bytes = BODY, *, method: str = "POST", secret: str | None = SECRET, query: str = QUERY
) -> int:
    headers = {} if secret is None else {"x-webhook-secret": secret}
    return (await to.answer(method, headers.items(), query, body)).status


# What a submission asks for


def test_a_submission_asks_for_a_delivery_that_names_its_intent() -> None:
    assert receiver().fields("i1") == {"webhook_url": f"{URL}?intent=i1", "webhook_secret": SECRET}


def test_of_several_secrets_the_first_is_sent() -> None:
    assert receiver(secret=[SECRET, OLD]).fields("i1")["webhook_secret"] == SECRET


def test_a_secret_may_be_as_short_as_16_characters() -> None:
    assert receiver(secret="x" * 16).fields("i1")["webhook_secret"] == "x" * 16


@pytest.mark.parametrize("url", [URL, "https://a.de", "http://127.0.0.1:8080/j", "http://localhost/j", f"{URL}?a=b"])
def test_a_public_url_is_https_or_on_this_machine(url: str) -> None:
    assert receiver(public_url=url).fields("i1")["webhook_url"].startswith(url)


@pytest.mark.parametrize("url", ["http://example.com/journey", "/journey", "", "https://", None, 7])
def test_another_public_url_is_refused(url: Any) -> None:
    with pytest.raises(ConfigurationError, match="public_url must be an https URL"):
        receiver(public_url=url)


def test_a_public_url_with_a_fragment_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="public_url must have no fragment"):
        receiver(public_url=f"{URL}#part")


@pytest.mark.parametrize("secret", ["", "fifteen letters", "x" * 15, "sechzehn Zeichen ", "x" * 16 + "é", None, 7, []])
@pytest.mark.parametrize("several", [False, True])
def test_a_secret_that_is_short_or_does_not_survive_a_header_is_refused_without_being_shown(
    secret: Any, several: bool
) -> None:
    with pytest.raises(ConfigurationError, match="secret must be a text of at least 16 visible ASCII") as caught:
        receiver(secret=[SECRET, secret] if several else secret)

    assert SECRET not in str(caught.value)
    assert not secret or str(secret) not in str(caught.value)


def test_everything_that_is_wrong_is_told_together() -> None:
    with pytest.raises(ConfigurationError) as caught:
        receiver(secret="", public_url="http://user:password@example.com/j?token=t0ken", largest_body=0)

    told = str(caught.value)
    assert all(part in told for part in ("secret must", "public_url must", "largest_body must be at least 1, got 0"))
    assert "http://…@example.com/j" in told
    assert "password" not in told
    assert "t0ken" not in told


@pytest.mark.parametrize("trust", [False, True])
def test_bodies_are_trusted_only_if_the_user_says_so(trust: bool) -> None:
    assert receiver(trust_bodies=trust).trust_bodies is trust
    assert not receiver().trust_bodies


def test_a_receiver_shows_where_it_is_and_no_secret() -> None:
    shown = repr(receiver(public_url="https://user:password@example.com/journey?token=t0ken"))

    assert shown == "<WebhookReceiver https://…@example.com/journey>"


# Whom it tells


async def test_a_delivery_is_handed_to_whoever_is_attached() -> None:
    sink = Sink()
    to = receiver(sink)

    assert await answered(to) == 200
    assert sink.told == [Delivery(task_id=samples.GRID_ID, intent="i1")]
    assert sink.told[0].raw == FINISHED


async def test_every_client_is_told_also_behind_one_that_knows_the_task() -> None:
    first, second = Sink(), Sink()

    assert await answered(receiver(first, second)) == 200
    assert len(first.told) == len(second.told) == 1


async def test_who_is_detached_is_told_no_longer() -> None:
    sink = Sink()
    to = receiver(sink)
    to.detach(sink)

    assert await answered(to) == 503
    assert sink.told == []


async def test_duplicates_and_backward_deliveries_are_answered_like_any_other() -> None:
    sink = Sink()
    to = receiver(sink)
    backward = BODY.replace(b'"finished"', b'"processing"')

    assert [await answered(to, body) for body in (BODY, BODY, backward)] == [200, 200, 200]
    assert len(sink.told) == 3


@pytest.mark.parametrize("secret", [OLD, None, SECRET[:-1], ""])
async def test_nobody_hears_of_a_delivery_without_the_secret(secret: str | None) -> None:
    sink = Sink()

    assert await answered(receiver(sink), secret=secret) == 401
    assert sink.told == []


async def test_an_old_secret_is_taken_while_it_is_replaced() -> None:
    to = receiver(Sink(), secret=(SECRET, OLD))

    assert [await answered(to, secret=secret) for secret in (SECRET, OLD)] == [200, 200]


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"not json", 400), (b"{}", 200), (b" " * 2000, 413), (b"[" * 1500, 400)]
)
async def test_what_tells_nothing_is_answered_and_not_handed_over(body: bytes, status: int) -> None:
    sink = Sink()

    assert await answered(receiver(sink, largest_body=1999), body) == status
    assert sink.told == []


# What nobody knows


async def test_a_task_that_no_client_knows_is_not_asked_for_again() -> None:
    assert await answered(receiver(Sink("another task"))) == 200


async def test_the_service_is_to_try_again_while_no_client_is_open() -> None:
    assert await answered(receiver()) == 503


@pytest.mark.parametrize("sinks", [(), (Sink("another task"),)])
async def test_what_is_unknown_here_is_handed_on(sinks: tuple[Sink, ...]) -> None:
    handed_on: list[Delivery] = []

    async def unknown(delivery: Delivery) -> None:
        handed_on.append(delivery)

    assert await answered(receiver(*sinks, unknown=unknown)) == 200
    assert handed_on == [Delivery(task_id=samples.GRID_ID, intent="i1")]


async def test_what_is_known_here_is_not_handed_on() -> None:
    async def unknown(_: Delivery) -> None:
        raise AssertionError

    assert await answered(receiver(Sink(), Sink("another task"), unknown=unknown)) == 200


async def test_the_service_is_to_try_again_if_handing_on_fails(caplog: pytest.LogCaptureFixture) -> None:
    async def unknown(_: Delivery) -> None:
        raise OSError("the queue is full")

    assert await answered(receiver(unknown=unknown)) == 500
    assert samples.GRID_ID in caplog.text
    assert "the queue is full" in caplog.text


async def test_a_process_takes_in_what_another_handed_on() -> None:
    known, unknown = receiver(Sink(samples.GRID_ID)), receiver(Sink("another task"))
    handed_on: list[Delivery] = []

    async def hand_on(delivery: Delivery) -> None:
        handed_on.append(Delivery(task_id=delivery.task_id, intent=delivery.intent, raw=dict(delivery.raw)))

    await answered(receiver(unknown=hand_on))

    assert known.take_in(handed_on[0])
    assert not unknown.take_in(handed_on[0])
    assert not receiver().take_in(handed_on[0])


# What stays inside


async def test_no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "journey_async")
    to = receiver(Sink())
    for secret in (SECRET, "a-forged-secret-"):
        await answered(to, secret=secret)
        await answered(to, b"no json", secret=secret)

    assert "401" in caplog.text
    assert SECRET not in caplog.text
    assert "a-forged-secret-" not in caplog.text


def test_the_module_does_not_load_a_web_server() -> None:
    code = "import journey_async.webhooks, sys; sys.exit('aiohttp' in sys.modules or 'aiohttp.web' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code
