"""Graph files on disk: masks beside them, their suffixes, and what no file can hold."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any, cast

import pytest

from journey_async import GraphFileError, InvalidRequestError, TaskGraph
from tests.graph.chance import told
from tests.pictures import PNG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from journey_async import Grid
    from journey_async.core.actions import Inpaint
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


async def best(grid: Grid) -> int:
    return len(grid.image_urls)


def refused(text: str, syntax: Syntax = "toml") -> GraphFileError:
    with pytest.raises(GraphFileError) as caught:
        TaskGraph.loads(text, syntax=syntax)
    return caught.value


def lines(error: InvalidRequestError) -> list[str]:
    return [str(fault) for fault in error.faults]


def test_a_mask_is_a_path_beside_the_file_or_stands_in_it(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "lake.png").write_bytes(PNG)
    encoded = base64.b64encode(PNG).decode()
    masks = [
        "masks/lake.png",
        "masks/lake.png",
        str(tmp_path / "masks" / "lake.png"),
        encoded,
        f"data:image/png;base64,{encoded}",
    ]
    tables = {f"n{number}": {"action": "inpaint", "parent": "old", "mask": mask} for number, mask in enumerate(masks)}
    (tmp_path / "elk.json").write_text(json.dumps({"nodes": {"old": {"existing": "t-1"}, **tables}}))

    graph = TaskGraph.load(tmp_path / "elk.json")

    actions = [cast("Inpaint", graph[f"n{number}"].action).mask for number in range(5)]
    assert actions == [f"data:image/png;base64,{encoded}"] * 5
    assert actions[0] is actions[1]


def test_a_mask_that_is_not_there_is_a_fault_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "elk.toml"
    path.write_text('[nodes.old]\nexisting = "t"\n[nodes.a]\naction = "inpaint"\nparent = "old"\nmask = "sea.png"')

    with pytest.raises(GraphFileError, match=r"elk\.toml: node a: mask must be .* \(got mask='sea\.png'\)") as caught:
        TaskGraph.load(path)
    assert caught.value.file == str(path)


@pytest.mark.parametrize("name", ["folder", "pipe", "zeros", "missing"])
def test_a_mask_that_is_no_regular_file_is_a_fault_and_is_never_waited_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    nodes = {"old": {"existing": "t"}, "a": {"action": "inpaint", "parent": "old", "mask": name}}
    (tmp_path / "elk.json").write_text(json.dumps({"nodes": nodes}))
    graph = TaskGraph()
    grid = graph.imagine("an elk")

    with pytest.raises(GraphFileError, match=f"node a: mask must be .* \\(got mask='{name}'\\)"):
        TaskGraph.load(tmp_path / "elk.json")
    with pytest.raises(InvalidRequestError, match="mask must be"):
        graph.inpaint(graph.upscale_1x(grid, index=1), mask=tmp_path / name)


def test_a_mask_file_that_is_too_large_is_a_fault_that_tells_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(PNG)
    os.truncate(path, 1 << 30)
    graph = TaskGraph()
    tile = graph.upscale_1x(graph.imagine("an elk"), index=1)

    with pytest.raises(InvalidRequestError, match="mask must have at most 8388608 bytes"):
        graph.inpaint(tile, mask=path)


def test_a_text_that_is_no_file_names_no_masks(tmp_path: Path) -> None:
    (tmp_path / "sea.png").write_bytes(PNG)
    mask = json.dumps(str(tmp_path / "sea.png"))

    error = refused(f'[nodes.old]\nexisting = "t"\n[nodes.a]\naction = "inpaint"\nparent = "old"\nmask = {mask}')

    assert [fault.argument for fault in error.faults] == ["mask"]


@pytest.mark.parametrize("name", ["elk.yaml", "elk", "elk.toml.bak"])
def test_a_suffix_says_how_a_file_is_written(tmp_path: Path, name: str) -> None:
    for use in (TaskGraph.load, TaskGraph().dump):
        with pytest.raises(GraphFileError, match=r"suffix must say how it is written: \.toml, \.json"):
            cast("Any", use)(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        TaskGraph.load(tmp_path / "nowhere.toml")


def test_a_file_is_utf_8_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "elk.toml"
    path.write_bytes(b"\xef\xbb\xbf" + ELK.replace("\n", "\r\n").encode())
    assert len(TaskGraph.load(path)) == 5

    path.write_bytes(ELK.encode("utf-16"))
    with pytest.raises(GraphFileError, match="not a text in UTF-8"):
        TaskGraph.load(path)


def test_a_graph_with_choices_cannot_be_dumped_and_the_nodes_are_named(tmp_path: Path) -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk")
    graph.upscale_1x(grid, index=best, key="tile")
    graph.variations(grid, index=best, key="others")

    with pytest.raises(GraphFileError) as caught:
        graph.dump(tmp_path / "elk.toml")

    assert [line.partition(" (got")[0] for line in lines(caught.value)] == [
        "node tile: index: a function cannot be written into a file",
        "node others: index: a function cannot be written into a file",
    ]
    assert list(tmp_path.iterdir()) == []


def test_toml_knows_no_null_and_json_does() -> None:
    graph = TaskGraph()
    graph.imagine("an elk", extra={"a": [{"b": None}], "c": (1, 2)})

    with pytest.raises(GraphFileError, match=r"node imagine-1: extra: TOML has no null: write a \.json file"):
        graph.dumps(syntax="toml")
    assert json.loads(graph.dumps(syntax="json"))["nodes"]["imagine-1"]["extra"] == {"a": [{"b": None}], "c": [1, 2]}


@pytest.mark.parametrize("syntax", ["toml", "json"])
def test_half_a_character_cannot_be_written(syntax: Syntax) -> None:
    graph = TaskGraph()
    graph.imagine("\ud83d")

    with pytest.raises(GraphFileError, match="half a character"):
        graph.dumps(syntax=syntax)


def in_a_list(value: object) -> object:
    return [value]


def in_a_mapping(value: object) -> object:
    return {"a": value}


@pytest.mark.parametrize("syntax", ["toml", "json"])
@pytest.mark.parametrize("nest", [in_a_list, in_a_mapping])
def test_a_field_has_at_most_64_levels_in_a_file(syntax: Syntax, nest: Callable[[object], object]) -> None:
    value: object = {"b": 1}
    for _ in range(62):
        value = nest(value)
    graph = TaskGraph()
    graph.imagine("an elk", extra={"deep": value})
    deeper = TaskGraph()
    deeper.imagine("an elk", extra={"deep": nest(value)})
    text = graph.dumps(syntax=syntax)

    assert told(TaskGraph.loads(text, syntax=syntax)) == told(graph)
    with pytest.raises(GraphFileError, match="node imagine-1: extra: nested too deeply: a field may have 64 levels"):
        deeper.dumps(syntax=syntax)


def test_a_file_of_more_levels_is_refused_as_such() -> None:
    nested = '{"a": ' * 65 + "{}" + "}" * 65

    assert lines(
        refused(f'{{"nodes": {{"n": {{"action": "imagine", "prompt": "an elk", "extra": {nested}}}}}}}', "json")
    ) == ["nested too deeply: a field may have 64 levels"]


def test_a_secret_is_not_shown_even_if_its_name_is_misspelt() -> None:
    error = refused('[nodes.a]\naction = "imagine"\nprompt = "an elk"\nwebhook_secrets = "s3cret"')

    assert [fault.argument for fault in error.faults] == ["webhook_secrets"]
    assert "s3cret" not in str(error)
