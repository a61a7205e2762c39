"""The chapter on graphs as a reader would use it: its programs run as they stand, and its files are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from journey_async import TaskGraph
from tests.pictures import PNG

CHAPTER: Final = (Path(__file__).parents[2] / "docs" / "graphs.md").read_text(encoding="utf-8")
PROGRAMS: Final[list[str]] = re.findall(r"```python\n(.*?)```", CHAPTER, flags=re.DOTALL)
FILES: Final[list[str]] = re.findall(r"```toml\n(.*?)```", CHAPTER, flags=re.DOTALL)


def test_there_is_something_to_try() -> None:
    assert (len(PROGRAMS), len(FILES)) == (5, 1)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_every_program_runs_and_prints_what_it_says(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(PROGRAMS[number], "docs/graphs.md", "exec", dont_inherit=True), {"__name__": "__main__"})  # noqa: S102 - it is our own chapter

    printed = capsys.readouterr().out
    said: list[str] = re.findall(r"print\(.*\)  # (\[.*\]|[0-9]+(?: to [0-9]+)?)", PROGRAMS[number])
    assert [line for line in said if line not in printed.splitlines()] == []


def test_the_file_of_the_chapter_is_a_graph(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "lake.png").write_bytes(PNG)
    (tmp_path / "elk.toml").write_text(FILES[0])

    assert [node.key for node in TaskGraph.load(tmp_path / "elk.toml")] == ["elk", "tile", "lake", "before"]
