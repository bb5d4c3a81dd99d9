"""The Discord client: narrowest intents, no pings, one place for interaction errors."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.answers import answer_error


def intents() -> discord.Intents:
    """Return the intents the bot needs: servers, their messages with content, and AutoMod's actions."""
    chosen = discord.Intents.none()
    chosen.guilds = True
    chosen.guild_messages = True
    chosen.message_content = True
    chosen.auto_moderation_execution = True
    return chosen


class Tree(app_commands.CommandTree["EvenhandClient"]):
    """A command tree whose errors become one line for the person who asked."""

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer an error."""
        await answer_error(interaction, error)


class EvenhandClient(commands.Bot):
    """The bot as Discord sees it; cogs are handed over by the composition root, never looked up."""

    def __init__(self) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=Tree,
        )
        self.desk: Any = None
        self._given: list[commands.Cog] = []

    def give(self, *cogs: commands.Cog) -> None:
        """Hand over the cogs to load at start."""
        self._given.extend(cogs)

    async def setup_hook(self) -> None:
        """Load the cogs and tell Discord which commands there are."""
        for cog in self._given:
            await self.add_cog(cog)
        await self.tree.sync()

    async def on_message(self, message: discord.Message, /) -> None:
        """Run no text commands: everything is a slash command."""
