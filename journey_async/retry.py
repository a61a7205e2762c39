"""Sending with patience: repeats what may be repeated, and lets a 429 hold back everybody. The only backoff code."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio

from journey_async.core.retrying import Hold, RetryPolicy, asked_wait, may_repeat, next_attempt
from journey_async.errors import ApiError, JourneyError, RateLimitError
from journey_async.tally import Tally
from journey_async.values import define

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from journey_async.core.wire import Reply, Request
    from journey_async.transport import Transport

T = TypeVar("T")

_NO_HOLD: Final = Hold()
"""Before the first 429: the usual case, in which every request is spared a look at the clock."""

_log = logging.getLogger("journey_async")


def loggable(error: JourneyError) -> str:
    """Say what happened without the service's words: they may quote a prompt, and logs are read by many."""
    return f"{type(error).__name__}, status {error.status}" if isinstance(error, ApiError) else str(error)


@define(eq=False)
class Patience:
    """How long one request is sent again: only where that is safe, and for as long as the policy says."""

    _policy: RetryPolicy
    _tally: Tally
    _clock: Callable[[], float]
    _request: Request
    _started: float
    _waits: Iterator[float] | None = None
    _attempts: int = 1

    async def outlast(self, error: JourneyError, *, queued: float = 0.0) -> None:
        """Wait until the request, which ended with *error*, may be sent again; raises *error* if it may not.

        The seconds that the attempts have *queued* for their turn do not count.
        """
        if not may_repeat(error):
            raise error
        now = self._clock()
        self._waits = self._waits or _waits(self._policy)
        jitter = _jitter(next(self._waits))
        at = next_attempt(self._policy, error, started=self._started + queued, now=now, jitter=jitter)
        if at is None:
            raise error
        self._attempts += 1
        _log.info(
            "%s %s is repeated in %.1f s: %s",
            self._request.method,
            self._request.path,
            at - now,
            loggable(error),
            extra={"path": self._request.path, "attempt": self._attempts},
        )
        await anyio.sleep(at - now)
        self._tally.repeated += 1


def _waits(policy: RetryPolicy) -> Iterator[float]:
    import backoff  # noqa: PLC0415 - most clients never repeat anything, and each would wait for it at its start

    waits = backoff.expo(base=2, factor=policy.first, max_value=policy.longest)
    next(waits)  # backoff primes its generators with one empty step
    return waits


def _jitter(longest: float) -> float:
    import backoff  # noqa: PLC0415 - as above

    return backoff.full_jitter(longest)


class Sender:
    """Sends the requests of one client through one transport."""

    def __init__(
        self,
        transport: Transport,
        policy: RetryPolicy,
        *,
        tally: Tally | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._tally = tally or Tally()
        self._policy = policy
        self._clock = clock
        self._hold = _NO_HOLD

    async def ask(self, request: Request, read: Callable[[Request, Reply], T]) -> T:
        """Send the free *request* until *read* makes a value of the reply, or the policy's patience is over."""
        started = self._clock()
        patience: Patience | None = None
        while True:
            try:
                return await self.ask_once(request, read)
            except JourneyError as error:
                patience = patience or self.patience(request, since=started)
                await patience.outlast(error)

    async def ask_once(self, request: Request, read: Callable[[Request, Reply], T]) -> T:
        """Send the free *request* once, as soon as no 429 forbids it."""
        if self._hold is not _NO_HOLD:
            await self._held_back(paid=False)
        return self.taken_in(request, await self.send(request), read)

    def patience(self, request: Request, *, since: float) -> Patience:
        """Give what is to outlast the failures of a request that was sent for the first time at *since*."""
        return Patience(self._policy, self._tally, self._clock, request, since)

    @property
    def may_pay(self) -> bool:
        """Whether no 429 forbids a paid request now."""
        return self._hold is _NO_HOLD or self._hold.until(paid=True) <= self._clock()

    async def wait_to_pay(self) -> None:
        """Wait until no 429 forbids a paid request."""
        await self._held_back(paid=True)

    def wait_after(self, failures: int) -> float:
        """Give the seconds to wait after so many failures in a row, for who repeats by other means."""
        return _jitter(min(self._policy.longest, self._policy.first * (1 << min(failures, 30))))

    def send(self, request: Request) -> Coroutine[Any, Any, Reply]:
        """Send *request* once, whether a 429 forbids it or not; the reply is for `taken_in`."""
        requests, path = self._tally.requests, request.path
        # A `Counter` takes twice as long.
        requests[path] = requests.get(path, 0) + 1
        return self._transport.send(request)

    def taken_in(self, request: Request, reply: Reply, read: Callable[[Request, Reply], T]) -> T:
        """Give what *read* makes of the reply; a 429 holds back whoever sends."""
        try:
            value = read(request, reply)
        except RateLimitError as error:
            jitter = _jitter(self._policy.first + self._hold.spread(self._policy))
            self._hold = self._hold.closed(error, self._policy, now=self._clock(), jitter=jitter)
            _log.info("%s %s: 429, senders wait %.1f s", request.method, request.path, asked_wait(error) + jitter)
            raise
        if self._hold is not _NO_HOLD and request.paid:
            self._hold = self._hold.relaxed()
        return value

    async def _held_back(self, *, paid: bool) -> None:
        # In a loop, because another 429 may come while this one waits.
        while (wait := self._hold.until(paid=paid) - self._clock()) > 0:  # noqa: ASYNC110 - it is a time, not an event
            await anyio.sleep(wait + _jitter(self._hold.spread(self._policy) if paid else 0.0))
