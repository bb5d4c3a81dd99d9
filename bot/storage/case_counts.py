"""Count what the database holds without reading a word of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import CaseState
from bot.domain.coverage import Coverage
from bot.domain.policy import SkipReason
from bot.storage.tables import cases, screenings, sightings


async def count_coverage(
    connection: AsyncConnection, guild_id: int, since: datetime, until: datetime
) -> Coverage:
    """Count the messages posted in `[since, until)`, each once however often it was edited."""
    screened_at = func.max(screenings.c.screened_at).filter(screenings.c.skipped.is_(None))
    messages = (
        select(
            screened_at.label("last_at"),
            func.max(cast(screenings.c.is_flagged, Integer)).label("is_flagged"),
            func.max(screenings.c.skipped).label("skipped"),
        )
        .where(screenings.c.guild_id == guild_id)
        .where(screenings.c.posted_at >= since, screenings.c.posted_at < until)
        .group_by(screenings.c.message_id)
        .subquery()
    )
    totals = select(
        func.count(messages.c.last_at), func.sum(messages.c.is_flagged), func.max(messages.c.last_at)
    )
    screened, flagged, last_at = (await connection.execute(totals)).one()
    reasons = (
        select(messages.c.skipped, func.count().label("n"))
        .where(messages.c.last_at.is_(None))
        .group_by(messages.c.skipped)
    )
    skipped = {SkipReason(row.skipped): row.n for row in await connection.execute(reasons)}
    return Coverage(screened=screened, flagged=flagged or 0, skipped=skipped, last_screened_at=last_at)


async def count_cards(connection: AsyncConnection, guild_id: int, since: datetime) -> int:
    """Count the cases opened since then that have, or will have, a card."""
    query = (
        select(func.count())
        .select_from(cases)
        .where(cases.c.guild_id == guild_id, cases.c.opened_at >= since)
        .where(cases.c.is_spilled.is_(False), cases.c.is_dry_run.is_(False))
    )
    return (await connection.execute(query)).scalar_one()


async def count_author_verdicts(
    connection: AsyncConnection, guild_id: int, author_id: int, but_not: int
) -> tuple[int, int]:
    """Count (upheld, dismissed) cases that hold a post of an author, leaving out one case id."""
    query = (
        select(cases.c.state, func.count(cases.c.id.distinct()).label("n"))
        .join(sightings, sightings.c.case_id == cases.c.id)
        .where(sightings.c.author_id == author_id)
        .where(cases.c.guild_id == guild_id, cases.c.id != but_not)
        .group_by(cases.c.state)
    )
    counts: dict[str, int] = {row.state: row.n for row in await connection.execute(query)}
    return counts.get(CaseState.UPHELD, 0), counts.get(CaseState.DISMISSED, 0)


async def open_times(connection: AsyncConnection, guild_id: int) -> Sequence[datetime]:
    """Return when each open case of a server was opened, oldest first."""
    query = (
        select(cases.c.opened_at)
        .where(cases.c.guild_id == guild_id, cases.c.state == CaseState.OPEN)
        .order_by(cases.c.opened_at)
    )
    return (await connection.execute(query)).scalars().all()
