"""Take posts in as they come and hand them to the screener, bounded, in order, without a gap."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

from bot.domain.posts import Post
from bot.domain.watermarks import Watermarks
from bot.ports import WatermarkStore
from bot.services.screening import Outcome, Screener

log = logging.getLogger(__name__)

MOST_TRIES = 3
"""How often a post that cannot be handled is tried before it is counted as unanswered."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A post that waits, with the text before its edit where that is known."""

    post: Post
    earlier_text: str = ""


class Intake:
    """A bounded queue between the gateway and the screener; a full queue defers posts to catch-up.

    No watermark moves before catch-up looked for the server's gaps: a live post would carry it past them.
    """

    def __init__(
        self, *, screener: Screener, watermarks: WatermarkStore, queue_size: int, workers: int
    ) -> None:
        self._screener = screener
        self._store = watermarks
        self._queue: asyncio.Queue[Arrival] = asyncio.Queue(queue_size)
        self._workers = workers
        self._marks = Watermarks()
        self._deferred: set[tuple[int, int]] = set()
        self._guarded: set[int] = set()
        self._failures: Counter[int] = Counter()

    @property
    def length(self) -> int:
        """Count the posts that wait to be screened."""
        return self._queue.qsize()

    def offer(self, post: Post, earlier_text: str = "") -> bool:
        """Take a post in without waiting; False when the queue is full and the post is left to catch-up."""
        if not post.edited_at:
            self._marks.start(post.channel_id, post.id)
        try:
            self._queue.put_nowait(Arrival(post, earlier_text))
        except asyncio.QueueFull:
            self._deferred.add((post.guild_id, post.channel_id))
            log.warning("intake is full", extra={"guild": post.guild_id, "channel": post.channel_id})
            return False
        return True

    async def put(self, post: Post) -> None:
        """Take a post in, waiting for room: for catch-up, which can wait."""
        self._marks.start(post.channel_id, post.id)
        await self._queue.put(Arrival(post))

    def expect_gaps(self) -> None:
        """Keep every watermark where it is until `gaps_held`: a new session may have missed posts."""
        self._guarded.clear()

    def expect_gap(self, guild_id: int) -> None:
        """Keep one server's watermarks where they are until `gaps_held`."""
        self._guarded.discard(guild_id)

    def gaps_held(self, guild_id: int) -> None:
        """Let a server's watermarks move: each channel with a gap is held by `hold` now."""
        self._guarded.add(guild_id)

    def hold(self, channel_id: int, after_id: int) -> None:
        """Keep a channel's watermark at `after_id` until `release`: there is a gap behind it."""
        self._marks.start(channel_id, after_id + 1)

    async def release(self, guild_id: int, channel_id: int, after_id: int) -> None:
        """Let a channel's watermark move again: the gap behind `after_id` is filled."""
        await self._advance(guild_id, channel_id, after_id + 1)

    def take_deferred(self) -> set[int]:
        """Return, once, the servers that have posts left to catch-up."""
        guilds = {guild_id for guild_id, _ in self._deferred}
        self._deferred.clear()
        return guilds

    async def run(self) -> None:
        """Screen what comes until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work())

    async def drain(self) -> None:
        """Wait until everything taken in was handled."""
        await self._queue.join()

    async def _work(self) -> None:
        while True:
            arrival = await self._queue.get()
            try:
                await self._handle(arrival)
            finally:
                self._queue.task_done()

    async def _handle(self, arrival: Arrival) -> None:
        post = arrival.post
        try:
            outcome = await self._screener.screen(post, arrival.earlier_text)
            if outcome is Outcome.NOT_WATCHED:
                self._marks.done(post.channel_id, post.id)
            else:
                await self._advance(post.guild_id, post.channel_id, post.id)
        except Exception:
            log.exception("screening failed", extra={"channel": post.channel_id, "message_id": post.id})
            await self._failed(post)

    async def _failed(self, post: Post) -> None:
        """Leave a post to catch-up: it stays in flight, so the watermark stays before it.

        A post that failed `MOST_TRIES` times is counted as unanswered instead, so that one bad post does not
        hold up its channel for ever.
        """
        self._failures[post.id] += 1
        try:
            if self._failures[post.id] >= MOST_TRIES:
                await self._screener.give_up(post)
                await self._advance(post.guild_id, post.channel_id, post.id)
                del self._failures[post.id]
                return
        except Exception:
            log.exception("giving up failed", extra={"channel": post.channel_id, "message_id": post.id})
        self._deferred.add((post.guild_id, post.channel_id))

    async def _advance(self, guild_id: int, channel_id: int, message_id: int) -> None:
        complete = self._marks.done(channel_id, message_id)
        if complete and guild_id in self._guarded:
            await self._store.advance(guild_id, channel_id, complete)
