"""Settling what is in doubt between two runs, and every refusal of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import (
    Abandon,
    Adopt,
    InvalidRequestError,
    JournalBusyError,
    JournalError,
    Resubmit,
    TaskGraph,
    TaskNotFoundError,
    read_journal,
)
from journey_async.journal import Journal
from tests.runs.trees import chain, states

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import JourneyClient
    from tests.client.services import Service


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "elk.db"


def drawn() -> TaskGraph:
    """Draw a chain whose root will be in doubt, a node that finishes and one that fails."""
    graph = chain()
    graph.shorten("a very large elk indeed", key="words")
    graph.imagine("[sandbox:fail=no]", key="bad")
    return graph


async def in_doubt(service: Service, journey: JourneyClient, journal: Path, fault: str = "lost-reply") -> str:
    """Run to a doubt; give the id of the task that was lost."""
    service.set_faults([f"{fault}:imagine:1"])
    outcome = await journey.run(drawn(), journal=journal, in_flight=1)
    assert states(outcome) == {
        "grid": "in doubt",
        "picture": "waiting",
        "left": "waiting",
        "words": "finished",
        "bad": "failed",
    }
    known = {getattr(row, "task_id", None) for row in outcome}
    return next((c["task_id"] for c in service.ledger()["charges"] if c["task_id"] not in known), "")


async def test_a_task_is_adopted(service: Service, journal: Path) -> None:
    async with service.client() as journey:
        lost = await in_doubt(service, journey, journal)
        accepted = service.ledger()["accepted"]
        await journey.settle(journal, "grid", Adopt(lost))
        assert states(await read_journal(journal))["grid"] == "submitted"
        outcome = await journey.run(drawn(), journal=journal)
    assert [row.node.key for row in outcome.finished] == ["grid", "picture", "left", "words"]
    assert service.ledger()["accepted"] == accepted + 2
    assert outcome.spending.taken == service.ledger()["charged"]


async def test_a_node_is_sent_again(service: Service, journal: Path) -> None:
    async with service.client() as journey:
        await in_doubt(service, journey, journal, "reset-before-accept")
        await journey.settle(journal, "grid", Resubmit())
        assert states(await read_journal(journal))["grid"] == "waiting"
        outcome = await journey.resume(journal)
    assert [row.node.key for row in outcome.finished] == ["grid", "picture", "left", "words"]


async def test_a_failed_node_is_sent_again(service: Service, journal: Path) -> None:
    """Also one that failed for good."""
    async with service.client() as journey:
        await in_doubt(service, journey, journal)
        accepted = service.ledger()["accepted"]
        await journey.settle(journal, "bad", Resubmit())
        outcome = await journey.resume(journal)
    assert states(outcome)["bad"] == "failed"
    assert service.ledger()["accepted"] == accepted + 1


async def test_a_node_for_which_nobody_chose_is_asked_about_again(service: Service, journal: Path) -> None:
    given: list[int | None] = [None, 2]

    async def choose(_: Any) -> int | None:
        return given.pop(0)

    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk"), index=choose, key="picture")
    async with service.client() as journey:
        assert states(await journey.run(graph, journal=journal))["picture"] == "skipped"
        await journey.settle(journal, "picture", Resubmit())
        assert states(await journey.run(graph, journal=journal))["picture"] == "finished"


async def test_a_node_is_given_up(service: Service, journal: Path) -> None:
    async with service.client() as journey:
        await in_doubt(service, journey, journal)
        await journey.settle(journal, "grid", Abandon())
        outcome = await journey.resume(journal)
    assert states(outcome)["grid"] == "failed"
    assert states(outcome)["left"] == "skipped"


@pytest.mark.parametrize(
    ("node", "settlement", "message"),
    [
        ("moose", Abandon(), "node must be the key of a node of the journal's graph"),
        (3, Abandon(), "node must be the key of a node of the journal's graph"),
        ("words", Abandon(), "only a node in doubt can be adopted or abandoned: it is ended"),
        ("bad", Abandon(), "only a node in doubt can be adopted or abandoned: it is failed"),
        ("picture", Abandon(), "only a node in doubt can be adopted or abandoned: it is not sent"),
        ("words", Resubmit(), "only a node in doubt, failed or left out can be sent again: it is ended"),
        ("picture", Resubmit(), "only a node in doubt, failed or left out can be sent again: it is not sent"),
        ("grid", "abandon", r"settlement must be Adopt\(task_id\), Resubmit\(\) or Abandon\(\)"),
        ("grid", None, r"settlement must be Adopt\(task_id\), Resubmit\(\) or Abandon\(\)"),
        ("grid", Abandon, r"settlement must be Adopt\(task_id\), Resubmit\(\) or Abandon\(\)"),
    ],
)
async def test_what_does_not_settle_is_refused(
    service: Service, journal: Path, node: Any, settlement: Any, message: str
) -> None:
    """Nothing is written."""
    async with service.client() as journey:
        await in_doubt(service, journey, journal)
        with pytest.raises(InvalidRequestError, match=message):
            await journey.settle(journal, node, settlement)
    assert states(await read_journal(journal))["grid"] == "in doubt"


async def test_a_task_that_the_node_cannot_be_is_not_adopted(service: Service, journal: Path) -> None:
    """Unknown to the service, of another kind, or another node's."""
    async with service.client() as journey:
        lost = await in_doubt(service, journey, journal)
        other = await journey.shorten("a very large elk indeed")
        words = (await read_journal(journal)).finished[0]
        with pytest.raises(TaskNotFoundError, match="is not known to the service"):
            await journey.settle(journal, "grid", Adopt("00000000-0000-4000-8000-000000000000"))
        with pytest.raises(InvalidRequestError, match="and the node is to be"):
            await journey.settle(journal, "grid", Adopt(other.id))
        with pytest.raises(InvalidRequestError, match="the task is node words already"):
            await journey.settle(journal, "grid", Adopt(words.task_id))
        with pytest.raises(InvalidRequestError, match="only a node in doubt can be adopted or abandoned: it is ended"):
            await journey.settle(journal, "words", Adopt(lost))
        await journey.settle(journal, "grid", Adopt(lost))


@pytest.mark.parametrize("task_id", ["", "  ", None, 7])
def test_an_id_that_is_none_is_refused(task_id: Any) -> None:
    with pytest.raises(InvalidRequestError, match="the id of a task is required"):
        Adopt(task_id)


async def test_a_journal_that_is_missing_busy_or_foreign(service: Service, journal: Path, tmp_path: Path) -> None:
    async with service.client() as journey:
        with pytest.raises(JournalError, match="there is no such file"):
            await journey.settle(journal, "grid", Abandon())
        assert not await anyio.Path(journal).exists()
        await in_doubt(service, journey, journal)
        async with Journal(journal):
            with pytest.raises(JournalBusyError):
                await journey.settle(journal, "grid", Abandon())
        (tmp_path / "notes.txt").write_text("an elk " * 1000)
        with pytest.raises(JournalError, match="it is not a journal"):
            await journey.settle(tmp_path / "notes.txt", "grid", Abandon())
