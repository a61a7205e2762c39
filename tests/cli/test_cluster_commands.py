"""What is typed about several machines, as far as it needs no database: options, faults, passwords, help."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from journey_async import JourneyError
from journey_async.cli import cluster_work
from journey_async.cli.exit_codes import DONE, INTERRUPTED, MISUSED, REFUSED, TASKS_FAILED
from journey_async.cli.interruption import interruptible
from journey_async.cli.journals import database_of, journal_of, name_after, new_run, run_of
from journey_async.cli.outcome_texts import command
from journey_async.cli.standing import Standing, standing_of
from journey_async.cluster.address import Cluster
from journey_async.cluster.store import RunKept
from journey_async.core.events import Differences
from journey_async.core.outcome import Outcome
from journey_async.core.spending import Spending
from tests.cli.graphs import pair
from tests.cli.processes import ran

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

URL = "postgresql://elk:a-secret@127.0.0.1:1/forest"
"""Where nobody answers."""
MASKED = "postgresql://elk@127.0.0.1:1/forest"
ABOUT_RUNS = (
    ["status", f"{URL}#herd"],
    ["resume", f"{URL}#herd"],
    ["settle", f"{URL}#herd", "elk", "--abandon"],
    ["gallery", f"{URL}#herd"],
    ["gallery", f"{URL}#herd", "--watch"],
    ["cluster", "pause", f"{URL}#herd"],
)
ABOUT_DATABASES = (["cluster", "init", URL], ["cluster", "show", URL], ["worker", "--cluster", URL, "--name", "alpha"])
SUBCOMMANDS = ("init", "show", "pause")


@pytest.mark.parametrize("words", [*ABOUT_RUNS, *ABOUT_DATABASES], ids=lambda words: " ".join(words[:2]))
def test_a_database_that_does_not_answer_is_one_line_without_the_password(
    words: list[str], journey: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the address that is told is the one that was typed."""
    monkeypatch.chdir(tmp_path)

    said = journey(*words)

    assert (said.code, said.out) == (REFUSED, "")
    (line,) = said.err.splitlines()
    assert line.startswith(f"journey: journal {MASKED}")
    assert "a-secret" not in line


def test_a_run_is_not_handed_to_a_database_that_does_not_answer(journey: Typed, tmp_path: Path) -> None:
    """And it makes no file of that name beside the graph."""
    said = journey("run", pair(tmp_path), "--cluster", URL, "--run", "herd")

    assert said.code == REFUSED
    assert said.err.startswith(f"journey: journal {MASKED}")
    assert "a-secret" not in said.out + said.err
    assert [path.name for path in tmp_path.iterdir()] == ["pair.toml"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--journal", "a.db", "--cluster", URL], "a run has one journal"),
        (["--run", "herd"], "--run is about a run that workers carry: add --cluster URL"),
        (["--after", "a:b"], "--after is about a run that workers carry: add --cluster URL"),
        (["--cluster", "mysql://h/d"], "a cluster is the address of its PostgreSQL database"),
        (["--cluster", "postgresql://h"], "url must name a database"),
        (["--cluster", f"{URL}#herd"], "this is about a whole database"),
        (["--cluster", URL, "--run", "a herd"], "run must be 1 to 100 letters"),
        (["--cluster", URL, "--after", "lambda: 1"], "after must be a function"),
    ],
    ids=str,
)
def test_options_of_run_that_do_not_go_together(words: list[str], why: str, journey: Typed, tmp_path: Path) -> None:
    """They are refused before anything is sent, and the password stays hidden."""
    said = journey("run", pair(tmp_path), *words)

    assert (said.code, said.out) == (MISUSED, "")
    assert said.err.startswith(f"journey: {why}")
    assert "a-secret" not in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["worker", "--cluster", f"{URL}#herd"], "this is about a whole database"),
        (["worker", "--cluster", "forest"], "a cluster is the address of its PostgreSQL database"),
        (["cluster", "init", f"{URL}#herd"], "this is about a whole database"),
        (["cluster", "show", "forest.db"], "a cluster is the address of its PostgreSQL database"),
        (["cluster", "pause", URL], "name the run behind the database"),
        (["cluster", "pause", "forest.db#herd"], "a cluster is the address of its PostgreSQL database"),
    ],
    ids=str,
)
def test_addresses_that_are_none(words: list[str], why: str, journey: Typed) -> None:
    """Each says in one line what it is to be."""
    said = journey(*words)

    assert (said.code, said.out) == (MISUSED, "")
    (line,) = said.err.splitlines()
    assert line.startswith(f"journey: {why}")


def test_a_folder_that_cannot_be_made(journey: Typed, tmp_path: Path) -> None:
    """It is told before the worker begins."""
    (tmp_path / "file").touch()

    said = journey("worker", "--cluster", URL, "--download", tmp_path / "file" / "out")

    assert said.code == MISUSED
    assert said.err == f"journey: cannot make the folder {tmp_path}/file/out: Not a directory\n"


@pytest.mark.parametrize("words", [*ABOUT_RUNS, *ABOUT_DATABASES], ids=lambda words: " ".join(words[:2]))
def test_without_the_extra_one_line_says_what_to_install(words: list[str]) -> None:
    """Whichever command it is."""
    probe = f"""if True:
        import os, sys
        for name in ("dbos", "psycopg", "sqlalchemy"):
            sys.modules[name] = None
        os.environ["JOURNEY_API_KEY"] = "key"
        from journey_async.cli import main
        sys.exit(main({words!r}))
    """
    done = ran(sys.executable, "-c", probe)

    assert (done.returncode, done.stdout) == (MISUSED, "")
    assert done.stderr == "journey: a cluster needs more packages: pip install 'journey-async[cluster]'\n"


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_help_of_what_is_below_cluster(name: str, typed: Typed) -> None:
    """It fits 80 columns and has an example."""
    page = typed("cluster", name, "--help")

    assert (page.code, page.err) == (DONE, "")
    assert max(map(len, page.out.splitlines())) <= 80
    assert any(line.strip().startswith(f"journey cluster {name} ") for line in page.out.splitlines())


def test_cluster_alone_shows_its_commands(typed: Typed) -> None:
    """With what each of them is for."""
    page = typed("cluster")

    assert page.code == DONE
    assert all(f"│ {name}" in page.out for name in SUBCOMMANDS)


def test_help_loads_nothing_of_the_extra() -> None:
    """Not even that of its own commands."""
    probe = """if True:
        import sys
        from journey_async.cli import main
        for words in (["--help"], ["worker", "--help"], ["cluster", "--help"], ["cluster", "init", "--help"]):
            main(words)
        heavy = {"sqlalchemy", "dbos", "psycopg", "aiohttp", "anyio"} & set(sys.modules)
        sys.exit(f"loaded {heavy}" if heavy else 0)
    """
    done = ran(sys.executable, "-c", probe)

    assert (done.returncode, done.stderr) == (0, "")


# ---------------------------------------------------------------------------------------------------------------------
# Addresses


def test_a_journal_is_a_file_or_a_run_of_a_cluster() -> None:
    """By how it begins."""
    assert journal_of("elk.db") == Path("elk.db")
    assert journal_of(f"{URL}#herd") == Cluster(URL, run="herd") == run_of(f"{URL}#herd")
    assert journal_of("postgres://h/d") == Cluster("postgres://h/d") == database_of("postgres://h/d")


@pytest.mark.parametrize(
    ("file", "name"),
    [("elk.toml", "elk"), ("a/red deer (2).csv", "red-deer-2"), ("Ärger.toml", "rger"), ("ß.toml", "main")],
)
def test_a_run_is_named_after_its_file(file: str, name: str) -> None:
    """What a run's name cannot hold is left out."""
    assert name_after(Path(file)) == name
    assert new_run(URL, run=None, after=None, file=Path(file)).run == name


def test_a_long_name_is_cut() -> None:
    """It fits."""
    assert Cluster(URL, run=name_after(Path("e" * 200))).run == "e" * 100


def test_a_function_is_named_for_workers() -> None:
    """By its import path."""
    cluster = new_run(URL, run="herd", after="shop.steps:store", file=Path("elk.toml"))

    assert (cluster.run, cluster.after_path) == ("herd", "shop.steps:store")


def test_a_command_to_type_has_no_password() -> None:
    """And can be typed as it stands: # begins a comment in a shell."""
    assert command("resume", Cluster(URL, run="herd")) == f"journey resume '{MASKED}#herd'"


# ---------------------------------------------------------------------------------------------------------------------
# What is told


def test_what_workers_could_not_do_is_told() -> None:
    """With what to type where nothing else is to be done."""
    cluster, nothing = Cluster(URL, run="herd"), Outcome(rows={}, spending=Spending(), differences=Differences())
    standing = Standing(paused=JourneyError("paused by hand"), left=1, raised=2)

    assert list(standing.lines(cluster, nothing)) == [
        "paused: paused by hand",
        "1 finished node still to be dealt with by --after or --download of workers",
        "--after or --download of workers went wrong for 2 nodes: their logs say why",
        f"try it again: journey resume '{MASKED}#herd'",
    ]
    assert standing.as_json() == {
        "paused": {"type": "JourneyError", "message": "paused by hand"},
        "afterwards": {"left": 1, "raised": 2},
    }


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (Standing(), DONE),
        (Standing(left=1), DONE),
        (Standing(raised=1), TASKS_FAILED),
        (Standing(paused=JourneyError("paused by hand")), REFUSED),
    ],
    ids=["nothing", "left", "raised", "paused"],
)
def test_what_it_adds_to_the_exit_code(standing: Standing, code: int) -> None:
    """What went wrong counts as files that were not saved."""
    assert standing.exit_code == code


async def test_a_file_has_no_standing() -> None:
    """Nobody is asked."""
    assert await standing_of(Path("elk.db")) is None


def test_what_is_shown_of_a_database() -> None:
    """Its runs, how many slots there are, and who has them."""
    holder = {"run": "herd", "holder": "herd:3", "owner": "alpha", "task_id": "t-1", "waiting": False}
    call = {"run": None, "holder": "call:9", "owner": "host:1", "task_id": None, "waiting": True}
    found = cluster_work.Found(
        cluster=Cluster(URL),
        runs={
            "herd": RunKept(records=7, paused=None, after=None),
            "old": RunKept(records=2, paused='{"message": "no credits"}', after=None),
        },
        slots=10,
        holders=[holder, holder | {"holder": "herd:4", "task_id": None}, call],
    )

    assert list(found.lines()) == [
        f"{MASKED}: 2 runs",
        "slots: 10 as far as is known, 2 taken",
        "",
        "run   slots",
        "herd  2",
        "old   0      paused: no credits",
        "",
        "for            by      task",
        "herd:3         alpha   t-1",
        "herd:4         alpha   is being sent",
        "a single call  host:1  waits for a slot",
    ]
    assert [line.partition(",")[0] for line in found.as_json()][:3] == [
        '{"slots": 10}',
        '{"run": "herd"',
        '{"run": "old"',
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, DONE)])
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_service_stops_in_good_order(number: signal.Signals, code: int) -> None:
    """Whichever way it is told to; a service manager takes the end for a good one."""
    said: list[str] = []

    async def work() -> int:
        try:
            os.kill(os.getpid(), number)
            await anyio.sleep_forever()
        finally:
            said.append("handed over")
        return TASKS_FAILED

    stopping = partial(said.append, "stopping")
    assert anyio.run(partial(interruptible, work, stopping=stopping, service=True)) == code
    assert said == ["stopping", "handed over"]
