"""Whole runs on a virtual clock: what holds for every graph, every fault and every moment at which a run dies."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from journey_async import TaskGraph
from journey_async.sandbox import World
from tests.graph import accounts
from tests.graph.batches import Batch, batches
from tests.graph.simulation import Dice, Simulation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy


FAULTS = (
    *("lost-reply:*:0.2", "error-after-accept:*:0.2", "truncated-json:*:0.1", "not-json:*:0.1"),
    *("reset-before-accept:*:0.2", "http-500:*:0.2", "http-502:*:0.1", "http-429:*:0.3", "http-429-bare:*:0.3"),
    *("task-failed:*:0.3", "omit-id:fetch-many:0.3", "omit-id:fetch:0.5"),
)
SETTLEMENTS = ("find out", "resubmit", "abandon", "leave")
CHOICES = (1, "2", "strong", None, 7, 0, "")


def dice() -> SearchStrategy[Dice]:
    return st.builds(
        Dice,
        chance=st.integers(0, 2**32).map(Random),
        refused=st.sampled_from([0.0, 0.2, 0.5]),
        refusal=st.sampled_from([400, 401, 402, 403]),
        settled=st.lists(st.sampled_from(SETTLEMENTS), min_size=1, max_size=3).map(tuple),
        chosen=st.lists(st.sampled_from(CHOICES), min_size=1, max_size=3).map(tuple),
        kept=st.sampled_from([0.0, 0.5, 1.0]),
    )


def faults() -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(FAULTS), unique=True, max_size=6)


def crashes() -> SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 40), max_size=4)


def simulated(batch: Batch, dice: Dice) -> Simulation:
    return Simulation(batch.world, list(batch.graph), dice, slots=batch.slots, now=batch.now)


def run_to_an_end(run: Simulation, faults: Sequence[str], crashes: Sequence[int]) -> None:
    """Live until one life comes to its own end; only that one finds all of its tasks."""
    run.world.set_faults(faults)
    for crash_after in crashes:
        run.live(crash_after=crash_after)
    run.world.set_faults([fault for fault in faults if not fault.startswith("omit-id")])
    assert run.live()
    run.wait()


@given(batches(), dice(), faults(), crashes(), st.booleans())
def test_whatever_breaks_and_whenever_a_run_dies_every_node_and_every_credit_is_accounted_for(
    batch: Batch, dice: Dice, faults: list[str], crashes: list[int], own_graph: bool
) -> None:
    before = batch.world.ledger(batch.now)
    run = simulated(batch, dice)
    run.own_graph = own_graph

    run_to_an_end(run, faults, crashes)

    accounts.every_node_is_accounted_for(run)
    accounts.every_credit_is_accounted_for(run, before)
    accounts.nothing_is_sent_twice(run)
    accounts.another_life_begins_where_this_one_ended(run)


@given(batches(), dice(), faults(), crashes())
def test_a_process_may_die_after_any_record(batch: Batch, dice: Dice, faults: list[str], crashes: list[int]) -> None:
    run = simulated(batch, dice)

    run_to_an_end(run, faults, crashes)

    accounts.every_prefix_is_consistent(run)


@given(batches(), dice(), faults(), crashes())
def test_who_looks_into_each_doubt_pays_for_each_node_once(
    batch: Batch, dice: Dice, faults: list[str], crashes: list[int]
) -> None:
    """Doubts are left open at first; then what was accepted is adopted, and what was not is sent again."""
    before = batch.world.ledger(batch.now)
    run = simulated(batch, evolve(dice, settled=("leave",)))
    run_to_an_end(run, faults, crashes)

    run.dice = evolve(dice, settled=("find out",), refused=0.0)
    run.world.set_faults([])
    assert run.live()

    outcome, ledger = run.state.outcome(), run.world.ledger(run.now)
    assert outcome.paused is None
    assert len(outcome.finished) + len(outcome.failed) + len(outcome.skipped) == len(outcome)
    assert outcome.spending.spent == ledger["charged"] - ledger["refunded"] - before["charged"] + before["refunded"]
    accepted = [told.place for told in run.told.values() if told.task_id is not None]
    assert len(accepted) == len(set(accepted))


def test_ten_thousand_nodes() -> None:
    """Two and a half thousand pictures with an upscale and two edits each, under faults."""
    graph = TaskGraph()
    for number in range(2500):
        tile = graph.upscale_1x(graph.imagine(f"elk {number}"), index=1)
        graph.pan(tile, direction="up")
        graph.outpaint(tile, zoom_ratio=2)
    world = World(credits=1_000_000, slots=50, seed=1)
    world.set_faults(["task-failed:*:0.02", "lost-reply:*:0.001", "http-429:*:0.01"])
    run = Simulation(world, list(graph), Dice(chance=Random(1)), slots=50, now=0.0, polling=15.0, checked=False)

    before = world.ledger(0.0)
    assert run.live()

    accounts.every_node_is_accounted_for(run)
    accounts.every_credit_is_accounted_for(run, before)
    accounts.nothing_is_sent_twice(run)
    accounts.another_life_begins_where_this_one_ended(run)
    assert len(run.state.outcome().finished) > 9000
