"""`journey plan`, and the tables: nothing of it sends anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from journey_async import MODELS, RULES, TaskGraph, openapi
from journey_async.cli.exit_codes import REFUSED
from tests.cli.graphs import animals

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Typed


def test_a_plan_is_drawn_and_priced(typed: Typed, tmp_path: Path) -> None:
    """Without an account: the tree, the price, and that nothing was sent."""
    file = animals(tmp_path, "elk")

    said = typed("plan", file)

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "elk  imagine  4  a majestic elk",
        "└── elk-tile  upscale-1x 2  2",
        "    ├── elk-left  pan left  4",
        "    ├── elk-right  pan right  4",
        "    ├── elk-wide  outpaint 1.5  4",
        "    └── elk-big  upscale-alt creative  4",
        f"{file}: legal, 6 nodes, 22 credits; nothing was sent",
    ]


def test_a_plan_for_programs(typed: Typed, tmp_path: Path) -> None:
    """One object for each node and the price last; a flowchart for documents."""
    file = animals(tmp_path, "elk")

    said = typed("plan", file, "--json")

    first, second, *_, last = said.objects
    assert first == {
        "node": "elk",
        "action": "imagine",
        "parent": None,
        "credits": 4,
        "kind": "ImagineGrid",
        "task_id": None,
    }
    assert (second["node"], second["parent"]) == ("elk-tile", "elk")
    assert last == {"nodes": 6, "credits": {"least": 22, "most": 22}}
    assert typed("plan", file, "--mermaid").out == TaskGraph.load(file).to_mermaid() + "\n"


def test_an_illegal_graph_is_told_in_full(typed: Typed, tmp_path: Path) -> None:
    """Every fault is a line of its own, and the code is 1."""
    file = tmp_path / "bad.toml"
    file.write_text(
        '[nodes.elk]\naction = "imagine"\nprompt = "an elk"\n'
        '[nodes.left]\naction = "pan"\nparent = "elk"\ndirection = "left"\n'
        '[nodes.tile]\naction = "upscale-1x"\nparent = "nobody"\nindex = 7\n'
    )

    said = typed("plan", file)

    assert (said.code, said.out) == (REFUSED, "")
    *faults, last = said.err.splitlines()
    assert len(faults) == 3
    assert all(line.startswith(f"journey: {file}: node ") for line in faults)
    assert last == "journey: Nothing was sent."


@pytest.mark.parametrize("name", ["nowhere.toml", "folder.toml", "elk.txt", "empty.toml"])
def test_what_is_no_graph_file(name: str, typed: Typed, tmp_path: Path) -> None:
    """A file that is not there, is none or says nothing is one line."""
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "empty.toml").write_bytes(b"\xff")

    said = typed("plan", tmp_path / name)

    assert (said.code, said.out) == (REFUSED, "")
    (line,) = said.err.splitlines()
    assert str(tmp_path / name) in line


def test_what_would_steer_the_terminal_is_shown_as_text(typed: Typed, tmp_path: Path) -> None:
    """A prompt from a file cannot clear the screen or take the shape of rich's markup."""
    graph = TaskGraph()
    graph.imagine("an \x1b[2Jelk [red]here[/red]\nand there", key="elk")
    graph.dump(tmp_path / "elk.json")

    said = typed("plan", tmp_path / "elk.json")

    assert said.out.splitlines()[0] == r"elk  imagine  4  an \x1b[2Jelk [red]here[/red] and there"


def test_a_long_chain_is_drawn(typed: Typed, tmp_path: Path) -> None:
    """A chain of hundreds of nodes needs no deep stack."""
    graph = TaskGraph()
    node = graph.imagine("an elk")
    for _ in range(150):
        node = graph.pan(graph.upscale_1x(node, index=1), direction="left")  # type: ignore[assignment]
    graph.dump(tmp_path / "chain.json")

    assert (
        typed("plan", tmp_path / "chain.json").out.splitlines()[-1].endswith("301 nodes, 904 credits; nothing was sent")
    )


def test_models(typed: Typed) -> None:
    """One line for each model within 80 columns, and one object."""
    said = typed("models")
    head, *lines = said.out.splitlines()

    assert head.split()[:3] == ["model", "credits", "mode"]
    assert [line.split()[:3] for line in lines] == [[m.id, str(m.credits), m.mode] for m in MODELS.values()]
    assert max(map(len, said.out.splitlines())) <= 80
    assert "image_url (required)" in next(line for line in lines if line.startswith("flux-kontext-pro "))
    told = typed("models", "--json").objects
    assert [each["id"] for each in told] == list(MODELS)
    assert told[1]["resolution"] is True


def test_rules(typed: Typed) -> None:
    """Every row of the table is there, as a table of 80 columns, as objects and as the drawn one."""
    said = typed("rules")

    assert max(map(len, said.out.splitlines())) <= 80
    assert "upscale-1x picture" in said.out
    told = typed("rules", "--json").objects
    assert [each["rule"] for each in told] == list(RULES)
    pan = next(each for each in told if each["rule"] == "pan")
    assert pan == {
        "rule": "pan",
        "action": "pan",
        "parents": {"UpscaledPicture": "documented"},
        "gives": "PanGrid",
        "credits": "4",
    }
    assert typed("rules", "--mermaid").out.startswith("flowchart TD\n")
    assert json.loads(typed("rules", "--openapi").out) == openapi()
    assert json.dumps(told).isascii()
