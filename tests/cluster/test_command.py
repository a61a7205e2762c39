"""The command on a PostgreSQL, as its user types it: workers live and die, runs are followed, settled and held back."""

from __future__ import annotations

import re
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from attrs import frozen

from journey_async.cli import main
from journey_async.cli.exit_codes import DONE, IN_DOUBT, INTERRUPTED, REFUSED
from tests.cli.conftest import Said
from tests.cli.graphs import animals, pair
from tests.cli.processes import PATIENCE, PLAIN, environment, started
from tests.cli.terminals import terminal
from tests.cluster.conftest import PREPARED, fresh

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from subprocess import Popen

    from journey_async.testing import RunningSandbox
    from tests.cluster.postgres import Postgres


RUNS = ("status", "resume", "gallery")


@frozen(kw_only=True)
class Desk:
    """Where somebody sits who has a database and an account."""

    url: str
    sandbox: RunningSandbox
    said: pytest.CaptureFixture[str]

    @property
    def account(self) -> dict[str, str]:
        return {
            "JOURNEY_BASE_URL": self.sandbox.base_url,
            "JOURNEY_API_KEY": self.sandbox.api_key,
            "NO_PROXY": "127.0.0.1",
        }

    def typed(self, *words: object) -> Said:
        """Run a command to its end, in this process."""
        self.said.readouterr()
        code = main([str(word) for word in words])
        said = self.said.readouterr()
        return Said(code=code, out=said.out, err=said.err)

    @contextmanager
    def worker(self, name: str, *more: str) -> Generator[Popen[str]]:
        """Run a worker that carries nodes, for as long as the block is open, if it does not end before."""
        words = ("worker", "--cluster", self.url, "--name", name, *more)
        with started(*words, env=environment(**self.account)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"worker {name} carries nodes of {self.url}; Ctrl-C hands over\n"
            yield process

    def until(self, query: str) -> None:
        """Wait until the database has a row for *query*."""
        deadline = time.monotonic() + PATIENCE
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not connection.execute(query.encode()).fetchall():
                assert time.monotonic() < deadline, query
                time.sleep(0.02)

    def charges(self) -> list[Any]:
        """Give what was charged."""
        return self.sandbox.ledger()["charges"]


@pytest.fixture
def desk(
    prepared: Postgres,
    journey_sandbox: RunningSandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """Have a database that is prepared."""
    made = Desk(url=fresh(prepared, PREPARED), sandbox=journey_sandbox, said=capsys)
    for name, value in {**PLAIN, **made.account}.items():
        monkeypatch.setenv(name, value)
    return made


def narrow(text: str, *long: object) -> bool:
    """Tell whether all lines fit 80 columns, those aside in which something *long* stands that is not ours to cut."""
    return all(len(line) <= 80 for line in text.splitlines() if not any(str(word) in line for word in long))


def test_a_database_is_prepared_and_what_is_wrong_with_it_is_one_line(
    desk: Desk, postgres_server: Postgres, tmp_path: Path
) -> None:
    fresh(postgres_server, "template1")
    lines: list[str] = []
    for words in (
        ("worker", "--cluster", desk.url),
        ("run", pair(tmp_path), "--cluster", desk.url),
        ("cluster", "show", desk.url),
        ("cluster", "pause", f"{desk.url}#pair"),
        *((name, f"{desk.url}#pair") for name in RUNS),
    ):
        said = desk.typed(*words)
        assert (said.code, said.out) == (REFUSED, "")
        lines += said.err.splitlines()
    why = f"journey: journal {desk.url}: it is not prepared for journey: run `journey cluster init` with its address"
    assert set(lines) == {why}
    assert len(lines) == 4 + len(RUNS)

    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS poor")
        connection.execute("CREATE ROLE poor LOGIN")
    for url, wrong in (
        (postgres_server.url("nothing"), "does not exist"),
        (desk.url.replace("journey@", "poor@"), "permission denied"),
    ):
        said = desk.typed("cluster", "init", url)
        assert (said.code, said.out) == (REFUSED, "")
        (line,) = said.err.splitlines()
        assert line.startswith(f"journey: journal {url}: ")
        assert wrong in line

    for _ in range(2):
        said = desk.typed("cluster", "init", desk.url)
        assert (said.code, said.err) == (DONE, "")
        assert said.out == f"{desk.url} is ready: journey worker --cluster {desk.url}\n"
    assert desk.typed("cluster", "show", desk.url).out.startswith(f"{desk.url}: 0 runs\n")


@pytest.mark.journey_sandbox(task_seconds=1.0)
def test_what_a_killed_worker_had_begun_is_adopted_and_paid_once(desk: Desk, tmp_path: Path) -> None:
    """Meanwhile the run is followed on a terminal of 80 columns, which loses nothing by it."""
    out = tmp_path / "out"
    words = ("run", animals(tmp_path, "elk"), "--cluster", desk.url, "--download", out)
    with terminal(*words, **desk.account) as screen:
        with desk.worker("alpha") as alpha:
            desk.until("SELECT 1 FROM journey.slots WHERE task_id IS NOT NULL")
            alpha.kill()
        shown = desk.typed("cluster", "show", desk.url)
        with desk.worker("beta", "--adopt", "alpha") as beta:
            assert screen.wait() == DONE
            again = desk.typed("worker", "--cluster", desk.url, "--name", "beta")
            beta.send_signal(signal.SIGTERM)
            told, complained = beta.communicate(timeout=PATIENCE)

    assert re.search(r"^animals +1$", shown.out, re.MULTILINE)
    assert re.search(r"^animals:0 +alpha +[0-9a-f]{8}-[0-9a-f-]{27}$", shown.out, re.MULTILINE)
    assert re.search(r"6 nodes: 6 finished\n22 credits spent\n18 files in ", screen.text)
    assert narrow(screen.text, tmp_path, desk.url)
    assert len(list(out.iterdir())) == 18
    assert len(desk.charges()) == 6
    assert again.code == REFUSED
    assert again.err.endswith(": a worker named beta is running: give this one another name\n")
    assert (beta.returncode, told) == (DONE, "worker beta has stopped\n")
    assert complained.endswith("handing over what it had begun; Ctrl-C again leaves at once and loses nothing\n")


@pytest.mark.journey_sandbox(task_seconds=0.2, faults=["lost-reply:imagine:1"])
def test_a_node_in_doubt_is_settled_and_a_gallery_is_made(desk: Desk, tmp_path: Path) -> None:
    run, site = f"{desk.url}#pair", tmp_path / "site"
    with desk.worker("alpha"):
        said = desk.typed("run", pair(tmp_path), "--cluster", desk.url)
        status = desk.typed("status", run)
        (charge,) = desk.charges()
        settled = desk.typed("settle", run, "elk", "--adopt", charge["task_id"])
        resumed = desk.typed("resume", run)
    gallery = desk.typed("gallery", run, "--out", site)

    for each in (said, status):
        assert each.code == IN_DOUBT
        assert f"  journey settle '{run}' elk --adopt TASK | --resubmit | --abandon\n" in each.out
    assert settled.out == f"node elk is settled; workers act on it. Follow the run with: journey resume '{run}'\n"
    assert (resumed.code, len(desk.charges())) == (DONE, 2)
    assert "2 nodes: 2 finished\n6 credits spent\n" in resumed.out
    assert desk.typed("status", run).code == DONE
    assert gallery.code == DONE
    assert "2 nodes, 5 files" in gallery.out
    assert "an elk" in (site / "index.html").read_text(encoding="utf-8")


# Long enough for two commands, also where a machine is slow.
@pytest.mark.journey_sandbox(task_seconds=6.0)
def test_a_run_goes_on_without_whoever_follows_it_until_it_is_paused(desk: Desk, tmp_path: Path) -> None:
    run = f"{desk.url}#pair"
    with desk.worker("alpha"):
        with terminal("run", pair(tmp_path), "--cluster", desk.url, **desk.account) as screen:
            desk.until("SELECT 1 FROM journey.slots WHERE task_id IS NOT NULL")
            screen.press_ctrl_c()
            left = screen.wait()
        paused = desk.typed("cluster", "pause", run)
        desk.until("SELECT 1 FROM journey.records WHERE record LIKE '%ended%'")
        status, shown = desk.typed("status", run), desk.typed("cluster", "show", desk.url)
        bought = len(desk.charges())
        resumed = desk.typed("resume", run)

    assert left == INTERRUPTED
    assert f"journey resume '{run}'" in screen.text
    assert paused.out == f"run pair is paused; go on with: journey resume '{run}'\n"
    assert "paused: paused by hand\n" in status.out
    assert re.search(r"^pair +\d +paused: paused by hand$", shown.out, re.MULTILINE)
    assert bought == 1
    assert (resumed.code, len(desk.charges())) == (DONE, 2)
