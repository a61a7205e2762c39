"""Graph files: read with all faults told at once, and written without loss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from journey_async import FileFault, GraphFileError, InvalidRequestError, TaskGraph, UpscaledPicture
from journey_async.core.actions import Imagine, Outpaint, Pan, Upscale1x
from tests.graph.chance import told

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.core.graph_text import Syntax

ELK = """
[nodes.left]                    # a child may stand before its parent
action = "pan"
parent = "tile"
direction = "left"

[nodes.tile]
action = "upscale-1x"
parent = "grid"
index = 2

[nodes.grid]
action = "imagine"
prompt = "a majestic elk"
extra = { sref = "7" }

[nodes.wide]
action = "outpaint"
parent = "old"
zoom_ratio = 1.5

[nodes.old]
existing = "550e8400"
kind = "UpscaledPicture"
"""


def refused(text: str, syntax: Syntax = "toml") -> GraphFileError:
    with pytest.raises(GraphFileError) as caught:
        TaskGraph.loads(text, syntax=syntax)
    return caught.value


def lines(error: InvalidRequestError) -> list[str]:
    return [str(fault) for fault in error.faults]


def test_a_file_is_read_in_any_order_and_drawn_parents_first() -> None:
    graph = TaskGraph.loads(ELK, syntax="toml")

    assert [node.key for node in graph] == ["grid", "tile", "left", "old", "wide"]
    assert [node.action for node in graph] == [
        Imagine(prompt="a majestic elk", extra={"sref": "7"}),
        Upscale1x(index=2),
        Pan(direction="left"),
        None,
        Outpaint(zoom_ratio=1.5),
    ]
    assert graph["old"].kind is UpscaledPicture
    assert graph["left"].parent is graph["tile"]
    assert str(graph.credits) == "14"


def test_a_graph_is_written_as_a_person_would_write_it() -> None:
    assert TaskGraph.loads(ELK, syntax="toml").dumps(syntax="toml") == (
        '[nodes.grid]\naction = "imagine"\nprompt = "a majestic elk"\nmodel = "midjourney"\n'
        '\n[nodes.grid.extra]\nsref = "7"\n'
        '\n[nodes.tile]\naction = "upscale-1x"\nparent = "grid"\nindex = 2\n'
        '\n[nodes.left]\naction = "pan"\nparent = "tile"\ndirection = "left"\n'
        '\n[nodes.old]\nexisting = "550e8400"\nkind = "UpscaledPicture"\n'
        '\n[nodes.wide]\naction = "outpaint"\nparent = "old"\nzoom_ratio = "1.5"\n'
    )


@pytest.mark.parametrize("name", ["elk.toml", "elk.json", "ELK.TOML"])
def test_what_is_dumped_is_loaded_again(tmp_path: Path, name: str) -> None:
    graph = TaskGraph.loads(ELK, syntax="toml")
    graph.dump(tmp_path / name)

    again = TaskGraph.load(str(tmp_path / name))

    assert told(again) == told(graph)
    assert again.dumps(syntax="json") == graph.dumps(syntax="json")


def test_a_json_file_holds_one_object_per_node() -> None:
    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("ein Elch, größer\n«", key="grid"), index="2", key="tile")

    assert json.loads(graph.dumps(syntax="json")) == {
        "nodes": {
            "grid": {"action": "imagine", "prompt": "ein Elch, größer\n«", "model": "midjourney"},
            "tile": {"action": "upscale-1x", "parent": "grid", "index": 2},
        }
    }
    assert "größer" in graph.dumps(syntax="json")


@pytest.mark.parametrize("syntax", ["toml", "json"])
def test_an_empty_graph_is_written_and_read(syntax: Syntax) -> None:
    assert len(TaskGraph.loads(TaskGraph().dumps(syntax=syntax), syntax=syntax)) == 0


def test_a_loaded_graph_goes_on_counting_its_keys() -> None:
    graph = TaskGraph()
    graph.imagine("an elk")
    again = TaskGraph.loads(graph.dumps(syntax="toml"), syntax="toml")

    assert again.imagine("a moose").key == "imagine-2"


def test_all_faults_of_a_file_are_told_at_once() -> None:
    error = refused(
        """
        title = "elks"
        [nodes.grid]
        action = "imagine"
        prompt = ""
        parent = "tile"
        [nodes.tile]
        action = "upscale-1x"
        parent = "grid"
        index = 7
        [nodes.left]
        action = "pan"
        parent = "grid"
        directoin = "left"
        [nodes.edit]
        action = "enhance"
        [nodes.orphan]
        action = "reroll"
        parent = "gird"
        [nodes.old]
        existing = ""
        kind = "Gird"
        [nodes.none]
        prompt = "an elk"
        [nodes.both]
        action = "imagine"
        existing = "t-1"
        [nodes."a "]
        action = "upscale-alt"
        type = "subtle"
        parent = "tile"
        """
    )

    assert error.file == "graph"
    assert str(error).startswith("graph: 13 faults, nothing was sent:\n  - 'title' is unknown: ")
    assert [(fault.node, fault.argument) for fault in cast("tuple[FileFault, ...]", error.faults)] == [
        (None, ""),
        ("grid", "parent"),
        ("grid", "prompt"),
        ("tile", "index"),
        ("left", "directoin"),
        ("left", "direction"),
        ("edit", "action"),
        ("orphan", "parent"),
        ("old", "task_id"),
        ("old", "kind"),
        ("none", "action"),
        ("both", "action"),
        ("a ", "key"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[nodes.a]\naction = "imagine"\nprompt = 7',
            "node a: prompt is required, as a text that is not blank (got prompt=7)",
        ),
        (
            '[nodes.a]\naction = "shorten"\nprompts = "an elk"\nprompt = "an elk"',
            ("node a: prompts is no field here: use prompt, webhook_url, webhook_secret, extra (got prompts='an elk')"),
        ),
        (
            '[nodes.a]\naction = "reroll"\nparent = "b"',
            "node a: parent must be the key of a node of this file (got parent='b')",
        ),
        (
            '[nodes.a]\naction = "reroll"\nparent = 7',
            "node a: parent must be the key of a node of this file (got parent=7)",
        ),
        (
            '[nodes.a]\naction = "reroll"',
            "node a: parent is required: a node of this graph (got parent=None)",
        ),
        (
            '[nodes.a]\naction = "reroll"\nparent = "a"',
            "node a: parents make a circle: a below a (got parent='a')",
        ),
        (
            '[nodes]\na.action = "reroll"\na.parent = "b"\nb.action = "reroll"\nb.parent = "a"',
            "node a: parents make a circle: a below b below a (got parent='b')",
        ),
        ("[nodes]\na = 7", "node a: a node is a table of its fields"),
        ("nodes = 7", "a table called nodes is needed, with a table for each node in it"),
        ("", "a table called nodes is needed, with a table for each node in it"),
        (
            '[nodes.a]\naction = "imagine"\nprompt = "an elk"\nextra = { prompt = "a moose" }',
            ("node a: extra cannot set prompt: documented fields are arguments of their own (got extra=['prompt'])"),
        ),
        (
            '[nodes.a]\naction = "imagine"\nprompt = "an elk"\nextra = { day = 2026-01-01 }',
            ("node a: extra must be a mapping of field names to JSON values (got extra='a dict')"),
        ),
        (
            '[nodes.a]\nexisting = "t-1"\nkind = "Elk"\nprompt = ""',
            "node a: prompt is no field here: use existing, kind (got prompt='')",
        ),
        (
            '[nodes."a\\nb"]\naction = "imagine"\nprompt = "an elk"',
            (
                "node 'a\\nb': key must be a text of one line, not empty and without blanks at its ends "
                "(got key='a\\nb')"
            ),
        ),
        (
            (
                '[nodes.a]\naction = "imagine"\nprompt = "an elk"\n'
                '[nodes.b]\naction = "pan"\ndirection = "up"\nparent = "a"'
            ),
            (
                "node b: pan needs an upscale-1x picture as parent, task a is an imagine grid. "
                "Insert upscale_1x(parent, index=1..4) first. (got parent='a')"
            ),
        ),
    ],
)
def test_a_fault_says_where_it_is_what_stands_there_and_what_is_allowed(text: str, expected: str) -> None:
    assert expected in lines(refused(text))


def test_a_file_that_is_not_toml_says_where() -> None:
    assert lines(refused('[nodes.a]\naction = "imagine\n'))[0].startswith("not TOML: ")
    assert "line 2" in str(refused('[nodes.a]\naction = "imagine\n'))
    assert "not TOML: " in str(refused("[nodes.a]\n[nodes.a]"))
    assert "not TOML: " in str(refused("a = 1\na = 2"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", ["not JSON: Expecting property name enclosed in double quotes (line 1, column 2)"]),
        ("[]", ["a JSON object is needed, with the object nodes in it"]),
        ('{"nodes": []}', ["a table called nodes is needed, with a table for each node in it"]),
        ('{"nodes": {}, "nodes": {}}', ["'nodes' is there twice"]),
        (
            '{"nodes": {"a": {"action": "imagine", "prompt": "x", "prompt": "y"}, "a": {"existing": "t-1"}}}',
            ["'a' is there twice"],
        ),
        (
            '{"nodes": {"a": {"action": "imagine", "prompt": "x", "prompt": "y", "extra": {"b": [{"c": 1, "c": 2}]}}}}',
            ["node a: 'prompt' is there twice", "node a: 'extra.b.c' is there twice"],
        ),
        (
            '{"nodes": {"a": {"action": "imagine", "prompt": "\\ud800"}}}',
            ["node a: half a character (a lone surrogate) is in it, which no file can hold"],
        ),
    ],
)
def test_faults_of_json_are_told(text: str, expected: list[str]) -> None:
    assert lines(refused(text, "json")) == expected


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ('{"nodes": ' * 5000, "json"),
        ('{"nodes":' + '{"a":' * 900 + "{}" + "}" * 901, "json"),
        ('{"nodes": {"a": {"action": "imagine", "index": ' + "9" * 5000 + "}}}", "json"),
        ("nodes = " + "[" * 5000, "toml"),
        ("nodes = " + "9" * 5000, "toml"),
        ("a." * 5000 + "b = 1", "toml"),
    ],
)
def test_a_file_that_is_made_to_break_the_reader_is_only_a_faulty_file(text: str, syntax: Syntax) -> None:
    assert refused(text, syntax).faults


def test_a_faulty_node_is_no_reason_to_find_fault_with_its_children() -> None:
    error = refused(
        '[nodes.a]\naction = "imagine"\nprompt = ""\n[nodes.b]\naction = "upscale-1x"\nparent = "a"\nindex = 9\n'
        '[nodes.c]\naction = "pan"\nparent = "b"\ndirection = "up"\n[nodes.d]\naction = "reroll"\nparent = "b"'
    )

    assert [(fault.argument, getattr(fault, "node", None)) for fault in error.faults] == [
        ("prompt", "a"), ("index", "b"), ("parent", "d"),
    ]  # fmt: skip
