"""Ctrl-C in this process: what is going on is cancelled and its end is waited for."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import anyio
import pytest
from anyio.lowlevel import checkpoint

from journey_async.cli.exit_codes import INTERRUPTED
from journey_async.cli.interruption import interruptible
from tests.cli.graphs import animals
from tests.cli.processes import PATIENCE
from tests.cli.test_sandbox import LoopWithoutSignals

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.sandbox import Sandbox
    from tests.cli.conftest import Said, Typed


def interrupted_once_bought(sandbox: Sandbox, journey: Typed, *words: object) -> Said:
    """Run a command, and press Ctrl-C once the sandbox has accepted something."""

    def press() -> None:
        deadline = time.monotonic() + PATIENCE
        while not sandbox.ledger()["accepted"] and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press, daemon=True)
    presser.start()
    said = journey(*words)
    presser.join(PATIENCE)
    return said


@pytest.mark.journey_sandbox(task_seconds=5.0)
def test_a_verb(journey_sandbox: Sandbox, journey: Typed) -> None:
    """The task goes on at the service, and how to get it is said."""
    said = interrupted_once_bought(journey_sandbox, journey, "imagine", "an elk")

    (charge,) = journey_sandbox.ledger()["charges"]
    assert (said.code, said.out) == (INTERRUPTED, "")
    assert said.err.endswith(
        "journey: stopping; Ctrl-C again leaves at once\n"
        f"journey: the task goes on: journey fetch --wait {charge['task_id']}\n"
    )


@pytest.mark.journey_sandbox(faults=["slow-reply:imagine"])
def test_a_verb_that_is_just_being_sent(journey_sandbox: Sandbox, journey: Typed) -> None:
    """The reply is waited for, so that what was bought can be told."""
    said = interrupted_once_bought(journey_sandbox, journey, "imagine", "an elk")

    (charge,) = journey_sandbox.ledger()["charges"]
    assert said.code == INTERRUPTED
    assert f"journey: the task goes on: journey fetch --wait {charge['task_id']}\n" in said.err


@pytest.mark.journey_sandbox(task_seconds=5.0)
def test_a_run(journey_sandbox: Sandbox, journey: Typed, tmp_path: Path) -> None:
    """The way on is told, the journal knows of what was bought."""
    said = interrupted_once_bought(journey_sandbox, journey, "run", animals(tmp_path, "elk"))

    journal = tmp_path / "animals.db"
    assert said.code == INTERRUPTED
    assert said.err.splitlines() == [
        "journey: stopping; Ctrl-C again leaves at once and loses nothing",
        f"journey: stopped; tasks on their way go on. Go on with: journey resume {journal}",
    ]
    assert journey("status", journal).out.startswith("submitted   elk ")


async def test_an_error_comes_out_as_itself() -> None:
    """The group that listens is not seen from outside."""

    async def fail() -> int:
        await checkpoint()
        raise KeyError("elk")

    with pytest.raises(KeyError):
        await interruptible(fail, stopping=lambda: None)


def test_without_signal_handlers_it_works_all_the_same() -> None:
    """Where the loop takes no signal handlers, as on Windows, only the second Ctrl-C is missed."""

    async def work() -> int:
        await checkpoint()
        return 7

    options = {"loop_factory": LoopWithoutSignals}
    assert anyio.run(partial(interruptible, work, stopping=lambda: None), backend_options=options) == 7
