"""Opening the SQL database: first run, migrations, keys, and what is said when it cannot be opened."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from bot.ports import StorageError
from bot.storage.crypto import new_key
from bot.storage.database import SqlDatabase
from bot.storage.engine import Connections
from bot.storage.migrate import migrate
from bot.storage.tables import metadata
from tests.factories import a_screening, a_sighting

NOBODY = 65534
"""A user id without rights, so that permissions count even where the tests run as root."""


async def opened(database: SqlDatabase) -> None:
    async with database.open():
        pass


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def refusal(database: SqlDatabase) -> str:
    with pytest.raises(StorageError) as refused:
        await opened(database)
    said = str(refused.value)
    assert "\n" not in said
    return said


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """Return a folder with a read-only file `old`, in which this process may write nothing."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "old").touch(mode=0o444)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(NOBODY)
        else:
            folder.chmod(0o555)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)


async def test_the_first_run_makes_folder_file_and_key_for_the_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    await opened(SqlDatabase(path=home / "db.sqlite3", key_file=tmp_path / "keys" / "key"))
    modes = {p.name: p.stat().st_mode & 0o777 for p in (home, home / "db.sqlite3", tmp_path / "keys" / "key")}
    assert modes == {"home": 0o700, "db.sqlite3": 0o600, "key": 0o600}
    assert names_in(tmp_path / "keys") == ["key"]


async def test_what_was_stored_outlives_a_restart(sql: SqlDatabase) -> None:
    async with sql.open() as stores:
        case = await stores.cases.open_case(a_screening(), a_sighting(), is_dry_run=False, is_spilled=False)
    async with sql.open() as stores:
        assert await stores.cases.get(10, 1) == case


async def test_a_key_from_the_environment_needs_no_file(tmp_path: Path) -> None:
    database = SqlDatabase(path=tmp_path / "db.sqlite3", key_file=tmp_path / "key", key=new_key())
    await opened(database)
    await opened(database)
    assert not (tmp_path / "key").exists()


async def test_a_wrong_key_file_is_refused(sql: SqlDatabase, tmp_path: Path) -> None:
    await opened(sql)
    key_file = tmp_path / "evenhand.key"
    key_file.write_text(new_key())
    said = await refusal(sql)
    assert str(key_file) in said
    assert "put back the key" in said


async def test_a_missing_key_file_is_not_made_anew(sql: SqlDatabase, tmp_path: Path) -> None:
    await opened(sql)
    (tmp_path / "evenhand.key").unlink()
    assert "is missing" in await refusal(sql)
    assert not (tmp_path / "evenhand.key").exists()


async def test_a_wrong_key_from_the_environment_is_named_but_not_shown(
    sql: SqlDatabase, tmp_path: Path
) -> None:
    await opened(sql)
    wrong = new_key()
    said = await refusal(
        SqlDatabase(path=tmp_path / "evenhand.sqlite3", key_file=tmp_path / "evenhand.key", key=wrong)
    )
    assert "storage.key" in said
    assert wrong not in said


@pytest.mark.parametrize("content", ["", "short", "ä", "!" * 44])
async def test_a_file_that_holds_no_key_is_refused(sql: SqlDatabase, tmp_path: Path, content: str) -> None:
    key_file = tmp_path / "evenhand.key"
    key_file.write_text(content, encoding="utf-8")
    key_file.chmod(0o600)
    assert str(key_file) in await refusal(sql)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
async def test_a_key_that_others_can_read_is_refused(sql: SqlDatabase, tmp_path: Path, mode: int) -> None:
    await opened(sql)
    (tmp_path / "evenhand.key").chmod(mode)
    assert f"chmod 600 {tmp_path / 'evenhand.key'}" in await refusal(sql)


async def test_a_database_from_a_newer_version_is_refused_and_left_alone(
    sql: SqlDatabase, tmp_path: Path
) -> None:
    await opened(sql)
    with sqlite3.connect(tmp_path / "evenhand.sqlite3") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    said = await refusal(sql)
    assert "newer version" in said
    assert "evenhand.sqlite3" in said


async def test_a_database_of_another_program_is_refused_and_left_alone(
    sql: SqlDatabase, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "evenhand.sqlite3") as raw:
        raw.execute("CREATE TABLE songs (title TEXT)")
    assert "another program" in await refusal(sql)
    assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]
    raw.close()


async def test_a_file_that_is_no_database_is_refused(sql: SqlDatabase, tmp_path: Path) -> None:
    (tmp_path / "evenhand.sqlite3").write_bytes(b"not a database at all " * 100)
    assert "file is not a database" in await refusal(sql)


async def test_a_path_under_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = await refusal(SqlDatabase(path=tmp_path / "file" / "db", key_file=tmp_path / "key"))
    assert "storage.path" in said


async def test_a_folder_that_cannot_be_written_is_refused(locked_folder: Path) -> None:
    said = await refusal(SqlDatabase(path=locked_folder / "db", key_file=locked_folder / "key"))
    assert str(locked_folder / "db") in said
    assert "writable" in said


async def test_a_read_only_file_is_refused(locked_folder: Path) -> None:
    said = await refusal(SqlDatabase(path=locked_folder / "old", key_file=locked_folder / "key"))
    assert str(locked_folder / "old") in said
    assert "cannot be written" in said


async def test_a_key_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = await refusal(SqlDatabase(path=tmp_path / "db", key_file=tmp_path / "file" / "key"))
    assert "key" in said
    assert "storage.key" in said


async def test_two_first_runs_at_once_agree_on_one_key(tmp_path: Path) -> None:
    def another() -> SqlDatabase:
        return SqlDatabase(path=tmp_path / "db", key_file=tmp_path / "key")

    # Switching a new file to its log cannot wait, so one of the two may be told that the file is locked.
    ends = await asyncio.gather(opened(another()), opened(another()), return_exceptions=True)
    assert None in ends
    assert all(end is None or isinstance(end, StorageError) for end in ends)
    await asyncio.gather(opened(another()), opened(another()))


async def test_connections_use_the_log_and_check_references(sql: SqlDatabase, tmp_path: Path) -> None:
    await opened(sql)
    connections = Connections(tmp_path / "evenhand.sqlite3")
    found = {}
    async with connections.read() as connection:
        for pragma in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout", "secure_delete"):
            found[pragma] = (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one()
    await connections.close()
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }


def test_the_migrations_make_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'db'}")
    with engine.begin() as connection:
        migrate(connection)
        migrate(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_fresh_table_equals_a_migrated_one(tmp_path: Path) -> None:
    shapes = []
    for name, make in (("migrated", migrate), ("created", metadata.create_all)):
        engine = create_engine(f"sqlite:///{tmp_path / name}")
        with engine.begin() as connection:
            make(connection)
            query = text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' ORDER BY name")
            shapes.append({row.name: _canonical(row.sql or "") for row in connection.execute(query)})
        engine.dispose()
    assert shapes[0] == shapes[1]


def _canonical(statement: str) -> list[str]:
    """Return the lines of a CREATE statement, without the order of constraints and of columns."""
    return sorted(line.strip().rstrip(", ") for line in statement.splitlines())


async def test_a_key_file_that_cannot_be_read_is_refused(sql: SqlDatabase, tmp_path: Path) -> None:
    (tmp_path / "evenhand.key").mkdir()
    assert "storage.key_file" in await refusal(sql)
