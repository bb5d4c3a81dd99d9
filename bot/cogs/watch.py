"""Hear what is posted, edited and deleted, and hand it on at once."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.cogs.posts import text_of, to_post
from bot.ports import Clock
from bot.services.aftermath import Aftermath
from bot.services.catch_up import CatchUp
from bot.services.intake import Intake


class Watch(commands.Cog):
    """Listeners; none of them waits for the model."""

    def __init__(
        self, client: commands.Bot, *, intake: Intake, catch_up: CatchUp, aftermath: Aftermath, clock: Clock
    ) -> None:
        self._client = client
        self._intake = intake
        self._catch_up = catch_up
        self._aftermath = aftermath
        self._clock = clock

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take a new message in."""
        if message.author == self._client.user:
            return
        post = to_post(message)
        if post:
            self._intake.offer(post)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Take an edit in, also of a message not in the cache; one that changes no words is none."""
        message, earlier = payload.message, payload.cached_message
        if message.edited_at is None or message.author == self._client.user:
            return
        post = to_post(message)
        earlier_text = text_of(earlier) if earlier else ""
        if post and not (earlier and earlier_text == post.text):
            self._intake.offer(post, earlier_text)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Mark a case whose message was deleted."""
        await self._aftermath.deleted(payload.message_id, self._clock.now())

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Mark the cases whose messages were deleted together."""
        for message_id in payload.message_ids:
            await self._aftermath.deleted(message_id, self._clock.now())

    @commands.Cog.listener()
    async def on_automod_action(self, execution: discord.AutoModAction) -> None:
        """Note that AutoMod acted on a message (Discord tells it only to bots that may manage the server)."""
        if execution.message_id is not None:
            await self._aftermath.automod_acted(execution.message_id)

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """Hold every watermark: a new session, unlike a resumed one, may have missed posts."""
        self._intake.expect_gaps()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Look for gaps of a server that the bot was in before."""
        self._catch_up.request(guild.id)

    @commands.Cog.listener()
    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """Hold the watermarks of a server that is away."""
        self._intake.expect_gap(guild.id)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Ask for the gaps to be filled: after a start, and after a session that could not be resumed."""
        for guild in self._client.guilds:
            self._catch_up.request(guild.id)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Ask for the gaps of a server that was away."""
        self._catch_up.request(guild.id)
