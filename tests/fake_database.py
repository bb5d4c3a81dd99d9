"""An in-memory database behind the storage ports, without SQL or encryption."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.domain.cases import Case, CaseState, ContextSummary, NoSuchCaseError, Sighting, Verdict
from bot.domain.coverage import Coverage, ScreeningRecord
from bot.domain.preferences import Preferences
from bot.ports import OutboxEntry, OutboxKind, Stores

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Waiting:
    """An outbox entry with its fate."""

    entry: OutboxEntry
    due_at: datetime = AT_ONCE
    is_said: bool = False


@dataclass
class FakeDatabase:
    """What the stores share, so that outbox rows follow changes of cases."""

    saved: dict[int, Preferences] = field(default_factory=dict)
    screenings: dict[tuple[int, int], ScreeningRecord] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    outbox: dict[int, Waiting] = field(default_factory=dict)
    watermarks: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def stores(self) -> Stores:
        """Return the stores on this database."""
        return Stores(
            FakePreferenceStore(self), FakeCaseStore(self), FakeOutbox(self), FakeWatermarkStore(self)
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stores]:
        """Hand out the stores."""
        yield self.stores

    def queue(self, guild_id: int, kind: OutboxKind, **changes: object) -> None:
        """Add an outbox entry that is due at once."""
        entry_id = len(self.outbox) + 1
        self.outbox[entry_id] = Waiting(replace(OutboxEntry(entry_id, guild_id, kind), **changes))  # type: ignore[arg-type]

    def queue_edit(self, case: Case) -> None:
        """Queue an edit once, or let the waiting entry of the case show the change."""
        for waiting in self.outbox.values():
            if waiting.entry.case_id == case.id and not waiting.is_said:
                waiting.entry = replace(waiting.entry, revision=waiting.entry.revision + 1)
                return
        if case.card_message_id:
            self.queue(case.guild_id, OutboxKind.EDIT, case_id=case.id)


class FakePreferenceStore:
    """Preferences in a dict."""

    def __init__(self, database: FakeDatabase | None = None) -> None:
        self._database = database or FakeDatabase()

    async def get(self, guild_id: int) -> Preferences:
        """Return the saved preferences or the defaults."""
        return self._database.saved.get(guild_id, Preferences(guild_id))

    def known(self, guild_id: int) -> Preferences | None:
        """Return what was saved."""
        return self._database.saved.get(guild_id)

    async def save(self, preferences: Preferences) -> None:
        """Replace a server's preferences."""
        self._database.saved[preferences.guild_id] = preferences

    async def all(self) -> list[Preferences]:
        """Return what was saved, by server id."""
        return [chosen for _, chosen in sorted(self._database.saved.items())]


class FakeCaseStore:
    """Cases in a dict; every method runs without a pause, so it is one transaction."""

    def __init__(self, database: FakeDatabase | None = None) -> None:
        self._database = database or FakeDatabase()

    async def is_recorded(self, message_id: int, version: int) -> bool:
        """Look the version up."""
        return (message_id, version) in self._database.screenings

    async def record(self, screening: ScreeningRecord) -> bool:
        """Store a screening once."""
        key = (screening.message_id, screening.version)
        return self._database.screenings.setdefault(key, screening) is screening

    async def open_case(
        self,
        screening: ScreeningRecord,
        sighting: Sighting,
        *,
        is_dry_run: bool,
        is_spilled: bool,
    ) -> Case | None:
        """Open a case once per screening; a message that is held extends its holder."""
        if not await self.record(screening):
            return None
        if holder := await self.by_message(sighting.message_id):
            return self._extend(holder, sighting)
        numbers = [c.number for c in self._of(screening.guild_id)]
        case = Case(
            id=len(self._database.cases) + 1,
            guild_id=screening.guild_id,
            number=max(numbers, default=0) + 1,
            opened_at=screening.screened_at,
            sightings=(sighting,),
            is_dry_run=is_dry_run,
            is_spilled=is_spilled,
        )
        self._database.cases[case.id] = case
        if not (is_dry_run or is_spilled):
            self._database.queue(case.guild_id, OutboxKind.CARD, case_id=case.id)
        return case

    async def extend_case(
        self, screening: ScreeningRecord, case_id: int, sighting: Sighting, *, is_reopened: bool = False
    ) -> Case | None:
        """Add or replace a sighting once per screening; a reopened case gets a new card."""
        if await self.is_recorded(screening.message_id, screening.version):
            return None
        case = await self.by_message(sighting.message_id) or await self.by_id(case_id)
        await self.record(screening)
        if is_reopened:
            case = replace(case, state=CaseState.OPEN)
            if case.card_message_id:
                self._database.queue(case.guild_id, OutboxKind.CARD, case_id=case.id)
        return self._extend(case, sighting)

    async def add_verdict(self, guild_id: int, number: int, verdict: Verdict) -> Case:
        """Apply a verdict."""
        return self._changed((await self.get(guild_id, number)).rule(verdict))

    async def mark_deleted(self, message_id: int, at: datetime) -> Case | None:
        """Note a deletion, the first time only."""
        case = await self.by_message(message_id)
        known = case.sighting_of(message_id) if case else None
        if case is None or known is None or known.deleted_at:
            return case
        return self._extend(case, replace(known, deleted_at=at))

    async def mark_automod(self, message_id: int) -> Case | None:
        """Note that AutoMod acted, the first time only."""
        case = await self.by_message(message_id)
        if case is None or case.is_automod_marked:
            return case
        return self._changed(replace(case, is_automod_marked=True))

    async def save_summary(self, case_id: int, summary: ContextSummary) -> None:
        """Keep a summary."""
        if case := self._database.cases.get(case_id):
            self._database.cases[case_id] = replace(case, summary=summary)

    async def get(self, guild_id: int, number: int) -> Case:
        """Find a case by its number."""
        return _only([c for c in self._of(guild_id) if c.number == number])

    async def by_id(self, case_id: int) -> Case:
        """Find a case by its id."""
        return _only([c for c in self._database.cases.values() if c.id == case_id])

    async def by_message(self, message_id: int) -> Case | None:
        """Find the case that holds a message."""
        return next((c for c in self._database.cases.values() if c.sighting_of(message_id)), None)

    async def flagged_among(self, message_ids: frozenset[int]) -> frozenset[int]:
        """Keep the messages that a case holds."""
        return (
            frozenset(s.message_id for c in self._database.cases.values() for s in c.sightings) & message_ids
        )

    async def recent_open(self, guild_id: int, since: datetime) -> list[Case]:
        """Return open cases seen since then, newest first."""
        recent = [c for c in self._of(guild_id) if c.is_open and _last_seen(c) >= since]
        return sorted(recent, key=lambda c: (_last_seen(c), c.id), reverse=True)[:50]

    async def queue(
        self, guild_id: int, *, state: CaseState | None = CaseState.OPEN, offset: int = 0, limit: int = 10
    ) -> tuple[list[Case], int]:
        """Return a page of cases, highest score first then oldest."""
        found = [c for c in self._of(guild_id) if state in (None, c.state)]
        found.sort(key=lambda c: (-c.flag.score, c.opened_at, c.id))
        return found[offset : offset + limit], len(found)

    async def cards_since(self, guild_id: int, since: datetime) -> int:
        """Count cases with a card."""
        shown = (c for c in self._of(guild_id) if not (c.is_spilled or c.is_dry_run))
        return sum(c.opened_at >= since for c in shown)

    async def author_verdicts(self, guild_id: int, author_id: int, *, but_not: int) -> tuple[int, int]:
        """Count an author's ruled cases."""
        theirs = [
            c.state
            for c in self._of(guild_id)
            if c.id != but_not and author_id in {s.author_id for s in c.sightings}
        ]
        return theirs.count(CaseState.UPHELD), theirs.count(CaseState.DISMISSED)

    async def opened_between(self, guild_id: int, since: datetime, until: datetime) -> list[Case]:
        """Return cases by opening time."""
        found = [c for c in self._of(guild_id) if since <= c.opened_at < until]
        return sorted(found, key=lambda c: (c.opened_at, c.id))

    async def open_times(self, guild_id: int) -> list[datetime]:
        """Return when open cases were opened."""
        return sorted(c.opened_at for c in self._of(guild_id) if c.is_open)

    async def coverage(self, guild_id: int, since: datetime, until: datetime) -> Coverage:
        """Count messages, each once."""
        versions: dict[int, list[ScreeningRecord]] = {}
        for record in self._database.screenings.values():
            if record.guild_id == guild_id and since <= record.posted_at < until:
                versions.setdefault(record.message_id, []).append(record)
        screened = [[r for r in rows if r.skipped is None] for rows in versions.values()]
        reasons = [
            max(r.skipped for r in rows if r.skipped)
            for rows in versions.values()
            if all(r.skipped for r in rows)
        ]
        return Coverage(
            screened=sum(map(bool, screened)),
            flagged=sum(any(r.is_flagged for r in rows) for rows in screened),
            skipped={reason: reasons.count(reason) for reason in reasons},
            last_screened_at=max((r.screened_at for rows in screened for r in rows), default=None),
        )

    async def forget_texts(self, guild_id: int, before: datetime) -> int:
        """Empty old sightings."""
        forgotten = 0
        for case in self._of(guild_id):
            old = {s.message_id for s in case.sightings if s.at < before and s.texts}
            if not old:
                continue
            forgotten += 1
            kept = tuple(s.forget() if s.message_id in old else s for s in case.sightings)
            summary = case.summary
            if case.first.message_id in old:
                summary = summary.forget() if summary else ContextSummary()
            self._changed(replace(case, sightings=kept, summary=summary))
        return forgotten

    def _of(self, guild_id: int) -> list[Case]:
        return [c for c in self._database.cases.values() if c.guild_id == guild_id]

    def _extend(self, case: Case, sighting: Sighting) -> Case:
        seen = {s.message_id: s for s in case.sightings} | {sighting.message_id: sighting}
        return self._changed(replace(case, sightings=tuple(seen.values())))

    def _changed(self, case: Case) -> Case:
        self._database.cases[case.id] = case
        self._database.queue_edit(case)
        return case


class FakeOutbox:
    """The outbox in a dict."""

    def __init__(self, database: FakeDatabase | None = None) -> None:
        self._database = database or FakeDatabase()

    async def due(self, now: datetime, limit: int = 20) -> list[OutboxEntry]:
        """Return what is due, oldest first."""
        return [w.entry for w in self._database.outbox.values() if not w.is_said and w.due_at <= now][:limit]

    async def add_digest(self, guild_id: int, since: datetime, until: datetime) -> bool:
        """Queue a digest once per period."""
        if any((e.since, e.until) == (since, until) for e in self._digests(guild_id)):
            return False
        self._database.queue(guild_id, OutboxKind.DIGEST, since=since, until=until)
        return True

    async def last_digest(self, guild_id: int) -> datetime | None:
        """Return the latest digest's end."""
        return max((e.until for e in self._digests(guild_id) if e.until), default=None)

    async def posted(self, entry: OutboxEntry, channel_id: int = 0, message_id: int = 0) -> None:
        """Mark as said, keep the card's place, queue what changed since."""
        waiting = self._database.outbox[entry.id]
        if waiting.is_said:
            return
        waiting.is_said = True
        case = self._database.cases.get(entry.case_id)
        if case is None:
            return
        if message_id:
            case = replace(case, card_channel_id=channel_id, card_message_id=message_id)
            self._database.cases[case.id] = case
        if waiting.entry.revision != entry.revision:
            self._database.queue_edit(case)

    async def retry_at(self, entry: OutboxEntry, at: datetime) -> None:
        """Put an entry off."""
        waiting = self._database.outbox[entry.id]
        waiting.entry = replace(waiting.entry, attempts=waiting.entry.attempts + 1)
        waiting.due_at = at

    async def pending(self, guild_id: int) -> int:
        """Count what waits."""
        return sum(w.entry.guild_id == guild_id and not w.is_said for w in self._database.outbox.values())

    def _digests(self, guild_id: int) -> list[OutboxEntry]:
        entries = (w.entry for w in self._database.outbox.values())
        return [e for e in entries if e.guild_id == guild_id and e.kind is OutboxKind.DIGEST]


class FakeWatermarkStore:
    """Watermarks in a dict."""

    def __init__(self, database: FakeDatabase | None = None) -> None:
        self._database = database or FakeDatabase()

    async def get(self, channel_id: int) -> int:
        """Return a watermark or 0."""
        return self._database.watermarks.get(channel_id, (0, 0))[1]

    async def advance(self, guild_id: int, channel_id: int, message_id: int) -> None:
        """Raise a watermark."""
        if message_id > await self.get(channel_id):
            self._database.watermarks[channel_id] = (guild_id, message_id)

    async def of_guild(self, guild_id: int) -> dict[int, int]:
        """Return a server's watermarks."""
        return {c: mark for c, (guild, mark) in self._database.watermarks.items() if guild == guild_id}


def _last_seen(case: Case) -> datetime:
    return max(s.at for s in case.sightings)


def _only(found: list[Case]) -> Case:
    if not found:
        raise NoSuchCaseError
    return found[0]
