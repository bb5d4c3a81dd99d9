"""Transactions: all or nothing, also when a step fails, a task is cancelled or the process is killed."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import cases as case_module
from bot.storage.database import SqlDatabase
from bot.storage.engine import Connections
from bot.storage.tables import UtcTime, watermarks
from tests.factories import a_screening, a_sighting

KILLED_HALFWAY = """
import asyncio, os, sys
from pathlib import Path
from sqlalchemy import insert
from bot.storage.engine import Connections
from bot.storage.tables import watermarks

async def main():
    connections = Connections(Path(sys.argv[1]))
    async with connections.write() as connection:
        await connection.execute(insert(watermarks).values(channel_id=1, guild_id=1, message_id=1))
        os._exit(9)

asyncio.run(main())
"""


async def test_a_step_that_fails_takes_the_screening_back(
    sql: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*arguments: object) -> None:
        raise RuntimeError("the outbox row cannot be written")

    async with sql.open() as stores:
        with monkeypatch.context() as patch:
            patch.setattr(case_module, "queue_card", fails)
            with pytest.raises(RuntimeError):
                await stores.cases.open_case(a_screening(), a_sighting(), is_dry_run=False, is_spilled=False)
        assert not await stores.cases.is_recorded(a_sighting().message_id, 0)
        assert await stores.cases.queue(10) == ([], 0)
        case = await stores.cases.open_case(a_screening(), a_sighting(), is_dry_run=False, is_spilled=False)
        assert case and case.number == 1


async def test_a_process_killed_halfway_leaves_nothing(sql: SqlDatabase, tmp_path: Path) -> None:
    async with sql.open():
        pass
    path = tmp_path / "evenhand.sqlite3"
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED_HALFWAY, str(path)], check=False
    )
    assert killed.returncode == 9
    async with sql.open() as stores:
        assert await stores.watermarks.get(1) == 0
        await stores.watermarks.advance(1, 1, 2)
        assert await stores.watermarks.get(1) == 2


async def test_a_cancelled_write_frees_the_turn_and_changes_nothing(sql: SqlDatabase, tmp_path: Path) -> None:
    async with sql.open() as stores:
        connections = Connections(tmp_path / "evenhand.sqlite3")
        begun = asyncio.Event()

        async def hangs() -> None:
            async with connections.write() as connection:
                await connection.execute(watermarks.insert().values(channel_id=1, guild_id=1, message_id=1))
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(hangs())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with connections.write() as connection:
            assert (await connection.execute(select(watermarks))).all() == []
        await connections.close()
        assert await stores.watermarks.of_guild(1) == {}


async def test_a_reader_sees_what_was_committed_while_another_writes(
    sql: SqlDatabase, tmp_path: Path
) -> None:
    async with sql.open() as stores:
        await stores.watermarks.advance(1, 1, 5)
        connections = Connections(tmp_path / "evenhand.sqlite3")
        async with connections.write() as connection:
            await connection.execute(watermarks.delete())
            assert await stores.watermarks.get(1) == 5
        await connections.close()
        assert await stores.watermarks.get(1) == 0


async def test_another_process_waits_for_its_turn_to_write(sql: SqlDatabase, tmp_path: Path) -> None:
    async with sql.open() as stores:
        raw = sqlite3.connect(tmp_path / "evenhand.sqlite3", isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(stores.watermarks.advance(1, 1, 7))
        await stores.watermarks.get(1)
        assert not waiting.done()
        raw.execute("COMMIT")
        raw.close()
        await waiting
        assert await stores.watermarks.get(1) == 7


def test_a_time_of_any_zone_is_kept_to_the_microsecond() -> None:
    column = UtcTime()
    at = datetime(2026, 3, 29, 3, 30, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    stored = column.process_bind_param(at, None)  # type: ignore[arg-type]
    back = column.process_result_value(stored, None)  # type: ignore[arg-type]
    assert back == at
    assert back and back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001


async def test_a_page_of_cases_takes_as_many_queries_as_one_case(
    sql: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    async with sql.open() as stores:
        for minute in range(8):
            seen = a_sighting(minute)
            await stores.cases.open_case(a_screening(seen), seen, is_dry_run=False, is_spilled=False)
        execute = AsyncConnection.execute

        async def counted(self: AsyncConnection, *arguments: object) -> object:
            counts[-1] += 1
            return await execute(self, *arguments)  # type: ignore[call-overload]

        monkeypatch.setattr(AsyncConnection, "execute", counted)
        for limit in (1, 8):
            counts.append(0)
            found, _ = await stores.cases.queue(10, limit=limit)
            assert len(found) == limit
    assert counts == [4, 4]
