"""Keep what is still to be said to moderators, in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import OutboxEntry, OutboxKind
from bot.storage.case_writing import queue_edit
from bot.storage.engine import Connections
from bot.storage.tables import EPOCH, cases, outbox


class SqlOutbox:
    """The outbox on SQL; ids are never used twice, so a nonce names one entry for good."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def due(self, now: datetime, limit: int = 20) -> list[OutboxEntry]:
        """Return the entries whose time has come, oldest first."""
        query = (
            select(outbox)
            .where(outbox.c.is_said.is_(False), outbox.c.due_at <= now)
            .order_by(outbox.c.id)
            .limit(limit)
        )
        async with self._connections.read() as connection:
            return [_entry(row) for row in (await connection.execute(query)).mappings()]

    async def add_digest(self, guild_id: int, since: datetime, until: datetime) -> bool:
        """Queue a digest once per server and period; False when it was queued before."""
        statement = sqlite.insert(outbox).values(
            guild_id=guild_id,
            kind=OutboxKind.DIGEST,
            revision=0,
            attempts=0,
            due_at=EPOCH,
            is_said=False,
            since=since,
            until=until,
        )
        async with self._connections.write() as connection:
            return (await connection.execute(statement.on_conflict_do_nothing())).rowcount == 1

    async def last_digest(self, guild_id: int) -> datetime | None:
        """Return the `until` of the latest digest queued, None before the first."""
        query = select(func.max(outbox.c.until)).where(
            outbox.c.guild_id == guild_id, outbox.c.kind == OutboxKind.DIGEST
        )
        async with self._connections.read() as connection:
            latest: datetime | None = (await connection.execute(query)).scalar_one()
            return latest

    async def posted(self, entry: OutboxEntry, channel_id: int = 0, message_id: int = 0) -> None:
        """Mark an entry as said, keep where a new card stands, queue an edit when the case changed since."""
        said = (
            update(outbox)
            .where(outbox.c.id == entry.id, outbox.c.is_said.is_(False))
            .values(is_said=True)
            .returning(outbox.c.revision)
        )
        async with self._connections.write() as connection:
            revision = (await connection.execute(said)).scalar_one_or_none()
            if revision is None:
                return
            if message_id:
                await _place_card(connection, entry.case_id, channel_id, message_id)
            if revision != entry.revision:
                await queue_edit(connection, entry.case_id)

    async def retry_at(self, entry: OutboxEntry, at: datetime) -> None:
        """Count an attempt and try again at that time."""
        again = (
            update(outbox).where(outbox.c.id == entry.id).values(attempts=outbox.c.attempts + 1, due_at=at)
        )
        async with self._connections.write() as connection:
            await connection.execute(again)

    async def pending(self, guild_id: int) -> int:
        """Count what is still to be said to one server."""
        query = (
            select(func.count())
            .select_from(outbox)
            .where(outbox.c.guild_id == guild_id, outbox.c.is_said.is_(False))
        )
        async with self._connections.read() as connection:
            return (await connection.execute(query)).scalar_one()


async def _place_card(connection: AsyncConnection, case_id: int, channel_id: int, message_id: int) -> None:
    place = {"card_channel_id": channel_id, "card_message_id": message_id}
    await connection.execute(update(cases).where(cases.c.id == case_id).values(place))


def _entry(row: RowMapping) -> OutboxEntry:
    return OutboxEntry(
        id=row["id"],
        guild_id=row["guild_id"],
        kind=OutboxKind(row["kind"]),
        case_id=row["case_id"] or 0,
        attempts=row["attempts"],
        revision=row["revision"],
        since=row["since"],
        until=row["until"],
    )
