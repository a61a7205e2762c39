"""What may be repeated, and after how long."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core import wire
from journey_async.core.actions import Shorten
from journey_async.core.reading import read_error
from journey_async.core.retrying import (
    Hold,
    RetryPolicy,
    asked_wait,
    may_repeat,
    next_attempt,
)
from journey_async.core.wire import Reply
from journey_async.errors import (
    ClientNotOpenError,
    ConfigurationError,
    ConnectionFailedError,
    IllegalParentError,
    InvalidRequestError,
    JourneyError,
    NoReplyError,
    RateLimitError,
    ReplyLostError,
    SubmissionInDoubtError,
    TaskFailedError,
    TaskNotFoundError,
    UnreadableReplyError,
)
from journey_async.intent import Intent

if TYPE_CHECKING:
    from collections.abc import Callable

PAID = wire.submission(Shorten(prompt="an elk"), None)
FREE = wire.fetch("t-1")
POLICY = RetryPolicy()


PLAIN = RetryPolicy()


def answered(status: int, *, paid: bool = True, retry_after: str = "") -> JourneyError:
    if 200 <= status < 300:
        return UnreadableReplyError("html", method="POST", path="/shorten", status=status, paid=paid)
    return read_error(PAID if paid else FREE, Reply(status=status, headers={"retry-after": retry_after}))


def rate_limit(*, paid: bool = True, wait: float | None = None) -> RateLimitError:
    return RateLimitError("429", method="POST", path="/imagine", status=429, retry_after=wait, paid=paid)


def lost(*, paid: bool = True) -> ReplyLostError:
    return ReplyLostError("cut", method="POST", path="/imagine", paid=paid)


def unconnected(*, paid: bool = True) -> ConnectionFailedError:
    return ConnectionFailedError("refused", method="POST", path="/imagine", paid=paid)


def unreadable(*, paid: bool = True) -> UnreadableReplyError:
    return UnreadableReplyError("html", method="POST", path="/imagine", status=200, paid=paid)


# status, may have been accepted when it was paid, may be repeated when it was free, and when it was paid
STATUSES = [
    (200, True, True, False),
    (301, False, False, False),
    (302, True, False, False),
    (303, True, False, False),
    (307, False, False, False),
    (308, False, False, False),
    (400, False, False, False),
    (401, False, False, False),
    (402, False, False, False),
    (403, False, False, False),
    (404, False, False, False),
    (405, False, False, False),
    (408, True, False, False),
    (409, True, False, False),
    (413, False, False, False),
    (414, False, False, False),
    (415, False, False, False),
    (418, True, False, False),
    (422, False, False, False),
    (429, False, True, True),
    (431, False, False, False),
    (500, True, True, False),
    (501, True, True, False),
    (502, True, True, False),
    (503, True, True, False),
    (504, True, True, False),
    (599, True, True, False),
]


@pytest.mark.parametrize(("status", "doubtful", "free", "paid"), STATUSES)
def test_a_status_tells_what_may_be_repeated(status: int, doubtful: bool, free: bool, paid: bool) -> None:
    assert may_repeat(answered(status, paid=False)) is free
    assert may_repeat(answered(status)) is paid
    assert answered(status).credits_may_have_moved is doubtful
    assert answered(status, paid=False).credits_may_have_moved is False


@pytest.mark.parametrize(
    ("make", "free", "paid"),
    [(unconnected, True, True), (lost, True, False), (unreadable, True, False), (rate_limit, True, True)],
)
def test_what_went_wrong_with_a_request_tells_whether_it_may_be_repeated(
    make: Callable[..., JourneyError], free: bool, paid: bool
) -> None:
    assert may_repeat(make(paid=False)) is free
    assert may_repeat(make(paid=True)) is paid


@pytest.mark.parametrize(
    "error",
    [
        JourneyError("something went wrong"),
        InvalidRequestError("pan", []),
        IllegalParentError("pan", rule="pan", parent="t", kind="k", needs="n", remedy="r"),
        ConfigurationError("no key"),
        ClientNotOpenError("closed"),
        TaskNotFoundError("gone", task_id="t"),
        TaskFailedError(task_id="t", action="pan", reason="Content policy violation"),
        SubmissionInDoubtError(Intent(id="i", action="pan", path="/pan", body={}), why="cut"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_time_does_not_heal_is_not_repeated(error: JourneyError) -> None:
    assert may_repeat(error) is False


def test_a_paid_request_is_not_repeated_when_a_transport_says_no_more_than_that_no_reply_came() -> None:
    error = NoReplyError("silence", method="POST", path="/imagine", paid=True)

    assert error.credits_may_have_moved
    assert not may_repeat(error)


@given(st.integers(100, 999))
def test_a_paid_request_is_repeated_only_after_a_429(status: int) -> None:
    assert may_repeat(answered(status)) is (status == 429)


# --- patience


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (answered(429, retry_after="7"), 7.0),
        (answered(503, retry_after="7"), 7.0),
        (answered(503), 0.0),
        (rate_limit(wait=None), 0.0),
        (lost(), 0.0),
        (ConfigurationError("no key"), 0.0),
    ],
)
def test_the_wait_that_the_service_asks_for_is_the_one_of_its_reply(error: JourneyError, wait: float) -> None:
    assert asked_wait(error) == wait


@pytest.mark.parametrize(
    ("error", "now", "jitter", "expected"),
    [
        (lost(), 100.0, 0.25, 100.25),
        (lost(), 114.75, 0.25, 115.0),
        (lost(), 114.75, 0.5, None),
        (answered(503), 110.0, 5.0, 115.0),
        (answered(503), 110.0, 5.5, None),
        (answered(503, retry_after="4"), 110.0, 1.0, 115.0),
        (answered(503, retry_after="4"), 110.0, 1.5, None),
        (rate_limit(), 115.5, 1.0, 116.5),
        (rate_limit(wait=60.0), 100.0, 0.5, 160.5),
        (rate_limit(wait=60.0), 339.0, 1.0, 400.0),
        (rate_limit(wait=60.0), 339.0, 1.5, None),
        (rate_limit(wait=301.0), 100.0, 0.0, None),
    ],
)
def test_the_next_attempt_is_after_the_asked_wait_and_a_jitter_while_patience_lasts(
    error: JourneyError, now: float, jitter: float, expected: float | None
) -> None:
    assert next_attempt(POLICY, error, started=100.0, now=now, jitter=jitter) == expected


def test_without_patience_nothing_is_repeated_after_a_wait() -> None:
    policy = RetryPolicy(patience=0.0, rate_limit_patience=0.0)

    assert next_attempt(policy, lost(), started=0.0, now=0.0, jitter=0.1) is None
    assert next_attempt(policy, rate_limit(), started=0.0, now=0.0, jitter=0.1) is None


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 60), st.floats(0, 1e4) | st.none())
def test_the_next_attempt_is_never_before_what_was_asked_nor_beyond_patience(
    started: float, after: float, jitter: float, wait: float | None
) -> None:
    now = started + after
    at = next_attempt(POLICY, rate_limit(wait=wait), started=started, now=now, jitter=jitter)

    if at is not None:
        assert at >= now + (wait or 0.0)
        assert at - started <= POLICY.rate_limit_patience


@pytest.mark.parametrize(
    "wrong",
    [{"first": 0}, {"first": -1}, {"longest": 0}, {"patience": -0.1}, {"rate_limit_patience": -1}],
)
def test_a_policy_without_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)


@pytest.mark.parametrize("name", ["first", "longest", "patience", "rate_limit_patience"])
def test_a_policy_with_a_time_that_is_no_number_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        RetryPolicy(**{name: math.nan})


# --- holding back


def test_nobody_is_held_back_at_first() -> None:
    assert Hold().until(paid=True) == Hold().until(paid=False) == -math.inf
    assert Hold().spread(POLICY) == 0.0


def test_a_429_on_a_paid_request_holds_back_the_paid_ones_alone_unless_the_service_asks_for_a_wait() -> None:
    hold = Hold().closed(rate_limit(), PLAIN, now=100.0, jitter=0.5)

    assert hold.until(paid=True) == 100.5
    assert hold.until(paid=False) == 100.0


def test_a_429_on_a_free_request_holds_back_everybody() -> None:
    hold = Hold().closed(rate_limit(paid=False), PLAIN, now=100.0, jitter=0.5)

    assert hold.until(paid=True) == hold.until(paid=False) == 100.5


@pytest.mark.parametrize(("paid", "everyone"), [(True, 130.0), (False, 130.5)])
def test_the_wait_that_the_service_asks_for_is_a_floor_for_everybody(paid: bool, everyone: float) -> None:
    hold = Hold().closed(rate_limit(paid=paid, wait=30.0), PLAIN, now=100.0, jitter=0.5)

    assert hold.until(paid=True) == 130.5
    assert hold.until(paid=False) == everyone


def test_a_shorter_hold_does_not_shorten_a_longer_one() -> None:
    hold = Hold().closed(rate_limit(wait=30.0), PLAIN, now=100.0, jitter=0.5)

    assert hold.closed(rate_limit(wait=1.0), PLAIN, now=101.0, jitter=0.1).until(paid=True) == 130.5


def test_several_429_that_were_under_way_together_count_once() -> None:
    hold = Hold()
    for moment in (100.0, 100.01, 100.02, 100.3):
        hold = hold.closed(rate_limit(), PLAIN, now=moment, jitter=0.5)

    assert hold.level == 1


def test_429s_one_after_another_count_each_and_spread_senders_ever_wider_up_to_the_longest() -> None:
    hold = Hold()
    spreads: list[float] = []
    now = 0.0
    for _ in range(8):
        hold = hold.closed(rate_limit(), PLAIN, now=now, jitter=0.5)
        spreads.append(hold.spread(POLICY))
        now = hold.until(paid=True)

    assert hold.level == 8
    assert spreads == [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0, 20.0]


def test_a_thousand_429s_do_not_overflow_the_spread() -> None:
    assert Hold(level=100_000).spread(POLICY) == 20.0


def test_an_accepted_request_forgets_the_earlier_429_but_not_the_wait_that_was_asked() -> None:
    hold = Hold().closed(rate_limit(wait=30.0), PLAIN, now=100.0, jitter=0.5).relaxed()

    assert hold.level == 0
    assert hold.spread(POLICY) == 0.0
    assert (hold.until(paid=True), hold.until(paid=False)) == (130.5, 130.0)


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 100) | st.none(), st.floats(0, 10), st.floats(0, 50)), min_size=1)
)
def test_a_hold_never_opens_before_any_429_allows_it_and_free_requests_never_wait_longer_than_paid_ones(
    happenings: list[tuple[bool, float | None, float, float]],
) -> None:
    hold = Hold()
    now = 0.0
    floor = 0.0
    for paid, wait, passed, jitter in happenings:
        now += passed
        floor = max(floor, now + (wait or 0.0))
        hold = hold.closed(rate_limit(paid=paid, wait=wait), PLAIN, now=now, jitter=jitter)
        assert hold.until(paid=False) >= floor
        assert hold.until(paid=True) >= hold.until(paid=False)
        assert 0 < hold.spread(POLICY) <= POLICY.longest
    assert 1 <= hold.level <= len(happenings)


def test_a_wait_of_a_day_holds_nobody_back_for_longer_than_patience_lasts() -> None:
    hold = Hold().closed(rate_limit(wait=86400.0), RetryPolicy(rate_limit_patience=60.0), now=100.0, jitter=0.5)

    assert (hold.until(paid=False), hold.until(paid=True)) == (160.0, 160.5)
