"""Stand-ins for everything outside the services; each keeps its port's promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.cases import Case
from bot.domain.digests import Digest
from bot.domain.posts import Post, Quote
from bot.domain.preferences import Preferences
from bot.ports import CardPlace, ChannelRef, UnreadableError
from classifiers.contract import Assessment, ClassifierError, Embedding, ModelInfo, Passage
from tests.factories import MODEL, NOW, THRESHOLDS, an_assessment
from tests.fake_database import (
    FakeCaseStore,
    FakeDatabase,
    FakeOutbox,
    FakePreferenceStore,
    FakeWatermarkStore,
)

__all__ = [
    "FakeCaseStore",
    "FakeClassifier",
    "FakeClock",
    "FakeDatabase",
    "FakeHistory",
    "FakeModChannel",
    "FakeOutbox",
    "FakePreferenceStore",
    "FakeWatermarkStore",
]


class FakeClock:
    """A clock that stands still until it is advanced; sleepers wake when their time has come."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by `seconds`."""
        self.slept.append(seconds)
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + timedelta(seconds=seconds), waking))
        await waking

    def advance(self, by: timedelta) -> None:
        """Move the time on and wake who slept until then."""
        self.set(self._now + by)

    def set(self, now: datetime) -> None:
        """Set the time and wake who slept until then."""
        self._now = now
        due = [waking for at, waking in self._sleepers if at <= now]
        self._sleepers = [(at, waking) for at, waking in self._sleepers if at > now]
        for waking in due:
            if not waking.done():
                waking.set_result(None)


@dataclass
class FakeClassifier:
    """Score by the exact text; `default` for the rest.

    `answers` gives whole assessments, `error` is raised instead of an answer, and while `gate` is not set
    everybody waits.
    """

    scores: Mapping[str, float] = field(default_factory=dict)
    default: float = 0.1
    embeddings: Mapping[str, Embedding] = field(default_factory=dict)
    answers: Mapping[str, Assessment] = field(default_factory=dict)
    error: ClassifierError | None = None
    gate: asyncio.Event | None = None
    asked: list[Passage] = field(default_factory=list)
    waiting: int = 0
    is_closed: bool = False

    @property
    def info(self) -> ModelInfo:
        """Say which model answers."""
        return ModelInfo(MODEL, THRESHOLDS)

    @property
    def queue_length(self) -> int:
        """Count who waits at the gate."""
        return self.waiting

    async def assess(self, passage: Passage) -> Assessment:
        """Answer by the text's score."""
        self.asked.append(passage)
        if self.gate:
            self.waiting += 1
            await self.gate.wait()
            self.waiting -= 1
        if self.error:
            raise self.error
        if passage.text in self.answers:
            return self.answers[passage.text]
        score = self.scores.get(passage.text, self.default)
        return an_assessment(score, passage.text, embedding=self.embeddings.get(passage.text, ()))

    async def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True


@dataclass
class FakeHistory:
    """Channels as lists of posts, read in pages as they stand when a page is asked for.

    `hidden` channels cannot be read, `errors` are raised by channel and `error` by all; `archived_refs` are
    threads that left the list of active ones. `started` lists where reading began, as (channel, after).
    Fetched posts carry the author's roles only where they are asked for.
    """

    posts: list[Post] = field(default_factory=list)
    refs: list[ChannelRef] = field(default_factory=list)
    archived_refs: list[ChannelRef] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    errors: dict[int, Exception] = field(default_factory=dict)
    error: Exception | None = None
    is_unavailable: bool = False
    started: list[tuple[int, int]] = field(default_factory=list)

    async def channels(self, guild_id: int, watched: frozenset[int]) -> list[ChannelRef]:
        """Return the known channels and threads that are watched."""
        if self.is_unavailable:
            raise UnreadableError("the server is unavailable")
        return [ref for ref in self.refs if {ref.id, ref.parent_id} & watched]

    async def archived(self, channel_id: int, since: datetime) -> list[ChannelRef]:
        """Return the archived threads of a channel."""
        self._fail(channel_id)
        return [ref for ref in self.archived_refs if ref.parent_id == channel_id]

    async def before(self, channel_id: int, message_id: int, limit: int) -> list[Quote]:
        """Return the posts before one, oldest first."""
        earlier = [p for p in self._in(channel_id) if p.id < message_id]
        return [Quote(p.author.name, p.text, p.posted_at, p.url) for p in earlier[-limit:]]

    async def parent(self, channel_id: int, message_id: int) -> Quote | None:
        """Return what a post answers."""
        return next((p.reply_to for p in self._in(channel_id) if p.id == message_id), None)

    async def message(self, channel_id: int, message_id: int, *, with_roles: bool) -> Post | None:
        """Return a post as it stands."""
        self._fail(channel_id)
        found = next((p for p in self._in(channel_id) if p.id == message_id), None)
        return _fetched(found, with_roles=with_roles) if found else None

    async def after(self, channel_id: int, message_id: int, *, with_roles: bool) -> AsyncGenerator[Post]:
        """Yield the posts after one, oldest first."""
        self.started.append((channel_id, message_id))
        self._fail(channel_id)
        last = message_id
        while later := [p for p in self._in(channel_id) if p.id > last]:
            last = later[0].id
            yield _fetched(later[0], with_roles=with_roles)

    def _fail(self, channel_id: int) -> None:
        if error := self.error or self.errors.get(channel_id):
            raise error
        if channel_id in self.hidden:
            raise UnreadableError(f"channel {channel_id} cannot be read")

    def _in(self, channel_id: int) -> list[Post]:
        if channel_id in self.hidden:
            return []
        return sorted((p for p in self.posts if p.channel_id == channel_id), key=lambda p: p.id)


def _fetched(post: Post, *, with_roles: bool) -> Post:
    return post if with_roles else replace(post, author=replace(post.author, role_ids=frozenset()))


@dataclass
class FakeModChannel:
    """Keep what was said; a nonce is said once, `error` is raised instead, `is_silent` shows nothing."""

    error: Exception | None = None
    is_silent: bool = False
    cards: dict[str, Case] = field(default_factory=dict)
    edits: list[Case] = field(default_factory=list)
    digests: dict[str, Digest] = field(default_factory=dict)

    async def post_case(self, case: Case, preferences: Preferences, nonce: str) -> CardPlace | None:
        """Keep a card and say where it stands."""
        self._fail()
        if self.is_silent:
            return None
        self.cards.setdefault(nonce, case)
        return CardPlace(preferences.mod_channel_id, 1000 + list(self.cards).index(nonce))

    async def edit_case(self, case: Case, preferences: Preferences) -> None:
        """Keep a card's new state."""
        self._fail()
        self.edits.append(case)

    async def post_digest(self, digest: Digest, preferences: Preferences, nonce: str) -> None:
        """Keep a digest."""
        self._fail()
        self.digests.setdefault(nonce, digest)

    def _fail(self) -> None:
        if self.error:
            raise self.error
