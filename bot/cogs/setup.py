"""Slash commands that set a server up."""

from __future__ import annotations

import asyncio
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.answers import Interaction, answer, guild_of
from bot.domain.schedule import DigestSchedule
from bot.services.watching import Watching
from bot.ui import wording
from bot.ui.mod_channel import NEEDED
from bot.ui.setup_card import watched_embed
from classifiers.contract import Sensitivity

Watchable = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
READING = ("view_channel", "read_message_history")
MOST_CHOICES = 25


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
        """Put a channel under watch, and say what the bot lacks there."""
        preferences = await self._watching.watch(guild_of(interaction), channel.id)
        lines = [f"From now on I look at {channel.mention} and its threads."]
        if missing := _missing(channel, READING):
            lines.append(
                f"⚠️ I still lack there: {missing}. Until then I see nothing, or miss what came before."
            )
        if not preferences.mod_channel_id:
            lines.append("Next: run `/report-here` in the channel where moderators want to see cases.")
        elif preferences.is_dry_run:
            lines.append(wording.DRY_RUN_NOTE)
        await answer(interaction, "\n".join(lines))

    @app_commands.command(description="Stop looking at a channel")
    @app_commands.describe(channel="The channel to leave alone")
    async def remove(self, interaction: Interaction, channel: Watchable) -> None:
        """Take a channel out of watch."""
        await self._watching.unwatch(guild_of(interaction), channel.id)
        await answer(interaction, f"I no longer look at {channel.mention}.")

    @app_commands.command(name="list", description="Show the channels looked at and this server's choices")
    async def show(self, interaction: Interaction) -> None:
        """Show what is watched."""
        preferences = await self._watching.preferences(guild_of(interaction))
        await answer(interaction, embed=watched_embed(preferences))


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class ExemptGroup(app_commands.Group, name="exempt", description="Leave the posts of a role alone"):
    """`/exempt add|remove`."""

    def __init__(self, watching: Watching) -> None:
        super().__init__()
        self._watching = watching

    @app_commands.command(description="Leave the posts of a role alone")
    @app_commands.describe(role="The role whose posts are not looked at")
    async def add(self, interaction: Interaction, role: discord.Role) -> None:
        """Exempt a role."""
        await self._watching.exempt_role(guild_of(interaction), role.id, True)
        await answer(interaction, f"Posts by {role.mention} are left alone; they are counted as skipped.")

    @app_commands.command(description="Look at the posts of a role again")
    @app_commands.describe(role="The role whose posts are looked at again")
    async def remove(self, interaction: Interaction, role: discord.Role) -> None:
        """Stop exempting a role."""
        await self._watching.exempt_role(guild_of(interaction), role.id, False)
        await answer(interaction, f"Posts by {role.mention} are looked at again.")


class Setup(commands.Cog):
    """`/report-here`, `/sensitivity`, `/dry-run`, `/digest-time`, and the groups above."""

    def __init__(self, client: commands.Bot, *, watching: Watching) -> None:
        self._client = client
        self._watching = watching

    async def cog_load(self) -> None:
        """Add the command groups to the tree."""
        self._client.tree.add_command(WatchGroup(self._watching))
        self._client.tree.add_command(ExemptGroup(self._watching))

    @app_commands.command(name="report-here", description="Post cases and the weekly digest in this channel")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def report_here(self, interaction: Interaction) -> None:
        """Choose the moderators' channel."""
        channel = interaction.channel
        if not isinstance(channel, discord.TextChannel | discord.Thread):
            await answer(interaction, "Cases can be posted in text channels and threads only.")
            return
        preferences = await self._watching.report_to(guild_of(interaction), channel.id)
        lines = [f"Cases and the weekly digest come to {channel.mention}."]
        if missing := _missing(channel, (*NEEDED, "attach_files")):
            lines.append(f"⚠️ I still lack here: {missing}.")
        if channel.permissions_for(channel.guild.default_role).view_channel:
            lines.append(
                "⚠️ Everybody can read this channel. Cases quote members: a private channel is better."
            )
        if preferences.is_dry_run:
            lines.append(wording.DRY_RUN_NOTE)
        await answer(interaction, "\n".join(lines))

    @app_commands.command(description="Choose how many false alarms you accept for catching more")
    @app_commands.describe(level="low: few false alarms · balanced · high: catches more")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def sensitivity(self, interaction: Interaction, level: Literal["low", "balanced", "high"]) -> None:
        """Choose the false-alarm budget."""
        chosen = Sensitivity(level)
        await self._watching.set_sensitivity(guild_of(interaction), chosen)
        await answer(interaction, f"Sensitivity is now {wording.budget(chosen)}.")

    @app_commands.command(
        name="dry-run", description="Store cases without posting them (on for a new server)"
    )
    @app_commands.describe(state="on: only store · off: post cards in the moderators' channel")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def dry_run(self, interaction: Interaction, state: Literal["on", "off"]) -> None:
        """Switch dry run."""
        preferences = await self._watching.set_dry_run(guild_of(interaction), state == "on")
        if preferences.is_dry_run:
            await answer(interaction, wording.DRY_RUN_NOTE)
        elif preferences.mod_channel_id:
            await answer(interaction, f"New cases are posted in <#{preferences.mod_channel_id}> from now on.")
        else:
            await answer(interaction, "Dry run is off. Run `/report-here` where cases should be posted.")

    @app_commands.command(name="digest-time", description="Choose when the weekly digest comes")
    @app_commands.describe(
        weekday="Day of the week", hour="Full hour, 0–23", zone="Time zone, such as Europe/Berlin"
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def digest_time(
        self,
        interaction: Interaction,
        weekday: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        hour: app_commands.Range[int, 0, 23],
        zone: str,
    ) -> None:
        """Schedule the digest; a zone that is not known changes nothing."""
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            await answer(interaction, "I do not know that time zone. Try a name such as Europe/Berlin.")
            return
        schedule = DigestSchedule(DAYS.index(weekday), hour, zone)
        await self._watching.schedule_digest(guild_of(interaction), schedule)
        due = discord.utils.format_dt(schedule.next_due(discord.utils.utcnow()), "F")
        await answer(interaction, f"The next digest comes {due} (your time).")

    @digest_time.autocomplete("zone")
    async def suggest_zone(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Suggest time zones that contain what was typed."""
        wanted = current.casefold()
        known = await asyncio.to_thread(available_timezones)  # reads files
        found = [z for z in sorted(known) if wanted in z.casefold()]
        return [app_commands.Choice(name=z, value=z) for z in found[:MOST_CHOICES]]


def _missing(channel: Watchable | discord.Thread, wanted: tuple[str, ...]) -> str:
    granted = channel.permissions_for(channel.guild.me)
    return ", ".join(p.replace("_", " ").title() for p in wanted if not getattr(granted, p))
