"""The README as a reader would use it: its programs run, and what is made from the code is fresh."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from journey_async import JourneyClient, Pace
from journey_async.sandbox import Sandbox

if TYPE_CHECKING:
    from types import CodeType

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text()
BLOCKS: Final[list[str]] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
PROGRAMS: Final = [block for block in BLOCKS if "anyio.run(" in block]
TESTS: Final = [block for block in BLOCKS if "def test_" in block]
SNIPPETS: Final = [block for block in BLOCKS if block not in PROGRAMS + TESTS]


def compiled(block: str) -> CodeType:
    """Compile a block that may await at its top level."""
    code: CodeType = compile(block, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


def test_there_is_something_to_try() -> None:
    """One program, snippets and a test."""
    assert (len(PROGRAMS), len(TESTS)) == (1, 1)
    assert len(SNIPPETS) >= 4


@pytest.mark.parametrize("block", SNIPPETS, ids=lambda block: block.strip().splitlines()[0])
async def test_every_snippet_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside an open client on the sandbox, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    async with Sandbox(task_seconds=0.05) as box:
        async with JourneyClient(box.api_key, base_url=box.base_url, pace=Pace(lag=0.02)) as journey:
            names: dict[str, Any] = {"journey": journey}
            running = eval(compiled(block), names)  # noqa: S307 - it is our own README
            if inspect.iscoroutine(running):
                await running
        assert box.ledger()["accepted"] <= 2


def test_the_first_program_is_the_first_example() -> None:
    """To the letter."""
    assert [(ROOT / "examples" / "first.py").read_text()] == PROGRAMS


def test_the_test_of_the_readme_passes(tmp_path: Path) -> None:
    """In a project that has nothing but the package."""
    (tmp_path / "test_bot.py").write_text(TESTS[0])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:asyncio",
        "-p",
        "no:cacheprovider",
        "-o",
        "anyio_mode=auto",
    ]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "-k", "asyncio"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_what_is_made_from_the_code_is_fresh() -> None:
    """`make readme` makes it anew."""
    spec = importlib.util.spec_from_file_location("redraw", ROOT / "docs" / "redraw.py")
    assert spec is not None
    assert spec.loader is not None
    redraw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(redraw)
    assert redraw.redrawn(README) == README


def test_the_tree_of_errors_is_in_the_readme() -> None:
    """Every class that a caller may catch by name is in the table."""
    missing = [
        name
        for name in ("TaskFailedError", "SubmissionInDoubtError", "IllegalParentError", "InvalidRequestError")
        if f"`{name}`" not in README
    ]
    assert missing == []


def test_the_commands_of_the_readme_exist_in_the_makefile() -> None:
    """`make demo` and `make test`."""
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\$ make ([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
