"""examples/telegram_bot.py: real updates through aiogram's dispatcher, against a double of its session."""

from __future__ import annotations

import itertools
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage
from aiogram.types import CallbackQuery, Chat, InlineKeyboardMarkup, Message, MessageEntity, Update, User

from examples import telegram_bot
from journey_async import JourneyClient
from journey_async.sandbox import Sandbox
from tests.client.services import QUICK

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiogram.methods import TelegramMethod

ANNA, BERT = User(id=1, is_bot=False, first_name="Anna"), User(id=2, is_bot=False, first_name="Bert")
ROBOT = User(id=9, is_bot=True, first_name="Robot")
GROUP = Chat(id=-5, type="group")
SECRET = "a-secret-of-the-buttons"
_numbers = itertools.count(100)


class Telegram(BaseSession):
    """Keeps the messages of one chat, as Telegram does."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[int, Message] = {}
        self.edits: dict[int, list[str]] = {}
        self.answers: list[str | None] = []

    def add(self, sender: User, text: str | None, **options: Any) -> Message:
        number = next(_numbers)
        message = Message(message_id=number, date=datetime.now(UTC), chat=GROUP, from_user=sender, text=text, **options)
        self.messages[number] = message
        return message

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        match method:
            case SendMessage():
                assert method.reply_parameters is not None
                asked = self.messages[method.reply_parameters.message_id or 0]
                return self.add(ROBOT, method.text, reply_to_message=asked).as_(bot)
            case EditMessageText():
                number = method.message_id or 0
                before = self.messages[number]
                assert (before.text, before.reply_markup) != (method.text, method.reply_markup), "not modified"
                update = {"text": method.text, "reply_markup": method.reply_markup}
                self.messages[number] = before.model_copy(update=update)
                self.edits.setdefault(number, []).append(method.text or "")
                return self.messages[number].as_(bot)
            case AnswerCallbackQuery():
                self.answers.append(method.text)
                return True
            case _:
                raise AssertionError(method)

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes]:
        raise NotImplementedError
        yield b""

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def newest(self) -> Message:
        return self.messages[max(self.messages)]


class Chatting:
    """The bot of one process, and what is said to it."""

    def __init__(self, telegram: Telegram, journey: JourneyClient) -> None:
        self.telegram = telegram
        self._bot = Bot("42:token", session=telegram)
        self._dispatcher = telegram_bot.make_dispatcher(journey, button_secret=SECRET)

    async def say(self, text: str, sender: User = ANNA) -> Message:
        """Say something, and give the newest message once the bot is done."""
        length = len(text.partition(" ")[0])
        entities = [MessageEntity(type="bot_command", offset=0, length=length)]
        await self._feed(message=self.telegram.add(sender, text, entities=entities))
        return self.telegram.newest

    async def press(self, message: Message, label: str, sender: User = ANNA) -> Message:
        await self._feed(callback_query=query(message, tokens(message)[label], sender))
        return self.telegram.newest

    async def send(self, data: str, message: Message, sender: User = ANNA) -> Message:
        await self._feed(callback_query=query(message, data, sender))
        return self.telegram.newest

    async def _feed(self, **content: Any) -> None:
        await self._dispatcher.feed_update(self._bot, Update(update_id=next(_numbers), **content))


def query(message: Message, data: str, sender: User) -> CallbackQuery:
    return CallbackQuery(id=str(next(_numbers)), from_user=sender, chat_instance="x", message=message, data=data)


def tokens(message: Message) -> dict[str, str]:
    """Give what the buttons of a message carry, by label."""
    assert isinstance(message.reply_markup, InlineKeyboardMarkup)
    return {button.text: button.callback_data or "" for row in message.reply_markup.inline_keyboard for button in row}


@pytest.fixture
async def box() -> AsyncGenerator[Sandbox]:
    async with Sandbox(task_seconds=0.05) as running:
        yield running


@asynccontextmanager
async def chatting(box: Sandbox, telegram: Telegram) -> AsyncGenerator[Chatting]:
    """Run a process of the bot."""
    async with JourneyClient(box.api_key, base_url=box.base_url, pace=QUICK) as journey:
        yield Chatting(telegram, journey)


async def test_imagine_ends_as_a_picture_with_buttons_in_their_rows(box: Sandbox) -> None:
    """Each carries no more than Telegram's 64 bytes."""
    async with chatting(box, Telegram()) as chat:
        answer = await chat.say("/imagine a majestic elk")
        assert re.match(r"http://127.0.0.1:\d+/media/", answer.text or "")
        assert isinstance(answer.reply_markup, InlineKeyboardMarkup)
        labels = [[button.text for button in row] for row in answer.reply_markup.inline_keyboard]
        assert labels[0] == ["U1", "U2", "U3", "U4", "Reroll"]
        assert all(len(token.encode()) <= 64 for token in tokens(answer).values())
        assert chat.telegram.edits[answer.message_id][-1] == answer.text


async def test_buttons_work_after_a_restart(box: Sandbox) -> None:
    """One question and one submission in another process; and the answer has buttons of its own."""
    telegram = Telegram()
    async with chatting(box, telegram) as chat:
        grid = await chat.say("/imagine a majestic elk")
    before = box.ledger()["requests"]
    async with chatting(box, telegram) as restarted:
        picture = await restarted.press(grid, "U3")
        after = box.ledger()["requests"]
        assert after["/upscale-1x"] == 1
        assert picture.message_id != grid.message_id
        wider = await restarted.press(picture, "⬅️")
        assert box.ledger()["requests"]["/pan"] == 1
        assert "U1" in tokens(wider)
    assert before.get("/upscale-1x", 0) == 0


async def test_only_who_asked_may_press(box: Sandbox) -> None:
    """Also the buttons of an answer to a press; nothing is spent, and the one who pressed is told."""
    async with chatting(box, Telegram()) as chat:
        grid = await chat.say("/imagine an elk")
        picture = await chat.press(grid, "U1")
        accepted = box.ledger()["accepted"]
        for message in (grid, picture):
            label = next(iter(tokens(message)))
            assert await chat.press(message, label, sender=BERT) == chat.telegram.newest
        assert chat.telegram.answers[-2:] == ["Only who asked for this may press its buttons."] * 2
        assert box.ledger()["accepted"] == accepted


async def test_a_forged_press_of_the_right_person_is_refused(box: Sandbox) -> None:
    """Made without the secret."""
    async with chatting(box, Telegram()) as chat:
        grid = await chat.say("/imagine an elk")
        token = tokens(grid)["U1"]
        answer = await chat.send(f"{token[:3]}u2{token[5:]}", grid)
        assert answer.text is not None
        assert answer.text.startswith("That did not work: act: the token was altered")
        assert box.ledger()["accepted"] == 1


async def test_a_failure_and_a_missing_prompt_are_told(box: Sandbox) -> None:
    async with chatting(box, Telegram()) as chat:
        assert (await chat.say("/imagine")).text == "What shall it be? /imagine a majestic elk"
        assert box.ledger()["requests"] == {}
        assert (await chat.say("/imagine [sandbox:fail=No.]")).text == "Failed: No."
        box.set_faults(["error-after-accept:imagine"])
        doubt = await chat.say("/imagine an elk")
        assert (doubt.text or "").startswith("That did not work: imagine may or may not have been accepted")


async def test_the_seed_is_told_and_what_asks_for_more_has_no_button(box: Sandbox) -> None:
    async with chatting(box, Telegram()) as chat:
        picture = await chat.press(await chat.say("/imagine an elk"), "U1")
        assert not {"Vary (Region)", "Custom Zoom"} & set(tokens(picture))
        assert re.fullmatch(r"The seed is \d+", (await chat.press(picture, "Seed")).text or "")


async def test_the_way_there_is_told_with_the_time_left() -> None:
    """Not more often than a group allows: with the end at the latest."""
    async with Sandbox(task_seconds=0.05) as box, chatting(box, Telegram()) as chat:
        with anyio.fail_after(3):
            answer = await chat.say("/imagine an elk")
    assert len(chat.telegram.edits[answer.message_id]) <= 2
