"""Webhooks: what the service tells by itself, received by whatever web server the user has, and handed to clients."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from journey_async.asgi import AsgiApp, Read, extra_headers
from journey_async.core import checks
from journey_async.core.deliveries import (
    LARGEST_BODY,
    NO_POST,
    RECEIVED,
    SECRET_HEADER,
    Answer,
    Characters,
    Decision,
    Delivery,
    Headers,
    decide,
    refuse,
    refuse_secret,
    told,
    webhook_url_for,
)
from journey_async.errors import ConfigurationError

if TYPE_CHECKING:
    from aiohttp import web

SHORTEST_SECRET: Final = 16
"""Characters."""
REVEAL_WITHIN: Final = 60.0
"""Seconds."""
_BAD_SECRET: Final = (
    f"secret must be a text of at least {SHORTEST_SECRET} visible ASCII characters without blanks, or several of them: "
    "secrets.token_urlsafe() makes one"
)
_SECRET_NAME: Final = SECRET_HEADER.decode()
NOBODY_HERE: Final = Answer(status=503, why="no client is open")
NOT_HANDED_ON: Final = Answer(status=500, why="the delivery could not be handed on")

Unknown: TypeAlias = Callable[[Delivery], Awaitable[object]]
"""Told of a delivery that no client of this process knows; it has about ten seconds."""

_log = logging.getLogger("journey_async")


class Sink(Protocol):
    """Whoever deliveries are for, which is a client."""

    def delivered(self, delivery: Delivery, /) -> bool:
        """Take in a delivery, without waiting; False if neither its task nor its intent is known here."""
        ...


class WebhookReceiver:
    """Receives the service's webhooks; mounted in a web server, and given to `JourneyClient(webhooks=receiver)`.

    Mount it where *public_url* leads: `app.router.add_post("/journey", receiver.aiohttp_handler)` in aiohttp.web,
    `app.mount("/journey", receiver.asgi)` in FastAPI or Starlette, with a *public_url* that then ends with a slash.
    Every submission of the client asks for a delivery there. A delivery makes those who wait ask the service at once;
    they ask now and then by themselves, so that one which is lost only costs time.

    Client and web server have to run in the same event loop. A delivery while no client is open is answered 503, so
    that the service tries again: after about 10, 30 and 90 seconds.
    """

    def __init__(
        self,
        *,
        secret: str | Sequence[str],
        public_url: str,
        trust_bodies: bool = False,
        unknown: Unknown | None = None,
        reveal_within: float = REVEAL_WITHIN,
        largest_body: int = LARGEST_BODY,
    ) -> None:
        """Prepare a receiver; raises `ConfigurationError` that tells everything that is wrong.

        *secret* is what the service shall echo; of several the first is sent and all are taken, so that a secret can be
        replaced while tasks are under way. It is not generated, because it has to outlive the process: write
        `secrets.token_urlsafe()` into your settings once.

        With *trust_bodies* a delivery is believed without asking the service: the secret, which everybody has who saw
        one delivery, is then all that stands between you and a forged result.

        *unknown* is awaited with each delivery that no client here knows, in order to hand it on to the process that
        does; when it raises, the answer is 500, and the service tries again. Without it such a delivery is dropped.

        *reveal_within* is how many seconds a submission in doubt waits for a delivery, which comes when the task ends
        and reveals it; only then it becomes a `SubmissionInDoubtError`. A later one puts the task among
        `JourneyClient.orphans`.
        """
        self._secrets = _usable(secret)
        faults = [*([] if self._secrets else [_BAD_SECRET]), *_url_faults(public_url)]
        if largest_body < 1:
            faults.append(f"largest_body must be at least 1, got {largest_body}")
        if not reveal_within >= 0:
            faults.append(f"reveal_within must be 0 or more seconds, got {reveal_within}")
        if faults:
            raise ConfigurationError("; ".join(faults))
        self.reveal_within = reveal_within
        self._public_url = public_url
        self._trust_bodies = trust_bodies
        self._unknown = unknown
        self._largest_body = largest_body
        self._sinks: list[Sink] = []
        self.hand_on: list[Unknown] = []
        """Who is awaited with deliveries that no client here knows, beside *unknown*."""

    @property
    def trust_bodies(self) -> bool:
        """Whether a delivery is believed without asking the service."""
        return self._trust_bodies

    def fields(self, intent_id: str) -> dict[str, str]:
        """Give the fields of a submission that ask for its delivery to this receiver."""
        url = webhook_url_for(self._public_url, intent_id)
        return {"webhook_url": url, "webhook_secret": self._secrets[0].decode()}

    def attach(self, sink: Sink) -> None:
        """Hand deliveries to *sink* from now on."""
        self._sinks.append(sink)

    def detach(self, sink: Sink) -> None:
        """Hand deliveries to *sink* no longer."""
        self._sinks.remove(sink)

    def take_in(self, delivery: Delivery) -> bool:
        """Take in a delivery that another process handed on; False if no client here knows it."""
        # Every client is told, also behind the first that knows it: two of them may wait for the same task.
        known = False
        for sink in self._sinks:
            known |= sink.delivered(delivery)
        return known

    async def answer(self, method: str, headers: Headers, query: Characters, body: bytes) -> Answer:
        """Take in one request and give what to answer: for web servers other than those with a method of their own.

        *query* is what stands behind the question mark, as it came.
        """
        decision = decide(method, headers, query, body, secrets=self._secrets, largest_body=self._largest_body)
        return await self._answered(decision)

    @property
    def asgi(self) -> AsgiApp:
        """The ASGI application, for FastAPI, Starlette, Quart and others; it answers at every path that leads to it.

        Starlette redirects `/journey` to `/journey/` where it is mounted, and the service need not follow: let the
        public URL end with a slash, or use `Route("/journey", receiver.asgi)`.
        """
        return AsgiApp(self._handle)

    async def aiohttp_handler(self, request: web.Request) -> web.Response:
        """Answer a request to aiohttp.web: `app.router.add_post("/journey", receiver.aiohttp_handler)`."""
        response, not_encoded_so = _of_aiohttp()
        decision: Decision | None = NO_POST
        if request.method == "POST":
            decision = refuse_secret(request.headers.getall(_SECRET_NAME, ()), secrets=self._secrets)
        if decision is None:
            content = request.content
            try:
                # A short body comes along with its headers: nothing is left to wait for.
                body = content.read_nowait() if content.is_eof() else await self._whole(content.readany)
            except not_encoded_so:
                # Not encoded as its headers say: what has come of it is no JSON.
                body = b""
            decision = told(request.rel_url.raw_query_string, body, largest_body=self._largest_body)
        if isinstance(decision, Delivery) and self.take_in(decision):
            # Nearly all requests end here: this is `_answered` with a coroutine less.
            return response()
        answer = await self._answered_otherwise(decision)
        return response(status=answer.status, text=answer.why or None, headers=extra_headers(answer))

    def aiohttp_app(self) -> web.Application:
        """Make an aiohttp.web application: `app.add_subapp("/journey", receiver.aiohttp_app())`."""
        from aiohttp import web  # noqa: PLC0415 - who has no aiohttp.web server need not load it

        app = web.Application()
        for path in ("", "/{path:.*}"):
            app.router.add_route("*", path, self.aiohttp_handler)
        return app

    async def _handle(self, method: str, headers: Headers, query: Characters, read: Read) -> Answer:
        decision: Decision | None = refuse(method, headers, secrets=self._secrets)
        # A stranger's body is not even read.
        if decision is None:
            decision = told(query, await self._whole(read), largest_body=self._largest_body)
        return await self._answered(decision)

    async def _whole(self, read: Read) -> bytes:
        """Read the body, or enough of it to see that it is too large."""
        body = bytearray()
        while len(body) <= self._largest_body and (part := await read()):
            body += part
        return bytes(body)

    async def _answered(self, decision: Decision) -> Answer:
        if isinstance(decision, Delivery) and self.take_in(decision):
            return RECEIVED
        return await self._answered_otherwise(decision)

    async def _answered_otherwise(self, decision: Decision) -> Answer:
        answer = decision if isinstance(decision, Answer) else await self._handed_on(decision)
        if answer is not RECEIVED:
            _log.info("a webhook delivery was answered %d: %s", answer.status, answer.why)
        return answer

    async def _handed_on(self, delivery: Delivery) -> Answer:
        hand_on = [*self.hand_on, *([] if self._unknown is None else [self._unknown])]
        if not hand_on:
            return RECEIVED if self._sinks else NOBODY_HERE
        try:
            for tell in hand_on:
                await tell(delivery)
        except Exception:  # noqa: BLE001 - it is the user's own, and the service is to try again whatever it raises
            _log.exception("the delivery of task %s, unknown here, could not be handed on", delivery.task_id)
            return NOT_HANDED_ON
        return RECEIVED

    def __repr__(self) -> str:
        return f"<WebhookReceiver {_shown(self._public_url)}>"


@cache
def _of_aiohttp() -> tuple[type[web.Response], type[Exception]]:
    """Load what is needed of aiohttp.web, once: who has no such server need not load it, and to import takes time."""
    from aiohttp.web import RequestPayloadError, Response  # noqa: PLC0415

    return Response, RequestPayloadError


def _usable(secret: object) -> tuple[bytes, ...]:
    """Give the secrets as headers bring them; none if one of them is no good."""
    given = cast("Sequence[object]", secret) if isinstance(secret, list | tuple) else (secret,)
    # Characters beyond ASCII come out of a header differently from server to server.
    usable = [each.encode() for each in given if isinstance(each, str) and re.fullmatch(r"[!-~]+", each)]
    return tuple(usable) if len(usable) == len(given) and min(map(len, usable), default=0) >= SHORTEST_SECRET else ()


def _url_faults(url: str) -> list[str]:
    fault = checks.webhook_url("public_url", url)
    if fault is not None:
        return [f"{fault.message}, got {_shown(url)!r}"]
    return [f"public_url must have no fragment, which is never sent, got {_shown(url)!r}"] if "#" in url else []


def _shown(url: object) -> str:
    """Show a URL without its user name and its query, which may be secrets."""
    return re.sub(r"//[^/@]*@", "//…@", str(url).partition("?")[0])
