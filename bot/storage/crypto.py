"""Encrypt what members wrote, bound to the place it is stored at."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
"""AES-256."""

NONCE_BYTES = 12
"""The nonce length that NIST SP 800-38D recommends for GCM."""

KEY_ID_BYTES = 4
"""Enough of the key's SHA-256 to tell keys apart, so that keys can be rotated later."""

FORMAT = b"\x01"


class DecryptionError(Exception):
    """A stored value was not written with this key, or not at this place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is stored; a value copied to another row or column does not decrypt there."""

    table: str
    column: str
    row: str

    @property
    def associated(self) -> bytes:
        """Return the bytes that a ciphertext is bound to."""
        return f"{self.table}.{self.column}:{self.row}".encode()


class Cipher:
    """AES-256-GCM; a stored value is format (1 byte), key id (4), nonce (12), ciphertext with tag."""

    def __init__(self, key: bytes) -> None:
        self._gcm = AESGCM(key)
        self._head = FORMAT + hashlib.sha256(key).digest()[:KEY_ID_BYTES]

    def encrypt(self, plain: bytes, place: Place) -> bytes:
        """Encrypt bytes for one place, with a fresh nonce each time."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._head + nonce + self._gcm.encrypt(nonce, plain, place.associated)

    def decrypt(self, stored: bytes, place: Place) -> bytes:
        """Return the bytes that were encrypted for this place; raise `DecryptionError`."""
        head = len(self._head)
        if stored[:head] != self._head:
            raise DecryptionError(f"{place.table}.{place.column} was encrypted with another key")
        nonce, sealed = stored[head : head + NONCE_BYTES], stored[head + NONCE_BYTES :]
        try:
            return self._gcm.decrypt(nonce, sealed, place.associated)
        except InvalidTag as error:
            raise DecryptionError(f"{place.table}.{place.column} is damaged or was moved") from error


def new_key() -> str:
    """Make a key: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_bytes(text: str) -> bytes:
    """Return the 32 bytes of a key written in URL-safe base64; raise `ValueError` for anything else."""
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{len(key)} bytes instead of {KEY_BYTES}")
    return key
