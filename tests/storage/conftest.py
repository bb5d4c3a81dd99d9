"""The same suite, twice: on the fake and on SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ports import Database, Stores
from bot.storage.database import SqlDatabase
from tests.fakes import FakeDatabase


@pytest.fixture
def sql(tmp_path: Path) -> SqlDatabase:
    """Return a database file of its own."""
    return SqlDatabase(path=tmp_path / "evenhand.sqlite3", key_file=tmp_path / "evenhand.key")


@pytest.fixture(params=["fake", "sql"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    """Open the stores of one database after the other."""
    chosen: Database = FakeDatabase() if request.param == "fake" else request.getfixturevalue("sql")
    async with chosen.open() as opened:
        yield opened
