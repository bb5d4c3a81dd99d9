"""Fill the gaps: after a restart, a lost session or a full queue, fetch what was missed and screen it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.domain.coverage import ScreeningRecord
from bot.domain.policy import SkipReason
from bot.domain.posts import Post
from bot.ports import CaseStore, ChannelRef, Clock, History, PreferenceStore, WatermarkStore
from bot.services.intake import Intake

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
"""How often the loop looks for servers that asked for catch-up."""


class CatchUp:
    """Fetch missed posts, oldest first, through the same intake as live ones.

    A post older than `max_age` is counted as skipped instead of screened; a round takes at most `per_round`
    posts of a channel before other channels get their turn.
    """

    def __init__(
        self,
        *,
        intake: Intake,
        history: History,
        preferences: PreferenceStore,
        watermarks: WatermarkStore,
        cases: CaseStore,
        clock: Clock,
        max_age: timedelta,
        per_round: int,
    ) -> None:
        self._intake = intake
        self._history = history
        self._preferences = preferences
        self._watermarks = watermarks
        self._cases = cases
        self._clock = clock
        self._max_age = max_age
        self._per_round = per_round
        self._wanted: set[int] = set()
        self._wake = asyncio.Event()

    def request(self, guild_id: int) -> None:
        """Ask for a server's gaps to be filled; returns at once."""
        self._intake.expect_gap(guild_id)
        self._wanted.add(guild_id)
        self._wake.set()

    async def run(self) -> None:
        """Fill gaps as they are asked for, until cancelled."""
        while True:
            await self.run_once()
            try:
                await asyncio.wait_for(self._wake.wait(), CHECK_SECONDS)
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def run_once(self) -> int:
        """Fill the gaps asked for so far; return how many posts were fetched."""
        guilds = self._wanted | (self._intake.take_deferred() if self._intake.length == 0 else set())
        self._wanted = set()
        fetched = 0
        for guild_id in guilds:
            try:
                fetched += await self.fill(guild_id)
            except Exception:
                log.exception("catch-up failed; asked again", extra={"guild": guild_id})
                self._wanted.add(guild_id)
        return fetched

    async def fill(self, guild_id: int) -> int:
        """Fill one server's gaps; return how many posts were fetched."""
        preferences = await self._preferences.get(guild_id)
        marks = await self._watermarks.of_guild(guild_id)
        refs = await self._history.channels(guild_id, preferences.watched_channel_ids)
        starts = [(ref, marks.get(ref.id) or marks.get(ref.parent_id, 0)) for ref in refs]
        pending = [(ref, mark) for ref, mark in starts if mark]
        for ref, mark in pending:
            self._intake.hold(ref.id, mark)
        self._intake.gaps_held(guild_id)
        fetched = 0
        for ref, mark in pending:
            fetched += await self._fill_channel(guild_id, ref, mark)
        if fetched:
            log.info("catch-up done", extra={"guild": guild_id, "messages": fetched})
        return fetched

    async def _fill_channel(self, guild_id: int, ref: ChannelRef, mark: int) -> int:
        fetched = 0
        async for post in self._history.after(ref.id, mark):
            fetched += 1
            if self._clock.now() - post.posted_at > self._max_age:
                await self._count_as_old(post)
            else:
                await self._intake.put(post)
            if fetched % self._per_round == 0:
                await self._intake.drain()
        await self._intake.release(guild_id, ref.id, mark)
        return fetched

    async def _count_as_old(self, post: Post) -> None:
        await self._cases.record(
            ScreeningRecord(
                message_id=post.id,
                version=post.version,
                guild_id=post.guild_id,
                channel_id=post.channel_id,
                posted_at=post.posted_at,
                screened_at=self._clock.now(),
                skipped=SkipReason.TOO_OLD,
            )
        )
