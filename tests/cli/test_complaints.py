"""What the command says when it cannot do what it was asked."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from journey_async.cli import main
from journey_async.cli.complaints import FAILED, INTERRUPTED, MISUSED, CommandError, complaint_about
from journey_async.errors import ConfigurationError, JourneyError
from tests.cli.processes import journey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRONG = {
    "sandbox --port x": "--port",
    "sandbox --port 65536": "port=65536: must be a whole number from 0 to 65535",
    "sandbox --plan gold": "plan='gold': must be one of basic, starter, growth, enterprise",
    "sandbox --speed -1": "speed=-1.0: must be a number above 0",
    "sandbox --task-seconds -1": "task_seconds=-1.0: must be None or a number, 0 or more",
    "sandbox --credits -1": "credits=-1: must be a whole number, 0 or more",
    "sandbox --fault nonsense": "fault 'nonsense': unknown, use one of lost-reply,",
    "sandbox --fault stuck:fetch": "fault 'stuck:fetch': cannot strike 'fetch'",
    "sandbox --nonsense": "No such option: --nonsense",
    "sandbx": "No such command 'sandbx'. Did you mean 'sandbox'?",
    "demo --speed 0": "speed=0.0: must be a number above 0",
}


@pytest.mark.parametrize("typed", WRONG)
def test_wrong_options_are_one_line(
    typed: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with the options is told in one line, with what is allowed."""
    monkeypatch.chdir(tmp_path)

    assert main(typed.split()) == MISUSED

    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("journey: ")
    assert WRONG[typed] in line


def test_a_process_says_it_the_same_way() -> None:
    """As a process the command ends with the code of `main`, and without a traceback."""
    done = journey("sandbox", "--plan", "gold")

    assert (done.returncode, done.stdout) == (MISUSED, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody else listens at is named, with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["sandbox", "--port", str(port)]) == MISUSED

    (line,) = capsys.readouterr().err.splitlines()
    assert f"port={port}: cannot listen there" in line
    assert "port=0" in line


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a file stands in the way of the folder, nothing is started."""
    (tmp_path / "file").touch()

    assert main(["demo", "--out", os.fspath(tmp_path / "file" / "pictures")]) == MISUSED

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"journey: cannot make the folder {tmp_path}/file/pictures: Not a directory\n"


def test_errors_have_their_exit_codes() -> None:
    """Wrong configuration is wrong usage, any other error of the package is a failure, a bug is no complaint."""
    for error, exit_code in (
        (ConfigurationError("no key"), MISUSED),
        (JourneyError("no luck"), FAILED),
        (CommandError("no room"), FAILED),
        (ExceptionGroup("tasks", [JourneyError("no luck"), CommandError("no room")]), FAILED),
    ):
        complaint = complaint_about(error)
        assert complaint is not None
        assert complaint.exit_code == exit_code

    assert complaint_about(ValueError("a bug")) is None
    assert complaint_about(ExceptionGroup("tasks", [JourneyError("no luck"), ValueError("a bug")])) is None
    assert complaint_about(ModuleNotFoundError("a bug", name="journey_async.nowhere")) is None


def test_a_missing_extra_may_be_the_cause() -> None:
    """The sandbox says in its own words that Pillow is missing, the command says how both extras are installed."""
    error = ImportError("the sandbox draws with Pillow")
    error.__cause__ = ModuleNotFoundError("No module named 'PIL'", name="PIL")

    complaint = complaint_about(error)

    assert complaint is not None
    assert complaint.exit_code == MISUSED
    assert complaint.text.endswith("it comes with the extra 'sandbox': pip install 'journey-async[cli,sandbox]'")


def test_a_message_of_many_lines_becomes_one() -> None:
    """The lines of a long message are told one after the other."""
    complaint = complaint_about(JourneyError("imagine: 2 faults:\n  - one\n  - two"))

    assert complaint is not None
    assert complaint.text == "imagine: 2 faults: - one - two"


class Arguments(list[str]):
    """Arguments that something happens to while they are read."""

    def __init__(self, what: BaseException) -> None:
        super().__init__()
        self._what = what

    def __iter__(self) -> Iterator[str]:
        raise self._what


def test_a_bug_keeps_its_traceback() -> None:
    """What is not foreseen comes out as it is."""
    with pytest.raises(ZeroDivisionError):
        main(Arguments(ZeroDivisionError()))


def test_ctrl_c_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C needs no words, even before there is a command."""
    assert main(Arguments(KeyboardInterrupt())) == INTERRUPTED
    assert capsys.readouterr() == ("", "")
