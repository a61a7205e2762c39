"""examples/discord_bot.py: what a gateway would bring goes through discord.py, its requests to a Discord of our own."""

from __future__ import annotations

import itertools
import json
import re
import warnings
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from journey_async import JourneyClient
from journey_async.sandbox import Sandbox
from tests.client.services import QUICK

with warnings.catch_warnings():
    # For the voice, which nobody uses here; the module leaves Python in 3.13.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    from discord.http import Route

    from examples import discord_bot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ANNA, BERT, ROBOT = "11", "22", "99"
SECRET = "a-secret-of-the-buttons"
_numbers = itertools.count(1000)


def user(number: str) -> dict[str, Any]:
    return {"id": number, "username": f"user {number}", "discriminator": "0", "avatar": None, "bot": number == ROBOT}


def as_json(value: object) -> web.Response:
    # discord.py knows the type without its charset only.
    return web.Response(body=json.dumps(value).encode(), headers={"Content-Type": "application/json"})


class Discord:
    """Keeps the answers to interactions, as Discord does."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        """The message that answers an interaction, by the interaction's token."""
        self.texts: dict[str, list[str]] = {}
        self.commands: list[str] = []
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        body: Any = await request.json() if request.can_read_body else None
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["users", "@me"]:
                return as_json(user(ROBOT))
            case "GET", ["oauth2", "applications", "@me"]:
                return as_json(APPLICATION)
            case "PUT", ["applications", _, "commands"]:
                self.commands = [command["name"] for command in body]
                return as_json([])
            case "POST", ["interactions", _, token, "callback"]:
                answer = self.answers[token]
                answer["deferred"] = body["type"] == 5
                answer.update(body.get("data") or {})
                return as_json({"interaction": {"id": answer["id"], "type": 3}})
            case "PATCH", ["webhooks", _, token, "messages", "@original"]:
                # discord.py sends a form where there might be files.
                answer = self.answers[token]
                answer.update(body)
                self.texts.setdefault(token, []).append(body["content"])
                return as_json(answer)
            case other:
                raise AssertionError(other)


APPLICATION: dict[str, Any] = {
    "id": ROBOT,
    "name": "bot",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "x",
    "flags": 0,
    "owner": user(ANNA),
    "team": None,
}


class Chatting:
    """The bot of one process, and what is done in one of its channels."""

    def __init__(self, service: Discord, bot: discord_bot.Bot) -> None:
        self.service = service
        self._bot = bot

    async def imagine(self, prompt: str, by: str = ANNA) -> dict[str, Any]:
        option = {"name": "imagine", "type": 1, "id": "7", "options": [{"name": "prompt", "type": 3, "value": prompt}]}
        return await self._interact(2, by, option)

    async def press(self, message: dict[str, Any], label: str, by: str = ANNA) -> dict[str, Any]:
        return await self.send(message, tokens(message)[label], by)

    async def send(self, message: dict[str, Any], custom_id: str, by: str = ANNA) -> dict[str, Any]:
        return await self._interact(3, by, {"custom_id": custom_id, "component_type": 2}, message=message)

    async def _interact(self, kind: int, by: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Do what the gateway does when an interaction arrives, and wait until it is answered for good."""
        number, token = str(next(_numbers)), f"token{next(_numbers)}"
        metadata = {"id": number, "type": kind, "user": user(by), "authorizing_integration_owners": {}}
        self.service.answers[token] = {**MESSAGE, "id": str(next(_numbers)), "interaction_metadata": metadata}
        payload: Any = {
            "id": number,
            "application_id": ROBOT,
            "type": kind,
            "token": token,
            "version": 1,
            "user": user(by),
            "channel_id": "5",
            "channel": {"id": "5", "type": 1, "recipients": [user(by)]},
            "locale": "en-GB",
            "entitlements": [],
            "authorizing_integration_owners": {},
            "attachment_size_limit": 1,
            "data": data,
            **more,
        }
        self._bot._connection.parse_interaction_create(payload)  # pyright: ignore[reportPrivateUsage]
        answer = self.service.answers[token]
        with anyio.fail_after(20):
            while not over(answer):  # noqa: ASYNC110 - a test looks from outside
                await anyio.sleep(0.005)
        return answer


MESSAGE: dict[str, Any] = {
    "channel_id": "5",
    "author": user(ROBOT),
    "content": "",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "components": [],
    "pinned": False,
    "type": 20,
}


def over(answer: dict[str, Any]) -> bool:
    return re.search("done$|goes on|^Failed|^That did not work|^The seed|^Only who", answer["content"]) is not None


def tokens(message: dict[str, Any]) -> dict[str, str]:
    """Give what the buttons of a message carry, by label."""
    return {button["label"]: button["custom_id"] for row in message["components"] for button in row["components"]}


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Discord]:
    made = Discord()
    async with TestServer(made.app) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        yield made


@pytest.fixture
async def box() -> AsyncGenerator[Sandbox]:
    async with Sandbox(task_seconds=0.05) as running:
        yield running


@asynccontextmanager
async def chatting(box: Sandbox, service: Discord, **options: Any) -> AsyncGenerator[Chatting]:
    """Run a process of the bot, logged in but without a gateway."""
    async with (
        JourneyClient(box.api_key, base_url=box.base_url, pace=QUICK) as journey,
        discord_bot.Bot(journey, button_secret=SECRET, **options) as bot,
    ):
        await bot.login("token")
        yield Chatting(service, bot)


async def test_imagine_ends_as_a_picture_with_buttons_in_their_rows(box: Sandbox, service: Discord) -> None:
    """Answered at once, edited afterwards; each button carries no more than Discord's 100 characters."""
    async with chatting(box, service) as chat:
        assert service.commands == ["imagine"]
        answer = await chat.imagine("a majestic elk")
        assert answer["deferred"]
        assert answer["content"] == "imagine: done"
        assert answer["embeds"][0]["image"]["url"].startswith("http://127.0.0.1:")
        rows = [[button["label"] for button in row["components"]] for row in answer["components"]]
        assert rows[0] == ["U1", "U2", "U3", "U4", "Reroll"]
        assert all(len(token) <= 100 for token in tokens(answer).values())


async def test_buttons_work_after_a_restart(box: Sandbox, service: Discord) -> None:
    """In another process, which has never seen the message."""
    async with chatting(box, service) as chat:
        grid = await chat.imagine("a majestic elk")
    assert "/upscale-1x" not in box.ledger()["requests"]
    async with chatting(box, service) as restarted:
        picture = await restarted.press(grid, "U3")
        assert picture["content"] == "upscale-1x: done"
        wider = await restarted.press(picture, "⬅️")
        assert "U1" in tokens(wider)
    requests = box.ledger()["requests"]
    assert (requests["/imagine"], requests["/upscale-1x"], requests["/pan"]) == (1, 1, 1)


async def test_only_who_asked_may_press(box: Sandbox, service: Discord) -> None:
    """Also the buttons of an answer to a press; only the one who pressed is told."""
    async with chatting(box, service) as chat:
        grid = await chat.imagine("an elk")
        picture = await chat.press(grid, "U1")
        accepted = box.ledger()["accepted"]
        for message in (grid, picture):
            refusal = await chat.press(message, next(iter(tokens(message))), by=BERT)
            assert (refusal["content"], refusal["flags"]) == ("Only who asked for this may press its buttons.", 64)
        assert box.ledger()["accepted"] == accepted


async def test_a_forged_press_of_the_right_person_is_refused(box: Sandbox, service: Discord) -> None:
    """Made without the secret, or for another button."""
    async with chatting(box, service) as chat:
        grid = await chat.imagine("an elk")
        token = tokens(grid)["U1"]
        for forged in (f"{token[:3]}u2{token[5:]}", "something else"):
            assert (await chat.send(grid, forged))["content"].startswith("That did not work: act: ")
        assert box.ledger()["accepted"] == 1


async def test_what_goes_wrong_is_told(box: Sandbox, service: Discord) -> None:
    async with chatting(box, service) as chat:
        assert (await chat.imagine("[sandbox:fail=No.]"))["content"] == "Failed: No."
        box.set_faults(["error-after-accept:imagine"])
        doubt = await chat.imagine("an elk")
        assert doubt["content"].startswith("That did not work: imagine may or may not have been accepted")


async def test_the_seed_is_told_and_what_asks_for_more_has_no_button(box: Sandbox, service: Discord) -> None:
    async with chatting(box, service) as chat:
        picture = await chat.press(await chat.imagine("an elk"), "U1")
        assert not {"Vary (Region)", "Custom Zoom"} & set(tokens(picture))
        assert re.fullmatch(r"The seed is \d+", (await chat.press(picture, "Seed"))["content"])


async def test_before_the_answer_can_be_edited_no_longer_it_says_so(box: Sandbox, service: Discord) -> None:
    """After fourteen minutes, here less; the task goes on."""
    async with chatting(box, service, editable=0.05) as chat:
        answer = await chat.imagine("an elk [sandbox:stuck]")
    assert answer["content"].startswith("This takes longer than Discord lets me edit. Task ")
