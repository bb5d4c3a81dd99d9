"""Check what is on this machine: variables, data folder, database, model."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.doctor.findings import Finding, fail, ok, warn
from bot.doctor.start_errors import translate_start_error
from bot.domain.preferences import Preferences
from bot.ports import Database
from classifiers.contract import ClassifierError
from config.schema import ClassifierSettings, StorageSettings


def check_names(misspelt: Mapping[str, str]) -> list[Finding]:
    """Point out variables that look like a setting and are none."""
    return [
        warn("environment", f"{name} is not a setting and is ignored: did you mean {likely}?")
        for name, likely in misspelt.items()
    ]


async def check_folder(storage: StorageSettings) -> Finding:
    """Check that the data folder can be written, by writing; one that is not there yet is not made."""
    folder = storage.path.parent
    try:
        await asyncio.to_thread(_write_something, folder)
    except OSError as error:
        cause = error.strerror or type(error).__name__
        return fail(
            "data folder",
            f"{folder} cannot be written ({cause}): make it writable for this user or set storage.path",
        )
    return ok("data folder", f"{folder} can be written")


async def check_database(storage: StorageSettings, database: Database) -> tuple[Finding, list[Preferences]]:
    """Open the database with its key and return every server's preferences too; a new one is not made."""
    if not storage.path.exists():
        return ok("database", f"{storage.path} will be made at the first start"), []
    try:
        async with database.open() as stores:
            preferences = await stores.preferences.all()
    except Exception as error:
        return fail("database", translate_start_error(error)), []
    return ok(
        "database", f"{storage.path} opens with its key, {len(preferences)} server(s) set up"
    ), preferences


async def check_model(settings: ClassifierSettings) -> Finding:
    """Load the model as the bot would, hashes checked (takes some seconds)."""
    try:
        name = await asyncio.to_thread(_load, settings)
    except ClassifierError as error:
        return fail("model", str(error))
    except Exception as error:
        return fail("model", translate_start_error(error))
    return ok("model", f"{name} loads, its files are the ones that were shipped")


def _write_something(folder: Path) -> None:
    if folder.is_dir():
        with tempfile.TemporaryFile(dir=folder):
            return
    above = next(p for p in folder.parents if p.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(13, f"{above} is not a folder that can be written")


def _load(settings: ClassifierSettings) -> str:
    from classifiers.factory import build_engine

    engine = build_engine(
        encoder=settings.encoder, weights=settings.weights, seeds=settings.seeds, device=settings.device
    )
    return engine.info.model_id
