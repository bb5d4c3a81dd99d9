"""Keep how far each channel was handled, in SQL."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from bot.storage.engine import Connections
from bot.storage.tables import watermarks


class SqlWatermarkStore:
    """The watermark store on SQL."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def get(self, channel_id: int) -> int:
        """Return the watermark, 0 for a channel never handled."""
        query = select(watermarks.c.message_id).where(watermarks.c.channel_id == channel_id)
        async with self._connections.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or 0

    async def advance(self, guild_id: int, channel_id: int, message_id: int) -> None:
        """Raise the watermark; a smaller id changes nothing."""
        statement = sqlite.insert(watermarks).values(
            channel_id=channel_id, guild_id=guild_id, message_id=message_id
        )
        raised = statement.on_conflict_do_update(
            index_elements=["channel_id"],
            set_={"message_id": message_id},
            where=watermarks.c.message_id < message_id,
        )
        async with self._connections.write() as connection:
            await connection.execute(raised)

    async def of_guild(self, guild_id: int) -> dict[int, int]:
        """Return the watermarks of a server's channels and threads."""
        query = select(watermarks.c.channel_id, watermarks.c.message_id).where(
            watermarks.c.guild_id == guild_id
        )
        async with self._connections.read() as connection:
            rows = await connection.execute(query)
            return {row.channel_id: row.message_id for row in rows}
