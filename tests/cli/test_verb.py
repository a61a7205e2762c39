"""One call of the service, from what is typed to what is on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from journey_async.cli.exit_codes import IN_DOUBT, MISUSED, NO_CREDITS, REFUSED, TASKS_FAILED

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.sandbox import Sandbox
    from tests.cli.conftest import Typed

KEY = "japi_the_canary_of_the_command"


def test_imagine_upscale_and_save(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """A grid is made, two of its tiles are upscaled and saved; a person reads ids, URLs and paths."""
    out = tmp_path / "new" / "out"

    said = journey("imagine", "an elk", "--upscale", 2, "--upscale", 3, "--download", out, "--name", "{action}.{ext}")

    assert said.code == 0
    grid, *urls, second, second_file, third, third_file = said.out.splitlines()
    assert grid.startswith("imagine ")
    assert grid.endswith(" finished")
    assert len(urls) == 4
    assert all(url.startswith("  http://") for url in urls)
    assert [line.split()[0] for line in (second, third)] == ["upscale-1x", "upscale-1x"]
    assert {second_file.strip(), third_file.strip()} == {str(path) for path in out.iterdir()}
    assert {path.name for path in out.iterdir()} == {"upscale-1x.png", "upscale-1x (2).png"}
    for path in out.iterdir():
        with Image.open(path) as picture:
            picture.verify()
    assert "imagine" in said.err
    assert "100%" in said.err
    assert "\x1b" not in said.err
    assert journey_sandbox.ledger()["charged"] == 8


def test_a_result_as_json(journey: Typed, tmp_path: Path) -> None:
    """With --json there is one object for each result, and nothing else."""
    said = journey("imagine", "an elk", "--json", "--sheet", "--download", tmp_path, "--name", "{n}.{ext}")

    (told,) = said.objects
    assert said.err == ""
    assert list(told) == [
        "task_id",
        "action",
        "parent",
        "credits",
        "status",
        "percentage",
        "kind",
        "urls",
        "sheet_url",
        "files",
    ]
    assert (told["action"], told["parent"], told["credits"]) == ("imagine", None, 4)
    assert (told["status"], told["percentage"], told["kind"]) == ("finished", 100, "ImagineGrid")
    assert told["files"] == [str(tmp_path / f"{n}.png") for n in (1, 2, 3, 4, "sheet")]


def test_texts_are_results_too(journey: Typed) -> None:
    """What a describe finds is printed, as text and as JSON."""
    said = journey("describe", "https://example.com/elk.png")
    told = journey("describe", "https://example.com/elk.png", "--json").objects[0]
    seed = journey("seed", journey("imagine", "an elk", "--json").objects[0]["task_id"])

    assert [line[:2] for line in said.out.splitlines()[1:]] == ["  "] * 4
    assert len(told["content"]) == 4
    assert seed.out.splitlines()[1].startswith("  seed ")


def test_no_wait_gives_the_id_at_once(journey: Typed) -> None:
    """The id is printed as soon as there is one, and can be fetched later."""
    said = journey("imagine", "an elk", "--no-wait")

    word, task_id, status = said.out.split()
    assert (word, status) == ("imagine", "submitted")
    fetched = journey("fetch", task_id, "--wait", "--json")
    assert (fetched.code, fetched.objects[0]["status"], fetched.objects[0]["task_id"]) == (0, "finished", task_id)


@pytest.mark.journey_sandbox(faults=["task-failed:upscale-1x:1"])
def test_a_tile_that_fails_does_not_hide_the_grid(journey: Typed) -> None:
    """The grid was bought and is shown, although its upscale failed."""
    said = journey("imagine", "an elk", "--upscale", 1, "--json")

    assert said.code == TASKS_FAILED
    assert [told["action"] for told in said.objects] == ["imagine"]
    assert "upscale-1x task " in said.err
    assert " failed: " in said.err


FAULTS = (
    pytest.param(TASKS_FAILED, " failed: ", marks=pytest.mark.journey_sandbox(faults=["task-failed:imagine:1"])),
    pytest.param(
        IN_DOUBT, "may or may not have been accepted", marks=pytest.mark.journey_sandbox(faults=["lost-reply:imagine"])
    ),
    pytest.param(NO_CREDITS, "credits", marks=pytest.mark.journey_sandbox(credits=3)),
)


@pytest.mark.parametrize(("code", "expected"), FAULTS)
def test_what_went_wrong_has_its_code(code: int, expected: str, journey: Typed) -> None:
    """A script can tell from the exit code what became of its credits."""
    said = journey("imagine", "an elk", "--json")

    assert (said.code, said.out) == (code, "")
    (line,) = said.err.splitlines()
    assert line.startswith("journey: ")
    assert expected in line


def test_a_wrong_key_is_refused_and_never_shown(journey: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's refusal is told without the key."""
    monkeypatch.setenv("JOURNEY_API_KEY", KEY)

    said = journey("account")

    assert (said.code, said.out) == (REFUSED, "")
    assert len(said.err.splitlines()) == 1
    assert KEY not in said.err


@pytest.mark.journey_sandbox(api_key=KEY)
def test_the_key_may_be_in_a_file(journey: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file goes before the environment; what is wrong with it is told without what is in it."""
    monkeypatch.setenv("JOURNEY_API_KEY", "another")
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")

    assert journey("account", "--key-file", file).code == 0

    for content, expected in ((b"", "the file is empty"), (b"\xff", "not a text in UTF-8"), (b"a b\n", "ASCII")):
        file.write_bytes(content)
        said = journey("account", "--key-file", file)
        assert said.code == MISUSED
        assert expected in said.err
        assert "a b" not in said.err
    assert "No such file" in journey("account", "--key-file", tmp_path / "nowhere").err


def test_without_a_key_it_is_said_how_to_give_one(typed: Typed) -> None:
    """There is no option for the key itself: everybody could read it in `ps`."""
    said = typed("imagine", "an elk")

    assert said.code == MISUSED
    assert "set JOURNEY_API_KEY, or name the file that holds it with --key-file PATH" in said.err
    assert typed("imagine", "an elk", "--api-key", KEY).code == MISUSED


def test_a_result_whose_files_do_not_come(journey: Typed, tmp_path: Path) -> None:
    """What was bought is shown with its URLs; the code says that its files are missing."""
    (tmp_path / "file").touch()

    said = journey("imagine", "an elk", "--download", tmp_path, "--name", "file/{n}.{ext}", "--json")

    assert said.code == TASKS_FAILED
    assert len(said.objects[0]["urls"]) == 4
    assert len(said.err.splitlines()) == 4
