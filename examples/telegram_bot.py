"""A Telegram bot: /imagine, the picture as it grows, and U1 to V4, zoom and pan as buttons that outlive a restart.

Each button carries a token as its `callback_data`, of at most the 64 bytes that Telegram allows, which says which
action of which task: nothing is kept here. Every message answers the command that it began with, so that Telegram
itself tells who asked: a token is no authorisation, and in a group anybody can press.

    pip install journey-async aiogram
    export JOURNEY_API_KEY=… TELEGRAM_TOKEN=… BUTTON_SECRET=…   # secrets.token_urlsafe()
    python telegram_bot.py

`journey sandbox` tries it without spending a credit: set JOURNEY_BASE_URL and JOURNEY_API_KEY as it says.
"""

import logging
import os
from itertools import groupby
from typing import Any

import anyio
from aiogram import Bot, Dispatcher, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message

from journey_async import Failed, Finished, Grid, JourneyClient, JourneyError, Seed, Task, TaskState

log = logging.getLogger("telegram_bot")


async def imagine(message: Message, command: CommandObject, journey: JourneyClient, button_secret: str) -> None:
    """Answer /imagine."""
    if not command.args:
        await message.reply("What shall it be? /imagine a majestic elk")
        return
    answer = await message.reply("…")
    try:
        await show(answer, await journey.imagine(command.args), button_secret)
    except JourneyError as error:
        await refuse(answer, error)


async def press(query: CallbackQuery, journey: JourneyClient, button_secret: str) -> None:
    """Answer a press, of a button of this process or of one that has long ended."""
    asked = query.message.reply_to_message if isinstance(query.message, Message) else None
    if asked is None or asked.from_user is None or asked.from_user.id != query.from_user.id:
        await query.answer("Only who asked for this may press its buttons.")
        return
    # Telegram waits for this only some seconds.
    await query.answer()
    answer = await asked.reply("…")
    try:
        await show(answer, await journey.act(query.data or "", secret=button_secret), button_secret)
    except JourneyError as error:
        await refuse(answer, error)


async def show(answer: Message, task: Task[Any], button_secret: str) -> None:
    """Edit the answer as the task goes on, and put its buttons below it in the end."""
    # In a group a bot may write 20 times a minute.
    async for state in task.updates(min_interval=4):
        await answer.edit_text(
            text_of(task, state),
            reply_markup=keyboard(task, button_secret) if isinstance(state, Finished) else None,
            link_preview_options=LinkPreviewOptions(show_above_text=True),
        )


def keyboard(task: Task[Any], button_secret: str) -> InlineKeyboardMarkup:
    """Make a button for all that may follow and asks for nothing more, in Midjourney's rows."""
    actions = [action for action in task.next_actions(secret=button_secret) if not action.asks]
    rows = [
        [InlineKeyboardButton(text=action.label, callback_data=action.token) for action in row]
        for _, row in groupby(actions, key=lambda action: action.row)
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def text_of(task: Task[Any], state: TaskState[Any]) -> str:
    match state:
        case Finished(result=Seed(seed=seed)):
            return f"The seed is {seed}"
        case Finished(result=Grid(original_image_url=url)):
            return url
        case Finished(result=result):
            return "\n".join(result.urls) or "done"
        case Failed():
            return f"Failed: {state.error}"
        case _:
            left = "" if task.time_left is None else f", about {task.time_left:.0f} s left"
            return f"{state.status} {state.percentage or 0} %{left}"


async def refuse(answer: Message, error: JourneyError) -> None:
    log.warning("%s", error)
    await answer.edit_text(f"That did not work: {error}"[:4096])


def make_dispatcher(journey: JourneyClient, *, button_secret: str) -> Dispatcher:
    router = Router()
    router.message.register(imagine, Command("imagine"))
    router.callback_query.register(press, F.data.startswith("j1:"))
    dispatcher = Dispatcher(journey=journey, button_secret=button_secret)
    dispatcher.include_router(router)
    return dispatcher


async def main() -> None:
    logging.basicConfig(level=logging.INFO)
    async with JourneyClient() as journey, Bot(os.environ["TELEGRAM_TOKEN"]) as bot:
        dispatcher = make_dispatcher(journey, button_secret=os.environ["BUTTON_SECRET"])
        await dispatcher.start_polling(bot)  # pyright: ignore[reportUnknownMemberType] - half typed


if __name__ == "__main__":
    anyio.run(main)
