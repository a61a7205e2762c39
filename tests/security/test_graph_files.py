"""A graph file from a stranger takes little time and memory, and sends nothing of this machine but pictures."""

from __future__ import annotations

import json
import os
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from journey_async import GraphFileError, TaskGraph
from tests.pictures import PNG

if TYPE_CHECKING:
    from pathlib import Path

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files on Windows")
LARGEST = 256 * 1024 * 1024
CANARY = "CANARY of a private file"


def inpainting(folder: Path, mask: str) -> Path:
    """Write a graph with an inpaint whose mask is at this path."""
    nodes = {
        "elk": {"action": "imagine", "prompt": "elk"},
        "one": {"action": "upscale-1x", "parent": "elk", "index": 1},
        "in": {"action": "inpaint", "parent": "one", "prompt": "x", "mask": mask},
    }
    file = folder / "graph.json"
    file.write_text(json.dumps({"nodes": nodes}))
    return file


def test_a_picture_is_taken_as_a_mask(tmp_path: Path) -> None:
    """What the tests below refuse for what it is would be taken if it were one."""
    (tmp_path / "mask.png").write_bytes(PNG)
    assert len(TaskGraph.load(inpainting(tmp_path, "mask.png"))) == 3


@POSIX
@pytest.mark.parametrize(
    "mask",
    ["private.txt", "/proc/self/environ", "/proc/self/mem", "/etc/passwd", "/dev/zero", "pipe", ".", "../..", "a\0b"],
)
def test_what_is_no_picture_is_never_taken_as_a_mask(
    mask: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is shown either; devices and pipes are not waited for."""
    monkeypatch.setenv("JOURNEY_CANARY", CANARY)
    (tmp_path / "private.txt").write_text(CANARY)
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(GraphFileError) as caught:
        TaskGraph.load(inpainting(tmp_path, mask))
    assert CANARY not in repr(caught.value) + str(caught.value)
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        ("json", "[" * 1_000_000),
        ("json", '{"nodes":' * 200_000),
        ("json", '{"nodes": {"a": {"action": "imagine", "prompt": "x", "index": ' + "9" * 1_000_000 + "}}}"),
        ("json", '{"nodes": {"a": {"action": "imagine", "prompt": 1e999999999}}}'),
        ("toml", "a = " + "[" * 1_000_000),
        ("toml", "x = " + "9" * 1_000_000),
        ("toml", "a." * 200_000 + "b = 1"),
    ],
    ids=["deep list", "deep object", "long number", "huge number", "deep toml", "long toml number", "dotted toml"],
)
@pytest.mark.timeout(30)
def test_a_file_that_is_made_to_exhaust_the_reader_is_only_a_faulty_file(
    suffix: str, text: str, tmp_path: Path
) -> None:
    """In bounded memory, and with a short error."""
    file = tmp_path / f"graph.{suffix}"
    file.write_text(text)
    tracemalloc.start()
    try:
        with pytest.raises(GraphFileError) as caught:
            TaskGraph.load(file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < LARGEST
    assert len(str(caught.value)) < 2000


def test_what_is_filled_into_a_template_is_not_filled_again(tmp_path: Path) -> None:
    """No billion laughs: a row that names columns in its columns is taken as it is written."""
    rows = [{"key": "a", "word": "{word}{word}{word}", "more": "{word}{more}"}]
    template = TaskGraph()
    template.imagine("{word} {more}", key="elk")
    template.dump(tmp_path / "template.json")
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (node,) = TaskGraph.from_rows(file, tmp_path / "template.json")

    assert node.action is not None
    assert "{word}{word}{word} {word}{more}" in str(node.action.body(None))
