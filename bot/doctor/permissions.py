"""Check what the bot may do in one server's watched channels and its moderators' channel."""

from __future__ import annotations

from collections.abc import Mapping

import discord
from discord.abc import GuildChannel

from bot.doctor.findings import Finding, fail, ok, warn
from bot.domain.preferences import Preferences
from bot.ui.needed import TO_READ, TO_REPORT, TO_REPORT_IN_THREAD, missing


async def check_server(client: discord.Client, preferences: Preferences) -> list[Finding]:
    """Look at one server over REST (three requests, one more per watched thread)."""
    guild_id = preferences.guild_id
    assert client.user is not None, "a client that is logged in knows itself"
    try:
        guild = await client.fetch_guild(guild_id, with_counts=False)
        me = await guild.fetch_member(client.user.id)
        channels = {c.id: c for c in await guild.fetch_channels()}
    except (discord.NotFound, discord.Forbidden):
        return [warn("permissions", f"the bot is no longer in server {guild_id}: invite it again", guild_id)]
    server = _Server(guild, me, channels)
    findings = [
        await server.check(c, TO_READ, "/watch remove") for c in sorted(preferences.watched_channel_ids)
    ]
    if preferences.mod_channel_id:
        findings.append(await server.check(preferences.mod_channel_id, TO_REPORT, "/report-here elsewhere"))
    else:
        findings.append(
            warn("permissions", f"{guild.name} has no moderators' channel: use /report-here", guild_id)
        )
    return findings


class _Server:
    """One server as fetched: nothing here comes from a cache that only the gateway fills."""

    def __init__(
        self, guild: discord.Guild, me: discord.Member, channels: Mapping[int, GuildChannel]
    ) -> None:
        self._guild = guild
        self._me = me
        self._channels = channels

    async def check(self, channel_id: int, needed: tuple[str, ...], otherwise: str) -> Finding:
        channel = self._channels.get(channel_id)
        name = f"#{channel or channel_id} in {self._guild.name}"
        if channel is None:
            channel = await self._parent(channel_id)
            needed = TO_REPORT_IN_THREAD if needed == TO_REPORT else needed
        if channel is None:
            return warn("permissions", f"{name} is gone or hidden: use {otherwise}", self._guild.id)
        lacking = missing(channel.permissions_for(self._me), needed)
        if lacking:
            return fail(
                "permissions",
                f"{name}: the bot lacks {', '.join(lacking)}; allow it in the channel's settings, "
                f"or use {otherwise}",
                self._guild.id,
            )
        return ok("permissions", f"{name}: all there", self._guild.id)

    async def _parent(self, thread_id: int) -> GuildChannel | None:
        """Return the channel that holds a thread: a thread has its permissions from there."""
        try:
            thread = await self._guild.fetch_channel(thread_id)
        except (discord.NotFound, discord.Forbidden, discord.InvalidData):
            return None
        return self._channels.get(thread.parent_id) if isinstance(thread, discord.Thread) else None
