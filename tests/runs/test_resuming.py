"""Journals of runs: going on with the same graph, a changed one or none, and journals that do not serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import (
    Differences,
    FileFault,
    GraphFileError,
    JournalBusyError,
    JournalError,
    NodeFinished,
    RunPlanned,
    TaskGraph,
    read_journal,
)
from journey_async.journal import Journal
from tests.client.services import requests
from tests.journal.files import execute
from tests.runs.trees import chain, imagines, paid, states, trees, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.services import Service
    from tests.runs.still import StillWorld


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "elk.db"


@pytest.mark.serving(plan="basic")
async def test_tasks_of_an_earlier_run_hold_slots_from_the_start(still: StillWorld, journal: Path) -> None:
    """What is followed and what is started stay within the plan: nothing is refused."""
    graph = imagines(9)
    async with still.client() as journey, journey.running(graph, journal=journal, in_flight=4):
        await until(lambda: still.ledger()["accepted"] == 4)
    async with still.client() as journey, journey.running(graph, journal=journal) as run:
        await until(lambda: still.ledger()["accepted"] == 5)
        still.going = True
        async for _ in run:
            pass
        assert run.outcome.complete
    assert len(still.prompts()) == still.ledger()["accepted"] == 9


async def test_fewer_at_once_counts_what_is_followed(still: StillWorld, journal: Path) -> None:
    graph = imagines(4)
    async with still.client() as journey:
        async with journey.running(graph, journal=journal, in_flight=2):
            await until(lambda: still.ledger()["accepted"] == 2)
        async with (
            journey.running(imagines(9, prefix="moose")) as other,
            journey.running(graph, journal=journal, in_flight=2) as run,
        ):
            await until(lambda: still.ledger()["accepted"] == 11)
            sent = len(still.sent)
            await until(lambda: len(still.sent) > sent + 2)
            assert still.ledger()["accepted"] == 11
            still.going = True
            for each in (run, other):
                async for _ in each:
                    pass
                assert each.outcome.complete


async def test_a_changed_graph_buys_only_what_changed(service: Service, journal: Path) -> None:
    """And says how it differs."""
    async with service.client() as journey:
        await journey.run(trees(2), journal=journal)
        graph = TaskGraph()
        grid = graph.imagine("elk 0", key="elk-0")
        graph.upscale_1x(grid, index=1, key="elk-0-1")
        graph.upscale_1x(grid, index=3, key="elk-0-2")
        graph.imagine("moose", key="moose")
        async with journey.running(graph, journal=journal) as run:
            planned = await anext(run)
            async for _ in run:
                pass
            outcome = run.outcome
        assert isinstance(planned, RunPlanned)
        assert planned.to_send == 2
        assert outcome.differences == planned.differences
        assert outcome.differences == Differences(
            added=("moose",),
            changed=("elk-0-2",),
            removed=("elk-0-left", "elk-1", "elk-1-1", "elk-1-left", "elk-1-2"),
        )
        assert outcome.complete
        earlier = {row.node.key for row in outcome.finished if row.earlier}
        assert earlier == {"elk-0", "elk-0-1"}
        assert outcome.spending.spent == service.ledger()["charged"]
    assert service.ledger()["accepted"] == 8 + 2


async def test_a_run_goes_on_without_the_program(service: Service, journal: Path) -> None:
    """The journal holds the graph itself, its results and its keys."""
    async with service.client() as journey:
        async with journey.running(trees(2), journal=journal) as run:
            async for event in run:
                if isinstance(event, NodeFinished):
                    break
        first = run.outcome
        async with journey.resuming(journal, budget=1000, in_flight=3) as resumed:
            kinds = [type(event) async for event in resumed]
        assert kinds[0] is RunPlanned
        outcome = resumed.outcome
    assert outcome.complete
    assert list(outcome.rows) == list(first.rows) == [node.key for node in trees(2)]
    for row in first.finished:
        assert outcome.result(outcome[row.node.key].node) == row.result
    assert service.ledger()["accepted"] == 8
    assert states(await read_journal(journal)) == states(outcome)


async def test_what_no_journal_holds_is_named(still: StillWorld, journal: Path) -> None:
    """Functions and webhook secrets: such a run goes on with its graph, and is not resumed without."""

    async def choose(_: Any) -> int:
        return 2

    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    graph.upscale_1x(grid, index=choose, key="chosen")
    graph.upscale_1x(
        grid, index=1, key="hooked", webhook_url="https://example.com/hook", webhook_secret="canary of a secret"
    )
    async with still.client() as journey:
        async with journey.running(graph, journal=journal):
            await until(lambda: still.ledger()["accepted"] == 1)
        with pytest.raises(GraphFileError) as caught:
            await journey.resume(journal)
        faults = [fault for fault in caught.value.faults if isinstance(fault, FileFault)]
        assert [(fault.node, fault.argument) for fault in faults] == [
            ("chosen", "index"),
            ("hooked", "webhook_secret"),
        ]
        assert "canary" not in str(caught.value)
        with pytest.raises(GraphFileError):
            async with journey.resuming(journal):
                pass
        assert states(await read_journal(journal)) == {"grid": "submitted", "chosen": "waiting", "hooked": "waiting"}
        still.going = True
        assert (await journey.run(graph, journal=journal)).complete
        assert (await journey.resume(journal)).complete
    assert still.ledger()["accepted"] == 3


async def test_a_journal_can_be_read_while_it_is_written(still: StillWorld, journal: Path) -> None:
    """Nothing is sent for that."""
    async with still.client() as journey, journey.running(chain(), journal=journal) as run:
        await until(lambda: bool(run.outcome.submitted))
        await until(lambda: still.ledger()["accepted"] == 1)
        outcome = await read_journal(journal)
        assert states(outcome)["picture"] == "waiting"
        still.going = True
        async for _ in run:
            pass
    assert (await read_journal(journal)).complete
    assert (await read_journal(journal)).spending == run.outcome.spending


async def test_a_journal_is_of_one_run_at_a_time(still: StillWorld, journal: Path) -> None:
    """The second is told who has it, before anything is sent."""
    async with still.client() as journey, journey.running(chain(), journal=journal):
        await until(lambda: still.ledger()["accepted"] == 1)
        asked = len([request for request in still.sent if request.path == "/account"])
        with pytest.raises(JournalBusyError, match="is being written by process"):
            await journey.run(chain(), journal=journal)
        with pytest.raises(JournalBusyError, match="is being written by process"):
            await journey.resume(journal)
        assert len([request for request in still.sent if request.path == "/account"]) == asked


@pytest.mark.parametrize("resuming", [True, False])
async def test_files_that_are_no_journal_of_a_run(service: Service, tmp_path: Path, resuming: bool) -> None:
    """Told before anything is sent, and the file is left as it is."""
    foreign = tmp_path / "notes.txt"
    foreign.write_text("an elk " * 1000)
    other = tmp_path / "other.db"
    execute(other, "CREATE TABLE elk (name TEXT)")
    damaged = tmp_path / "damaged.db"
    async with Journal(damaged) as log:
        await log.write('{"record": "made by something else"}')
    out_of_order = tmp_path / "order.db"
    async with Journal(out_of_order) as log:
        await log.write('{"record":"accepted","at":1.0,"intent":"i1","task_id":"t1"}')
    async with service.client() as journey:
        for path, message in (
            (foreign, "it is not a journal"),
            (other, "it is a database of another program"),
            (damaged, "it is damaged: a record that this version does not write"),
            (out_of_order, "it is damaged: a record that does not follow"),
            (tmp_path / "nowhere" / "elk.db", "there is no such file" if resuming else "its folder does not exist"),
            (tmp_path, "it is a folder"),
        ):
            with pytest.raises(JournalError, match=message) as caught:
                await (journey.resume(path) if resuming else journey.run(chain(), journal=path))
            assert caught.value.file == str(path)
            if path.is_file():
                with pytest.raises(JournalError):
                    await read_journal(path)
    assert paid(service) == 0
    assert foreign.read_text() == "an elk " * 1000


async def test_there_is_nothing_to_resume(service: Service, journal: Path) -> None:
    """No file, which is not made either; or one in which no run has begun."""
    async with service.client() as journey:
        with pytest.raises(JournalError, match="there is no such file: nothing is to be resumed"):
            await journey.resume(journal)
        assert not await anyio.Path(journal).exists()
        async with Journal(journal):
            pass
        with pytest.raises(JournalError, match="it holds no graph: nothing is to be resumed"):
            await journey.resume(journal)
        assert requests(service, "/account") == 0
        assert (await journey.run(chain(), journal=journal)).complete


async def test_a_lost_task_is_told_as_that(still: StillWorld, journal: Path) -> None:
    """The service forgot it: the node failed, what is below it is left out."""
    async with still.client() as journey:
        async with journey.running(chain(), journal=journal):
            await until(lambda: still.ledger()["accepted"] == 1)
        still.set_faults(["omit-id:*"])
        outcome = await journey.resume(journal)
        assert states(outcome) == {"grid": "failed", "picture": "skipped", "left": "skipped"}
        still.set_faults([])
        still.going = True
        assert (await journey.resume(journal)).complete
    assert still.ledger()["accepted"] == 3
