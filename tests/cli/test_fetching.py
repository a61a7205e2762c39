"""`journey fetch` and `journey account`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from journey_async.cli.exit_codes import REFUSED, TASKS_FAILED

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.sandbox import Sandbox
    from tests.cli.conftest import Typed


def bought(journey: Typed, prompt: str = "an elk") -> str:
    """Buy a grid and give its id without waiting for it."""
    return str(journey("imagine", prompt, "--no-wait", "--json").objects[0]["task_id"])


def test_one_and_many_and_unknown_ones(journey: Typed, journey_sandbox: Sandbox) -> None:
    """Tasks are told in the order of their ids, 20 in a request; an unknown one is named and decides the code."""
    ids = [bought(journey, f"elk {number}") for number in range(3)]

    said = journey("fetch", *ids, "nosuch", "--json")

    assert said.code == REFUSED
    assert [told["task_id"] for told in said.objects] == [*ids, "nosuch"]
    assert said.objects[-1] == {"task_id": "nosuch", "status": "not found"}
    assert said.err == "journey: task nosuch is not known to the service\n"
    assert journey("fetch", ids[0]).code == 0
    assert journey("fetch", "nosuch").code == REFUSED

    requests = journey_sandbox.ledger()["requests"].get("/fetch-many", 0)
    many = journey("fetch", *ids, *(f"x{number}" for number in range(18)), "--json")
    assert len(many.objects) == 21
    assert journey_sandbox.ledger()["requests"]["/fetch-many"] == requests + 1


@pytest.mark.journey_sandbox(faults=["task-failed:imagine:1"])
def test_failed_tasks_are_told(journey: Typed) -> None:
    """One that failed decides the code, in the service's words; the others are shown and saved."""
    failed, fine = bought(journey), bought(journey)

    said = journey("fetch", failed, fine, "--wait", "--json")

    assert said.code == TASKS_FAILED
    first, second = said.objects
    assert first["status"] == "failed"
    assert first["error"]
    assert second["status"] == "finished"
    lines = journey("fetch", failed).out.splitlines()
    assert lines[0].startswith(f"task {failed} failed: ")


def test_waiting_and_saving(journey: Typed, tmp_path: Path) -> None:
    """With --wait the end is waited for, with --download the files are saved; the progress stands apart."""
    said = journey("fetch", bought(journey), "--wait", "--download", tmp_path, "--name", "{n}.{ext}")

    assert said.code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"1.png", "2.png", "3.png", "4.png"}
    assert said.out.splitlines()[1:] == [f"  {tmp_path}/{n}.png" for n in (1, 2, 3, 4)]
    assert "100%" in said.err


@pytest.mark.journey_sandbox(credits=42, plan="basic")
def test_the_account(journey: Typed) -> None:
    """What the account has, as lines and as one object."""
    assert "credits        42\n" in journey("account").out
    (told,) = journey("account", "--json").objects
    assert (told["plan"], told["slots"], told["credits"], told["total_images"]) == ("basic", 5, 42, 0)


def test_files_that_do_not_come(journey: Typed, tmp_path: Path) -> None:
    """A task is shown with its URLs although its files could not be saved, and the code says that."""
    task_id = bought(journey)
    (tmp_path / "file").touch()

    said = journey("fetch", task_id, "--wait", "--download", tmp_path, "--name", "file/{n}.{ext}", "--json")

    assert said.code == TASKS_FAILED
    assert len(said.objects[0]["urls"]) == 4
    assert said.objects[0]["files"] == []
    assert len([line for line in said.err.splitlines() if line.startswith("journey: ")]) == 4
