"""Keep screenings, cases and verdicts in SQL; each method is one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import Case, CaseState, ContextSummary, Sighting, Verdict
from bot.domain.coverage import Coverage, ScreeningRecord
from bot.storage import case_counts, forgetting
from bot.storage.case_loading import CaseLoader
from bot.storage.case_writing import (
    insert_case,
    insert_screening,
    insert_sighting,
    put_sighting,
    queue_card,
    queue_edit,
    reopen,
)
from bot.storage.engine import Connections
from bot.storage.rows import Rows
from bot.storage.tables import cases, screenings, sightings, verdicts

MOST_RECENT = 50
"""How many open cases a new flag is compared with."""


class SqlCaseStore:
    """The case store on SQL; the unique screening of each message version makes writes exactly-once."""

    def __init__(self, *, connections: Connections, rows: Rows) -> None:
        self._connections = connections
        self._rows = rows
        self._loader = CaseLoader(rows)

    async def is_recorded(self, message_id: int, version: int) -> bool:
        """Say whether this version of a message was handled before."""
        same = (screenings.c.message_id == message_id) & (screenings.c.version == version)
        async with self._connections.read() as connection:
            found = await connection.execute(select(screenings.c.message_id).where(same))
            return found.first() is not None

    async def record(self, screening: ScreeningRecord) -> bool:
        """Store a screening that opens nothing; False when it was there already."""
        async with self._connections.write() as connection:
            return await insert_screening(connection, screening)

    async def open_case(
        self,
        screening: ScreeningRecord,
        sighting: Sighting,
        *,
        is_dry_run: bool,
        is_spilled: bool,
    ) -> Case | None:
        """Store screening, case and (unless dry run or spilled) the outbox row; None when recorded before."""
        async with self._connections.write() as connection:
            if not await insert_screening(connection, screening):
                return None
            holder = await self._loader.holder(connection, sighting.message_id)
            if holder:
                return await self._extend(connection, holder, sighting)
            case_id = await insert_case(
                connection,
                screening,
                sighting,
                is_dry_run=is_dry_run,
                is_spilled=is_spilled,
            )
            await insert_sighting(connection, self._rows, case_id, 0, sighting)
            if not (is_dry_run or is_spilled):
                await queue_card(connection, screening.guild_id, case_id)
            return await self._loader.one(connection, cases.c.id == case_id)

    async def extend_case(
        self, screening: ScreeningRecord, case_id: int, sighting: Sighting, *, is_reopened: bool = False
    ) -> Case | None:
        """Add or replace a sighting and queue an edit; None when recorded before, `NoSuchCaseError`."""
        async with self._connections.write() as connection:
            if not await insert_screening(connection, screening):
                return None
            holder = await self._loader.holder(connection, sighting.message_id)
            case = holder or await self._loader.one(connection, cases.c.id == case_id)
            if is_reopened:
                await reopen(connection, case)
            return await self._extend(connection, case, sighting)

    async def add_verdict(self, guild_id: int, number: int, verdict: Verdict) -> Case:
        """Append a verdict, apply it, queue an edit of the card; raise `NoSuchCaseError`."""
        async with self._connections.write() as connection:
            case = await self._loader.one(connection, _numbered(guild_id, number))
            ruled = case.rule(verdict)
            row = self._rows.of_verdict(case.id, len(case.verdicts), verdict)
            await connection.execute(insert(verdicts).values(row))
            await connection.execute(update(cases).where(cases.c.id == case.id).values(state=ruled.state))
            await queue_edit(connection, case.id)
            return ruled

    async def mark_deleted(self, message_id: int, at: datetime) -> Case | None:
        """Note a deletion and queue an edit; one noted before keeps its time. None if no case holds it."""
        if await self.by_message(message_id) is None:
            return None  # most deletions are of messages that are no case: they need no write
        async with self._connections.write() as connection:
            case = await self._loader.holder(connection, message_id)
            if case is None:
                return None
            known = case.sighting_of(message_id)
            if known and known.deleted_at:
                return case
            marked = update(sightings).where(sightings.c.message_id == message_id).values(deleted_at=at)
            await connection.execute(marked)
            await queue_edit(connection, case.id)
            return await self._loader.one(connection, cases.c.id == case.id)

    async def mark_automod(self, message_id: int) -> Case | None:
        """Note that AutoMod acted on a message too, queue an edit; None if no case holds it."""
        if await self.by_message(message_id) is None:
            return None
        async with self._connections.write() as connection:
            case = await self._loader.holder(connection, message_id)
            if case is None or case.is_automod_marked:
                return case
            marked = update(cases).where(cases.c.id == case.id).values(is_automod_marked=True)
            await connection.execute(marked)
            await queue_edit(connection, case.id)
            return replace(case, is_automod_marked=True)

    async def save_summary(self, case_id: int, summary: ContextSummary) -> None:
        """Keep what was shown around a post; a case that is gone is left gone."""
        stored = self._rows.of_summary(case_id, summary)
        async with self._connections.write() as connection:
            await connection.execute(update(cases).where(cases.c.id == case_id).values(summary=stored))

    async def get(self, guild_id: int, number: int) -> Case:
        """Return a case by its number in one server; raise `NoSuchCaseError`."""
        async with self._connections.read() as connection:
            return await self._loader.one(connection, _numbered(guild_id, number))

    async def by_id(self, case_id: int) -> Case:
        """Return a case by its id; raise `NoSuchCaseError`."""
        async with self._connections.read() as connection:
            return await self._loader.one(connection, cases.c.id == case_id)

    async def by_message(self, message_id: int) -> Case | None:
        """Return the case that holds a message, None when there is none."""
        async with self._connections.read() as connection:
            return await self._loader.holder(connection, message_id)

    async def flagged_among(self, message_ids: frozenset[int]) -> frozenset[int]:
        """Return those of the messages that a case holds."""
        query = select(sightings.c.message_id).where(sightings.c.message_id.in_(message_ids))
        async with self._connections.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def recent_open(self, guild_id: int, since: datetime) -> list[Case]:
        """Return the open cases with a sighting since then, newest first (at most 50)."""
        query = (
            select(cases)
            .where(cases.c.guild_id == guild_id, cases.c.state == CaseState.OPEN)
            .where(cases.c.last_seen_at >= since)
            .order_by(cases.c.last_seen_at.desc(), cases.c.id.desc())
            .limit(MOST_RECENT)
        )
        async with self._connections.read() as connection:
            return await self._loader.select(connection, query)

    async def queue(
        self, guild_id: int, *, state: CaseState | None = CaseState.OPEN, offset: int = 0, limit: int = 10
    ) -> tuple[list[Case], int]:
        """Return a page of cases, highest score first then oldest, and how many there are in all."""
        which = cases.c.guild_id == guild_id
        if state is not None:
            which &= cases.c.state == state
        order = (cases.c.score.desc(), cases.c.opened_at, cases.c.id)
        page = select(cases).where(which).order_by(*order).offset(offset).limit(limit)
        total = select(func.count()).select_from(cases).where(which)
        async with self._connections.read() as connection:
            found = await self._loader.select(connection, page)
            return found, (await connection.execute(total)).scalar_one()

    async def cards_since(self, guild_id: int, since: datetime) -> int:
        """Count the cases opened with a card since then."""
        async with self._connections.read() as connection:
            return await case_counts.count_cards(connection, guild_id, since)

    async def author_verdicts(self, guild_id: int, author_id: int, *, but_not: int) -> tuple[int, int]:
        """Count (upheld, dismissed) cases on an author's posts in one server, leaving out one case id."""
        async with self._connections.read() as connection:
            return await case_counts.count_author_verdicts(connection, guild_id, author_id, but_not)

    async def opened_between(self, guild_id: int, since: datetime, until: datetime) -> list[Case]:
        """Return the cases opened in `[since, until)`, oldest first."""
        query = (
            select(cases)
            .where(cases.c.guild_id == guild_id)
            .where(cases.c.opened_at >= since, cases.c.opened_at < until)
            .order_by(cases.c.opened_at, cases.c.id)
        )
        async with self._connections.read() as connection:
            return await self._loader.select(connection, query)

    async def open_times(self, guild_id: int) -> list[datetime]:
        """Return when each case that is still open was opened, oldest first."""
        async with self._connections.read() as connection:
            return list(await case_counts.open_times(connection, guild_id))

    async def coverage(self, guild_id: int, since: datetime, until: datetime) -> Coverage:
        """Count the messages posted in `[since, until)`, each once."""
        async with self._connections.read() as connection:
            return await case_counts.count_coverage(connection, guild_id, since, until)

    async def forget_texts(self, guild_id: int, before: datetime) -> int:
        """Empty the sightings from before then; return in how many cases there was something to empty."""
        async with self._connections.write() as connection:
            old = forgetting.seen_before(guild_id, before)
            return await forgetting.forget(connection, self._rows, old)

    async def _extend(self, connection: AsyncConnection, case: Case, sighting: Sighting) -> Case:
        await put_sighting(connection, self._rows, case, sighting)
        await queue_edit(connection, case.id)
        return await self._loader.one(connection, cases.c.id == case.id)


def _numbered(guild_id: int, number: int) -> ColumnElement[bool]:
    return (cases.c.guild_id == guild_id) & (cases.c.number == number)
