"""Open the one database: migrate it, check that the key opens it, hand out its stores."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import StorageError, Stores
from bot.storage.cases import SqlCaseStore
from bot.storage.crypto import Cipher, DecryptionError, Place
from bot.storage.engine import Connections
from bot.storage.keys import KeySource
from bot.storage.migrate import ForeignDatabaseError, NewerVersionError, migrate
from bot.storage.outbox import SqlOutbox
from bot.storage.preferences import SqlPreferenceStore
from bot.storage.rows import Rows
from bot.storage.tables import meta
from bot.storage.watermarks import SqlWatermarkStore

KEY_CHECK = "key_check"
KEY_CHECK_WORDS = b"evenhand"
KEY_CHECK_PLACE = Place("meta", "content", KEY_CHECK)


class SqlDatabase:
    """A SQLite file and the key to what is encrypted in it; `key` wins over `key_file`."""

    def __init__(self, *, path: Path, key_file: Path, key: str = "") -> None:
        self._path = path
        self._keys = KeySource(file=key_file, key=key)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stores]:
        """Open the stores, making file, folder and key on the first run; raise `StorageError`."""
        self._make_file()
        connections = Connections(self._path)
        try:
            yield _stores(connections, await self._prepare(connections))
        finally:
            await connections.close()

    def _make_file(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StorageError(
                f"database {self._path} cannot be written ({error.strerror}); make its folder and the file"
                " writable for this user, or set storage.path"
            ) from error

    async def _prepare(self, connections: Connections) -> Cipher:
        try:
            async with connections.write() as connection:
                await connection.run_sync(migrate)
                return await self._checked_cipher(connection)
        except NewerVersionError as error:
            raise StorageError(
                f"database {self._path} is from a newer version of evenhand; install that version,"
                " or put back a backup"
            ) from error
        except ForeignDatabaseError as error:
            raise StorageError(
                f"database {self._path} belongs to another program; set storage.path to another file"
            ) from error
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or type(error).__name__
            raise StorageError(
                f"database {self._path} cannot be used ({cause}); check that its folder is writable and the"
                " disk has room, or put back a backup"
            ) from error

    async def _checked_cipher(self, connection: AsyncConnection) -> Cipher:
        query = select(meta.c.content).where(meta.c.name == KEY_CHECK)
        check = (await connection.execute(query)).scalar_one_or_none()
        key = self._keys.read()
        if check is None:
            cipher = Cipher(key or self._keys.make())
            sealed = cipher.encrypt(KEY_CHECK_WORDS, KEY_CHECK_PLACE)
            await connection.execute(insert(meta).values(name=KEY_CHECK, content=sealed))
            return cipher
        if key is None:
            raise StorageError(
                f"{self._keys.origin} is missing; put back the one that database {self._path} was made with"
            )
        cipher = Cipher(key)
        try:
            cipher.decrypt(check, KEY_CHECK_PLACE)
        except DecryptionError as error:
            raise StorageError(
                f"{self._keys.origin} does not open database {self._path}; put back the key it was made with"
            ) from error
        return cipher


def _stores(connections: Connections, cipher: Cipher) -> Stores:
    return Stores(
        preferences=SqlPreferenceStore(connections=connections),
        cases=SqlCaseStore(connections=connections, rows=Rows(cipher)),
        outbox=SqlOutbox(connections=connections),
        watermarks=SqlWatermarkStore(connections=connections),
    )
