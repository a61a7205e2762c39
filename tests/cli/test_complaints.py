"""What the command says when it cannot do what it was asked."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from journey_async import errors
from journey_async.cli import main
from journey_async.cli.complaints import FAILED, INTERRUPTED, MISUSED, CommandError, complaint_about
from journey_async.cli.exit_codes import IN_DOUBT, NO_CREDITS, REFUSED, TASKS_FAILED, UNREACHABLE, worst
from journey_async.errors import (
    ConfigurationError,
    DownloadError,
    Fault,
    InvalidRequestError,
    JournalError,
    JourneyError,
)
from journey_async.intent import Intent
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


EXCHANGE: dict[str, Any] = {"method": "POST", "path": "/imagine", "paid": True}
INTENT = Intent(id="i1", action="imagine", path="/imagine", body={})
EVERY: dict[type[JourneyError], tuple[JourneyError, int]] = {
    type(error): (error, code)
    for error, code in (
        (JourneyError("no"), REFUSED),
        (ConfigurationError("no"), MISUSED),
        (errors.ClientNotOpenError("no"), REFUSED),
        (InvalidRequestError("imagine", [Fault(argument="prompt", value="", message="no")]), REFUSED),
        (
            errors.IllegalParentError(
                "pan", rule="pan", parent="1", kind="a grid", needs="a picture", remedy="Upscale."
            ),
            REFUSED,
        ),
        (errors.GraphFileError("elk.toml", [errors.FileFault(argument="", value=None, message="no")]), REFUSED),
        (errors.UnaffordableError("no", needed=2, available=1), NO_CREDITS),
        (errors.NoResultError("no"), REFUSED),
        (errors.NoReplyError("no", **EXCHANGE), UNREACHABLE),
        (errors.ConnectionFailedError("no", **EXCHANGE), UNREACHABLE),
        (errors.ReplyLostError("no", **EXCHANGE), UNREACHABLE),
        (errors.ApiError("no", status=404, **EXCHANGE), REFUSED),
        (errors.BadRequestError("no", status=400, **EXCHANGE), REFUSED),
        (errors.AuthenticationError("no", status=401, **EXCHANGE), REFUSED),
        (errors.InsufficientCreditsError("no", status=402, **EXCHANGE), NO_CREDITS),
        (errors.RateLimitError("no", status=429, **EXCHANGE), UNREACHABLE),
        (errors.ServerError("no", status=500, **EXCHANGE), UNREACHABLE),
        (errors.UnreadableReplyError("no", status=200, **EXCHANGE), UNREACHABLE),
        (errors.TaskNotFoundError("no"), REFUSED),
        (errors.TaskFailedError(task_id="1", action="imagine", reason="no"), TASKS_FAILED),
        (JournalError("elk.db", "no"), REFUSED),
        (errors.JournalBusyError("elk.db", "no"), REFUSED),
        (DownloadError("no"), TASKS_FAILED),
        (errors.SubmissionInDoubtError(INTENT, why="no"), IN_DOUBT),
    )
}


def tree(kind: type[JourneyError]) -> Iterator[type[JourneyError]]:
    """Give *kind* and all that is derived from it."""
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


@pytest.mark.parametrize(
    "kind", [kind for kind in tree(JourneyError) if kind.__module__ == errors.__name__ and kind.__name__[0] != "_"]
)
def test_every_error_is_one_line_with_its_code(kind: type[JourneyError]) -> None:
    """No error of the package comes out as a traceback, and each has a code of its own meaning."""
    error, code = EVERY[kind]

    complaint = complaint_about(error)

    assert complaint is not None
    assert complaint.exit_code == code
    assert complaint.text == str(error)


def test_lost_records_may_tell_of_purchases() -> None:
    """A journal that could not be written leaves doubt."""
    complaint = complaint_about(JournalError("elk.db", "the disk is full", unwritten=["{}"]))

    assert complaint is not None
    assert complaint.exit_code == IN_DOUBT


def test_several_at_once_are_a_line_each() -> None:
    """Of tasks that failed together each reason is told once, and the worst gives the code."""
    doubt = errors.SubmissionInDoubtError(INTENT, why="cut")
    files = DownloadError("2 of 3", failures=[DownloadError("one"), DownloadError("two")])

    complaint = complaint_about(ExceptionGroup("tasks", [JourneyError("no"), JourneyError("no"), doubt, files]))

    assert complaint is not None
    assert complaint.exit_code == IN_DOUBT
    assert complaint.text.splitlines() == ["no", str(doubt), "one", "two"]
    assert worst([]) == 0


def test_what_would_steer_the_terminal_is_shown() -> None:
    """An error may quote what somebody else wrote."""
    complaint = complaint_about(JourneyError("the service says: \x1b[2J\x07gone"))

    assert complaint is not None
    assert complaint.text == r"the service says: \x1b[2J\x07gone"


def test_a_file_that_cannot_be_read() -> None:
    """The file is named, and why; an OSError without a file is a bug."""
    complaint = complaint_about(FileNotFoundError(2, "No such file or directory", "elk.toml"))

    assert complaint is not None
    assert (complaint.text, complaint.exit_code) == ("elk.toml: No such file or directory", REFUSED)
    assert complaint_about(OSError("what?")) is None


def test_a_missing_extra_may_be_the_cause() -> None:
    """The sandbox says in its own words that Pillow is missing, the command says how both extras are installed."""
    error = ImportError("the sandbox draws with Pillow")
    error.__cause__ = ModuleNotFoundError("No module named 'PIL'", name="PIL")

    complaint = complaint_about(error)

    assert complaint is not None
    assert complaint.exit_code == MISUSED
    assert complaint.text.endswith("it comes with the extra 'sandbox': pip install 'journey-async[cli,sandbox]'")
    gallery = complaint_about(ModuleNotFoundError("No module named 'jinja2'", name="jinja2"))
    assert gallery is not None
    assert gallery.text.endswith("it comes with the extra 'gallery': pip install 'journey-async[cli,gallery]'")


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
