"""A Discord bot: /imagine, the picture as it grows, and U1 to V4, zoom and pan as buttons that outlive a restart.

Each button carries a token as its `custom_id`, which says which action of which task: nothing is kept here. A press is
handled wherever it arrives, with one free question at the most. A token is no authorisation: that the person who
presses is the one who asked is checked against what Discord says of the message.

    pip install journey-async discord.py
    export JOURNEY_API_KEY=… DISCORD_TOKEN=… BUTTON_SECRET=…   # secrets.token_urlsafe()
    python discord_bot.py

`journey sandbox` tries it without spending a credit: set JOURNEY_BASE_URL and JOURNEY_API_KEY as it says.
"""

import logging
import os
from typing import Any

import anyio
import discord
from discord import app_commands

from journey_async import Failed, Finished, Grid, JourneyClient, JourneyError, Result, Seed, Task, TaskState

EDITABLE = 840
"""Seconds: Discord lets an answer be edited for fifteen minutes, and the last edit takes its time."""

log = logging.getLogger("discord_bot")


class Bot(discord.Client):
    """Answers one command and the buttons below its answers."""

    def __init__(self, journey: JourneyClient, *, button_secret: str, editable: float = EDITABLE) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.journey = journey
        self.button_secret = button_secret
        self.editable = editable
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="imagine", description="Make four pictures")(self.imagine)

    async def setup_hook(self) -> None:
        """Tell Discord of the command."""
        await self.tree.sync()

    async def imagine(self, interaction: discord.Interaction, prompt: str) -> None:
        """Answer /imagine."""
        await interaction.response.defer(thinking=True)
        try:
            task = await self.journey.imagine(prompt)
        except JourneyError as error:
            await refuse(interaction, error)
        else:
            await self.show(interaction, task)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a press, of a button of this process or of one that has long ended."""
        if interaction.type is not discord.InteractionType.component:
            return
        if asker_of(interaction) != interaction.user.id:
            await interaction.response.send_message("Only who asked for this may press its buttons.", ephemeral=True)
            return
        await interaction.response.defer(thinking=True)
        try:
            task = await self.journey.act(token_of(interaction), secret=self.button_secret)
        except JourneyError as error:
            await refuse(interaction, error)
        else:
            await self.show(interaction, task)

    async def show(self, interaction: discord.Interaction, task: Task[Any]) -> None:
        """Edit the answer as the task goes on, and put its buttons below it in the end."""
        try:
            async for state in task.updates(min_interval=2, until=self.editable):
                await interaction.edit_original_response(
                    content=text_of(task, state), embed=embed_of(state), view=self.buttons(task)
                )
        except JourneyError as error:
            await refuse(interaction, error)
            return
        if not task.done:
            text = f"This takes longer than Discord lets me edit. Task {task.id} goes on."
            await interaction.edit_original_response(content=text)

    def buttons(self, task: Task[Any]) -> discord.ui.View:
        """Make a button for all that may follow and asks for nothing more."""
        view = discord.ui.View(timeout=None)
        if isinstance(task.state, Finished):
            for action in task.next_actions(secret=self.button_secret):
                if not action.asks:
                    view.add_item(discord.ui.Button(label=action.label, custom_id=action.token, row=action.row))
        # Presses come to `on_interaction`: a view that listens would be kept in memory for ever.
        view.stop()
        return view


def asker_of(interaction: discord.Interaction) -> int | None:
    """Give the person whose command or press the message with the button answers, as Discord tells."""
    asked = None if interaction.message is None else interaction.message.interaction_metadata
    return None if asked is None else asked.user.id


def token_of(interaction: discord.Interaction) -> str:
    data: dict[str, Any] = {**(interaction.data or {})}
    return str(data.get("custom_id"))


def text_of(task: Task[Any], state: TaskState[Result]) -> str:
    match state:
        case Finished(result=Seed(seed=seed)):
            return f"The seed is {seed}"
        case Finished():
            return f"{task.action.name if task.action else 'task'}: done"
        case Failed():
            return f"Failed: {state.error}"
        case _:
            left = "" if task.time_left is None else f", about {task.time_left:.0f} s left"
            return f"{state.status} {state.percentage or 0} %{left}"


def embed_of(state: TaskState[Result]) -> discord.Embed | None:
    if not (isinstance(state, Finished) and state.result.urls):
        return None
    result = state.result
    return discord.Embed().set_image(url=result.original_image_url if isinstance(result, Grid) else result.urls[0])


async def refuse(interaction: discord.Interaction, error: JourneyError) -> None:
    log.warning("%s", error)
    await interaction.edit_original_response(content=f"That did not work: {error}"[:2000])


async def main() -> None:
    logging.basicConfig(level=logging.INFO)
    async with (
        JourneyClient() as journey,
        Bot(journey, button_secret=os.environ["BUTTON_SECRET"]) as bot,
    ):
        await bot.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    anyio.run(main)
