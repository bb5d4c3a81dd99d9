"""The command groups that choose what is looked at: `/watch` and `/exempt`."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.cogs.access import may_read
from bot.cogs.answers import Interaction, answer, defer, guild_of
from bot.services.watching import Watching
from bot.ui import wording
from bot.ui.needed import TO_READ, missing
from bot.ui.setup_card import watched_embed

Watchable = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel
Exemptible = Watchable | discord.Thread


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class WatchGroup(app_commands.Group, name="watch", description="Choose which channels are looked at"):
    """`/watch add|remove|list`."""

    def __init__(self, watching: Watching) -> None:
        super().__init__()
        self._watching = watching

    @app_commands.command(description="Look at a channel (and its threads) from now on")
    @app_commands.describe(channel="The channel to look at")
    async def add(self, interaction: Interaction, channel: Watchable) -> None:
        """Put a channel under watch, and say what the bot lacks there; only who can read it may."""
        await defer(interaction)
        if not await may_read(interaction, channel.id):
            await answer(interaction, wording.NOT_READABLE)
            return
        preferences = await self._watching.watch(guild_of(interaction), channel.id)
        lines = [f"From now on I look at {channel.mention} and its threads."]
        if lacking := missing(channel.permissions_for(channel.guild.me), TO_READ):
            lines.append(
                f"⚠️ I still lack there: {', '.join(lacking)}. Until then I see nothing, "
                "or miss what came before."
            )
        if not interaction.client.intents.message_content:
            lines.append(wording.NO_CONTENT)
        if not preferences.mod_channel_id:
            lines.append("Next: run `/report-here` in the channel where moderators want to see cases.")
        elif preferences.is_dry_run:
            lines.append(wording.DRY_RUN_NOTE)
        await answer(interaction, "\n".join(lines))

    @app_commands.command(description="Stop looking at a channel")
    @app_commands.describe(channel="The channel to leave alone")
    async def remove(self, interaction: Interaction, channel: Watchable) -> None:
        """Take a channel out of watch."""
        await defer(interaction)
        await self._watching.unwatch(guild_of(interaction), channel.id)
        await answer(interaction, f"I no longer look at {channel.mention}.")

    @app_commands.command(name="list", description="Show the channels looked at and this server's choices")
    async def show(self, interaction: Interaction) -> None:
        """Show what is watched."""
        await defer(interaction)
        preferences = await self._watching.preferences(guild_of(interaction))
        await answer(interaction, embed=watched_embed(preferences))


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class ExemptGroup(app_commands.Group, name="exempt", description="Leave a role or a channel alone"):
    """`/exempt add|remove` for roles, `/exempt channel-add|channel-remove` for channels and threads."""

    def __init__(self, watching: Watching) -> None:
        super().__init__()
        self._watching = watching

    @app_commands.command(description="Leave the posts of a role alone")
    @app_commands.describe(role="The role whose posts are not looked at")
    async def add(self, interaction: Interaction, role: discord.Role) -> None:
        """Exempt a role."""
        await defer(interaction)
        await self._watching.exempt_role(guild_of(interaction), role.id, True)
        await answer(interaction, f"Posts by {role.mention} are left alone; they are counted as skipped.")

    @app_commands.command(description="Look at the posts of a role again")
    @app_commands.describe(role="The role whose posts are looked at again")
    async def remove(self, interaction: Interaction, role: discord.Role) -> None:
        """Stop exempting a role."""
        await defer(interaction)
        await self._watching.exempt_role(guild_of(interaction), role.id, False)
        await answer(interaction, f"Posts by {role.mention} are looked at again.")

    @app_commands.command(name="channel-add", description="Leave a channel or thread alone")
    @app_commands.describe(channel="The channel or thread in which nothing is looked at")
    async def channel_add(self, interaction: Interaction, channel: Exemptible) -> None:
        """Exempt a channel with its threads, or one thread of a watched channel."""
        await defer(interaction)
        await self._watching.exempt_channel(guild_of(interaction), channel.id, True)
        await answer(interaction, f"Posts in {channel.mention} are left alone; they are counted as skipped.")

    @app_commands.command(name="channel-remove", description="Look at a channel or thread again")
    @app_commands.describe(channel="The channel or thread that is looked at again, where it is watched")
    async def channel_remove(self, interaction: Interaction, channel: Exemptible) -> None:
        """Stop exempting a channel or thread."""
        await defer(interaction)
        await self._watching.exempt_channel(guild_of(interaction), channel.id, False)
        await answer(interaction, f"Posts in {channel.mention} are looked at again, where it is watched.")
