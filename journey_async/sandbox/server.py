"""The sandbox as an HTTP server: a thin shell that gives a world its sockets, its clock and its pictures."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

import anyio
from aiohttp import web
from anyio import AsyncContextManagerMixin

from journey_async.errors import ConfigurationError
from journey_async.finishing import finish
from journey_async.sandbox import messages
from journey_async.sandbox.answers import refusal
from journey_async.sandbox.clock import Clock
from journey_async.sandbox.courier import Courier
from journey_async.sandbox.drawing.pictures import VIDEO_EXTENSION, is_picture
from journey_async.sandbox.media import Darkroom, file_response
from journey_async.sandbox.options import API_KEY, Options
from journey_async.sandbox.visitors import doorkeeper
from journey_async.sandbox.world import PREFIX, REQUEST_LIMIT, World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable
    from typing import Self

    from journey_async.sandbox.answers import Answer
    from journey_async.sandbox.faults import Fault
    from journey_async.sandbox.ledger import Ledger

_SHUTDOWN: Final = 0.1
"""Real seconds that requests which are being answered have left when the sandbox ends."""
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec B104  # noqa: S104 - compared with, not bound to


class Sandbox(AsyncContextManagerMixin):
    """JourneyAPI in a box, listening for as long as its `async with` block is open.

    It keeps the service's rules, prices, plan limits and webhooks, draws real pictures, runs as fast as it is told and
    goes wrong as it is told. The pictures are at `/media`, without a key; `GET /_sandbox/ledger` gives the books and
    `POST /_sandbox/faults` with `{"faults": ["lost-reply:imagine:1"]}` replaces the faults. A prompt that holds
    `[sandbox:fail]`, `[sandbox:fail=any words]`, `[sandbox:stuck]` or `[sandbox:seconds=3]` gets what it asks for.

    Times are divided by the speed, with three exceptions: `task_seconds` is real, `slow-reply` holds a reply for two
    real seconds, and the receiver of a webhook has at least one real second to answer.
    """

    def __init__(
        self,
        *,
        plan: str = "starter",
        credits: int = 1000,  # noqa: A002 - the service's word
        speed: float = 20.0,
        api_key: str = API_KEY,
        seed: int = 1,
        task_seconds: float | None = None,
        slots: int | None = None,
        faults: Iterable[str | Fault] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        exposed: bool = False,
    ) -> None:
        """Prepare a sandbox; raises `ConfigurationError` that tells everything that is wrong with the options.

        *host* must be this machine's own, such as 127.0.0.1 or localhost, unless *exposed* says that others may come:
        then requests are answered whatever they call the sandbox, and web pages may not hide behind a name.
        """
        self._options = Options(
            plan=plan,
            credits=credits,
            speed=speed,
            api_key=api_key,
            seed=seed,
            task_seconds=task_seconds,
            slots=slots,
            faults=tuple(faults),
            host=host,
            port=port,
            exposed=exposed,
        )
        self.world = World(
            plan=plan,
            credits=credits,
            speed=speed,
            api_key=api_key,
            seed=seed,
            task_seconds=task_seconds,
            slots=slots,
            faults=self._options.faults,
            is_picture=is_picture,
            video_suffix=f".{VIDEO_EXTENSION.removeprefix('.')}",
        )
        self._url: str | None = None
        self._clock = Clock(speed=speed)

    @property
    def base_url(self) -> str:
        """What a client takes as base URL: `http://127.0.0.1:PORT/api/v1`."""
        if self._url is None:
            raise RuntimeError("the sandbox has no URL before its `async with` block is entered")
        return f"{self._url}{PREFIX}"

    @property
    def api_key(self) -> str:
        """The key that it takes."""
        return self._options.api_key

    def ledger(self) -> Ledger:
        """Give the account's books."""
        return self.world.ledger(self._clock.now())

    def set_faults(self, faults: Iterable[str | Fault], /) -> None:
        """Put these faults in force instead of the present ones."""
        self.world.set_faults(faults)

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        self._clock.start()
        courier = Courier(self.world, self._clock)
        stray: BaseException | None = None
        async with _Desk(self.world, self._clock, courier).open(self._options) as url:
            self._url = url
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(courier.run)
                    # The group is the sandbox's own business: what the caller's block raises is not to come out of it.
                    try:
                        yield self
                    except BaseException as error:  # noqa: BLE001 - raised again below
                        stray = error
                    group.cancel_scope.cancel()
            finally:
                self._clock.stop()
        if stray is not None:
            raise stray


class _Desk:
    """Takes the requests to one world."""

    def __init__(self, world: World, clock: Clock, courier: Courier) -> None:
        self._world = world
        self._clock = clock
        self._courier = courier
        self._darkroom = Darkroom()
        self._closing = anyio.Event()

    @asynccontextmanager
    async def open(self, options: Options) -> AsyncGenerator[str]:
        """Listen for as long as the block is open, and give the URL."""
        app = web.Application(middlewares=[doorkeeper(options)])
        app.router.add_get("/_sandbox/ledger", self._ledger)
        app.router.add_post("/_sandbox/faults", self._faults)
        app.router.add_get("/media/{task_id}/{name}", self._media)
        app.router.add_route("*", "/{path:.*}", self._api)
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=_SHUTDOWN, access_log=None)
        await runner.setup()
        try:
            yield await self._bound(runner, options)
        finally:
            self._closing.set()
            with anyio.move_on_after(5, shield=True):
                await runner.cleanup()

    async def _bound(self, runner: web.AppRunner, options: Options) -> str:
        host, port = options.host, options.port
        try:
            # Not torn: asyncio forgets a socket that listens already when it is cancelled in its last step.
            await finish(web.TCPSite(runner, host, port).start(), within=5, unclaimed=lambda _: None)
        except OSError as error:
            text = f"sandbox: host={host!r}, port={port}: cannot listen there ({error.strerror or error})"
            raise ConfigurationError(f"{text}; use port=0 for any free port") from error
        taken: int = runner.addresses[0][1]
        name = _ANYWHERE.get(host, host)
        url = f"http://{f'[{name}]' if ':' in name else name}:{taken}"
        self._world.media_url = f"{url}/media"
        return url

    async def _api(self, request: web.Request) -> web.Response:
        body = await _body(request)
        # From here to the answer nothing waits: what is accepted is accepted on arrival, whoever hangs up later.
        answer = self._world.answer(
            request.method, request.rel_url.raw_path, headers=request.headers, body=body, now=self._clock.now()
        )
        self._courier.wake()
        if answer.delay > 0:
            with anyio.move_on_after(self._clock.real(answer.delay)):
                await self._closing.wait()
                return _cut(request)
        return _cut(request) if answer.cut else _response(answer)

    async def _media(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        shown = self._world.scene(request.match_info["task_id"], name, now=self._clock.now())
        if shown is None:
            return _response(refusal(404, messages.NO_SUCH_FILE))
        return file_response(request, name, await self._darkroom.file(name, shown))

    async def _ledger(self, _: web.Request) -> web.Response:
        return web.json_response(self._world.ledger(self._clock.now()))

    async def _faults(self, request: web.Request) -> web.Response:
        asked = _texts(await _body(request))
        if asked is None:
            return _response(refusal(400, messages.NO_FAULTS))
        try:
            self._world.set_faults(asked)
        except ConfigurationError as error:
            return _response(refusal(400, error.message))
        return web.json_response({"faults": [str(fault) for fault in self._world.faults]})


async def _body(request: web.Request) -> bytes:
    """Read a body: of one that is too large as much as shows that, nothing of one that is not encoded as it says."""
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > REQUEST_LIMIT:
                break
    except web.RequestPayloadError:
        return b""
    return bytes(body)


def _texts(body: bytes) -> list[str] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    faults = cast("dict[str, object]", value).get("faults") if isinstance(value, dict) else None
    if not isinstance(faults, list):
        return None
    texts = [item for item in cast("list[object]", faults) if isinstance(item, str)]
    return texts if len(texts) == len(cast("list[object]", faults)) else None


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
