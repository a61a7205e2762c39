"""Refusals, with the wait that they ask for."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from journey_async.core import wire
from journey_async.core.actions import Imagine
from journey_async.core.kinds import (
    ImagineGrid,
)
from journey_async.core.reading import (
    read_account,
    read_error,
    read_task,
    read_tasks,
    retry_after,
    says_unknown_task,
)
from journey_async.core.wire import Reply
from journey_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    InsufficientCreditsError,
    RateLimitError,
    ServerError,
)
from tests.core import samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

from tests.core.readings import FREE, PAID, read_submission, value_or_error

# --- refusals


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            400,
            samples.TWO_MESSAGES,
            BadRequestError,
            "prompt is required; aspect_ratio must be a valid ratio (e.g., 16:9)",
        ),
        (400, b"{}", BadRequestError, "no reason given"),
        (
            401,
            b"{}",
            AuthenticationError,
            "the API key is missing, malformed or revoked (it is sent as it is, without Bearer)",
        ),
        (402, samples.NO_CREDITS, InsufficientCreditsError, "Insufficient credits"),
        (402, b"", InsufficientCreditsError, "not enough credits on the account"),
        (429, samples.TOO_MANY, RateLimitError, "Rate limit exceeded"),
        (429, b"<html>", RateLimitError, "the plan's limit of tasks at once is reached"),
        (500, b"{}", ServerError, "no reason given"),
        (502, b"<html>Bad gateway</html>", ServerError, "no reason given"),
        (599, b"", ServerError, "no reason given"),
        (403, b"{}", ApiError, "no reason given"),
        (404, b'{"errors": [{"msg": "no such page"}]}', ApiError, "no such page"),
        (409, b'{"errors": "conflict"}', ApiError, "no reason given"),
        (422, b'{"errors": [{"msg": 7}, {}, null, {"msg": "odd"}]}', ApiError, "odd"),
        (304, b"", ApiError, "no reason given"),
    ],
)
def test_every_refusal_is_the_error_of_its_status_in_the_services_words(
    status: int, body: bytes, kind: type[ApiError], said: str
) -> None:
    error = read_error(PAID, Reply(status=status, body=body))

    assert type(error) is kind
    assert str(error) == f"POST /imagine: {status}: {said}"
    assert (error.method, error.path, error.status, error.paid) == ("POST", "/imagine", status, True)
    assert error.body == body.decode()


def test_a_refusal_keeps_every_message_of_the_service() -> None:
    error = read_error(PAID, Reply(status=400, body=samples.TWO_MESSAGES))

    assert error.messages == ("prompt is required", "aspect_ratio must be a valid ratio (e.g., 16:9)")


def test_a_redirect_says_where_it_leads_and_is_not_followed() -> None:
    error = read_error(FREE, Reply(status=301, headers={"location": "https://api.example.com/v2"}))

    assert str(error) == (
        "POST /fetch: 301: a redirect to https://api.example.com/v2, which is not followed: "
        "set base_url to where the service is"
    )


SECRET = 'gr\u00fc\u00df/"dich"'


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(SECRET).replace("/", "\\/"),
        json.dumps(SECRET).replace("\\u00fc", "\\u00FC"),
    ],
    ids=["as we write it", "in UTF-8", "with another slash", "in capitals"],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_webhook_secret_that_the_service_echoes_is_not_shown(status: int, written: str) -> None:
    asked = wire.submission(Imagine(prompt="an elk", webhook_secret=SECRET), None)
    body = f'{{"errors": [{{"msg": {written}}}]}}'.encode()
    error = value_or_error(lambda: read_submission(asked, Reply(status=status, body=body), gives=ImagineGrid))

    assert isinstance(error, ApiError)
    assert error.status == status
    assert [text for text in (str(error), error.body, *error.messages) if SECRET in text or written[1:-1] in text] == []


def test_a_bad_request_that_names_a_place_is_no_redirect() -> None:
    reply = Reply(status=400, headers={"location": "https://api.example.com/v2"}, body=b'{"errors": [{"msg": "no"}]}')

    error = read_error(FREE, reply)

    assert isinstance(error, BadRequestError)
    assert "redirect" not in str(error)


def test_a_webhook_secret_in_the_id_of_an_unreadable_task_is_not_shown() -> None:
    asked = wire.submission(Imagine(prompt="an elk", webhook_secret=SECRET), None)
    body = json.dumps({"task_id": f"t-{SECRET}", "status": "finished"}).encode()
    error = value_or_error(lambda: read_submission(asked, Reply(status=200, body=body), gives=ImagineGrid))

    assert isinstance(error, ApiError)
    assert "task t-(secret) is finished without" in str(error)
    assert SECRET not in f"{error}{error!r}{error.body}"


@pytest.mark.parametrize("secret", ["e", '"', "{", "msg", "errors", "prompt is required", ":", "[", "\\"])
def test_a_webhook_secret_of_everyday_characters_does_not_hide_what_the_service_says(secret: str) -> None:
    asked = wire.submission(Imagine(prompt="an elk", webhook_secret=secret), None)
    error = read_error(asked, Reply(status=400, body=samples.TWO_MESSAGES))

    assert len(error.messages) == 2


def test_a_refusal_carries_the_wait_that_the_service_asks_for() -> None:
    assert read_error(PAID, Reply(status=429, headers={"retry-after": "12"})).retry_after == 12.0


@pytest.mark.parametrize("status", [100, 199, 300, 400, 401, 402, 403, 404, 429, 500, 503, 599])
def test_every_reader_raises_a_refusal_even_when_the_body_is_a_sound_one(status: int) -> None:
    reads: dict[bytes, Callable[[Reply], object]] = {
        samples.SUBMITTED: lambda reply: read_submission(FREE, reply, gives=ImagineGrid),
        b'{"task_id": "t"}': lambda reply: read_submission(FREE, reply, gives=ImagineGrid),
        samples.FETCH_GRID: lambda reply: read_task(FREE, reply),
        samples.FETCH_MANY: lambda reply: read_tasks(FREE, reply),
        samples.ACCOUNT: lambda reply: read_account(FREE, reply),
    }
    for body, read in reads.items():
        with pytest.raises(ApiError) as caught:
            read(Reply(status=status, body=body))
        assert caught.value.status == status


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"errors": [{"msg": "task_id not found"}]}', True),
        (400, b'{"errors": [{"msg": "Task Not Found"}]}', True),
        (400, b'{"errors": [{"msg": "task_id is required"}]}', False),
        (400, b"{}", False),
        (404, b'{"errors": [{"msg": "task_id not found"}]}', False),
        (500, b'{"errors": [{"msg": "task_id not found"}]}', False),
    ],
)
def test_only_a_400_that_speaks_of_not_found_says_that_a_task_is_unknown(
    status: int, body: bytes, expected: bool
) -> None:
    assert says_unknown_task(read_error(FREE, Reply(status=status, body=body))) is expected


# --- Retry-After


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", None),
        (" ", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Fri, 99 Dec 1999 23:59:59 GMT", None),
        ("Wed, 30 Feb 2000 23:59:59 GMT", None),
        ("Fri, 31 Dec 1999 25:61:61 GMT", None),
        ("Fri, 31 Dec 1999", None),
    ],
)
def test_retry_after_is_read_in_seconds(value: str, expected: float | None) -> None:
    assert retry_after(Reply(status=429, headers={"retry-after": value})) == expected


def test_a_reply_without_retry_after_asks_for_no_particular_wait() -> None:
    assert retry_after(Reply(status=429)) is None


def test_a_retry_after_date_is_counted_from_the_date_of_the_reply() -> None:
    headers = {"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT", "date": "Fri, 31 Dec 1999 23:59:29 GMT"}

    assert retry_after(Reply(status=429, headers=headers, received_at=4_000_000_000.0)) == 30.0


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_a_retry_after_date_is_counted_from_our_clock_where_the_reply_has_no_date(date: str | None) -> None:
    headers = {"retry-after": "Sun, 09 Sep 2001 01:46:40 GMT", **({} if date is None else {"date": date})}

    assert retry_after(Reply(status=503, headers=headers, received_at=999_999_990.0)) == 10.0


def test_a_retry_after_date_that_has_passed_asks_for_no_wait() -> None:
    headers = {"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT", "date": "Sat, 01 Jan 2000 00:00:09 GMT"}

    assert retry_after(Reply(status=429, headers=headers)) == 0.0


@pytest.mark.parametrize(
    "written",
    [
        "Fri, 31 Dec 1999 24:00:00 GMT",
        "Fri, 31 Dec 1999 25:00:00 GMT",
        "Fri, 31 Dec 1999 23:60:00 GMT",
        "Fri, 31 Dec 1999 23:59:61 GMT",
        "Fri, 32 Dec 1999 23:59:59 GMT",
        "Fri, 00 Dec 1999 23:59:59 GMT",
        "Fri, 31 Dec 10000 23:59:59 GMT",
    ],
)
def test_a_retry_after_date_that_is_in_no_calendar_says_nothing(written: str) -> None:
    assert retry_after(Reply(status=429, headers={"retry-after": written}, received_at=0.0)) is None


def test_a_leap_second_is_in_the_calendar() -> None:
    headers = {"retry-after": "Fri, 31 Dec 1999 23:59:60 GMT", "date": "Fri, 31 Dec 1999 23:59:30 GMT"}

    assert retry_after(Reply(status=429, headers=headers)) == 30.0


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the local time be nine hours ahead of GMT."""
    if not hasattr(time, "tzset"):
        pytest.skip("the local time zone cannot be changed here")
    monkeypatch.setenv("TZ", "XXX-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_from_greenwich")
@pytest.mark.parametrize("written", ["Sun Sep  9 01:46:40 2001", "Sunday, 09-Sep-01 01:46:40 GMT"])
def test_the_two_older_forms_of_an_http_date_are_in_greenwich_time_too(written: str) -> None:
    reply = Reply(status=429, headers={"retry-after": written}, received_at=999_999_990.0)

    assert retry_after(reply) == 10.0
