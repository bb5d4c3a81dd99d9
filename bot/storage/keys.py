"""Where the key comes from: the environment, or a file that only the bot can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bot.ports import StorageError
from bot.storage.crypto import key_bytes, new_key

OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""Permission bits that nobody but the owner may have on a key."""


class KeySource:
    """Give the key of one database; a key handed in wins over the file."""

    def __init__(self, *, file: Path, key: str) -> None:
        self._file = file
        self._key = key

    @property
    def origin(self) -> str:
        """Name where the key comes from, for messages."""
        return "the key in storage.key" if self._key else f"key file {self._file}"

    def read(self) -> bytes | None:
        """Return the key, None when there is no key file yet; raise `StorageError` for an unusable key."""
        text = self._key or self._read_file()
        if text is None:
            return None
        try:
            return key_bytes(text)
        except ValueError as error:
            raise StorageError(
                f"{self.origin} holds no key ({error}); put back the key this database was made with"
            ) from error

    def make(self) -> bytes:
        """Make the key file with mode 0600, whole or not at all, and return its key."""
        text = new_key()
        partial = self._file.with_name(self._file.name + ".part")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(text + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(self._file)
        except OSError as error:
            raise StorageError(
                f"{self.origin} cannot be made ({error.strerror}); make its folder writable or"
                " set storage.key"
            ) from error
        return key_bytes(text)

    def _read_file(self) -> str | None:
        try:
            mode = self._file.stat().st_mode
            text = self._file.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(
                f"{self.origin} cannot be read ({error}); check storage.key_file and its permissions"
            ) from error
        if os.name == "posix" and mode & OTHERS:
            raise StorageError(f"{self.origin} can be read by others; run: chmod 600 {self._file}")
        return text
