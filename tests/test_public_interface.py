"""The public interface changes on purpose only, and CHANGELOG.md tells of it."""

from __future__ import annotations

import re
from difflib import unified_diff
from typing import TYPE_CHECKING

import pytest

import journey_async
from journey_async import errors
from journey_async.cli import app
from tests.public_interface import COMMAND, RECORD, digest, interface, record, recorded, top_section

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = "# Changelog\n\n## 2.0.0 (unreleased)\n\n- new\n\n## 1.0.0\n\n- old\n"


def test_the_public_interface_is_the_recorded_one() -> None:
    known, now = recorded(RECORD.read_text("utf-8"))[1], interface()
    if known == now:
        return
    difference = "\n".join(unified_diff(known.splitlines(), now.splitlines(), "recorded", "now", n=1, lineterm=""))
    pytest.fail(
        "The public interface has changed. If that is meant, tell users in the first section of CHANGELOG.md, then "
        f"run {COMMAND}\n\n{difference}",
        pytrace=False,
    )


def test_every_public_name_is_recorded() -> None:
    lines = recorded(RECORD.read_text("utf-8"))[1].splitlines()
    for name in set(journey_async.__all__) - {"__version__"}:
        begin = re.compile(rf"(class |def |async def )?{name}\b")
        assert any(begin.match(line) for line in lines), name


def test_every_error_is_recorded_with_its_bases() -> None:
    lines = recorded(RECORD.read_text("utf-8"))[1].splitlines()
    for name, error in vars(errors).items():
        if isinstance(error, type) and issubclass(error, errors.JourneyError) and name in journey_async.__all__:
            (line,) = (line for line in lines if re.match(rf"class {name}\b", line))
            named = re.findall(r"\w+", line)[2:]
            assert set(named) <= {base.__name__ for base in error.__mro__}
            assert issubclass(
                error, tuple(getattr(errors, base) for base in named if hasattr(errors, base)) or Exception
            )
            assert named


def test_every_command_is_recorded_with_its_options() -> None:
    text = recorded(RECORD.read_text("utf-8"))[1]
    for name, command in app.command_line().commands.items():
        _, found, rest = text.partition(f"\njourney {name}\n")
        page = rest.partition("\njourney")[0]
        assert found
        assert all(option in page for parameter in command.params for option in parameter.opts)


def test_the_interface_shows_no_address_and_nothing_of_this_python() -> None:
    assert not re.search(r"0x[0-9a-f]{4}|typing\.|<(function|class|object)", interface())


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Give a record and a changelog of its own."""
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(CHANGELOG, "utf-8")
    return tmp_path / "record.txt", changelog


def test_the_first_record_is_written(files: tuple[Path, Path]) -> None:
    at, changelog = files

    assert record(at, changelog) == "record.txt is written"
    assert recorded(at.read_text("utf-8")) == (digest(top_section(CHANGELOG)), interface())
    assert record(at, changelog) == "record.txt is fresh: nothing to do"


def test_a_change_is_recorded_only_with_one_of_the_first_section(files: tuple[Path, Path]) -> None:
    at, changelog = files
    record(at, changelog)
    older = at.read_text("utf-8").replace("class JourneyClient", "class Client")
    at.write_text(older, "utf-8")

    assert record(at, changelog) == (
        f"CHANGELOG.md: add to the first section what changes for users, then run {COMMAND} again"
    )
    changelog.write_text(CHANGELOG.replace("- old", "- older"), "utf-8")
    assert record(at, changelog).startswith("CHANGELOG.md: add")
    assert at.read_text("utf-8") == older
    changelog.write_text(CHANGELOG.replace("- new", "- new\n- `Client` is `JourneyClient`"), "utf-8")
    assert record(at, changelog) == "record.txt is written"
    assert recorded(at.read_text("utf-8"))[1] == interface()
