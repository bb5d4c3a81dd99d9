"""The Discord client: narrowest intents, no pings, one place for interaction errors."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.access import may_moderate
from bot.cogs.answers import answer_error


def intents(*, message_content: bool = True) -> discord.Intents:
    """Return the intents the bot needs: servers, their messages with content, and AutoMod's actions.

    Without content only "Check this message" and `/check` have words to look at.
    """
    chosen = discord.Intents.none()
    chosen.guilds = True
    chosen.guild_messages = True
    chosen.message_content = message_content
    chosen.auto_moderation_execution = True
    return chosen


class Tree(app_commands.CommandTree["EvenhandClient"]):
    """A command tree that asks for one right before everything, and answers errors in one line."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only those moderate who may, whatever the server's settings say; others get one line.

        Outside servers raise `NoPrivateMessage`.
        """
        if interaction.type is discord.InteractionType.autocomplete:
            if interaction.guild_id is not None and may_moderate(interaction):
                return True
            await interaction.response.autocomplete([])
            return False
        if not may_moderate(interaction):
            raise app_commands.MissingPermissions(["manage_messages"])
        return True

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer an error."""
        await answer_error(interaction, error)


class EvenhandClient(commands.Bot):
    """The bot as Discord sees it; cogs are handed over by the composition root, never looked up."""

    def __init__(self, *, message_content: bool = True) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents(message_content=message_content),
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
