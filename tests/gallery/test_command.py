"""`journey gallery`: what is typed, said and given back."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest
from anyio.streams.text import TextReceiveStream

from journey_async.cli import main
from journey_async.cli.exit_codes import DONE, INTERRUPTED, MISUSED, REFUSED, TASKS_FAILED
from tests.cli.processes import JOURNEY, environment
from tests.downloads.media_server import media_server
from tests.gallery.runs import elk, put_pictures, ran
from tests.gallery.test_watching import forest, stopped

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Leave the journal of a run that is over, and its pictures where the page is to be."""

    async def run() -> None:
        outcome = await ran(elk(), tmp_path / "elk.db")
        await anyio.to_thread.run_sync(put_pictures, outcome, tmp_path / "site")

    anyio.run(run)
    return tmp_path / "elk.db"


def test_it_writes_a_page_and_says_where(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, with what is in it."""
    site = journal.with_name("site")
    assert main(["gallery", str(journal), "-o", str(site)]) == DONE

    assert capsys.readouterr().out == f"{site / 'index.html'}: 9 nodes, 19 files\n"
    assert (site / "index.html").exists()


def test_watching_a_run_that_is_over_ends_at_once(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to wait for."""
    site = journal.with_name("site")
    assert main(["gallery", str(journal), "--out", str(site), "--watch"]) == DONE

    first, last = capsys.readouterr().out.splitlines()
    assert first == f"{site / 'index.html'} follows the run; Ctrl-C ends that"
    assert last == f"{site / 'index.html'}: 9 nodes, 19 files"


def test_what_cannot_be_done_is_said_in_one_line(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No journal, a folder that is none, no argument at all."""
    assert main(["gallery", str(tmp_path / "none.db"), "-o", str(tmp_path / "out")]) == REFUSED
    assert main(["gallery", str(journal), "-o", str(journal)]) == REFUSED
    assert main(["gallery"]) == MISUSED

    one, two, three = capsys.readouterr().err.splitlines()
    assert "there is no such file" in one
    assert "is not a folder" in two
    assert "Missing argument 'JOURNAL'" in three


async def test_pictures_that_did_not_come_are_told_once_for_each_reason(tmp_path: Path) -> None:
    """And the exit code is that of files which could not be saved."""
    async with media_server() as server:
        await ran(elk(), tmp_path / "elk.db", media_url=server.link("/media"))
        done = await anyio.run_process(
            [*JOURNEY, "gallery", str(tmp_path / "elk.db"), "-o", str(tmp_path / "site")],
            check=False,
            env=environment(no_proxy="127.0.0.1"),
        )

    assert done.returncode == TASKS_FAILED
    assert done.stderr.decode() == "19 not fetched: the host sent an empty file\n"
    assert done.stdout.decode().endswith(": 9 nodes, 0 files\n")


async def test_ctrl_c_ends_watching_and_leaves_a_whole_page(tmp_path: Path) -> None:
    """Which looks for no more news."""
    await stopped(forest(2), tmp_path / "forest.db")
    command = [*JOURNEY, "gallery", str(tmp_path / "forest.db"), "-o", str(tmp_path / "site"), "--watch"]
    async with await anyio.open_process(command, env=environment()) as process:
        assert process.stdout is not None
        said = await TextReceiveStream(process.stdout).receive()
        process.send_signal(signal.SIGINT)
        assert await process.wait() == INTERRUPTED

    assert said == f"{tmp_path / 'site' / 'index.html'} follows the run; Ctrl-C ends that\n"
    assert (await anyio.Path(tmp_path / "site" / "pulse.js").read_text()).endswith('"live": false});\n')
