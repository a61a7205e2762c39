"""Secrets go through a whole life; then everything that was written, logged, shown or raised is searched for them."""

from __future__ import annotations

import asyncio
import base64
import copy
import io
import json
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
import anyio.to_thread
import pytest
from aiohttp import web
from opentelemetry.instrumentation.aiohttp_client import create_trace_config
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from journey_async import JourneyClient, JourneyError, Pace, RetryPolicy, TaskGraph
from journey_async.cli.app import command_line
from journey_async.core.tokens import read_token
from journey_async.gallery import write_gallery
from journey_async.sandbox import Sandbox
from journey_async.webhooks import WebhookReceiver
from tests.cli.processes import JOURNEY, environment, ran
from tests.client.services import PATIENT
from tests.gallery.runs import ONCE
from tests.security.canaries import (
    ALL,
    API_KEY,
    BUTTON_SECRET,
    PROXY_PASSWORD,
    WEBHOOK_SECRET,
    forms,
    found,
    pickled,
    seen,
    told,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from journey_async.testing import RunningSandbox

HOOK = "https://127.0.0.1:9/journey"
FAULTS = ("lost-reply:imagine:1", "error-after-accept:imagine:1", "http-502:fetch:1", "not-json:fetch-many:1")
ONE_TRY = RetryPolicy(first=0.001, longest=0.002, patience=0.0, rate_limit_patience=0.0)
SOON = Pace(lag=0.01, longest=0.05, ahead=0.02, quiet=0.05)
ANSWERS = (200, 302, 400, 401, 402, 403, 404, 409, 418, 429, 500, 502)


class Watched:
    """Everything that was written or said while it watched."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.stream = io.StringIO()

    def text(self) -> str:
        return "\n".join([*self.said, self.stream.getvalue()])


@pytest.fixture
def watched(capfd: pytest.CaptureFixture[str]) -> Generator[Watched]:
    """Listen to every logger at its most talkative, with all that a record carries."""
    made = Watched()

    class Everything(logging.StreamHandler[io.StringIO]):
        def format(self, record: logging.LogRecord) -> str:
            return f"{super().format(record)} {vars(record)!r}"

    handler = Everything(made.stream)
    loggers = [logging.getLogger(name) for name in ("", "journey_async", "asyncio", "aiohttp", "aiohttp.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(handler)
    yield made
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    captured = capfd.readouterr()
    assert not found(captured.out + captured.err)


@asynccontextmanager
async def answering(status: int) -> AsyncGenerator[str]:
    """Give the base URL of a server that refuses everything, and repeats the key and the body in its complaint."""

    async def complain(request: web.Request) -> web.Response:
        key = request.headers["Authorization"]
        return web.Response(status=status, text="no" if status in {200, 302} else f"you sent {key}")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", complain)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1"
    finally:
        await runner.cleanup()


def hooks() -> WebhookReceiver:
    return WebhookReceiver(secret=WEBHOOK_SECRET, public_url=HOOK, reveal_within=0)


async def errors_of(base_url: str, **options: Any) -> list[JourneyError]:
    """Fail in each way in which a client asks."""
    raised: list[JourneyError] = []
    given: dict[str, Any] = {"retry": ONE_TRY, **options}
    async with JourneyClient(API_KEY, base_url=base_url, webhooks=hooks(), **given) as journey:
        for call in (
            lambda: journey.imagine("elk"),
            lambda: journey.upscale_1x("t1", index=2),
            lambda: journey.fetch("t1"),
            lambda: journey.fetch_many(["t1", "t2"]),
            journey.account,
        ):
            with pytest.raises(JourneyError) as caught:
                await call()
            raised.append(caught.value)
    return raised


@pytest.mark.parametrize("status", ANSWERS)
async def test_no_error_and_no_log_of_a_refusal_holds_a_secret(status: int, watched: Watched) -> None:
    """Every class of error, in words, as an object, in a traceback and in a pickle, also where the server echoes."""
    async with answering(status) as url:
        raised = await errors_of(url, proxy="")

    assert not found("\n".join(map(told, raised)))
    assert not any(found(pickled(error)) for error in raised)
    assert not found(watched.text())


@pytest.mark.parametrize("status", ANSWERS)
async def test_no_crash_report_with_local_variables_holds_the_key(status: int) -> None:
    """Sentry and others write down the locals of every frame: ours and aiohttp's show neither key nor secret."""
    async with answering(status) as url:
        assert seen(await errors_of(url, proxy=""), API_KEY, WEBHOOK_SECRET) == []


async def test_no_crash_report_of_a_broken_connection_holds_the_key() -> None:
    """Where the frames of aiohttp with the headers of the request stand in the traceback."""
    errors = await errors_of("http://127.0.0.1:1/api/v1", proxy="")

    assert any(error.__cause__ is not None for error in errors)
    assert seen(errors, API_KEY, WEBHOOK_SECRET) == []


async def test_no_crash_report_of_the_callers_own_error_holds_the_key() -> None:
    """An error of the block goes through the frames of the client that hold the session."""
    with pytest.raises(LookupError) as caught:
        async with JourneyClient(API_KEY, base_url="http://127.0.0.1:1/api/v1", webhooks=hooks()):
            raise LookupError
    assert seen([caught.value], API_KEY, WEBHOOK_SECRET) == []


async def test_spans_of_opentelemetry_hold_no_secret() -> None:
    """What its instrumentation of aiohttp notes of each request, when all goes well and when nothing does."""
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace = create_trace_config(tracer_provider=provider)
    async with answering(401) as url:
        await errors_of(url, proxy="", trace_configs=[trace])
    await errors_of("http://127.0.0.1:1/api/v1", proxy="", trace_configs=[trace])
    finished = spans.get_finished_spans()

    assert len(finished) >= 8
    assert not found("\n".join(span.to_json() for span in finished))


async def lived(folder: Path, watched: Watched) -> None:
    """Run with a journal under faults, show everything, make a page of it."""
    graph = TaskGraph()
    for number in range(4):
        prompt = f"elk {number}" if number else "[sandbox:fail=no]"
        graph.upscale_1x(graph.imagine(prompt), index=1, webhook_url=HOOK, webhook_secret=WEBHOOK_SECRET)
    receiver = hooks()
    async with Sandbox(api_key=API_KEY, task_seconds=0.01, speed=200, faults=FAULTS) as box:
        client = JourneyClient(API_KEY, base_url=box.base_url, proxy="", webhooks=receiver, pace=SOON, retry=PATIENT)
        async with client as journey:
            async with journey.running(graph, journal=folder / "elk.db") as run:
                async for event in run:
                    watched.said += [repr(event), str(event)]
            task = await journey.imagine("elk")
            await task
            read = read_token(task.next_actions(secret=BUTTON_SECRET)[0].token, secret=BUTTON_SECRET)
            shown = (run, run.outcome, task, task.state, journey, receiver, read, journey.statistics, journey.orphans)
            watched.said += [repr(value) for value in (*shown, box, box.ledger(), box.world, graph, *graph)]
            watched.said += [repr(copy.copy(value)) for value in (task.state, read, run.outcome)]
            watched.said += [pickled(value).decode("latin-1") for value in (task.state, read)]
    watched.said += [told(row.error) for row in run.outcome.failed]
    watched.said += [told(row.error) for row in run.outcome.in_doubt]
    await write_gallery(folder / "elk.db", folder / "site", downloader=ONCE)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_whole_life_leaves_no_secret_behind(tmp_path: Path, watched: Watched) -> None:
    """A run with faults, webhooks, a journal, buttons and a gallery, with the loop in debug mode."""
    asyncio.get_running_loop().set_debug(True)
    try:
        await lived(tmp_path, watched)
    finally:
        asyncio.get_running_loop().set_debug(False)

    files = await anyio.to_thread.run_sync(contents, tmp_path)
    assert len(files) > 5
    assert "was accepted as task" in watched.text()
    assert not found(watched.text())
    assert [name for name, content in files.items() if found(content)] == []


async def test_a_delivery_with_a_wrong_secret_is_not_logged(watched: Watched) -> None:
    """Neither what was sent nor what would have been right, through both receivers."""
    wrong = WEBHOOK_SECRET[:-1] + "?"
    receiver = hooks()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(message)

    headers = [(b"x-webhook-secret", wrong.encode())]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
    await receiver.asgi(scope, receive, send)
    answer = await receiver.answer("POST", [("X-Webhook-Secret", wrong)], "", b"{}")

    assert answer.status == sent[0]["status"] == 401
    assert "401" in watched.text()
    assert not found(watched.text() + repr(sent) + repr(answer), wrong, *ALL)


async def test_a_proxy_that_cannot_be_reached_does_not_bring_its_password_into_an_error() -> None:
    """Nor does one whose address is none."""
    proxy = f"http://user:{PROXY_PASSWORD}@127.0.0.1:1"
    raised = await errors_of("http://api.example/v1", proxy=proxy)
    with pytest.raises(JourneyError) as refused:
        await errors_of("http://api.example/v1", proxy=f"socks5://user:{PROXY_PASSWORD}@127.0.0.1:1")

    assert not found("\n".join(map(told, [*raised, refused.value])))


# --- the command


def test_no_command_shows_a_secret(tmp_path: Path, journey_sandbox: RunningSandbox) -> None:
    """A question, a task and a run, in a pipe and as JSON, Python at its most talkative, and the key wrong."""
    graph = TaskGraph()
    graph.imagine("elk", key="elk", webhook_url=HOOK, webhook_secret=WEBHOOK_SECRET)
    graph.dump(tmp_path / "elk.toml")
    key = tmp_path / "key"
    key.write_text(API_KEY)
    env = environment(JOURNEY_BASE_URL=journey_sandbox.base_url, NO_PROXY="*", PYTHONASYNCIODEBUG="1")
    python = (JOURNEY[0], "-X", "dev", "-X", "faulthandler", *JOURNEY[1:])
    said = ""
    for words in (("account",), ("imagine", "elk"), ("run", str(tmp_path / "elk.toml"))):
        for more in ((), ("--json",)):
            process = ran(*python, *words, "--key-file", str(key), *more, env=env)
            assert process.returncode != 0
            said += process.stdout + process.stderr
    for more in ((), ("--json",)):
        said += ran(*python, "plan", str(tmp_path / "elk.toml"), *more, env=env).stdout

    assert "elk" in said
    assert not found(said)


def test_the_command_takes_no_secret_that_ps_would_show() -> None:
    """No option but the sandbox's own takes a key, and none takes a webhook secret: both come from files."""
    options = {
        (name, option)
        for name, command in command_line().commands.items()
        for parameter in command.params
        for option in parameter.opts
        if any(word in option.lower() for word in ("key", "secret", "token", "password", "proxy"))
    }

    assert {name for name, option in options if option == "--api-key"} == {"sandbox"}
    assert {option for _, option in options} <= {"--api-key", "--key-file", "--webhook-secret-file"}


def test_the_canaries_would_be_found() -> None:
    """The search itself: every form is seen in the middle of other text, however base64 begins."""
    for secret in ALL:
        for form in forms(secret):
            assert found(f"x{form}y") == [secret]
        assert all(found(base64.b64encode(b"u" * n + secret.encode() + b"!")) == [secret] for n in range(4))
        assert found(json.dumps({"a": [secret]})) == [secret]


async def test_a_crash_report_would_be_searched() -> None:
    """The search of local variables: what is passed to a verb stands in its frames, and is found there."""
    async with answering(400) as url, JourneyClient(API_KEY, base_url=url, proxy="") as journey:
        with pytest.raises(JourneyError) as caught:
            await journey.imagine("elk", webhook_url=HOOK, webhook_secret=WEBHOOK_SECRET)

    assert seen([caught.value], WEBHOOK_SECRET)
    assert not seen([caught.value], API_KEY)
