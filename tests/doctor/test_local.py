"""Checks of this machine: each says what is wrong and what to do, and changes nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.doctor import report, run_doctor
from bot.doctor.findings import Level, fail, ok
from bot.doctor.local import check_database, check_folder, check_model, check_names
from bot.domain.preferences import Preferences
from bot.storage.database import SqlDatabase
from config.schema import ClassifierSettings, Settings, StorageSettings


@pytest.fixture
def storage(tmp_path: Path) -> StorageSettings:
    """Return a place for a database that is not there yet."""
    return StorageSettings(path=tmp_path / "data/bot.sqlite3", key_file=tmp_path / "data/bot.key")


def _database(storage: StorageSettings) -> SqlDatabase:
    return SqlDatabase(path=storage.path, key_file=storage.key_file, key=storage.key.get_secret_value())


def test_a_misspelt_variable_is_a_warning() -> None:
    (finding,) = check_names({"DISCORD_BOT_TOKEN": "DISCORD_TOKEN"})
    assert finding.level is Level.WARN
    assert "did you mean DISCORD_TOKEN?" in finding.message


async def test_a_folder_that_can_be_written_is_fine(storage: StorageSettings) -> None:
    storage.path.parent.mkdir()
    assert (await check_folder(storage)).level is Level.OK
    assert list(storage.path.parent.iterdir()) == []


async def test_a_folder_still_to_be_made_is_fine_and_not_made(storage: StorageSettings) -> None:
    assert (await check_folder(storage)).level is Level.OK
    assert not storage.path.parent.exists()


async def test_a_folder_that_cannot_be_made_fails_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = await check_folder(StorageSettings(path=tmp_path / "file" / "data" / "bot.sqlite3"))
    assert finding.level is Level.FAIL
    assert "set storage.path" in finding.message


async def test_a_database_still_to_be_made_is_fine_and_not_made(storage: StorageSettings) -> None:
    finding, preferences = await check_database(storage, _database(storage))
    assert (finding.level, preferences) == (Level.OK, [])
    assert not storage.path.exists()


async def test_a_database_that_opens_tells_its_servers(storage: StorageSettings) -> None:
    async with _database(storage).open() as stores:
        await stores.preferences.save(Preferences(guild_id=5))
    finding, preferences = await check_database(storage, _database(storage))
    assert finding.level is Level.OK
    assert [p.guild_id for p in preferences] == [5]


async def test_a_wrong_key_fails_and_is_not_shown(storage: StorageSettings) -> None:
    async with _database(storage).open():
        pass
    key = storage.key_file.read_text(encoding="ascii").strip()
    wrong = key[:-2] + ("A" if key[-2] != "A" else "B") + key[-1]
    changed = storage.model_copy(update={"key": SecretStr(wrong)})
    finding, _ = await check_database(changed, _database(changed))
    assert finding.level is Level.FAIL
    assert wrong not in finding.message


async def test_weights_that_are_not_there_fail_with_the_folder_named(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    finding = await check_model(ClassifierSettings(weights=tmp_path / "weights", seeds=seeds))
    assert finding.level is Level.FAIL
    assert str(tmp_path) in finding.message


async def test_the_doctor_ends_with_two_when_something_fails(
    storage: StorageSettings, tmp_path: Path
) -> None:
    output = io.StringIO()
    settings = Settings(storage=storage, classifier=ClassifierSettings(weights=tmp_path, seeds=tmp_path))
    assert await run_doctor(settings, Console(file=output)) == 2
    lines = output.getvalue().splitlines()
    assert any(line.startswith("ok: data folder: ") for line in lines)
    assert any(line.startswith("fail: model: ") for line in lines)
    assert any(line.startswith("fail: token: no token is set") for line in lines)


def test_a_terminal_gets_a_table_and_brackets_stay() -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=100)
    report.show([ok("token", "fine"), fail("settings", "[log] is no section")], console)
    assert "✓" in output.getvalue()
    assert "[log] is no section" in output.getvalue()
