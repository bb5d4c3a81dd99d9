"""Keep each server's preferences in SQL, with a copy in memory since every message asks for them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from bot.domain.preferences import Preferences
from bot.storage.codecs import preferences_from, preferences_text
from bot.storage.engine import Connections
from bot.storage.tables import preferences as table


class SqlPreferenceStore:
    """The preference store on SQL; this process is taken to be the only one that saves."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections
        self._copies: dict[int, Preferences] = {}

    async def get(self, guild_id: int) -> Preferences:
        """Return a server's preferences, the defaults for one never seen."""
        if known := self._copies.get(guild_id):
            return known
        query = select(table.c.choices).where(table.c.guild_id == guild_id)
        async with self._connections.read() as connection:
            stored = (await connection.execute(query)).scalar_one_or_none()
        read = preferences_from(guild_id, stored) if stored else Preferences(guild_id)
        # A save that came in while this was read is newer, so it stays.
        return self._copies.setdefault(guild_id, read)

    def known(self, guild_id: int) -> Preferences | None:
        """Return a server's preferences where they are in memory; never waits."""
        return self._copies.get(guild_id)

    async def save(self, preferences: Preferences) -> None:
        """Replace a server's preferences."""
        text = preferences_text(preferences)
        statement = sqlite.insert(table).values(guild_id=preferences.guild_id, choices=text)
        async with self._connections.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["guild_id"], set_={"choices": text})
            )
        self._copies[preferences.guild_id] = preferences

    async def all(self) -> list[Preferences]:
        """Return every server's saved preferences, by server id."""
        query = select(table.c.guild_id, table.c.choices).order_by(table.c.guild_id)
        async with self._connections.read() as connection:
            rows = await connection.execute(query)
            return [preferences_from(row.guild_id, row.choices) for row in rows]
