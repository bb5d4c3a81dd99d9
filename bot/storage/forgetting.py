"""Empty what members wrote and keep what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import ContextSummary
from bot.storage.case_writing import queue_edit
from bot.storage.rows import Rows
from bot.storage.tables import cases, sightings

PAGE = 100
"""Sightings emptied in one go, so that the event loop has room in between."""


async def forget(connection: AsyncConnection, rows: Rows, which: ColumnElement[bool]) -> int:
    """Empty the sightings that fulfil a condition; return in how many cases there was something to empty."""
    query = select(sightings).where(which, sightings.c.texts.is_not(None)).limit(PAGE)
    emptied: set[int] = set()
    while page := (await connection.execute(query)).mappings().all():
        await _empty(connection, rows, page)
        await _empty_summaries(connection, rows, [r["case_id"] for r in page if r["position"] == 0])
        emptied |= {row["case_id"] for row in page}
    for case_id in sorted(emptied):
        await queue_edit(connection, case_id)  # the words stand on the card too
    return len(emptied)


def seen_before(guild_id: int, before: datetime) -> ColumnElement[bool]:
    """Select one server's sightings of posts from before then."""
    of_guild = select(cases.c.id).where(cases.c.guild_id == guild_id)
    return (sightings.c.at < before) & sightings.c.case_id.in_(of_guild)


async def _empty(connection: AsyncConnection, rows: Rows, page: Sequence[RowMapping]) -> None:
    columns = ("author_name", "texts", "flag", "embedding")
    forgotten = [rows.of_sighting(rows.sighting(row).forget()) for row in page]
    statement = (
        update(sightings)
        .where(sightings.c.message_id == bindparam("key"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    await connection.execute(
        statement,
        [{"key": row["message_id"], **{f"new_{name}": row[name] for name in columns}} for row in forgotten],
    )


async def _empty_summaries(connection: AsyncConnection, rows: Rows, case_ids: Sequence[int]) -> None:
    if not case_ids:
        return
    query = select(cases.c.id, cases.c.summary).where(cases.c.id.in_(case_ids))
    changed = []
    for row in (await connection.execute(query)).mappings():
        summary = rows.summary(row)
        # An empty summary is saved even where there was none, so that none is built of old messages later.
        emptied = rows.of_summary(row["id"], summary.forget() if summary else ContextSummary())
        changed.append({"key": row["id"], "emptied": emptied})
    statement = update(cases).where(cases.c.id == bindparam("key")).values(summary=bindparam("emptied"))
    await connection.execute(statement, changed)
