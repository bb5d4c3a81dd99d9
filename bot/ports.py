"""What services need from the outside, as Protocols; `storage` and `cogs` bring the real ones."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.cases import Case, CaseState, ContextSummary, Sighting, Verdict
from bot.domain.coverage import Coverage, ScreeningRecord
from bot.domain.digests import Digest
from bot.domain.posts import Post, Quote
from bot.domain.preferences import Preferences


class Clock(Protocol):
    """Tell the time and wait; the only source of both."""

    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        ...


class OutboxKind(StrEnum):
    """What is to be said to moderators."""

    CARD = "card"
    EDIT = "edit"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One thing still to be said; `case_id` is 0 for a digest, `since`/`until` are None for a card.

    `revision` counts the changes to the case since the entry was queued: they share one entry.
    """

    id: int
    guild_id: int
    kind: OutboxKind
    case_id: int = 0
    attempts: int = 0
    revision: int = 0
    since: datetime | None = None
    until: datetime | None = None

    @property
    def nonce(self) -> str:
        """Return the key that makes Discord post this once (≤ 25 characters)."""
        return f"evenhand-{self.id}"


class PreferenceStore(Protocol):
    """Keep each server's preferences."""

    async def get(self, guild_id: int) -> Preferences:
        """Return a server's preferences, the defaults for one never seen."""
        ...

    def known(self, guild_id: int) -> Preferences | None:
        """Return a server's preferences where they are in memory, None where they are not; never waits."""
        ...

    async def save(self, preferences: Preferences) -> None:
        """Replace a server's preferences."""
        ...

    async def all(self) -> list[Preferences]:
        """Return every server's saved preferences."""
        ...


class CaseStore(Protocol):
    """Keep screenings, cases, verdicts and what is still to be said about them.

    Each method is one transaction. `record`, `open_case` and `extend_case` change nothing and say so (False,
    None) when that version of the message was recorded before: that makes screening exactly-once.
    """

    async def is_recorded(self, message_id: int, version: int) -> bool:
        """Say whether this version of a message was handled before."""
        ...

    async def record(self, screening: ScreeningRecord) -> bool:
        """Store a screening that opens nothing; False when it was there already."""
        ...

    async def open_case(
        self,
        screening: ScreeningRecord,
        sighting: Sighting,
        *,
        is_dry_run: bool,
        is_spilled: bool,
    ) -> Case | None:
        """Store screening, a new case and (unless dry run or spilled) its outbox row, in one transaction.

        A message that a case already holds extends that case instead: a message is in one case only.
        """
        ...

    async def extend_case(
        self, screening: ScreeningRecord, case_id: int, sighting: Sighting, *, is_reopened: bool = False
    ) -> Case | None:
        """Add a sighting to a case and queue an edit of its card; a reopened one is open with a new card.

        A sighting of a message that the case already holds replaces that sighting (an edited post: the new
        one carries all versions); one that another case holds extends that other case. Raise
        `NoSuchCaseError`.
        """
        ...

    async def add_verdict(self, guild_id: int, number: int, verdict: Verdict) -> Case:
        """Append a verdict, apply it, queue an edit of the card; raise `NoSuchCaseError`."""
        ...

    async def mark_deleted(self, message_id: int, at: datetime) -> Case | None:
        """Note that the author or somebody else deleted a flagged message, queue an edit; None if no case."""
        ...

    async def mark_automod(self, message_id: int) -> Case | None:
        """Note that AutoMod acted on a message too, queue an edit; None if no case holds it."""
        ...

    async def save_summary(self, case_id: int, summary: ContextSummary) -> None:
        """Keep what was shown around a post."""
        ...

    async def get(self, guild_id: int, number: int) -> Case:
        """Return a case by its number in one server; raise `NoSuchCaseError`."""
        ...

    async def by_id(self, case_id: int) -> Case:
        """Return a case by its id; raise `NoSuchCaseError`."""
        ...

    async def by_message(self, message_id: int) -> Case | None:
        """Return the case that holds a message, None when there is none."""
        ...

    async def flagged_among(self, message_ids: frozenset[int]) -> frozenset[int]:
        """Return those of the messages that a case holds."""
        ...

    async def recent_open(self, guild_id: int, since: datetime) -> list[Case]:
        """Return the open cases with a sighting since then, newest first (at most 50)."""
        ...

    async def queue(
        self, guild_id: int, *, state: CaseState | None = CaseState.OPEN, offset: int = 0, limit: int = 10
    ) -> tuple[list[Case], int]:
        """Return a page of cases, highest score first then oldest, and how many there are in all."""
        ...

    async def cards_since(self, guild_id: int, since: datetime) -> int:
        """Count the cases opened with a card since then (what the alert budget is spent on)."""
        ...

    async def author_verdicts(self, guild_id: int, author_id: int, *, but_not: int) -> tuple[int, int]:
        """Count (upheld, dismissed) cases on an author's posts in one server, leaving out one case id."""
        ...

    async def opened_between(self, guild_id: int, since: datetime, until: datetime) -> list[Case]:
        """Return the cases opened in `[since, until)`, oldest first."""
        ...

    async def open_times(self, guild_id: int) -> list[datetime]:
        """Return when each case that is still open was opened."""
        ...

    async def coverage(self, guild_id: int, since: datetime, until: datetime) -> Coverage:
        """Count the messages posted in `[since, until)`, each once.

        A message of several versions counts as screened when any of them was.
        """
        ...

    async def forget_texts(self, guild_id: int, before: datetime) -> int:
        """Remove words, names, summaries and embeddings of sightings before then; return how many cases.

        A summary goes with the sighting that opened its case. Reasons of verdicts stay.
        """
        ...


class Outbox(Protocol):
    """What is still to be said; rows are written by `CaseStore` together with the change they announce."""

    async def due(self, now: datetime, limit: int = 20) -> list[OutboxEntry]:
        """Return the entries whose time has come, oldest first."""
        ...

    async def add_digest(self, guild_id: int, since: datetime, until: datetime) -> bool:
        """Queue a digest once per server and period; False when it was queued before."""
        ...

    async def last_digest(self, guild_id: int) -> datetime | None:
        """Return the `until` of the latest digest queued, None before the first."""
        ...

    async def posted(self, entry: OutboxEntry, channel_id: int = 0, message_id: int = 0) -> None:
        """Mark an entry as said and keep where a new card stands.

        When the case changed after `due` handed the entry out, an edit is queued that shows the change.
        """
        ...

    async def retry_at(self, entry: OutboxEntry, at: datetime) -> None:
        """Count an attempt and try again at that time."""
        ...

    async def pending(self, guild_id: int) -> int:
        """Count what is still to be said to one server."""
        ...


class WatermarkStore(Protocol):
    """Keep, per channel, the message id up to which nothing is missing."""

    async def get(self, channel_id: int) -> int:
        """Return the watermark, 0 for a channel never handled."""
        ...

    async def advance(self, guild_id: int, channel_id: int, message_id: int) -> None:
        """Raise the watermark; a smaller id changes nothing."""
        ...

    async def of_guild(self, guild_id: int) -> dict[int, int]:
        """Return the watermarks of a server's channels and threads."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """A channel or thread that can be read; `parent_id` is 0 outside threads."""

    id: int
    parent_id: int = 0


class History(Protocol):
    """Read what was said in a channel; what is deleted is simply not there.

    Passing trouble (a refused connection, an answer of 5xx) is raised as it comes, so that the caller can try
    again. `with_roles` looks up the author's roles, which messages that are fetched do not carry.
    """

    async def channels(self, guild_id: int, watched: frozenset[int]) -> list[ChannelRef]:
        """Return the watched channels of a server, also those that cannot be read, and their active threads.

        Raise `UnreadableError` while the server is unavailable.
        """
        ...

    async def archived(self, channel_id: int, since: datetime) -> list[ChannelRef]:
        """Return a channel's public threads archived since then, latest first, as many as are looked for.

        Raise `UnreadableError`.
        """
        ...

    async def before(self, channel_id: int, message_id: int, limit: int) -> list[Quote]:
        """Return up to `limit` messages before one, oldest first; empty where the channel cannot be read."""
        ...

    async def parent(self, channel_id: int, message_id: int) -> Quote | None:
        """Return the message that one answers, None when it answers nothing or the parent is gone."""
        ...

    async def message(self, channel_id: int, message_id: int, *, with_roles: bool) -> Post | None:
        """Return a message as it stands now, None when it is gone. Raise `UnreadableError`."""
        ...

    def after(self, channel_id: int, message_id: int, *, with_roles: bool) -> AsyncGenerator[Post]:
        """Yield the messages after one, oldest first. Raise `UnreadableError`."""
        ...


class UnreadableError(Exception):
    """A channel that is there cannot be read; the message names the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where a card stands."""

    channel_id: int
    message_id: int


class ModChannel(Protocol):
    """Say things to a server's moderators."""

    async def post_case(self, case: Case, preferences: Preferences, nonce: str) -> CardPlace | None:
        """Post a card; None where nothing is shown (dry run). Raise `ModChannelError`."""
        ...

    async def edit_case(self, case: Case, preferences: Preferences) -> None:
        """Bring a card up to date in place; a card that is gone is left gone. Raise `ModChannelError`."""
        ...

    async def post_digest(self, digest: Digest, preferences: Preferences, nonce: str) -> None:
        """Post the weekly report. Raise `ModChannelError`."""
        ...


class ModChannelError(Exception):
    """The moderators' channel cannot be written to; the message names the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of one database."""

    preferences: PreferenceStore
    cases: CaseStore
    outbox: Outbox
    watermarks: WatermarkStore


class Database(Protocol):
    """Open the stores: migrate, check the key, and close at the end."""

    def open(self) -> AbstractAsyncContextManager[Stores]:
        """Open the database; raise `StorageError` with a one-line remedy."""
        ...


class StorageError(Exception):
    """The database or its key cannot be used; the message names the file and the remedy."""
