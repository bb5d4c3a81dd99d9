"""Connections to the database: many readers, one writer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

READERS = 4
"""Connections that may read at the same time; SQLite reads in one thread per connection."""

WAIT_SECONDS = 60.0
"""How long a read waits for a free connection before it fails."""

PRAGMAS = (
    "PRAGMA busy_timeout = 10000",  # milliseconds to wait for another process's write
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # forgotten words are overwritten, not just unlinked
)

IMMEDIATE = "IMMEDIATE"


class Connections:
    """Open transactions on one SQLite file.

    A write takes SQLite's write lock at its start (`BEGIN IMMEDIATE`): a transaction that reads first and
    writes later would otherwise fail when another one wrote in between.
    """

    def __init__(self, path: Path) -> None:
        url = URL.create("sqlite+aiosqlite", database=str(path))
        self._readers = create_async_engine(
            url, pool_size=READERS + 1, max_overflow=0, pool_timeout=WAIT_SECONDS, hide_parameters=True
        )
        event.listen(self._readers.sync_engine, "connect", _prepare)
        event.listen(self._readers.sync_engine, "begin", _begin)
        self._writers = self._readers.execution_options(begin=IMMEDIATE)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees one state of the database from its first query on."""
        async with self._readers.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open the one writing transaction; it commits at the end, or changes nothing when it raises."""
        async with self._turn, self._writers.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Close every connection; SQLite then folds its write-ahead log into the file."""
        await self._readers.dispose()


def _prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # Without an isolation level the driver opens no transactions of its own; `_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
