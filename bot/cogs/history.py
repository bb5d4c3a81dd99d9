"""Read channels over REST; what cannot be read is simply not there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord

from bot.cogs.posts import to_post, to_quote
from bot.domain.posts import Post, Quote
from bot.ports import ChannelRef

Readable = discord.TextChannel | discord.Thread | discord.VoiceChannel | discord.StageChannel


class DiscordHistory:
    """The messages of the servers that the bot is in."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def channels(self, guild_id: int, watched: frozenset[int]) -> list[ChannelRef]:
        """Return the watched channels that can be read, and their active threads."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return []
        refs = [ChannelRef(c) for c in sorted(watched) if self._channel(c)]
        refs += [
            ChannelRef(t.id, t.parent_id)
            for t in guild.threads
            if t.parent_id in watched and self._channel(t.id)
        ]
        return refs

    async def before(self, channel_id: int, message_id: int, limit: int) -> list[Quote]:
        """Return up to `limit` messages before one, oldest first, without the bot's own."""
        channel = self._channel(channel_id)
        if channel is None:
            return []
        try:
            found = [m async for m in channel.history(limit=limit, before=discord.Object(message_id))]
        except (discord.HTTPException, OSError):
            return []
        return [to_quote(m) for m in reversed(found) if m.author != self._client.user]

    async def parent(self, channel_id: int, message_id: int) -> Quote | None:
        """Return the message that one answers; None when it answers nothing or either is gone."""
        channel = self._channel(channel_id)
        if channel is None:
            return None
        try:
            message = await channel.fetch_message(message_id)
        except (discord.HTTPException, OSError):
            return None
        post = to_post(message)
        return post.reply_to if post else None

    async def after(self, channel_id: int, message_id: int) -> AsyncIterator[Post]:
        """Yield the messages after one, oldest first, as far as they can be read."""
        channel = self._channel(channel_id)
        if channel is None:
            return
        start = discord.Object(message_id)
        async for message in channel.history(limit=None, after=start, oldest_first=True):
            post = to_post(message)
            if post:
                yield post

    def _channel(self, channel_id: int) -> Readable | None:
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, Readable):
            return None
        granted = channel.permissions_for(channel.guild.me)
        return channel if granted.view_channel and granted.read_message_history else None
