"""Stand-ins for everything outside the services; each keeps its port's promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.cases import Case
from bot.domain.digests import Digest
from bot.domain.posts import Post, Quote
from bot.domain.preferences import Preferences
from bot.ports import CardPlace, ChannelRef
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
    """Channels as lists of posts; `hidden` channels cannot be read."""

    posts: list[Post] = field(default_factory=list)
    refs: list[ChannelRef] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    error: Exception | None = None

    async def channels(self, guild_id: int, watched: frozenset[int]) -> list[ChannelRef]:
        """Return the known channels and threads that are watched."""
        return [ref for ref in self.refs if {ref.id, ref.parent_id} & watched]

    async def before(self, channel_id: int, message_id: int, limit: int) -> list[Quote]:
        """Return the posts before one, oldest first."""
        earlier = [p for p in self._in(channel_id) if p.id < message_id]
        return [Quote(p.author.name, p.text, p.posted_at, p.url) for p in earlier[-limit:]]

    async def parent(self, channel_id: int, message_id: int) -> Quote | None:
        """Return what a post answers."""
        return next((p.reply_to for p in self._in(channel_id) if p.id == message_id), None)

    async def after(self, channel_id: int, message_id: int) -> AsyncIterator[Post]:
        """Yield the posts after one, oldest first."""
        if self.error:
            raise self.error
        for post in self._in(channel_id):
            if post.id > message_id:
                yield post

    def _in(self, channel_id: int) -> list[Post]:
        if channel_id in self.hidden:
            return []
        return sorted((p for p in self.posts if p.channel_id == channel_id), key=lambda p: p.id)


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
