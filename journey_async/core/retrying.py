"""What may be repeated, and after how long: decisions as functions of values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from attrs import field, frozen
from attrs.validators import ge, gt

from journey_async.errors import ApiError, ConnectionFailedError, JourneyError, NoReplyError, RateLimitError

if TYPE_CHECKING:
    from journey_async.core.wire import Request

REFUSED: Final = frozenset({301, 307, 308, 400, 401, 402, 403, 404, 405, 411, 413, 414, 415, 422, 429, 431})
"""Statuses after which a paid request certainly was not accepted.

The service publishes 400, 401, 402 and 429. The others are refusals by HTTP's own definition (RFC 9110, 15.4 and 15.5),
given by whatever stands in front of the service: the request was never handled. Not among them: 408, 409 and every 5xx.
"""


@frozen(kw_only=True)
class RetryPolicy:
    """How patiently requests are repeated that may be repeated.

    The wait before repetition number n is what the service asks for in Retry-After, plus a random part of up to
    `first * 2**(n - 1)` seconds, and of `longest` seconds at the most.
    """

    first: float = field(default=0.5, validator=gt(0))
    """Seconds: the random part of the first wait is at most this long."""
    longest: float = field(default=20.0, validator=gt(0))
    """Seconds: the random part of any wait is at most this long."""
    patience: float = field(default=15.0, validator=ge(0))
    """Seconds from the first attempt after which no further one is made when no reply comes or it is a 5xx."""
    rate_limit_patience: float = field(default=300.0, validator=ge(0))
    """Seconds from the first attempt after which no further one is made when the service answers 429."""

    def patience_for(self, error: JourneyError) -> float:
        """Give the seconds for which requests that end like *error* are repeated."""
        return self.rate_limit_patience if isinstance(error, RateLimitError) else self.patience


def certainly_not_accepted(error: JourneyError) -> bool:
    """Tell whether a paid request that ended like *error* certainly costs nothing."""
    if isinstance(error, ApiError):
        return error.status in REFUSED
    return not isinstance(error, NoReplyError) or isinstance(error, ConnectionFailedError)


def may_repeat(request: Request, error: JourneyError) -> bool:
    """Tell whether *request* may be sent again after *error*: a paid one only if it certainly was not accepted."""
    return error.transient and (not request.paid or certainly_not_accepted(error))


def asked_wait(error: JourneyError) -> float:
    """Give the seconds that the service asked to wait; 0 where it did not."""
    return (error.retry_after or 0.0) if isinstance(error, ApiError) else 0.0


def next_attempt(
    policy: RetryPolicy, error: JourneyError, *, started: float, now: float, jitter: float
) -> float | None:
    """Give when to send again, on the clock of *started* and *now*; None to give up."""
    at = now + asked_wait(error) + jitter
    return at if at - started <= policy.patience_for(error) else None


@frozen(kw_only=True)
class Hold:
    """Until when a 429 holds back the requests of a client, on a monotonic clock."""

    level: int = 0
    """How many 429 came one after another; several that were under way together count once."""
    everyone_until: float = -math.inf
    paid_until: float = -math.inf

    def until(self, *, paid: bool) -> float:
        """Give when the next request may leave."""
        return self.paid_until if paid else self.everyone_until

    def spread(self, policy: RetryPolicy) -> float:
        """Give the seconds over which those who waited are to spread out, so that they do not all come at once."""
        return min(policy.longest, policy.first * (1 << min(self.level, 30))) if self.level else 0.0

    def closed(self, error: RateLimitError, *, now: float, jitter: float) -> Hold:
        """Hold everybody back for as long as the service asks, and paid requests for *jitter* seconds more.

        A full plan is no reason to stop asking how its tasks are doing: that is how one learns that a slot is free.
        """
        asked = now + asked_wait(error)
        return Hold(
            level=self.level + (1 if now >= self.paid_until else 0),
            everyone_until=max(self.everyone_until, asked if error.paid else asked + jitter),
            paid_until=max(self.paid_until, asked + jitter),
        )

    def relaxed(self) -> Hold:
        """Forget the earlier 429: a paid request was accepted."""
        return Hold(everyone_until=self.everyone_until, paid_until=self.paid_until)
