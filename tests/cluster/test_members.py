"""Clients that belong to a cluster share the account's slots, the deliveries of webhooks and the names of workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
from aiohttp import web

from journey_async import (
    Cluster,
    ConfigurationError,
    JournalBusyError,
    JournalError,
    Pace,
    RetryPolicy,
    TaskGraph,
    WebhookReceiver,
    read_journal,
)
from journey_async.cluster.store import Store
from journey_async.core.records import Intended
from tests.cluster.test_running import elks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from journey_async import JourneyClient
    from tests.cluster.conftest import Place

SECRET = "s" * 32


@pytest.mark.journey_sandbox(plan="basic")
async def test_calls_and_nodes_together_hold_no_more_than_the_slots_of_the_account(place: Place) -> None:
    async with place.member() as caller, place.client() as runner, place.working(), anyio.create_task_group() as group:

        async def call(number: int) -> None:
            await (await caller.imagine(f"call {number}"))

        for number in range(8):
            group.start_soon(call, number)
        assert (await runner.run(elks(5), journal=place.cluster)).complete
    assert place.ledger()["accepted"] == 23
    assert place.ledger()["requests"]["/imagine"] == 13, "none was refused with 429"
    assert await place.ask("SELECT * FROM journey.slots") == []


@pytest.mark.journey_sandbox(plan="basic")
async def test_a_single_call_that_waits_goes_before_every_node(place: Place) -> None:
    graph = TaskGraph()
    graph.imagine("an elk")
    async with place.client() as journey, journey.running(graph, journal=place.cluster):
        for number in range(4):
            assert await place.store(Store.take, f"call:{number}", "others")
        # The last slot, which the call finds taken, is free when the node looks.
        mark = Intended(at=0.0, intent="i" * 16, number=0, parent=None, credits=1)
        await place.store(Store.take, "call:4", "others")
        assert not await place.store(Store.take, "call:5", "caller")
        await place.store(Store.free, "call:4")
        assert await place.store(Store.intend, place.cluster.run, mark, "w1") == "full"
        assert await place.store(Store.take, "call:5", "caller")
        assert await place.store(Store.intend, place.cluster.run, mark, "w1") == "full"
        await place.store(Store.free, "call:0")
        assert await place.store(Store.intend, place.cluster.run, mark, "w1") is None


@pytest.mark.journey_sandbox(plan="basic")
async def test_a_call_is_made_in_the_middle_of_a_run_whose_nodes_wait(place: Place) -> None:
    for number in range(5):
        await place.store(Store.take, f"call:{number}", "others")
    async with (
        place.member() as caller,
        place.client() as runner,
        place.working(),
        runner.running(elks(2), journal=place.cluster) as run,
    ):
        await place.until(lambda: place.ask("SELECT 1 FROM dbos.workflow_status WHERE status = 'PENDING'"))
        async with anyio.create_task_group() as group:

            async def call() -> None:
                await (await caller.imagine("call"))

            group.start_soon(call)
            await place.until(lambda: place.ask("SELECT 1 FROM journey.slots WHERE waiting"))
            assert place.ledger()["charges"] == [], "nothing is sent while all slots are taken"
            for number in range(5):
                await place.store(Store.free, f"call:{number}")
        async for _ in run:
            pass
    assert run.outcome.complete
    assert place.ledger()["accepted"] == 7


@pytest.mark.journey_sandbox(plan="growth", slots=2, task_seconds=0.5)
async def test_a_429_that_one_client_meets_holds_back_the_others(place: Place) -> None:
    """The service gives fewer slots than the plan has: who has met no 429 waits for one, and meets none."""
    # No more slots than were seen to be there are tried before two seconds are over.
    quiet = RetryPolicy(first=2.0, longest=4.0, rate_limit_patience=30.0)
    async with (
        place.member(retry=quiet) as one,
        place.member(retry=quiet) as other,
        anyio.create_task_group() as group,
    ):

        async def call(client: JourneyClient) -> None:
            await (await client.imagine("an elk"))

        for _ in range(3):
            group.start_soon(call, one)
        await place.until(lambda: place.ask("SELECT 1 FROM journey.account WHERE belief::jsonb ->> 'level' = '2'"))
        await call(other)
        assert other.statistics.requests["/imagine"] == 1
        assert one.statistics.requests["/imagine"] > 2
    assert place.ledger()["accepted"] == 4


async def test_in_flight_limits_one_run(place: Place) -> None:
    most = 0
    async with (
        place.client() as journey,
        place.working(),
        journey.running(elks(3), journal=place.cluster, in_flight=1) as run,
    ):
        async for _ in run:
            most = max(most, place.ledger()["in_flight"])
    assert run.outcome.complete
    assert most == 1


async def test_the_name_of_a_running_worker_is_refused_and_so_is_its_adoption(place: Place) -> None:
    async with place.working("w1"), place.member() as other:
        with pytest.raises(JournalBusyError, match="a worker named w1 is running"):
            await other.work(name="w1")
        with pytest.raises(JournalBusyError, match="worker w1 is running: only a dead worker's tasks"):
            await other.work(name="w2", adopt=["w1"])


async def test_a_worker_that_stops_leaves_its_tasks_to_the_next_one(place: Place) -> None:
    """Which follows them and pays nothing; the name does not matter."""
    place.sandbox.set_faults([])
    graph = TaskGraph()
    graph.imagine("an elk [sandbox:seconds=1]", key="grid")
    async with place.client() as journey, journey.running(graph, journal=place.cluster) as run:
        async with place.working("w1"):
            await place.until(lambda: place.ask("SELECT 1 FROM journey.records WHERE record LIKE '%accepted%'"))
        assert [row[0] for row in await place.ask("SELECT status FROM dbos.workflow_status")] == ["ENQUEUED"]

        async def gone() -> bool:
            return await place.store(Store.dead) == {"w1": 1}

        # Its task holds a slot. The server notices a little later that its connection was closed.
        await place.until(gone)
        async with place.working("w2"):
            await place.until(lambda: place.ask("SELECT 1 FROM journey.slots WHERE owner = 'w2'"))
            assert await place.store(Store.dead) == {}
            events = [type(event).__name__ async for event in run]
    assert events == ["RunPlanned", "NodeSubmitted", "NodeFinished"]
    assert place.ledger()["accepted"] == 1


async def test_who_belongs_to_no_cluster_is_no_worker(place: Place) -> None:
    async with place.client() as journey:
        with pytest.raises(ConfigurationError, match=r"JourneyClient\(cluster="):
            await journey.work(name="w1")
    async with place.member() as journey:
        with pytest.raises(ConfigurationError, match="name must be"):
            await journey.work(name="w 1")


async def test_a_database_that_cannot_be_used_says_in_one_line_what_is_wrong(place: Place) -> None:
    for database, wrong in (("template1", "journey cluster init"), ("nothing", "does not exist")):
        with pytest.raises(JournalError, match=wrong) as refused:
            await read_journal(Cluster(place.server.url(database)))
        assert "\n" not in str(refused.value)


@pytest.fixture
async def receivers(place: Place) -> AsyncGenerator[tuple[WebhookReceiver, WebhookReceiver]]:
    """Give two receivers of one URL; everything is delivered to the first."""
    app = web.Application()
    runner = web.AppRunner(app)

    async def answer(request: web.Request) -> web.Response:
        return await first.aiohttp_handler(request)

    app.router.add_post("/journey", answer)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/journey"
    first, second = (WebhookReceiver(secret=SECRET, public_url=url, reveal_within=0.1) for _ in range(2))
    yield first, second
    await runner.cleanup()


async def test_a_delivery_reaches_the_client_that_waits_for_its_task(
    place: Place, receivers: tuple[WebhookReceiver, WebhookReceiver]
) -> None:
    first, second = receivers
    seldom = Pace(lag=0.05, quiet=30)
    async with place.member(webhooks=first), place.member(webhooks=second, pace=seldom) as waits:
        task = await waits.imagine("an elk")
        await task
        assert waits.statistics.requests == {"/imagine": 1, "/fetch": 1}


@pytest.mark.journey_sandbox(faults=["lost-reply:imagine:1"])
async def test_a_delivery_settles_a_node_in_doubt_wherever_it_arrives(
    place: Place, receivers: tuple[WebhookReceiver, WebhookReceiver]
) -> None:
    """The worker that sent it has nobody who listens, and does not even live any more."""
    first, second = receivers
    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk [sandbox:seconds=1]", key="grid"), index=1, key="tile")

    async with place.client() as journey:
        async with place.working(client={"webhooks": second}):
            outcome = await journey.run(graph, journal=place.cluster)
            assert outcome["grid"].state == "in doubt"
        async with place.member(webhooks=first):
            await place.until(lambda: place.ask("SELECT 1 FROM journey.records WHERE record LIKE '%adopted%'"))
        async with place.working():
            outcome = await journey.resume(place.cluster)
    assert outcome.complete
    assert place.accepted("imagine") == 1


async def test_the_slots_of_a_dead_client_are_free_again_after_a_while(place: Place) -> None:
    await place.store(Store.told, 1)
    assert await place.store(Store.take, "call:dead", "dead")
    assert not await place.store(Store.take, "call:alive", "alive")
    await place.store(Store.beat, "dead")
    assert not await place.store(Store.take, "call:alive", "alive")
    await place.change("UPDATE journey.slots SET seen = seen - interval '3 minutes' WHERE owner = 'dead'")
    assert await place.store(Store.take, "call:alive", "alive")
