"""Slash commands that set a server up."""

from __future__ import annotations

import asyncio
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.answers import Interaction, answer, defer, guild_of
from bot.cogs.choices import ExemptGroup, WatchGroup
from bot.domain.preferences import Preferences
from bot.domain.schedule import DigestSchedule
from bot.services.watching import NoModChannelError, Options, Watching
from bot.ui import wording
from bot.ui.needed import missing, to_report
from bot.ui.setup_card import watched_embed
from classifiers.contract import Sensitivity

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_SUGGESTIONS = 25
"""Discord shows no more."""

MOST_CARDS = 200
"""Cards per hour that a server may ask for; Discord takes about one a second in a channel."""

LONGEST_RETENTION = 365
"""Days that words may be kept."""

LONGEST_GROUPING = 240
"""Minutes in which one author's flags may share a card."""


class Setup(commands.Cog):
    """`/report-here`, `/sensitivity`, `/dry-run`, `/options`, `/digest-time`, `/watch` and `/exempt`."""

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
        await defer(interaction)
        channel = interaction.channel
        if not isinstance(channel, discord.TextChannel | discord.Thread):
            await answer(interaction, "Cases can be posted in text channels and threads only.")
            return
        preferences = await self._watching.report_to(guild_of(interaction), channel.id)
        lines = [f"Cases and the weekly digest come to {channel.mention}."]
        if lacking := missing(channel.permissions_for(channel.guild.me), to_report(channel)):
            lines.append(f"⚠️ I still lack here: {', '.join(lacking)}.")
        if _is_public(channel):
            lines.append(wording.PUBLIC_CHANNEL)
        if preferences.is_dry_run:
            lines.append(wording.DRY_RUN_NOTE)
        await answer(interaction, "\n".join(lines))

    @app_commands.command(description="Choose how many false alarms you accept for catching more")
    @app_commands.describe(level="low: few false alarms · balanced · high: catches more")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def sensitivity(self, interaction: Interaction, level: Literal["low", "balanced", "high"]) -> None:
        """Choose the false-alarm budget."""
        await defer(interaction)
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
        """Switch dry run; it cannot end before there is a channel to post in."""
        await defer(interaction)
        try:
            preferences = await self._watching.set_dry_run(guild_of(interaction), state == "on")
        except NoModChannelError:
            await answer(interaction, wording.NO_MOD_CHANNEL)
            return
        if preferences.is_dry_run:
            await answer(interaction, wording.DRY_RUN_NOTE)
        else:
            await answer(interaction, f"New cases are posted in <#{preferences.mod_channel_id}> from now on.")

    @app_commands.command(description="Change what is changed seldom, and show this server's choices")
    @app_commands.describe(
        cards="New cards an hour at the most; further cases wait in /cases and the digest",
        grouping="Minutes in which one member's flagged messages share a card; 0: never",
        retention="Days after which the words of a case are removed",
        delete_button="Offer a button that deletes the flagged message, after a question",
        ping="A role that new cards ping",
        ping_nobody="Ping nobody any more",
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def options(
        self,
        interaction: Interaction,
        cards: app_commands.Range[int, 1, MOST_CARDS] | None = None,
        grouping: app_commands.Range[int, 0, LONGEST_GROUPING] | None = None,
        retention: app_commands.Range[int, 1, LONGEST_RETENTION] | None = None,
        delete_button: Literal["on", "off"] | None = None,
        ping: discord.Role | None = None,
        ping_nobody: bool = False,
    ) -> None:
        """Change the options that are given, and show them all."""
        await defer(interaction)
        guild_id = guild_of(interaction)
        lines = []
        can_delete, said = _deleting(interaction, await self._watching.preferences(guild_id))
        if delete_button == "on":
            lines.append(said)
        if ping and not ping_nobody:
            lines.append(
                wording.pings(ping.mention) if _can_ping(ping) else wording.cannot_ping(ping.mention)
            )
        chosen = Options(
            alert_budget=cards,
            group_minutes=grouping,
            retention_days=retention,
            ping_role_id=0 if ping_nobody else ping.id if ping and not ping.is_default() else None,
            is_delete_offered=None if delete_button is None else delete_button == "on" and can_delete,
        )
        preferences = await self._watching.choose(guild_id, chosen)
        await answer(interaction, "\n".join(filter(None, lines)), embed=watched_embed(preferences))

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
        await defer(interaction)
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
        return [app_commands.Choice(name=z, value=z) for z in found[:MOST_SUGGESTIONS]]


def _is_public(channel: discord.TextChannel | discord.Thread) -> bool:
    if isinstance(channel, discord.Thread) and (channel.is_private() or channel.parent is None):
        return False
    return channel.permissions_for(channel.guild.default_role).view_channel


def _can_ping(role: discord.Role) -> bool:
    may_mention = role.mentionable or role.guild.me.guild_permissions.mention_everyone
    return may_mention and not role.is_default()


def _deleting(interaction: Interaction, preferences: Preferences) -> tuple[bool, str]:
    """Say whether the bot can delete anywhere it looks, and name the channels where it cannot."""
    guild = interaction.guild
    assert guild is not None, "the tree lets in nobody from outside servers"
    channels = [c for c in map(guild.get_channel, sorted(preferences.watched_channel_ids)) if c]
    lacking = [c.mention for c in channels if not c.permissions_for(guild.me).manage_messages]
    anywhere = guild.me.guild_permissions.manage_messages
    can_delete = len(lacking) < len(channels) if channels else anywhere
    return can_delete, wording.deleting(can_delete, lacking)
