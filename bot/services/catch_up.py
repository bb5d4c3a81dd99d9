"""Fill the gaps: after a restart, a lost session or a full queue, fetch what was missed and screen it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.coverage import ScreeningRecord
from bot.domain.policy import SkipReason
from bot.domain.posts import Post
from bot.domain.preferences import Preferences
from bot.domain.snowflakes import snowflake
from bot.ports import CaseStore, ChannelRef, Clock, History, PreferenceStore, UnreadableError, WatermarkStore
from bot.services.intake import Intake

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
"""How often the loop looks for gaps whose time has come, and for posts that were left to catch-up."""

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=5)

EDITS_PER_ROUND = 50
"""How many edits are fetched one by one before gaps get their turn again."""


@dataclass(slots=True)
class Gap:
    """A channel held for catch-up; all up to `cursor` was received.

    `is_listed`: its archived threads are known; `is_told`: it was logged that it cannot be read.
    """

    guild_id: int
    ref: ChannelRef
    cursor: int
    due_at: datetime
    is_listed: bool = True
    is_told: bool = False
    failures: int = 0

    @property
    def extra(self) -> dict[str, int]:
        """Name the channel for the log."""
        return {"guild": self.guild_id, "channel": self.ref.id}


class CatchUp:
    """Fetch missed posts, oldest first, through the same intake as live ones.

    Each open gap takes its turn: at most `per_round` posts, all handled before the next channel's turn. A
    post older than `max_age` is counted as skipped instead of screened; of those only one turn is fetched
    per channel, and what then still lies before `max_age` is neither fetched nor counted. A channel that
    cannot be read stays held and is tried again, less and less often, without keeping others waiting.
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
        self._gaps: dict[int, Gap] = {}
        self._wake = asyncio.Event()
        self._running = asyncio.Lock()

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
        """Fill the gaps that are due, in turns, until none is left; return how many posts were fetched."""
        async with self._running:
            return await self._fill_due()

    async def _fill_due(self) -> int:
        if not self._intake.is_busy:
            await self._open_left()
        fetched, failed = 0, await self._open_wanted()
        while due := [gap for gap in self._gaps.values() if gap.due_at <= self._clock.now()]:
            for gap in due:
                fetched += await self._take_turn(gap)
            failed |= await self._open_wanted()
        self._wanted |= failed
        return fetched + await self._fetch_edits()

    async def _open_wanted(self) -> set[int]:
        """Open the gaps of the servers asked for; return the servers to ask for again."""
        failed = set()
        while self._wanted:
            guild_id = self._wanted.pop()
            try:
                await self._open_guild(guild_id)
            except UnreadableError as error:
                log.warning("catch-up has to wait", extra={"guild": guild_id, "cause": str(error)})
            except Exception:
                log.exception("catch-up failed; asked again", extra={"guild": guild_id})
                failed.add(guild_id)
        return failed

    async def _open_guild(self, guild_id: int) -> None:
        occasion = self._intake.gaps_expected(guild_id)
        preferences = await self._preferences.get(guild_id)
        refs = await self._history.channels(guild_id, preferences.watched_channel_ids)
        marks = await self._watermarks.of_guild(guild_id)
        for ref in refs:
            await self._open(guild_id, ref, marks, is_listed=bool(ref.parent_id))
        self._intake.gaps_held(guild_id, occasion)

    async def _open_left(self) -> None:
        """Open the gaps of channels with posts that failed or found the queue full."""
        for guild_id, ref in self._intake.take_left(but_not=self._gaps):
            try:
                preferences = await self._preferences.get(guild_id)
                if not preferences.watches(ref.id, ref.parent_id):
                    self._intake.forget(ref.id)
                    continue
                await self._open(guild_id, ref, await self._watermarks.of_guild(guild_id))
            except Exception:
                log.exception("catch-up failed; asked again", extra={"guild": guild_id, "channel": ref.id})
                self._intake.leave_channel(guild_id, ref)

    async def _open(
        self, guild_id: int, ref: ChannelRef, marks: dict[int, int], *, is_listed: bool = True
    ) -> None:
        """Hold a channel where it was handled up to; a thread never handled starts where its channel is.

        A channel without a mark is not read back. One that is open already goes on where it is.
        """
        now = self._clock.now()
        if known := self._gaps.get(ref.id):
            known.is_listed, known.due_at = known.is_listed and is_listed, now
            return
        own = marks.get(ref.id, 0)
        start = self._intake.hold(ref.id, own or marks.get(ref.parent_id, 0))
        if not start:
            return
        self._gaps[ref.id] = Gap(guild_id, ref, start, now, is_listed)
        if not own:
            # The channel's mark moves on while the thread waits; the thread has to start here all the same.
            await self._watermarks.advance(guild_id, ref.id, start)

    async def _take_turn(self, gap: Gap) -> int:
        """Fetch some of a channel's posts; return how many. Trouble holds the channel and is tried again."""
        try:
            return await self._advance(gap)
        except UnreadableError as error:
            if not gap.is_told:
                log.warning("a gap cannot be filled", extra={**gap.extra, "cause": str(error)})
            gap.is_told = True
        except Exception:
            log.exception("catch-up failed; tried again", extra=gap.extra)
        gap.due_at = self._clock.now() + min(FIRST_RETRY * float(2 ** min(gap.failures, 10)), LAST_RETRY)
        gap.failures += 1
        return 0

    async def _advance(self, gap: Gap) -> int:
        preferences = await self._preferences.get(gap.guild_id)
        if not preferences.watches(gap.ref.id, gap.ref.parent_id):
            self._intake.forget(gap.ref.id)
            del self._gaps[gap.ref.id]
            return 0
        if since := preferences.watched_from(gap.ref.id, gap.ref.parent_id):
            # A thread keeps its mark while its channel is not watched; what was said meanwhile is left alone.
            gap.cursor = max(gap.cursor, snowflake(since))
        if not gap.is_listed:
            await self._list_archived(gap)
        fetched = await self._fetch(gap, preferences)
        gap.failures, gap.is_told = 0, False
        await self._intake.move_hold(gap.guild_id, gap.ref.id, gap.cursor)
        if fetched < self._per_round:
            await self._intake.release(gap.guild_id, gap.ref.id)
            del self._gaps[gap.ref.id]
        if fetched:
            log.info("posts were fetched", extra={**gap.extra, "messages": fetched})
        return fetched

    async def _list_archived(self, gap: Gap) -> None:
        marks = await self._watermarks.of_guild(gap.guild_id)
        for ref in await self._history.archived(gap.ref.id, self._clock.now() - self._max_age):
            await self._open(gap.guild_id, ref, marks)
        gap.is_listed = True

    async def _fetch(self, gap: Gap, preferences: Preferences) -> int:
        """Receive up to `per_round` posts and wait until they are handled; return how many."""
        fetched, is_old, handled = 0, False, list[asyncio.Event]()
        with_roles = bool(preferences.exempt_role_ids)
        async with aclosing(self._history.after(gap.ref.id, gap.cursor, with_roles=with_roles)) as posts:
            async for post in posts:
                is_old = self._clock.now() - post.posted_at > self._max_age
                if is_old:
                    await self._count_as_old(post)
                else:
                    handled.append(await self._intake.put(post))
                gap.cursor, fetched = post.id, fetched + 1
                if fetched >= self._per_round:
                    break
        for event in handled:
            await event.wait()
        if is_old and fetched >= self._per_round:
            self._leap(gap)
        return fetched

    def _leap(self, gap: Gap) -> None:
        """Leave the rest of what is too old alone, and say so."""
        start = snowflake(self._clock.now() - self._max_age) - 1
        if start > gap.cursor:
            log.warning("posts too old to screen are not counted: the gap is too long", extra=gap.extra)
            gap.cursor = start

    async def _fetch_edits(self) -> int:
        """Screen edits that failed or found the queue full, each as the message stands now."""
        fetched = 0
        edits = [] if self._intake.is_busy else self._intake.take_left_edits(EDITS_PER_ROUND)
        for edit in edits:
            extra = {"guild": edit.guild_id, "channel": edit.channel_id, "message_id": edit.message_id}
            try:
                with_roles = bool((await self._preferences.get(edit.guild_id)).exempt_role_ids)
                post = await self._history.message(edit.channel_id, edit.message_id, with_roles=with_roles)
                if post:
                    await self._intake.put_edit(post, edit.earlier_text)
                    fetched += 1
            except UnreadableError as error:
                log.warning("an edit stays unscreened", extra={**extra, "cause": str(error)})
            except Exception:
                log.exception("an edit could not be fetched; tried again", extra=extra)
                self._intake.leave_edit(edit)
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
