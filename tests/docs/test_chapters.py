"""The chapters as a reader would use them: their programs run as they stand, and print what they say."""

from __future__ import annotations

import ast
import inspect
import re
import socket
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import anyio
import pytest
from anyio import to_thread

from journey_async import JourneyClient, Pace, TaskGraph
from tests.cli.processes import environment
from tests.docs.chapters import DOCS, NEWEST, Program, Scene, all_scenes, scenes
from tests.pictures import PNG

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.testing import RunningSandbox

README: Final = (DOCS.parent / "README.md").read_text(encoding="utf-8")
SCENES: Final = tuple(all_scenes())
PYTEST: Final = ("-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:cacheprovider", "-o", "anyio_mode=auto")
EXPECTED: Final[dict[str, dict[str, int]]] = {
    "bots.md": {"snippet": 4},
    "cluster.md": {"not run": 4},
    "errors.md": {"snippet": 1},
    "examples.md": {"program": 1, "not run": 1},
    "files.md": {"snippet": 2},
    "from-apiframe.md": {"not run": 1, "program": 1},
    "from-replicate.md": {"not run": 1, "program": 1},
    "from-requests.md": {"program": 2},
    "graphs.md": {"program": 15},
    "index.md": {"program": 1, "snippet": 1},
    "model.md": {"snippet": 1},
    "money.md": {"program": 7},
    "observability.md": {"snippet": 1, "program": 2, "not run": 1},
    "performance.md": {"program": 1},
    "sandbox.md": {"program": 1, "tests": 2},
    "tasks.md": {"snippet": 7},
    "webhooks.md": {"program": 2, "not run": 1},
}
"""How many blocks of Python each chapter has, by how they are run: a block that is overlooked would pass."""


class Keyboard:
    """Stands for standard input: somebody types the same answer to every question."""

    def __init__(self, sandbox: RunningSandbox, typed: str) -> None:
        self._sandbox = sandbox
        self._typed = typed

    def readline(self) -> str:
        """Answer."""
        newest = self._sandbox.ledger()["charges"][-1]["task_id"] if self._typed == NEWEST else self._typed
        sys.stdout.write(f"{newest}\n")  # a terminal shows what is typed
        return f"{newest}\n"


class Stage:
    """Where a scene is played: a folder, a sandbox, and ports that nobody else has."""

    def __init__(self, scene: Scene, sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]) -> None:
        self._scene = scene
        self._sandbox = sandbox
        self._capsys = capsys
        self._ports = {port: free_port() for port in scene.ports}

    def play(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        """Run the programs one after the other."""
        manners = {program.manner for program in self._scene.programs}
        if "snippet" in manners:
            assert manners == {"snippet"}, "snippets and programs are scenes of their own"
            anyio.run(self._snippets)
        else:
            for program in self._scene.programs:
                monkeypatch.setattr("sys.stdin", Keyboard(self._sandbox, program.typed))
                if program.manner == "tests":
                    self._tests(program, folder)
                else:
                    exec(self._compiled(program), {"__name__": "__main__"})  # noqa: S102 - it is our own chapter
                    self._compare(program)

    async def _snippets(self) -> None:
        names: dict[str, Any] = {}
        async with JourneyClient(pace=Pace(lag=0.02)) as names["journey"]:
            for program in self._scene.programs:
                running = eval(self._compiled(program, awaiting=True), names)  # noqa: S307 - it is our own chapter
                if inspect.iscoroutine(running):
                    await running
                self._compare(program)

    def _tests(self, program: Program, folder: Path) -> None:
        (folder / "test_it.py").write_text(self._source(program))
        ran = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, *PYTEST, "-k", "not trio"],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "passed" in ran.stdout

    def _compare(self, program: Program) -> None:
        printed = self._capsys.readouterr().out
        assert program.missing(printed) == [], printed

    def _compiled(self, program: Program, *, awaiting: bool = False) -> Any:
        """Compile a program so that its errors name the line of the chapter."""
        source = "\n" * program.line + self._source(program)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if awaiting else 0
        return compile(source, f"docs/{self._scene.chapter}", "exec", flags=flags, dont_inherit=True)

    def _source(self, program: Program) -> str:
        source = program.source
        for port, free in self._ports.items():
            source = source.replace(port, free)
        return source


def free_port() -> str:
    """Give a port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def params() -> list[Any]:
    """Give each scene with its sandbox."""
    return [pytest.param(scene, marks=pytest.mark.journey_sandbox(**scene.options), id=str(scene)) for scene in SCENES]


def test_no_block_is_overlooked() -> None:
    """Every block of Python is run, or said not to be."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(DOCS.glob("*.md")):
        counts = Counter[str]()
        for scene in scenes(path):
            counts.update(program.manner for program in scene.programs)
            counts.update(["not run"] * len(scene.not_run))
        found |= {path.name: counts} if counts else {}

    assert found == EXPECTED


@pytest.mark.parametrize("scene", params())
def test_every_program_runs_and_prints_what_it_says(
    scene: Scene,
    journey_sandbox: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As a program of its own would: with the environment's key, in a folder where its files are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOURNEY_API_KEY", journey_sandbox.api_key)
    monkeypatch.setenv("JOURNEY_BASE_URL", journey_sandbox.base_url)
    for name, value in scene.variables.items():
        monkeypatch.setenv(name, value)
    for name, text in scene.files.items():
        (tmp_path / name).write_text(text)

    Stage(scene, journey_sandbox, capsys).play(monkeypatch, tmp_path)


def not_run() -> list[Any]:
    """Give the programs that are not run."""
    found = [scene for path in sorted(DOCS.glob("*.md")) for scene in scenes(path)]
    return [pytest.param(source, id=scene.chapter) for scene in found for source in scene.not_run]


@pytest.mark.parametrize("source", not_run())
def test_what_is_not_run_is_python(source: str) -> None:
    """Programs for other packages, which need a key and an account of theirs."""
    assert ast.parse(source).body


def test_a_line_that_is_not_printed_is_told() -> None:
    """Else the test above could not fail."""
    program = Program(source="", line=1, printed=["an elk", "a fox … forest"])

    assert program.missing("an elk\na fox in a forest\n") == []
    assert program.missing("a fox in a forest\nan elk\n") == ["a fox … forest"]
    assert program.missing("an elk\na fox\n") == ["a fox … forest"]


@pytest.mark.parametrize(
    ("source", "manner"),
    [("x = await y", "snippet"), ("async def f():\n    await y", "program"), ("def test_it(): ...", "tests")],
)
def test_how_a_block_is_run(source: str, manner: str) -> None:
    """By what it is."""
    assert Program(source=source, line=1).manner == manner


async def test_the_batch_of_the_readme_goes_on(
    journey_client: JourneyClient, journey_sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graph that is drawn there, run as it is run there: the second time costs nothing."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL):
        if "TaskGraph()" in block or "async def make(" in block:
            exec(compile(block, "README.md", "exec", dont_inherit=True), names)  # noqa: S102 - it is our own README

    await names["make"](names["graph"], journey_client)
    await names["make"](names["graph"], journey_client)

    ledger = await to_thread.run_sync(journey_sandbox.ledger)  # which waits for another thread
    assert ledger["charged"] == names["graph"].credits.most


def test_the_file_of_the_chapter_is_a_graph(tmp_path: Path) -> None:
    """With the mask that it names beside it."""
    (file,) = (scene.files["elk.toml"] for scene in scenes(DOCS / "graphs.md") if "elk.toml" in scene.files)
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "lake.png").write_bytes(PNG)
    (tmp_path / "elk.toml").write_text(file)

    assert [node.key for node in TaskGraph.load(tmp_path / "elk.toml")] == ["elk", "tile", "lake", "before"]
