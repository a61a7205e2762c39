"""The commands of the service's actions: none is missing, and each asks for what its action takes."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import pytest
from PIL import Image

from journey_async.cli.action_commands import PARENT
from journey_async.cli.action_fields import ARGUMENTS, EXAMPLES, field_of
from journey_async.cli.action_names import SENTENCES
from journey_async.cli.app import command_line
from journey_async.cli.exit_codes import MISUSED, REFUSED
from journey_async.core.actions import ACTIONS, Action
from journey_async.verbs import Verbs

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.sandbox import Sandbox
    from tests.cli.conftest import Typed

COMMANDS: dict[str, Any] = dict(command_line().commands)
OURS = {"upscale", "no_wait", "download", "name", "sheet", "as_json", "key_file", "help"}
URL = "https://example.com/elk.png"


def fields(action: type[Action]) -> set[str]:
    """Give the fields that an action documents, without the one of its parent."""
    return set(action.documented()) - {action.parent_field}


def test_the_first_page_knows_every_action() -> None:
    """The names and sentences that help knows are those of the actions."""
    assert dict(SENTENCES) == {
        name: f"{inspect.getdoc(action)}".partition(". ")[0] + "." for name, action in ACTIONS.items()
    }


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
def test_every_action_is_a_command_with_all_of_its_fields(action: type[Action]) -> None:
    """A field that an action gains is an option at once; the secret alone comes from a file."""
    names = {parameter.name for parameter in COMMANDS[action.name].params} - OURS
    parent = {PARENT} if action.parent_field else set[str]()

    assert names == (fields(action) - {"webhook_secret"}) | {"webhook_secret_file", "extra"} | parent


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
def test_what_must_be_given_is_required(action: type[Action]) -> None:
    """A command insists on what the action insists on, and on nothing else."""
    required = {parameter.name for parameter in COMMANDS[action.name].params if parameter.required}
    parent = {PARENT} if action.parent_field and not action.instead_of_parent else set[str]()

    assert required == (set(action.required) - {"model"}) | parent


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
def test_choices_are_those_of_the_checks(action: type[Action]) -> None:
    """Where a value is one out of few, the command shows exactly those that the action accepts."""
    for name, check in (*action.required.items(), *action.optional.items()):
        refusal = check(name, "no such value")
        annotation = field_of(action.name, name).annotation
        choices = get_args(annotation) if get_origin(annotation) is Literal else ()
        listed = "" if refusal is None else refusal.message.partition(": use ")[2]

        assert all(check(name, choice) is None for choice in choices)
        if listed:
            assert list(choices) == listed.split(", ")
        if refusal is not None and re.search("index must be", refusal.message):
            assert set(choices) >= {"1", "2", "3", "4"}
            assert ("strong" in choices) == ("strong" in refusal.message)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
def test_arguments_are_those_of_the_verbs(action: type[Action]) -> None:
    """What the client's verb takes by position has no option's name here either."""
    parameters = inspect.signature(getattr(Verbs, action.name.replace("-", "_"))).parameters.values()
    plain = [p.name for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD} and p.name != "self"]

    assert [name for name in plain if name != "parent"] == list(ARGUMENTS.get(action.name, ()))
    assert ("parent" in plain) == (action.parent_field is not None)
    assert all(line.startswith(f"journey {action.name}") for line in EXAMPLES[action.name])


def test_every_action_is_accepted(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """Each command sends what the service takes, and says what it was given."""
    Image.new("L", (64, 64), 255).save(tmp_path / "mask.png")

    def done(*words: object, wait: bool = True) -> str:
        said = journey(*words, "--json", *(() if wait else ("--no-wait",)))
        assert (said.code, said.err) == (0, "")
        (told,) = said.objects
        assert told["action"] == words[0]
        return str(told["task_id"])

    grid = done("imagine", "an elk", "--aspect-ratio", "16:9")
    tile = done("upscale-1x", grid, "--index", 2)
    clip = done("imagine-video", "it walks", "--image-url", URL, "--motion", "low")
    for words in (
        ("reroll", grid, "--prompt", "a fox"),
        ("variations", grid, "--index", 3),
        ("variations", tile, "--index", "strong"),
        ("upscale-alt", tile, "--type", "subtle"),
        ("upscale-2x-4x", tile, "--type", "2x"),
        ("upscale-2x-4x", grid, "--type", "4x", "--index", 1),
        ("upscale-2x-4x", "--image-url", URL, "--type", "2x"),
        ("pan", tile, "--direction", "left"),
        ("inpaint", tile, "--mask", tmp_path / "mask.png", "--prompt", "a lake"),
        ("outpaint", tile, "--zoom-ratio", 1.5, "--aspect-ratio", "1:1"),
        ("blend", URL, f"{URL}?2", "--dimension", "square"),
        ("describe", URL),
        ("shorten", "a very majestic elk"),
        ("seed", grid),
        ("faceswap", URL, f"{URL}?2"),
        ("extend-video", clip, "--index", 1, "--prompt", "it runs"),
        ("imagine", "an elk", "--model", "flux-pro", "--resolution", "2K", "--negative-prompt", "fox"),
    ):
        done(*words, wait=False)

    assert journey_sandbox.ledger()["accepted"] == 20
    assert {charge["action"] for charge in journey_sandbox.ledger()["charges"]} == set(ACTIONS)


WRONG = {
    "pan": (MISUSED, "Missing argument 'TASK'"),
    "pan x --direction down-left": (MISUSED, "'up', 'down', 'left', 'right'"),
    "imagine elk --model dall-e": (MISUSED, "'midjourney', 'flux-pro'"),
    "imagine elk --upscale 5": (MISUSED, "Input should be less than or equal to 4"),
    "imagine elk --no-wait --upscale 1": (MISUSED, "--no-wait leaves before there is a result"),
    "imagine elk --model flux-pro --upscale 1": (MISUSED, "--upscale needs a grid, and model flux-pro"),
    "imagine elk --sheet": (MISUSED, "--sheet is about files: add --download DIR"),
    "imagine elk --download out --name {nobody}": (MISUSED, "name has a field that there is not"),
    "imagine elk --download file/out": (MISUSED, "cannot make the folder file/out"),
    "imagine elk --extra 7": (MISUSED, "--extra must be a JSON object"),
    "imagine elk --extra {": (MISUSED, "--extra must be a JSON object"),
    "imagine elk --webhook-secret-file nowhere": (MISUSED, "--webhook-secret-file nowhere: No such file"),
    "imagine elk --resolution 2K": (REFUSED, "model midjourney takes no resolution"),
    "blend https://example.com/1.png": (REFUSED, "image_urls must contain 2-5 URLs"),
    "inpaint x --mask nowhere.png": (REFUSED, "mask must be the bytes, the path or the base64 text"),
    "upscale-2x-4x --type 2x": (REFUSED, "parent"),
    "pan nosuch --direction left": (REFUSED, "task nosuch is not known to the service"),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_is_one_line_and_costs_nothing(
    words: str, journey: Typed, journey_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong usage and refused arguments are told in one line; nothing was bought."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()

    said = journey(*words.split())

    code, expected = WRONG[words]
    assert (said.code, said.out) == (code, "")
    (line,) = said.err.splitlines()
    assert line.startswith("journey: ")
    assert expected in line
    assert journey_sandbox.ledger()["accepted"] == 0


def test_several_faults_are_a_line_each(journey: Typed) -> None:
    """All that is wrong with a call is told at once."""
    said = journey("outpaint", "x", "--zoom-ratio", 3, "--extra", '{"prompt": 1}')

    first, second, last = said.err.splitlines()
    assert said.code == REFUSED
    assert first.startswith("journey: outpaint: zoom_ratio must be a number from 1 to 2")
    assert second.startswith("journey: outpaint: extra cannot set prompt")
    assert last == "journey: Nothing was sent."
