"""Sending with patience: repeats what may be repeated, and lets a 429 hold back everybody. The only backoff code."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
import backoff

from journey_async.core.retrying import Hold, RetryPolicy, asked_wait, may_repeat, next_attempt
from journey_async.errors import ApiError, JourneyError, RateLimitError
from journey_async.finishing import finish
from journey_async.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from journey_async.core.wire import Reply, Request
    from journey_async.transport import Transport

T = TypeVar("T")
FINISH_SECONDS: Final = 5.0
"""How long a cancelled caller waits for the reply to a paid request that has already left."""

_log = logging.getLogger("journey_async")


def loggable(error: JourneyError) -> str:
    """Say what happened without the service's words: they may quote a prompt, and logs are read by many."""
    return f"{type(error).__name__}, status {error.status}" if isinstance(error, ApiError) else str(error)


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
        self._hold = Hold()

    async def ask(self, request: Request, read: Callable[[Request, Reply], T]) -> T:
        """Send the free *request* until *read* makes a value of the reply, or the policy's patience is over."""
        return await self.patiently(request, lambda: self.ask_once(request, read))

    async def ask_once(self, request: Request, read: Callable[[Request, Reply], T]) -> T:
        """Send the free *request* once, as soon as no 429 forbids it."""
        await self._held_back(paid=request.paid)
        return await self._exchange(request, read)

    @property
    def may_pay(self) -> bool:
        """Whether no 429 forbids a paid request now."""
        return self._hold.until(paid=True) <= self._clock()

    async def wait_to_pay(self) -> None:
        """Wait until no 429 forbids a paid request."""
        await self._held_back(paid=True)

    async def submit_once(
        self, request: Request, read: Callable[[Request, Reply], T], *, unclaimed: Callable[[T | BaseException], None]
    ) -> T:
        """Send the paid *request* once, as soon as no 429 forbids it.

        *unclaimed* is told how it ended if the caller was cancelled while the request was under way.
        """
        await self._held_back(paid=request.paid)
        value = await finish(self._exchange(request, read), within=FINISH_SECONDS, unclaimed=unclaimed)
        self._hold = self._hold.relaxed()
        return value

    async def patiently(
        self, request: Request, attempt: Callable[[], Awaitable[T]], *, queued: Callable[[], float] = lambda: 0.0
    ) -> T:
        """Call *attempt* until it gives a value, which sends *request*, again only where that is safe.

        The seconds that the attempts have *queued* for their turn do not count against the policy's patience.
        """
        started, attempts = self._clock(), 1
        waits: Iterator[float] | None = None
        while True:
            try:
                return await attempt()
            except JourneyError as error:
                if not may_repeat(error):
                    raise
                now = self._clock()
                waits = waits or self._waits()
                jitter = backoff.full_jitter(next(waits))
                at = next_attempt(self._policy, error, started=started + queued(), now=now, jitter=jitter)
                if at is None:
                    raise
                attempts += 1
                _log.info(
                    "%s %s is repeated in %.1f s: %s",
                    request.method,
                    request.path,
                    at - now,
                    loggable(error),
                    extra={"path": request.path, "attempt": attempts},
                )
            await anyio.sleep(at - now)
            self._tally.repeated += 1

    def wait_after(self, failures: int) -> float:
        """Give the seconds to wait after so many failures in a row, for who repeats by other means."""
        return backoff.full_jitter(min(self._policy.longest, self._policy.first * (1 << min(failures, 30))))

    async def _exchange(self, request: Request, read: Callable[[Request, Reply], T]) -> T:
        self._tally.requests[request.path] += 1
        try:
            return read(request, await self._transport.send(request))
        except RateLimitError as error:
            jitter = backoff.full_jitter(self._policy.first + self._hold.spread(self._policy))
            self._hold = self._hold.closed(error, self._policy, now=self._clock(), jitter=jitter)
            _log.info("%s %s: 429, senders wait %.1f s", request.method, request.path, asked_wait(error) + jitter)
            raise

    async def _held_back(self, *, paid: bool) -> None:
        # In a loop, because another 429 may come while this one waits.
        while (wait := self._hold.until(paid=paid) - self._clock()) > 0:  # noqa: ASYNC110 - it is a time, not an event
            await anyio.sleep(wait + backoff.full_jitter(self._hold.spread(self._policy) if paid else 0.0))

    def _waits(self) -> Iterator[float]:
        waits = backoff.expo(base=2, factor=self._policy.first, max_value=self._policy.longest)
        next(waits)  # backoff primes its generators with one empty step
        return waits
