"""Take posts in as they come and hand them to the screener, bounded, in order, without a gap."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from bot.domain.posts import Post
from bot.domain.preferences import Preferences
from bot.domain.watermarks import Watermarks
from bot.ports import ChannelRef, WatermarkStore
from bot.services.screening import Outcome, Screener
from classifiers.contract import ClassifierError

log = logging.getLogger(__name__)

MOST_TRIES = 3
"""How often a post that cannot be handled is tried before it is counted as unanswered."""

MOST_EDITS_LEFT = 2000
"""How many edits may be left to catch-up, each with a text in memory; the oldest give way."""

MOST_COUNTED = 20_000
"""How many failing posts have their tries counted; the oldest counts give way."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A post that waits, with the text before its edit where that is known.

    A tracked one counts for its channel's watermark; an edit that comes live does not: its id is that of
    the original, which may still wait itself. `handled` is set when the post was handled or left.
    """

    post: Post
    earlier_text: str = ""
    is_tracked: bool = True
    handled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def version(self) -> tuple[int, int]:
        """Name the version of the message."""
        return self.post.id, self.post.version


@dataclass(frozen=True, slots=True)
class LeftEdit:
    """An edit that was not screened: the message is to be fetched again as it stands then."""

    guild_id: int
    channel_id: int
    message_id: int
    earlier_text: str = ""


def _nothing_known(guild_id: int) -> Preferences | None:
    return None


class Intake:
    """A bounded queue between the gateway and the screener; a full queue leaves posts to catch-up.

    No watermark moves before catch-up looked for the server's gaps: a live post would carry it past them.
    `known` tells a server's preferences where they are in memory, so that posts of channels that are not
    watched take no room in the queue.
    """

    def __init__(
        self,
        *,
        screener: Screener,
        watermarks: WatermarkStore,
        queue_size: int,
        workers: int,
        known: Callable[[int], Preferences | None] = _nothing_known,
    ) -> None:
        self._screener = screener
        self._store = watermarks
        self._queue: asyncio.Queue[Arrival] = asyncio.Queue(queue_size)
        self._workers = workers
        self._known = known
        self._marks = Watermarks()
        self._in_hand: dict[tuple[int, int], Arrival] = {}
        self._left: set[tuple[int, ChannelRef]] = set()
        self._left_edits: OrderedDict[int, LeftEdit] = OrderedDict()
        self._guarded: set[int] = set()
        self._sessions = 0
        self._expected: Counter[int] = Counter()
        self._failures: OrderedDict[tuple[int, int], int] = OrderedDict()

    @property
    def length(self) -> int:
        """Count the posts that wait to be screened."""
        return self._queue.qsize()

    @property
    def is_busy(self) -> bool:
        """Say whether the queue is half full or more, so that what can wait should wait."""
        return self._queue.qsize() * 2 >= self._queue.maxsize

    def offer(self, post: Post, earlier_text: str = "") -> bool:
        """Take a post in without waiting; False when the queue is full and the post is left to catch-up.

        A post of a channel that is known not to be watched is dropped.
        """
        preferences = self._known(post.guild_id)
        if preferences and not preferences.watches(post.channel_id, post.parent_channel_id):
            return True
        arrival = Arrival(post, earlier_text, is_tracked=post.edited_at is None)
        if arrival.is_tracked:
            self._marks.start(post.channel_id, post.id)
        try:
            self._queue.put_nowait(arrival)
            self._in_hand[arrival.version] = arrival
        except asyncio.QueueFull:
            if (post.guild_id, _ref(post)) not in self._left:
                log.warning("intake is full", extra={"guild": post.guild_id, "channel": post.channel_id})
            self._leave(arrival)
            return False
        return True

    async def put(self, post: Post) -> asyncio.Event:
        """Take a fetched post in, waiting for room; the event given is set when the post was handled.

        A post that came live and still waits is not taken in twice.
        """
        known = self._in_hand.get((post.id, post.version))
        if known and known.is_tracked:
            return known.handled
        self._marks.start(post.channel_id, post.id)
        return await self._put(Arrival(post))

    async def put_edit(self, post: Post, earlier_text: str) -> asyncio.Event:
        """Take the present version of an edited post in, waiting for room; no watermark follows it."""
        return await self._put(Arrival(post, earlier_text, is_tracked=False))

    async def _put(self, arrival: Arrival) -> asyncio.Event:
        self._in_hand[arrival.version] = arrival
        await self._queue.put(arrival)
        return arrival.handled

    def expect_gaps(self) -> None:
        """Keep every watermark where it is until `gaps_held`: a new session may have missed posts."""
        self._sessions += 1
        self._guarded.clear()

    def expect_gap(self, guild_id: int) -> None:
        """Keep one server's watermarks where they are until `gaps_held`."""
        self._expected[guild_id] += 1
        self._guarded.discard(guild_id)

    def gaps_expected(self, guild_id: int) -> int:
        """Number the latest occasion to look for a server's gaps, to be told to `gaps_held`."""
        return self._sessions + self._expected[guild_id]

    def gaps_held(self, guild_id: int, occasion: int = 0) -> None:
        """Let a server's watermarks move: each channel with a gap is held by `hold` now.

        Nothing moves yet when there was a later occasion meanwhile.
        """
        if occasion == self.gaps_expected(guild_id):
            self._guarded.add(guild_id)

    def hold(self, channel_id: int, after_id: int) -> int:
        """Keep a channel's watermark until `release`: there is a gap behind it.

        Return where: at `after_id` (0: unknown) or before the first post left, 0 where there is neither.
        """
        return self._marks.hold(channel_id, after_id)

    async def move_hold(self, guild_id: int, channel_id: int, after_id: int) -> None:
        """Let a channel's watermark follow: all up to `after_id` was fetched, whatever else is expected."""
        if complete := self._marks.move_hold(channel_id, after_id):
            await self._store.advance(guild_id, channel_id, complete)

    async def release(self, guild_id: int, channel_id: int) -> None:
        """Let a channel's watermark move again: its gap is filled."""
        await self._save_mark(guild_id, channel_id, self._marks.release(channel_id))

    def forget(self, channel_id: int) -> None:
        """Hold nothing of a channel any more: it is not watched."""
        self._marks.forget(channel_id)

    def take_left(self, *, but_not: Container[int] = ()) -> list[tuple[int, ChannelRef]]:
        """Return, once, the servers and channels with posts left to catch-up, except those channels."""
        taken = [left for left in self._left if left[1].id not in but_not]
        self._left.difference_update(taken)
        return taken

    def leave_channel(self, guild_id: int, ref: ChannelRef) -> None:
        """Ask again for a channel that `take_left` gave."""
        self._left.add((guild_id, ref))

    def take_left_edits(self, limit: int) -> list[LeftEdit]:
        """Return, once, the edits left to catch-up, at most `limit`, oldest first."""
        taken = list(self._left_edits.values())[:limit]
        for edit in taken:
            del self._left_edits[edit.message_id]
        return taken

    def leave_edit(self, edit: LeftEdit) -> None:
        """Leave an edit to catch-up; of several edits of a message the earliest text is kept."""
        self._left_edits.setdefault(edit.message_id, edit)
        if len(self._left_edits) > MOST_EDITS_LEFT:
            _, lost = self._left_edits.popitem(last=False)
            extra = {"guild": lost.guild_id, "channel": lost.channel_id, "message_id": lost.message_id}
            log.warning("an edit stays unscreened: too many were left", extra=extra)

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
                if self._in_hand.get(arrival.version) is arrival:
                    del self._in_hand[arrival.version]
                arrival.handled.set()
                self._queue.task_done()

    async def _handle(self, arrival: Arrival) -> None:
        extra = {"channel": arrival.post.channel_id, "message_id": arrival.post.id}
        try:
            outcome = await self._screener.screen(arrival.post, arrival.earlier_text)
            await self._settle(arrival, is_watched=outcome is not Outcome.NOT_WATCHED)
        except ClassifierError as error:
            log.warning("not screened yet: the model gave no answer", extra={**extra, "cause": str(error)})
            await self._failed(arrival)
        except Exception:
            log.exception("screening failed", extra=extra)
            await self._failed(arrival)

    async def _settle(self, arrival: Arrival, *, is_watched: bool = True) -> None:
        post = arrival.post
        if arrival.is_tracked:
            complete = self._marks.done(post.channel_id, post.id)
            if is_watched:
                await self._save_mark(post.guild_id, post.channel_id, complete)
        self._failures.pop(arrival.version, None)

    async def _failed(self, arrival: Arrival) -> None:
        """Leave a post to catch-up, so that the watermark stays before it.

        A post that failed `MOST_TRIES` times is counted as unanswered instead, so that one bad post does not
        hold up its channel for ever.
        """
        self._failures[arrival.version] = self._failures.get(arrival.version, 0) + 1
        try:
            if self._failures[arrival.version] >= MOST_TRIES:
                await self._screener.give_up(arrival.post)
                return await self._settle(arrival)
        except Exception:
            post = arrival.post
            log.exception("giving up failed", extra={"channel": post.channel_id, "message_id": post.id})
        if len(self._failures) > MOST_COUNTED:
            self._failures.popitem(last=False)
        return self._leave(arrival)

    def _leave(self, arrival: Arrival) -> None:
        post = arrival.post
        if arrival.is_tracked:
            self._marks.leave(post.channel_id, post.id)
            self.leave_channel(post.guild_id, _ref(post))
        else:
            self.leave_edit(LeftEdit(post.guild_id, post.channel_id, post.id, arrival.earlier_text))

    async def _save_mark(self, guild_id: int, channel_id: int, complete: int) -> None:
        if complete and guild_id in self._guarded:
            await self._store.advance(guild_id, channel_id, complete)


def _ref(post: Post) -> ChannelRef:
    return ChannelRef(post.channel_id, post.parent_channel_id)
