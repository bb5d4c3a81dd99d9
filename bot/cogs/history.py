"""Read channels over REST; what is deleted is simply not there."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime

import discord

from bot.cogs.posts import to_post, to_quote
from bot.domain.posts import Post, Quote
from bot.ports import ChannelRef, UnreadableError

Readable = discord.TextChannel | discord.Thread | discord.VoiceChannel | discord.StageChannel
Members = dict[int, discord.Member | None]

MOST_ARCHIVED = 50
"""How many archived threads of a channel are looked through after a gap; each costs a request or more."""


class DiscordHistory:
    """The messages of the servers that the bot is in."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def channels(self, guild_id: int, watched: frozenset[int]) -> list[ChannelRef]:
        """Return the watched channels, also those that cannot be found or read, and their active threads.

        Empty for a server that the bot is not in; raise `UnreadableError` while it is unavailable.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return []
        if guild.unavailable:
            raise UnreadableError("the server is unavailable; Discord tells when it is back")
        # What is not in the cache is deleted, or an archived thread that is watched by itself.
        found = {i: guild.get_channel_or_thread(i) for i in sorted(watched)}
        refs = [_ref(channel) if channel else ChannelRef(i) for i, channel in found.items()]
        return refs + [_ref(t) for t in guild.threads if t.parent_id in watched and t.id not in watched]

    async def archived(self, channel_id: int, since: datetime) -> list[ChannelRef]:
        """Return a channel's public threads archived since then, latest first, at most `MOST_ARCHIVED`.

        Raise `UnreadableError`.
        """
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, discord.TextChannel | discord.ForumChannel):
            return []
        if not _may_read(channel):
            raise _unreadable(channel_id)
        refs = []
        try:
            async for thread in channel.archived_threads(limit=MOST_ARCHIVED):
                if thread.archive_timestamp < since:
                    break
                refs.append(_ref(thread))
        except discord.NotFound:
            return []
        except discord.Forbidden as error:
            raise _unreadable(channel_id) from error
        return refs

    async def before(self, channel_id: int, message_id: int, limit: int) -> list[Quote]:
        """Return up to `limit` messages before one, oldest first, without the bot's own.

        Empty where the channel is gone or cannot be read; other trouble is raised as it comes.
        """
        try:
            channel = await self._readable(channel_id)
            if channel is None:
                return []
            found = [m async for m in channel.history(limit=limit, before=discord.Object(message_id))]
        except (discord.Forbidden, discord.NotFound, UnreadableError):
            return []
        return [to_quote(m) for m in reversed(found) if m.author != self._client.user]

    async def parent(self, channel_id: int, message_id: int) -> Quote | None:
        """Return the message that one answers; None when it answers nothing or either cannot be read."""
        try:
            post = await self.message(channel_id, message_id, with_roles=False)
        except UnreadableError:
            return None
        return post.reply_to if post else None

    async def message(self, channel_id: int, message_id: int, *, with_roles: bool) -> Post | None:
        """Return a message as it stands now, None when it is gone; raise `UnreadableError`."""
        channel = await self._readable(channel_id)
        if channel is None:
            return None
        try:
            message = await channel.fetch_message(message_id)
        except discord.NotFound:
            return None
        except discord.Forbidden as error:
            raise _unreadable(channel_id) from error
        return to_post(message, await _member(message, {}) if with_roles else None)

    async def after(self, channel_id: int, message_id: int, *, with_roles: bool) -> AsyncGenerator[Post]:
        """Yield the messages after one, oldest first, without the bot's own; raise `UnreadableError`."""
        channel = await self._readable(channel_id)
        if channel is None:
            return
        members: Members = {}
        start = discord.Object(message_id)
        try:
            async for message in channel.history(limit=None, after=start, oldest_first=True):
                if message.author == self._client.user:
                    continue
                post = to_post(message, await _member(message, members) if with_roles else None)
                if post:
                    yield post
        except discord.NotFound:
            return
        except discord.Forbidden as error:
            raise _unreadable(channel_id) from error
        # Discord answers with an empty list, not an error, where the permission went meanwhile.
        if not _may_read(channel):
            raise _unreadable(channel_id)

    async def _readable(self, channel_id: int) -> Readable | None:
        """Return a channel, None for one that is gone or has no messages of its own."""
        channel: object = self._client.get_channel(channel_id)
        if channel is None:  # archived threads are in no cache
            try:
                channel = await self._client.fetch_channel(channel_id)
            except discord.NotFound:
                return None
            except discord.Forbidden as error:
                raise _unreadable(channel_id) from error
        if not isinstance(channel, Readable):
            return None
        if not _may_read(channel):
            raise _unreadable(channel_id)
        return channel


def _ref(channel: discord.abc.GuildChannel | discord.Thread) -> ChannelRef:
    return ChannelRef(channel.id, channel.parent_id if isinstance(channel, discord.Thread) else 0)


def _may_read(channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return False  # permissions come from the channel that holds the thread
    granted = channel.permissions_for(channel.guild.me)
    return granted.view_channel and granted.read_message_history


def _unreadable(channel_id: int) -> UnreadableError:
    return UnreadableError(
        f"channel {channel_id} cannot be read; allow the bot View Channel and Read Message History there"
    )


async def _member(message: discord.Message, known: Members) -> discord.Member | None:
    """Return who wrote a fetched message as a member, None for those who left, bots and webhooks."""
    author, guild = message.author, message.guild
    if isinstance(author, discord.Member):
        return author
    if guild is None or author.bot or message.webhook_id is not None:
        return None
    if author.id not in known:
        try:
            known[author.id] = guild.get_member(author.id) or await guild.fetch_member(author.id)
        except discord.NotFound:
            known[author.id] = None
    return known[author.id]
