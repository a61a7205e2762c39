"""What may be repeated, and after how long: decisions as functions of values."""

from __future__ import annotations

import math

from attrs import field
from attrs.validators import ge, gt

from journey_async.errors import ApiError, JourneyError, RateLimitError
from journey_async.values import frozen


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


def may_repeat(error: JourneyError) -> bool:
    """Tell whether a request may be sent again after *error*: a paid one only if it certainly was not accepted."""
    return error.transient and not error.credits_may_have_moved


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

    def closed(self, error: RateLimitError, policy: RetryPolicy, *, now: float, jitter: float) -> Hold:
        """Hold everybody back for as long as the service asks, and paid requests for *jitter* seconds more.

        But not for longer than patience lasts: a Retry-After of a day is an error of one call, not the client's end.

        A full plan is no reason to stop asking how its tasks are doing: that is how one learns that a slot is free.
        """
        asked = now + min(asked_wait(error), policy.rate_limit_patience)
        return Hold(
            level=self.level + (1 if now >= self.paid_until else 0),
            everyone_until=max(self.everyone_until, asked if error.paid else asked + jitter),
            paid_until=max(self.paid_until, asked + jitter),
        )

    def relaxed(self) -> Hold:
        """Forget the earlier 429: a paid request was accepted."""
        if not self.level:
            return self
        return Hold(everyone_until=self.everyone_until, paid_until=self.paid_until)
