"""Empty what members wrote and keep what was counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import ContextSummary
from bot.storage.rows import Rows
from bot.storage.tables import cases, sightings


async def forget(connection: AsyncConnection, rows: Rows, which: ColumnElement[bool]) -> int:
    """Empty the sightings that fulfil a condition; return in how many cases there was something to empty."""
    query = select(sightings).where(which, sightings.c.texts.is_not(None))
    found = (await connection.execute(query)).mappings().all()
    for row in found:
        emptied = rows.of_sighting(rows.sighting(row).forget())
        same = sightings.c.message_id == row["message_id"]
        await connection.execute(update(sightings).where(same).values(emptied))
    for case_id in (row["case_id"] for row in found if row["position"] == 0):
        await _forget_summary(connection, rows, case_id)
    return len({row["case_id"] for row in found})


def seen_before(guild_id: int, before: datetime) -> ColumnElement[bool]:
    """Select one server's sightings of posts from before then."""
    of_guild = select(cases.c.id).where(cases.c.guild_id == guild_id)
    return (sightings.c.at < before) & sightings.c.case_id.in_(of_guild)


async def _forget_summary(connection: AsyncConnection, rows: Rows, case_id: int) -> None:
    query = select(cases.c.id, cases.c.summary).where(cases.c.id == case_id)
    summary = rows.summary((await connection.execute(query)).mappings().one())
    # An empty summary is saved even where there was none, so that none is built from old messages later.
    emptied = rows.of_summary(case_id, summary.forget() if summary else ContextSummary())
    await connection.execute(update(cases).where(cases.c.id == case_id).values(summary=emptied))
