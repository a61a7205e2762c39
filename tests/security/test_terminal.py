"""What users, graph files and the service write cannot steer the terminal that the command prints on."""

from __future__ import annotations

import json
import shlex
import subprocess
import unicodedata
from typing import TYPE_CHECKING

import pytest

from journey_async import TaskGraph

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Typed

STEERING = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u2066\r"
MARKUP = "[bold red]x[/bold red]"


def steers(text: str) -> set[str]:
    """Give the characters of *text* that a terminal takes for more than a character."""
    return {char for char in text if char != "\n" and unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}}


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """Write a graph whose prompts and keys would steer, and a task that fails with such words."""
    made = TaskGraph()
    made.imagine(f"{MARKUP} {STEERING}", key="a\u202e $(touch owned) `touch owned` 'x' [bold]")
    made.imagine(f"[sandbox:fail=no {STEERING}]", key="fails")
    made.dump(tmp_path / "graph.json")
    return tmp_path / "graph.json"


def test_no_command_passes_on_what_would_steer_the_terminal(
    journey: Typed, graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plans, runs, their state, tasks, questions and complaints, in plain lines and as JSON."""
    monkeypatch.setenv("COLUMNS", "300")
    journal, out = graph.with_suffix(".db"), graph.with_name("out")
    said = ""
    for words in (
        ("plan", graph),
        ("run", graph, "--journal", journal, "--download", out),
        ("status", journal),
        ("resume", journal),
        ("gallery", journal, "--out", graph.with_name("site")),
        ("imagine", f"elk {STEERING} [sandbox:fail=no {STEERING}]"),
        ("fetch", f"t{STEERING}"),
        ("run", f"no{STEERING}.json"),
        (f"no{STEERING}",),
    ):
        for more in (("--json",), ()) if words[0] in {"plan", "status", "imagine", "fetch"} else ((),):
            told = journey(*words, *more)
            said += told.out + told.err

    assert steers(said) == set()
    assert "\\x1b[2J" in said
    assert MARKUP in said


def test_a_command_that_is_proposed_holds_no_other_command(journey: Typed, tmp_path: Path) -> None:
    """A key may be what a shell runs; what is proposed to be typed is quoted."""
    graph = TaskGraph()
    key = "$(touch owned) `touch owned` 'x'; touch owned"
    graph.imagine("[sandbox:fail=no]", key=key)
    graph.dump(tmp_path / "graph.json")
    said = journey("run", tmp_path / "graph.json", "--journal", tmp_path / "g.db")

    (line,) = (line for line in (said.out + said.err).splitlines() if "journey settle" in line)
    command = "journey settle" + line.partition("journey settle")[2]
    assert key in shlex.split(command)
    shown = subprocess.run(  # noqa: S602 - what the test is about: a shell that takes the words apart
        f"printf '%s\\n' {command}", shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert key in shown.stdout.splitlines()
    assert not (tmp_path / "owned").exists()


def test_json_lines_stay_one_object_a_line(journey: Typed, graph: Path) -> None:
    """A program that reads them line by line is not fooled by a line break in a prompt or a key."""
    for line in journey("plan", graph, "--json").out.splitlines():
        assert isinstance(json.loads(line), dict)
