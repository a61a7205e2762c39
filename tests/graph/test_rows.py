"""Rows of data times a small graph."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from journey_async import GraphFileError, TaskGraph
from journey_async.core.actions import Describe, Imagine, Inpaint, Upscale1x
from tests.pictures import PNG

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import Grid

TEMPLATE = """
[nodes.grid]
action = "imagine"
prompt = "a {mood} {animal} in {{{place}}}"

[nodes.tile]
action = "upscale-1x"
parent = "grid"
index = "{tile}"
"""
CSV = 'name,animal,mood,place,tile\nelk,elk,majestic,"a misty, old\nforest",2\nfox,fox,sly,a {garden},4\n'


async def best(grid: Grid) -> int:
    return len(grid.image_urls)


def template() -> TaskGraph:
    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("a {animal}", key="grid"), index=2, key="tile")
    return graph


def grown(folder: Path, rows: str | bytes, tree: TaskGraph | str = TEMPLATE, *, name: str = "rows.csv") -> TaskGraph:
    (folder / name).write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    if isinstance(tree, TaskGraph):
        return TaskGraph.from_rows(folder / name, tree)
    (folder / "tree.toml").write_text(tree)
    return TaskGraph.from_rows(str(folder / name), str(folder / "tree.toml"))


def faults(folder: Path, rows: str | bytes, tree: TaskGraph | str = TEMPLATE, *, name: str = "rows.csv") -> list[str]:
    with pytest.raises(GraphFileError) as caught:
        grown(folder, rows, tree, name=name)
    return [str(fault).partition(" (got prompt=")[0] for fault in caught.value.faults]


def prompts(graph: TaskGraph) -> dict[str, str]:
    return {node.key: node.action.prompt for node in graph if isinstance(node.action, Imagine)}


def test_each_row_gives_a_copy_of_the_tree_under_its_name(tmp_path: Path) -> None:
    graph = grown(tmp_path, CSV)

    assert [node.key for node in graph] == ["elk/grid", "elk/tile", "fox/grid", "fox/tile"]
    assert prompts(graph) == {
        "elk/grid": "a majestic elk in {a misty, old\nforest}",
        "fox/grid": "a sly fox in {a {garden}}",
    }
    assert [graph[f"{name}/tile"].action for name in ("elk", "fox")] == [Upscale1x(index=2), Upscale1x(index=4)]
    assert graph["elk/tile"].parent is graph["elk/grid"]
    assert str(graph.credits) == "12"


@pytest.mark.parametrize("rows", [CSV.encode("utf-8-sig"), CSV.replace("\n", "\r\n").encode(), CSV.rstrip().encode()])
def test_a_table_may_come_from_any_program(tmp_path: Path, rows: bytes) -> None:
    assert len(grown(tmp_path, rows)) == 4


def test_rows_may_be_json_lines(tmp_path: Path) -> None:
    rows = [
        {"key": "k", "name": "n", "animal": "elk", "mood": 7, "place": True, "tile": 3, "unused": [None]},
        {"key": 8, "animal": "fox", "mood": 1.5, "place": "\u2028", "tile": "1"},
    ]
    text = "\r\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"

    for name in ("rows.jsonl", "rows.ndjson"):
        graph = grown(tmp_path, text, name=name)
        assert prompts(graph) == {"k/grid": "a 7 elk in {true}", "8/grid": "a 1.5 fox in {\u2028}"}


def test_a_row_without_a_name_is_named_by_its_number(tmp_path: Path) -> None:
    graph = grown(tmp_path, "animal\nelk\n\nfox\n", template())

    assert prompts(graph) == {"1/grid": "a elk", "2/grid": "a fox"}


def test_a_graph_may_be_the_template_and_its_choices_are_kept(tmp_path: Path) -> None:
    tree = template()
    tree.upscale_1x(tree["grid"], index=best, key="best")
    tree.existing("t-{animal}", key="old")

    graph = grown(tmp_path, "animal\nelk\nfox\n", tree)

    assert [graph[f"{row}/best"].choice for row in (1, 2)] == [best, best]
    assert [graph[f"{row}/old"].task_id for row in (1, 2)] == ["t-elk", "t-fox"]
    assert str(graph.credits) == "12 to 16"
    assert len(tree) == 4


def test_any_text_of_a_template_may_name_columns(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    for animal in ("elk", "fox"):
        (tmp_path / "masks" / f"{animal}.png").write_bytes(PNG)
    tree = """
    [nodes.look]
    action = "describe"
    image_url = "{url}"
    extra = { deep = ["{animal}", 7, { a = "{animal}" }] }
    [nodes.old]
    existing = "{task}"
    kind = "{kind}"
    [nodes.lake]
    action = "inpaint"
    parent = "old"
    mask = "masks/{animal}.png"
    """
    rows = (
        "animal,url,task,kind\nelk,https://example.com/elk.jpg,t-1,UpscaledPicture\n"
        "fox,https://example.com/fox.jpg,t-2,UpscaledPicture\n"
    )

    graph = grown(tmp_path, rows, tree)

    assert graph["1/look"].action == Describe(
        image_url="https://example.com/elk.jpg", extra={"deep": ["elk", 7, {"a": "elk"}]}
    )
    assert graph["2/old"].task_id == "t-2"
    assert isinstance(graph["2/lake"].action, Inpaint)


def test_no_rows_give_an_empty_graph(tmp_path: Path) -> None:
    assert len(grown(tmp_path, "animal\n", template())) == 0
    assert len(grown(tmp_path, "\n\n", template(), name="rows.jsonl")) == 0


# ---------------------------------------------------------------------------------------------------------------------
# Faults


def test_all_faults_of_the_rows_are_told_at_once(tmp_path: Path) -> None:
    rows = "name,animal,mood,place,tile\nelk,elk,sly,here,2\nelk,elk,sly,here,9\n,fox,sly,here,2\nowl,owl\n"

    assert faults(tmp_path, rows) == [
        "row 4: 2 cells stand under 5 columns (line 5)",
        "row 2: a row's name must be unique: row 1 has it already (got name='elk')",
        "row 3: name must be a text of one line, not empty and without blanks at its ends (got name='')",
        (
            "row 2, node tile: index must be 1, 2, 3, or 4: 1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right "
            "(got index='9')"
        ),
    ]


def test_a_prompt_that_is_empty_once_it_is_filled_in_is_told_with_its_row(tmp_path: Path) -> None:
    tree = TaskGraph()
    tree.imagine("{animal}", key="grid")

    assert faults(tmp_path, "animal,note\nelk,a\n ,b\n,c\n", tree) == [
        "row 2, node grid: prompt is required, as a text that is not blank",
        "row 3, node grid: prompt is required, as a text that is not blank",
    ]


def test_an_unknown_column_is_told_once_with_those_that_there_are(tmp_path: Path) -> None:
    assert faults(tmp_path, "beast,size\nelk,2\nfox,1\nowl,1\n", template()) == [
        "node grid: prompt: there is no column 'animal': use beast, size"
    ]


def test_a_column_that_only_some_rows_have_is_told_with_each_of_the_others(tmp_path: Path) -> None:
    rows = '{"animal": "elk"}\n{"beast": "fox"}\n{}\n{"animal": null}\n{"animal": "\\ud800"}\n'

    assert faults(tmp_path, rows, template(), name="rows.jsonl") == [
        "row 2, node grid: prompt: there is no column 'animal': use beast",
        "row 3, node grid: prompt: there is no column 'animal': use none",
        "row 4, node grid: prompt: column 'animal' must hold a text or a number, to be filled in",
        "row 5, node grid: prompt: column 'animal' must hold a text or a number, to be filled in",
    ]


def test_a_single_brace_is_told_with_how_to_write_it(tmp_path: Path) -> None:
    tree = TaskGraph()
    tree.imagine("a {animal", key="open")
    tree.imagine("a animal}", key="shut")

    assert faults(tmp_path, "animal\nelk\nfox\n", tree) == [
        "node open: prompt: a single { names no column: write {{ for the brace itself",
        "node shut: prompt: a single } names no column: write }} for the brace itself",
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("", ["a header is needed: the first line of the file names the columns"]),
        ("animal,animal\nelk,fox\n", ["column 'animal' is there 2 times"]),
        ("animal,\nelk,fox\n", ["column 2 has no name"]),
        ("animal,place,\nelk,fog,1\n", ["column 3 has no name"]),
        ('animal\n"elk"s\n', ["not CSV: ',' expected after '\"' (line 2)"]),
        ('animal\n"elk\n', ["not CSV: unexpected end of data (line 2)"]),
        ("animal\nelk,fox\n", ["row 1: 2 cells stand under 1 columns (line 2)"]),
        ("animal\n" + "x" * 200_000, ["not CSV: field larger than field limit (131072) (line 2)"]),
    ],
)
def test_faults_of_csv_are_told(tmp_path: Path, rows: str, expected: list[str]) -> None:
    assert faults(tmp_path, rows, template()) == expected


def test_faults_of_json_lines_are_told(tmp_path: Path) -> None:
    rows = '{"animal": "elk"\n\n[]\n{"animal": "elk", "animal": "fox", "name": null}\n' + "[" * 100_000

    assert faults(tmp_path, rows, template(), name="rows.jsonl") == [
        "row 1: not JSON: Expecting ',' delimiter (line 1, column 17), in line 1 of the file",
        "row 2: a row is one JSON object on one line (line 3)",
        "row 3: 'animal' is there twice (line 4)",
        "row 4: nested too deeply: a field may have 64 levels, in line 5 of the file",
        "row 3: name must be a text of one line, not empty and without blanks at its ends (got name=None)",
    ]


def test_names_that_only_together_with_keys_are_the_same_are_told(tmp_path: Path) -> None:
    tree = TaskGraph()
    tree.imagine("an elk", key="b/c")
    tree.imagine("an elk", key="c")

    assert faults(tmp_path, "name\na\na/b\n", tree) == [
        "row 2, node c: key must be unique: another node of this graph has it already (got key='a/b/c')"
    ]


def test_a_fault_of_the_template_is_told_before_the_rows_are_read(tmp_path: Path) -> None:
    with pytest.raises(GraphFileError) as caught:
        grown(tmp_path, "", '[nodes.a]\naction = "imagin"\n[nodes.b]\naction = "pan"\nparent = "c"\ndirection = "{d}"')

    assert caught.value.file.endswith("tree.toml")
    assert [fault.argument for fault in caught.value.faults] == ["action", "parent"]


def test_a_fault_of_the_template_that_every_row_has_is_told_once(tmp_path: Path) -> None:
    tree = '[nodes.a]\naction = "imagine"\nprompt = "{animal}"\naspect_ratio = "5:4"'

    told = faults(tmp_path, "animal\nelk\nfox\n", tree)

    assert [line.partition(":")[0] for line in told] == ["node a"]


@pytest.mark.parametrize("name", ["rows.tsv", "rows", "rows.json"])
def test_the_suffix_says_how_rows_are_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(GraphFileError, match=r"must say how it is written: \.csv, \.jsonl, \.ndjson"):
        TaskGraph.from_rows(tmp_path / name, template())


def test_rows_that_are_not_utf_8_are_told(tmp_path: Path) -> None:
    assert faults(tmp_path, "animal\nhérisson\n".encode("latin-1"), template())[0].startswith("not a text in UTF-8")


def test_the_template_must_be_a_graph_or_the_path_of_one(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("animal\nelk\n")

    with pytest.raises(TypeError):
        TaskGraph.from_rows(tmp_path / "rows.csv", cast("Any", 7))
