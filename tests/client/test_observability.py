"""What others see of a client: spans, a pool that is shared, and log records that tell no secret."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
import pytest
from opentelemetry.instrumentation.aiohttp_client import create_trace_config
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from journey_async import (
    JourneyClient,
    JourneyError,
    RetryPolicy,
    SubmissionInDoubtError,
    TaskFailedError,
    TaskGraph,
)
from journey_async.sandbox import Sandbox
from tests.client.scripted import ACCEPTED, FINISHED, Script, json_reply
from tests.client.services import KEY, PATIENT, QUICK
from tests.client.test_statistics import delivery, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from journey_async import Reply
    from tests.client.services import Service

PROMPT = "canary-of-the-prompt"
HOOK_SECRET = "canary-of-the-webhook"
IMPATIENT = RetryPolicy(first=0.001, longest=0.002, patience=0.01, rate_limit_patience=0.01)


@pytest.fixture
async def box() -> AsyncGenerator[Sandbox]:
    async with Sandbox(task_seconds=0.03, credits=10_000, plan="growth", api_key=KEY) as running:
        yield running


def client(box: Sandbox, **options: Any) -> JourneyClient:
    return JourneyClient(KEY, base_url=box.base_url, pace=QUICK, retry=PATIENT, **options)


# ---------------------------------------------------------------------------------------------------------------------
# aiohttp's own


async def test_opentelemetry_sees_every_request(box: Sandbox) -> None:
    """Its instrumentation of aiohttp's client, through `trace_configs`; the key is not in a span."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = create_trace_config(tracer_provider=provider)
    async with client(box, trace_configs=[tracing]) as journey:
        with provider.get_tracer("a bot").start_as_current_span("imagine command") as command:
            await (await journey.imagine(PROMPT))
        requests = journey.statistics.requests
    spans = exporter.get_finished_spans()
    seen = [span for span in spans if span.attributes and "http.url" in span.attributes]
    urls = [str((span.attributes or {})["http.url"]) for span in seen]
    assert len(seen) == sum(requests.values())
    assert urls[0] == f"{box.base_url}/imagine"
    assert {url.removeprefix(box.base_url) for url in urls} == set(requests)
    assert all(span.parent == command.get_span_context() for span in seen if span.parent)
    assert all((span.attributes or {})["http.status_code"] == 200 for span in seen)
    assert_silent("".join(span.to_json() for span in spans))


async def test_an_aiohttp_trace_config_sees_a_request_begin_and_end(box: Sandbox) -> None:
    """Any of them: one's own counters too."""
    seen: list[str] = []

    async def begin(session: aiohttp.ClientSession, _: object, params: aiohttp.TraceRequestStartParams) -> None:
        seen.append(f"{params.method} {params.url.path}")

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(begin)
    async with client(box, trace_configs=(tracing,)) as journey:
        await journey.account()
    assert seen == ["GET /api/v1/account"]


async def test_a_pool_is_shared_by_two_clients_and_closed_by_who_made_it(box: Sandbox) -> None:
    """It lives on when a client is closed."""
    connector = aiohttp.TCPConnector(limit=1)
    try:
        async with client(box, connector=connector) as first:
            async with client(box, connector=connector) as second:
                await second.account()
            assert not connector.closed
            await (await first.imagine("an elk"))
        assert not connector.closed
        async with client(box, connector=connector) as third:
            await third.account()
    finally:
        await connector.close()


async def test_a_pool_of_one_s_own_decides_how_many_connections_there_are(box: Sandbox) -> None:
    """One, whatever is asked for at once."""
    opened = 0

    async def count(*_: object) -> None:
        nonlocal opened
        opened += 1

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_create_end.append(count)
    connector = aiohttp.TCPConnector(limit=1)
    async with (
        client(box, connector=connector, connections=8, trace_configs=[tracing]) as journey,
        anyio.create_task_group() as group,
    ):
        for _ in range(4):
            group.start_soon(journey.account)
    await connector.close()
    assert opened == 1


# ---------------------------------------------------------------------------------------------------------------------
# Log records


def assert_silent(text: str) -> None:
    for canary in (PROMPT, HOOK_SECRET, KEY, "a-secret-of-24-letters.."):
        assert canary not in text


def assert_records_silent(caplog: pytest.LogCaptureFixture) -> None:
    """Check everything that a handler could write: the text, its arguments, extras and tracebacks."""
    assert caplog.records
    for record in caplog.records:
        shown = logging.Formatter("%(message)s").format(record)
        assert_silent(f"{shown} {record.__dict__!r}")


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Keep everything that is logged, at every level and by everybody."""
    caplog.set_level(logging.DEBUG)
    return caplog


def ours(logs: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in logs.records if record.name.split(".")[0] == "journey_async"]


def attributes(record: logging.LogRecord, *names: str) -> dict[str, object]:
    return {name: record.__dict__[name] for name in names if name in record.__dict__}


async def test_the_life_of_a_task_is_told_by_attributes(service: Service, logs: pytest.LogCaptureFixture) -> None:
    """Accepted and ended, with the action and the id of the task, at DEBUG."""
    async with service.client() as journey:
        task = await journey.imagine(PROMPT, webhook_url="https://example.com/hook", webhook_secret=HOOK_SECRET)
        await task
    told = [attributes(record, "action", "task_id") for record in ours(logs)]
    assert told == [{"action": "imagine", "task_id": task.id}] * 2
    assert {record.levelno for record in ours(logs)} == {logging.DEBUG}
    assert "intent" in ours(logs)[0].__dict__
    assert_records_silent(logs)


async def test_a_repetition_tells_path_and_attempt(service: Service, logs: pytest.LogCaptureFixture) -> None:
    """The second attempt is number two."""
    service.set_faults(["http-429-bare:imagine:2"])
    async with service.client() as journey:
        await journey.imagine(PROMPT)
    repeated = [record for record in ours(logs) if hasattr(record, "attempt")]
    assert [attributes(record, "path", "attempt") for record in repeated] == [
        {"path": "/imagine", "attempt": 2},
        {"path": "/imagine", "attempt": 3},
    ]
    assert_records_silent(logs)


async def test_a_doubt_is_a_warning_with_its_action_and_intent(
    service: Service, logs: pytest.LogCaptureFixture
) -> None:
    """The intent is the one that the error carries."""
    service.set_faults(["error-after-accept:imagine"])
    async with service.client() as journey:
        with pytest.raises(SubmissionInDoubtError) as caught:
            await journey.imagine(PROMPT)
    (record,) = [record for record in ours(logs) if record.levelno == logging.WARNING]
    assert attributes(record, "action", "intent") == {"action": "imagine", "intent": caught.value.intent.id}
    assert_records_silent(logs)


def echoing(status: int) -> Reply:
    """Make a reply that quotes what was asked and who asked, as no service should."""
    return json_reply({"errors": [{"msg": f"{PROMPT} {HOOK_SECRET} {KEY}"}], "error": PROMPT}, status)


@pytest.mark.parametrize("status", [200, 400, 401, 402, 429, 500, 503])
async def test_a_service_that_quotes_what_was_asked_is_not_quoted_in_a_log(
    logs: pytest.LogCaptureFixture, status: int
) -> None:
    """Its words are in the error, for the caller; many others read the logs."""
    webhooks = receiver(reveal_within=0)
    script = Script(echoing(status))
    async with script.client(webhooks=webhooks, retry=IMPATIENT) as journey:
        for call in (journey.account(), journey.imagine(PROMPT), journey.upscale_1x("t1", index=1)):
            with pytest.raises(JourneyError):
                await call
        if status == 500:  # its task is revealed late
            webhooks.take_in(delivery(script))
    for record in logs.records:
        assert_silent(f"{logging.Formatter('%(message)s').format(record)} {record.__dict__!r}")


async def test_an_outage_while_waiting_quotes_nothing(logs: pytest.LogCaptureFixture) -> None:
    script = Script(ACCEPTED, echoing(502), echoing(502), echoing(502), FINISHED)
    async with script.client() as journey:
        await (await journey.imagine(PROMPT))
    assert any(record.levelno == logging.WARNING for record in ours(logs))
    assert_records_silent(logs)


async def test_a_task_that_failed_quotes_nothing(service: Service, logs: pytest.LogCaptureFixture) -> None:
    """Nor does a run, or the task of a cancelled caller."""
    graph = TaskGraph()
    graph.imagine(f"{PROMPT} [sandbox:fail={PROMPT}]")
    async with service.client() as journey:
        with pytest.raises(TaskFailedError):
            await (await journey.imagine(f"[sandbox:fail={PROMPT}]"))
        await journey.run(graph)
    assert_records_silent(logs)


async def test_an_orphan_is_a_warning_that_quotes_nothing(logs: pytest.LogCaptureFixture) -> None:
    """Accepted with its task, in doubt with its intent."""
    for reply in (ACCEPTED, echoing(500)):
        script = Script(reply, holding=True)
        async with script.client() as journey, anyio.create_task_group() as group:
            group.start_soon(journey.imagine, PROMPT)
            await script.arrived.wait()
            group.cancel_scope.cancel()
            script.released.set()
    warned = [record for record in ours(logs) if "orphans" in record.getMessage()]
    accepted, doubt = warned
    assert attributes(accepted, "task_id") == {"task_id": "t1"}
    assert doubt.__dict__["intent"]
    assert_records_silent(logs)
