"""Bring a database to the newest version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect


class NewerVersionError(Exception):
    """The database was migrated by a newer version of the program."""


class ForeignDatabaseError(Exception):
    """The file is a database of another program."""


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, in the caller's transaction; none on an up-to-date database.

    Raise `NewerVersionError` or `ForeignDatabaseError` before anything is changed.
    """
    config = migrations_config()
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    present = set(MigrationContext.configure(connection).get_current_heads())
    if not present <= known:
        raise NewerVersionError
    if not present and inspect(connection).get_table_names():
        raise ForeignDatabaseError
    if present == set(script.get_heads()):
        return
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrations_config() -> Config:
    """Return Alembic's configuration; it needs no file."""
    config = Config()
    # Alembic reads its options with %-interpolation, so a path's own % signs are doubled.
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    return config
