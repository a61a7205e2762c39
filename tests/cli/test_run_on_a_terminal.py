"""`journey run` as a person sees it, with Ctrl-C."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from journey_async.cli.exit_codes import IN_DOUBT, INTERRUPTED
from tests.cli.graphs import animals, pair
from tests.cli.processes import PATIENCE, environment, started
from tests.cli.terminals import terminal

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.sandbox import Sandbox
    from tests.cli.conftest import Typed

HIDE, SHOW, COLOUR = "\x1b[?25l", "\x1b[?25h", "\x1b[38;5;"


def account(sandbox: Sandbox) -> dict[str, str]:
    """Give the variables that lead to the sandbox."""
    return {"JOURNEY_BASE_URL": sandbox.base_url, "JOURNEY_API_KEY": sandbox.api_key, "NO_PROXY": "127.0.0.1"}


@pytest.mark.journey_sandbox(task_seconds=0.6)
def test_bars_and_sums(journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """What is on its way has bars, what has ended stays, and below stand slots, credits and files."""
    with terminal(
        "run", animals(tmp_path, "elk", "fox"), "--download", tmp_path / "out", **account(journey_sandbox)
    ) as screen:
        assert screen.wait() == 0

    assert re.search(r"  elk +imagine +━+ +\d+% (\d:\d\d left|submitted|processing)", screen.text)
    assert re.search(r"\d+ of 12 nodes ━+ 0:\d\d", screen.text)
    assert re.search(r"slots \d of 10 in use, credits \d+ of 44 spent, \d+ files saved", screen.text)
    assert len(re.findall(r"finished    (?:elk|fox)(?:-\S+)? +\S+ +\d+\.\d s", screen.text)) == 12
    assert re.search(r"12 nodes: 12 finished\n44 credits spent\n36 files in ", screen.text)
    assert max(len(line) for line in screen.text.splitlines() if str(tmp_path) not in line) <= 80
    assert HIDE in screen.raw
    assert screen.raw.rfind(SHOW) > screen.raw.rfind(HIDE)
    assert "\x1b[1m" in screen.raw
    assert COLOUR in screen.raw


@pytest.mark.journey_sandbox(task_seconds=0.2)
def test_no_colour_where_none_is_wanted(journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """NO_COLOR leaves the bars, and takes their colours."""
    with terminal("run", pair(tmp_path), NO_COLOR="1", **account(journey_sandbox)) as screen:
        assert screen.wait() == 0

    assert "━" in screen.text
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", screen.raw)


@pytest.mark.journey_sandbox(task_seconds=0.2)
def test_a_dumb_terminal_gets_lines(journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """Where nothing can be drawn anew there are plain lines."""
    with terminal("run", pair(tmp_path), TERM="dumb", **account(journey_sandbox)) as screen:
        assert screen.wait() == 0

    assert "\x1b" not in screen.raw
    assert "submitted   elk" in screen.text


@pytest.mark.journey_sandbox(task_seconds=1.0)
def test_ctrl_c_and_resume(journey_sandbox: Sandbox, journey: Typed, tmp_path: Path) -> None:
    """Ctrl-C clears the bars and says how to go on; that goes on, and nothing is bought twice."""
    journal = tmp_path / "animals.db"
    with terminal("run", animals(tmp_path, "elk", "fox"), **account(journey_sandbox)) as screen:
        screen.read_until(r"slots 2 of 10")
        screen.press_ctrl_c()
        assert screen.wait() == INTERRUPTED

    assert f"journey: stopped; tasks on their way go on. Go on with: journey resume {journal}" in screen.text.replace(
        "\n", ""
    )
    assert "Traceback" not in screen.text
    assert screen.raw.rfind(SHOW) > screen.raw.rfind(HIDE)
    status = journey("status", journal)
    assert status.code == 0
    assert f"go on with the rest: journey resume {journal}\n" in status.out

    with terminal("resume", journal, **account(journey_sandbox)) as screen:
        assert screen.wait() == 0
    assert "12 nodes: 12 finished\n44 credits spent" in screen.text
    assert journey_sandbox.ledger()["charged"] == 44


@pytest.mark.journey_sandbox(faults=["slow-reply:imagine"])
def test_a_second_ctrl_c_leaves_at_once(journey_sandbox: Sandbox, journey: Typed, tmp_path: Path) -> None:
    """The first one waits for the reply that is on its way; the second does not, and the journal knows of it."""
    journal = tmp_path / "pair.db"
    with terminal("run", pair(tmp_path), **account(journey_sandbox)) as screen:
        screen.read_until("slots 0 of 10")
        while not journey_sandbox.ledger()["requests"].get("/imagine"):
            time.sleep(0.01)
        screen.press_ctrl_c()
        screen.read_until("stopping; Ctrl-C again leaves at once and loses nothing")
        assert screen.process.poll() is None
        screen.press_ctrl_c()
        assert screen.wait() == INTERRUPTED

    assert "stopped;" not in screen.text
    assert screen.raw.rfind(SHOW) > screen.raw.rfind(HIDE)
    said = journey("status", journal)
    assert said.code == IN_DOUBT
    assert "1 in doubt, 1 waiting" in said.out


@pytest.mark.journey_sandbox(task_seconds=5.0)
def test_ctrl_c_in_a_pipe(journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """Without a terminal it is the same: the way on stands on standard error."""
    with started("run", str(pair(tmp_path)), "--json", env=environment(**account(journey_sandbox))) as process:
        assert process.stdout is not None
        assert '"planned"' in process.stdout.readline()
        assert '"submitted"' in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == INTERRUPTED
    assert said.splitlines()[-1].endswith(f"journey resume {tmp_path}/pair.db")


@pytest.mark.journey_sandbox(task_seconds=5.0)
def test_ctrl_c_while_a_verb_waits(journey_sandbox: Sandbox) -> None:
    """The task goes on at the service, and it is said how to get it."""
    with terminal("imagine", "an elk", **account(journey_sandbox)) as screen:
        screen.read_until("imagine .*submitted")
        screen.press_ctrl_c()
        assert screen.wait() == INTERRUPTED

    (charge,) = journey_sandbox.ledger()["charges"]
    assert f"the task goes on: journey fetch --wait {charge['task_id']}" in screen.text.replace("\n", "")
