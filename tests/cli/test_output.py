"""Where the output goes: to readers that leave, and to terminals that cannot show all of it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from journey_async import TaskGraph
from journey_async.cli.exit_codes import READER_GONE
from tests.cli.graphs import pair
from tests.cli.processes import JOURNEY, PATIENCE, ROOT, environment, ran, started

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.sandbox import Sandbox


@pytest.mark.parametrize(
    "words", [("models",), ("rules",), ("models", "--json"), ("--help",), ("--version",), ("plan", "nowhere.toml")]
)
def test_a_reader_that_is_gone_is_no_error(words: tuple[str, ...]) -> None:
    """`journey models | head -1` ends quietly, with the code that other programs have then."""
    ours, theirs = os.pipe()
    os.close(ours)
    both = words[0] == "plan"
    done = subprocess.run(  # noqa: S603 - our own command
        [*JOURNEY, *words],
        stdout=theirs,
        stderr=theirs if both else subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
        timeout=PATIENCE,
        check=False,
    )
    os.close(theirs)

    assert done.returncode == READER_GONE
    assert not done.stderr


@pytest.mark.journey_sandbox(task_seconds=0.5)
def test_a_reader_that_leaves_a_run(journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """`journey run elk.toml | head -1` ends the run; what it bought is in the journal."""
    variables = {"JOURNEY_BASE_URL": journey_sandbox.base_url, "JOURNEY_API_KEY": journey_sandbox.api_key}
    with started("run", str(pair(tmp_path)), env=environment(**variables, NO_PROXY="127.0.0.1")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("planned")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(PATIENCE) == READER_GONE

    assert ran(*JOURNEY, "status", str(tmp_path / "pair.db")).stdout.startswith("submitted   elk")


def test_what_cannot_be_shown_is_spelt_out(tmp_path: Path) -> None:
    """A terminal without Unicode gets the numbers of the characters, and no traceback."""
    graph = TaskGraph()
    graph.imagine("ein Wapiti im Nebel: \N{DEER}", key="elk")
    graph.upscale_1x(graph["elk"], index=1)
    graph.dump(tmp_path / "elk.json")

    done = ran(*JOURNEY, "plan", str(tmp_path / "elk.json"), env=environment(PYTHONIOENCODING="ascii"))

    assert (done.returncode, done.stderr) == (0, "")
    assert r"\U0001f98c" in done.stdout
