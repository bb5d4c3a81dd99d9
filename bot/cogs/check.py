"""Ask the model about a text: by command, or from a message's menu."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.answers import Interaction, answer, defer, guild_of
from bot.cogs.posts import to_post
from bot.services.screening import Screener
from bot.ui.check_card import check_embed


class Check(commands.Cog):
    """`/check` and "Check this message"; both answer in private and store nothing."""

    def __init__(self, client: commands.Bot, *, screener: Screener) -> None:
        self._client = client
        self._screener = screener
        self._menu = app_commands.ContextMenu(name="Check this message", callback=self.check_message)
        self._menu.default_permissions = discord.Permissions(manage_messages=True)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Add the message menu, which a cog does not do by itself."""
        self._client.tree.add_command(self._menu)

    @app_commands.command(name="check", description="See what the model says of a text; nothing is stored")
    @app_commands.describe(text="The text to look at", answering="The message it answers, if any")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def check(
        self,
        interaction: Interaction,
        text: app_commands.Range[str, 1, 4000],
        answering: app_commands.Range[str, 1, 2000] = "",
    ) -> None:
        """Assess a text."""
        await self._show(interaction, text, answering)

    async def check_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Assess a message; works without the message-content intent, since Discord hands the text over."""
        post = to_post(message)
        if post is None or not post.text.strip():
            await answer(interaction, "There is no text in this message.")
            return
        await self._show(interaction, post.text, post.reply_to.text if post.reply_to else "")

    async def _show(self, interaction: Interaction, text: str, context: str) -> None:
        await defer(interaction)
        assessment, flag, threshold = await self._screener.check(text, context, guild_of(interaction))
        await answer(interaction, embed=check_embed(text, assessment, flag, threshold))
