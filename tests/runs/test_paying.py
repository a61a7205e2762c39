"""Money: refused before anything is sent, paused in the middle, and never paid twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journey_async import (
    AuthenticationError,
    InsufficientCreditsError,
    NodeSubmitted,
    RunPaused,
    RunResumed,
    TaskGraph,
    UnaffordableError,
)
from tests.client.scripted import json_reply
from tests.client.services import requests
from tests.runs.trees import chain, imagines, paid, states, trees, until

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import Event
    from tests.client.services import Service
    from tests.runs.still import StillWorld

PRICE = int(imagines(1).credits)


async def test_a_budget_that_is_too_small_is_refused_before_anything_is_sent(service: Service) -> None:
    """The message names the numbers."""
    graph = trees(2)
    price = int(graph.credits)
    async with service.client() as journey:
        with pytest.raises(UnaffordableError, match=rf"the budget is {price - 1} credits, .* costs {price}:") as caught:
            await journey.run(graph, budget=price - 1)
        assert (caught.value.needed, caught.value.available) == (price, price - 1)
        assert paid(service) == 0
        assert (await journey.run(graph, budget=price)).complete
    assert service.ledger()["charged"] == price


@pytest.mark.serving(credits=5)
async def test_a_balance_that_is_too_small_is_refused_before_anything_is_sent(service: Service) -> None:
    graph = trees(2)
    async with service.client() as journey:
        with pytest.raises(UnaffordableError, match=f"the account has 5 credits, .* costs {graph.credits}:") as caught:
            await journey.run(graph)
    assert (caught.value.needed, caught.value.available) == (int(graph.credits), 5)
    assert paid(service) == 0


async def test_a_budget_covers_all_runs_of_a_journal(service: Service, tmp_path: Path) -> None:
    """What is gone counts; where nothing is left to send there is nothing to refuse."""
    journal, graph = tmp_path / "elk.db", imagines(2)
    async with service.client() as journey:
        await journey.run(graph, journal=journal, budget=2 * PRICE)
        graph.imagine("one more")
        with pytest.raises(UnaffordableError, match=f"{2 * PRICE} of them are gone already") as caught:
            await journey.run(graph, journal=journal, budget=3 * PRICE - 1)
        assert (caught.value.needed, caught.value.available) == (PRICE, PRICE - 1)
        assert service.ledger()["accepted"] == 2
        assert (await journey.run(graph, journal=journal, budget=3 * PRICE)).complete
        assert (await journey.run(graph, journal=journal, budget=0)).complete
    assert service.ledger()["accepted"] == 3


async def test_the_most_that_choices_may_cost_has_to_be_within_the_budget(service: Service) -> None:
    """But the balance has to cover the least alone."""

    async def choose(_: Any) -> None:
        return None

    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk"), index=choose)
    async with service.client() as journey:
        with pytest.raises(UnaffordableError, match=str(graph.credits)):
            await journey.run(graph, budget=graph.credits.most - 1)
    assert paid(service) == 0


@pytest.mark.serving(credits=2 * PRICE)
async def test_too_few_credits_in_the_middle_pause_the_run(still: StillWorld, tmp_path: Path) -> None:
    """Somebody else spent them: what is on its way ends, no node fails, and a later run finishes the rest."""
    journal, graph = tmp_path / "elk.db", imagines(2)
    still.hold("/imagine")
    async with still.client() as journey:
        async with journey.running(graph, journal=journal, in_flight=1) as run:
            still.release()
            still.going = True
            events: list[Event] = []
            async for event in run:
                events.append(event)
                if isinstance(event, NodeSubmitted):
                    still.world._account.books.credits -= PRICE  # pyright: ignore[reportPrivateUsage]
            outcome = run.outcome
        assert isinstance(outcome.paused, InsufficientCreditsError)
        assert list(states(outcome).values()) == ["finished", "waiting"]
        assert [type(event) for event in events].count(RunPaused) == 1
        with pytest.raises(ExceptionGroup) as caught:
            outcome.raise_for_failures()
        assert isinstance(caught.value.exceptions[0], InsufficientCreditsError)
        still.world._account.books.credits += PRICE  # pyright: ignore[reportPrivateUsage]
        assert (await journey.run(graph, journal=journal)).complete
    assert still.ledger()["accepted"] == 2


@pytest.mark.serving(credits=2 * PRICE)
async def test_a_refund_resumes_a_paused_run(still: StillWorld) -> None:
    """A task that fails gives its credits back: enough for the node that was refused."""
    graph = TaskGraph()
    graph.imagine("[sandbox:fail=no][sandbox:seconds=100]", key="bad")
    graph.imagine("an elk", key="elk")
    events: list[Event] = []
    async with still.client() as journey:
        gate = still.hold("/imagine")
        async with journey.running(graph) as run:
            await gate.arrived.wait()
            still.world._account.books.credits -= PRICE  # pyright: ignore[reportPrivateUsage]
            still.release()
            async for event in run:
                events.append(event)
                if isinstance(event, RunPaused):
                    still.now += 100
                    still.going = True
            outcome = run.outcome
    assert states(outcome) == {"bad": "failed", "elk": "finished"}
    assert outcome.paused is None
    kinds = [type(event) for event in events]
    assert kinds.index(RunPaused) < kinds.index(RunResumed)
    assert still.ledger()["accepted"] == 2


async def test_a_key_that_is_refused_pauses_the_run(still: StillWorld, tmp_path: Path) -> None:
    """Nobody can follow what is on its way, and nothing is lost: with the right key a run goes on."""
    journal, graph = tmp_path / "elk.db", trees(1)
    async with still.client() as journey:
        async with journey.running(graph, journal=journal) as run:
            await until(lambda: still.ledger()["accepted"] == 1)
            key, still.key = still.key, "revoked"
            events = [event async for event in run]
            outcome = run.outcome
        assert isinstance(outcome.paused, AuthenticationError)
        assert isinstance(events[-1], RunPaused)
        assert list(states(outcome).values()) == ["submitted", "waiting", "waiting", "waiting"]
        still.key, still.going = key, True
        assert (await journey.run(graph, journal=journal)).complete
    assert still.ledger()["accepted"] == len(graph)


async def test_a_key_that_is_refused_for_a_submission_fails_no_node(still: StillWorld) -> None:
    """The nodes wait, and none of them is to blame."""
    gate = still.hold("/imagine")
    async with still.client() as journey, journey.running(imagines(3), in_flight=1) as run:
        await gate.arrived.wait()
        still.key = "revoked"
        still.release()
        async for _ in run:
            pass
        assert set(states(run.outcome).values()) == {"waiting"}
        assert isinstance(run.outcome.paused, AuthenticationError)
    assert len(still.prompts()) == 1


async def test_a_task_that_fails_does_not_mend_a_key(still: StillWorld) -> None:
    """Its credits come back, and that is not what was missing: nothing is tried again."""
    graph = TaskGraph()
    graph.imagine("[sandbox:fail=no]", key="bad")
    graph.imagine("an elk", key="elk")
    still.instead["/shorten"] = json_reply({"errors": [{"msg": "no"}]}, 401)
    graph.shorten("a very large elk indeed", key="words")
    async with still.client() as journey, journey.running(graph) as run:
        async for event in run:
            if isinstance(event, RunPaused):
                still.going = True
        outcome = run.outcome
    assert states(outcome) == {"bad": "failed", "elk": "finished", "words": "waiting"}
    assert isinstance(outcome.paused, AuthenticationError)
    assert [request.path for request in still.sent].count("/shorten") == 1


async def test_the_same_graph_again_costs_nothing(service: Service, tmp_path: Path) -> None:
    """Not even a question about its tasks."""
    async with service.client() as journey:
        first = await journey.run(trees(2), journal=tmp_path / "elk.db")
        before = service.ledger()
        again = await journey.run(trees(2), journal=tmp_path / "elk.db")
        after = service.ledger()
    assert states(again) == states(first)
    assert all(row.earlier for row in again.finished)
    assert not again.differences
    assert again.spending == first.spending
    assert after["requests"] == {**before["requests"], "/account": before["requests"]["/account"] + 1}


async def test_a_chain_costs_what_was_planned(service: Service) -> None:
    graph = chain()
    async with service.client() as journey:
        outcome = await journey.run(graph)
    assert outcome.spending.spent == int(graph.credits) == service.ledger()["charged"]
    assert requests(service, "/account") == 1
