"""Tokens: what a button says is done in any process, with one free question at the most, and never on trust."""

from __future__ import annotations

import uuid
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from journey_async import (
    ConfigurationError,
    IllegalParentError,
    InvalidRequestError,
    NextAction,
    OutpaintGrid,
    Picture,
    Task,
    TaskFailedError,
    TaskNotFoundError,
    UpscaledPicture,
    VariationGrid,
    follow_ups,
)
from journey_async.core.follow_ups import FOLLOW_UPS
from journey_async.core.kinds import ImagineGrid
from journey_async.core.tokens import token
from tests.client.scripted import Script, json_reply
from tests.client.services import requests
from tests.pictures import PNG

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from journey_async import JourneyClient
    from tests.client.services import Service

SECRET = "canary-secret-of-the-bot"


def by_name(task: Task[Any], *, secret: str | None = None) -> dict[str, NextAction]:
    """Give what may follow *task*, by name."""
    return {action.name: action for action in task.next_actions(secret=secret)}


async def a_picture(journey: JourneyClient) -> Task[UpscaledPicture]:
    """Give an upscaled picture that has finished."""
    picture = await journey.upscale_1x(await journey.imagine("an elk"), index=1)
    await picture
    return picture


# ---------------------------------------------------------------------------------------------------------------------
# What may follow


async def test_what_follows_is_known_from_the_moment_a_task_is_accepted(service: Service) -> None:
    """A bot may show the buttons before the picture is there."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        assert not grid.done
        before = requests(service)
        names = [action.name for action in grid.next_actions()]
        assert requests(service) == before
    assert names == [follow_up.name for follow_up in follow_ups(ImagineGrid)]
    assert names[:5] == ["u1", "u2", "u3", "u4", "reroll"]


async def test_nothing_follows_a_task_that_failed_or_is_not_known_yet(service: Service) -> None:
    """A handle made of an id has to be asked about first."""
    async with service.client() as journey:
        failed = await journey.imagine("[sandbox:fail=No.]")
        assert failed.next_actions() != ()
        with pytest.raises(TaskFailedError):
            await failed
        assert failed.next_actions() == ()
        grid = await journey.imagine("an elk")
        await grid
    async with service.client() as journey:
        unknown = journey.task(grid.id)
        assert unknown.next_actions() == ()
        await journey.fetch(unknown)
        assert unknown.next_actions() == grid.next_actions()


async def test_an_id_that_no_token_can_carry_is_told() -> None:
    """With the limit, and what to do instead."""
    async with Script(json_reply({"task_id": "x" * 48})).client() as journey:
        with pytest.raises(InvalidRequestError, match="48 bytes and a token has room for 47"):
            (await journey.imagine("an elk")).next_actions()


# ---------------------------------------------------------------------------------------------------------------------
# What it costs


@pytest.mark.parametrize("secret", [None, SECRET], ids=["unsigned", "signed"])
async def test_after_a_restart_it_is_one_question_and_one_submission(service: Service, secret: str | None) -> None:
    """The process that made the button is gone."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        await grid
        actions = by_name(grid, secret=secret)
    before = service.ledger()
    async with service.client() as restarted:
        picture = await restarted.act(actions["u2"].token, secret=secret)
        assert (picture.kind, picture.parent) == (UpscaledPicture, grid.id)
        assert picture.action is not None
        assert (picture.action.name, picture.action.body()) == ("upscale-1x", {"index": "2"})
    after = service.ledger()
    assert after["requests"]["/fetch"] == before["requests"].get("/fetch", 0) + 1
    assert after["requests"]["/upscale-1x"] == 1
    assert sum(after["requests"].values()) == sum(before["requests"].values()) + 2
    assert after["charged"] - before["charged"] == actions["u2"].credits


async def test_a_parent_that_the_client_knows_costs_no_question(service: Service) -> None:
    """One submission and nothing else."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        await grid
        before = requests(service)
        varied = await journey.act(by_name(grid)["v3"].token)
        assert requests(service) == before + 1
        assert varied.kind is VariationGrid


async def test_an_unfinished_parent_is_waited_for(service: Service) -> None:
    """The click comes before the picture."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        picture = await journey.act(by_name(grid)["u1"].token)
        assert grid.done
        assert picture.parent == grid.id


@pytest.mark.serving(task_seconds=0.3)
async def test_an_unfinished_parent_is_waited_for_after_a_restart_too(service: Service) -> None:
    """Looked up, then waited for, then submitted once."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        button = by_name(grid)["u1"].token
    async with service.client() as restarted:
        picture = await restarted.act(button)
        assert picture.parent == grid.id
    assert requests(service, "/fetch") > 1
    assert requests(service, "/upscale-1x") == 1


async def test_a_token_may_be_used_again(service: Service) -> None:
    """Each time is another task, paid for: whoever wants one only has to remember."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        button = by_name(grid)["u1"].token
        first, second = await journey.act(button), await journey.act(button)
    assert first.id != second.id
    assert requests(service, "/upscale-1x") == 2


async def test_every_button_of_a_picture_does_what_it_says(service: Service, tmp_path: Path) -> None:
    """With what it asks for; each is charged what its button told."""
    asked: dict[str, Any] = {"mask": PNG, "prompt": "a lake", "zoom_ratio": 1.3}
    async with service.client() as journey:
        picture = await a_picture(journey)
        for action in picture.next_actions():
            before = service.ledger()["charged"]
            task = await journey.act(action.token, **{name: asked[name] for name in action.asks})
            assert task.action is not None
            assert task.action.name == action.action
            assert service.ledger()["charged"] - before == action.credits


# ---------------------------------------------------------------------------------------------------------------------
# What is refused before anything is paid


async def refused(service: Service, call: Awaitable[object], *, questions: int, error: type[Exception]) -> str:
    """Check that *call* is refused with nothing paid, after so many questions, and give what was said."""
    before = service.ledger()
    with pytest.raises(error) as caught:
        await call
    after = service.ledger()
    assert (after["accepted"], after["charged"]) == (before["accepted"], before["charged"])
    assert sum(after["requests"].values()) - sum(before["requests"].values()) == questions
    assert SECRET not in str(caught.value)
    return str(caught.value)


async def test_a_forged_step_is_refused_when_the_parent_is_known_to_be_another(service: Service) -> None:
    """Without a secret anybody can make a token; the rule table decides all the same."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        await grid
        forged = token(FOLLOW_UPS["pan-left"], grid.id)
        said = await refused(service, journey.act(forged), questions=0, error=IllegalParentError)
        assert "pan needs an upscale-1x picture as parent" in said
    async with service.client() as restarted:
        await refused(service, restarted.act(forged), questions=1, error=IllegalParentError)


async def test_a_forged_task_is_not_found(service: Service) -> None:
    """One free question says so."""
    async with service.client() as journey:
        for task_id in ("no-such-task", str(uuid.uuid4())):
            forged = token(FOLLOW_UPS["u1"], task_id)
            await refused(service, journey.act(forged), questions=1, error=TaskNotFoundError)


async def test_where_there_is_a_secret_a_token_without_it_is_not_even_asked_about(service: Service) -> None:
    """Nor one of another secret; and an empty secret is none."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        await grid
        for other in (None, "another secret"):
            forged = by_name(grid, secret=other)["u1"].token
            await refused(service, journey.act(forged, secret=SECRET), questions=0, error=InvalidRequestError)
        signed = by_name(grid, secret=SECRET)["u1"].token
        await refused(service, journey.act(signed), questions=0, error=InvalidRequestError)
        await refused(service, journey.act(signed, secret=""), questions=0, error=ConfigurationError)


async def test_every_altered_character_is_refused_without_a_question(service: Service) -> None:
    """Also one that the alphabet of tokens has not."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        await grid
        button = by_name(grid, secret=SECRET)["u1"].token
        for place, char in enumerate(button):
            for other in "A" if char != "A" else "B", "é", "":
                altered = button[:place] + other + button[place + 1 :]
                await refused(service, journey.act(altered, secret=SECRET), questions=0, error=InvalidRequestError)


@pytest.mark.parametrize("nothing", ["", "j1:", "u1", "/start", None, 7, b"j1:"])
async def test_what_is_no_token_is_refused(service: Service, nothing: Any) -> None:
    async with service.client() as journey:
        await refused(service, journey.act(nothing), questions=0, error=InvalidRequestError)


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("vary-region", {}, "mask must be the bytes, the path or"),
        ("custom-zoom", {"prompt": "a lake"}, "zoom_ratio must be a number from 1 to 2"),
        ("pan-left", {"direction": "right"}, "direction is decided by pan-left already"),
        ("pan-left", {"token": "x"}, "pan-left takes no token"),
        ("pan-left", {"prompt": ""}, "prompt"),
        ("vary-region", {"mask": b"no picture"}, "mask"),
        ("custom-zoom", {"zoom_ratio": 9}, "zoom_ratio"),
    ],
)
async def test_missing_and_wrong_fields_are_told_before_the_parent_is_looked_up(
    service: Service, name: str, fields: dict[str, Any], said: str
) -> None:
    async with service.client() as journey:
        picture = await a_picture(journey)
        button = by_name(picture)[name].token
    async with service.client() as restarted:
        told = await refused(service, restarted.act(button, **fields), questions=0, error=InvalidRequestError)
    assert said in told


async def test_nothing_follows_a_picture_of_another_model(service: Service) -> None:
    """Its edits would be refused after the click."""
    async with service.client() as journey:
        picture: Task[Picture] = await journey.imagine("an elk", model="flux-schnell")
        await picture
        assert picture.next_actions() == ()
        forged = token(FOLLOW_UPS["upscale-subtle"], picture.id)
        await refused(service, journey.act(forged), questions=0, error=IllegalParentError)


async def test_a_parent_that_failed_is_told(service: Service) -> None:
    """The button was pressed too early."""
    async with service.client() as journey:
        grid = await journey.imagine("[sandbox:fail=No.]")
        button = by_name(grid)["u1"].token
        with pytest.raises(TaskFailedError):
            await journey.act(button)
    assert requests(service, "/upscale-1x") == 0


# ---------------------------------------------------------------------------------------------------------------------
# Masks


async def vary_region(journey: JourneyClient, mask: Any) -> Task[Any]:
    picture = await a_picture(journey)
    return await journey.act(by_name(picture)["vary-region"].token, mask=mask, prompt="a lake")


@pytest.mark.parametrize("as_path", [False, True], ids=["bytes", "path"])
async def test_a_mask_is_bytes_or_a_path(service: Service, tmp_path: Path, as_path: bool) -> None:
    """Both are sent as the same picture."""
    path = tmp_path / "mask.png"
    path.write_bytes(PNG)
    async with service.client() as journey:
        task = await vary_region(journey, path if as_path else PNG)
        assert task.action is not None
        assert str(task.action.body()["mask"]).startswith("data:image/png;base64,")
        await task
    assert requests(service, "/inpaint") == 1


async def test_a_path_as_text_is_refused_because_it_may_be_a_user_s_words(service: Service, tmp_path: Path) -> None:
    """`/etc/passwd` typed into a form must not be read."""
    path = tmp_path / "mask.png"
    path.write_bytes(PNG)
    async with service.client() as journey:
        button = by_name(await a_picture(journey))["vary-region"].token
        call = journey.act(button, mask=str(path), prompt="a lake")
        said = await refused(service, call, questions=0, error=InvalidRequestError)
        assert "no path is read that is given as text" in said


async def test_a_mask_may_be_base64_text(service: Service) -> None:
    """As the service itself takes it."""
    async with service.client() as journey:
        assert await (await vary_region(journey, b64encode(PNG).decode()))


async def test_a_path_to_nothing_is_refused(service: Service, tmp_path: Path) -> None:
    """As it is by `inpaint`."""
    async with service.client() as journey:
        button = by_name(await a_picture(journey))["vary-region"].token
        call = journey.act(button, mask=tmp_path / "none.png", prompt="a lake")
        assert "mask" in await refused(service, call, questions=0, error=InvalidRequestError)


async def test_the_options_of_every_verb_are_taken(service: Service) -> None:
    """A button can ask for a webhook of its own."""
    async with service.client() as journey:
        picture = await a_picture(journey)
        task = await journey.act(
            by_name(picture)["zoom-out-2x"].token, prompt="a lake", webhook_url="https://example.com/hook"
        )
        assert task.kind is OutpaintGrid
        assert task.action is not None
        assert task.action.webhook_url == "https://example.com/hook"
