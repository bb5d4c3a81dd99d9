"""What can be read in the files without the key: nothing that a member wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.domain.cases import ContextSummary
from bot.domain.posts import Quote
from bot.storage import codecs
from bot.storage.crypto import Cipher, DecryptionError, Place, key_bytes, new_key
from bot.storage.database import SqlDatabase
from bot.storage.engine import Connections
from bot.storage.tables import sightings
from tests.factories import GUILD, NOW, a_flag, a_screening, a_sighting, a_verdict

PLACE = Place("sightings", "texts", "1")
SECRETS = ("quixotic words", "Dulcinea", "windmill quote", "Sancho", "because of the giants", "earlier words")


@pytest.fixture
def cipher() -> Cipher:
    """Return a cipher with a fresh key."""
    return Cipher(key_bytes(new_key()))


async def test_no_word_and_no_name_is_on_disk(sql: SqlDatabase, tmp_path: Path) -> None:
    embedding = (0.123, 0.456, -0.789, 0.321)
    seen = a_sighting(
        texts=("earlier words", "quixotic words"),
        author_name="Dulcinea",
        flag=a_flag(quote="windmill quote", seed_text="windmill quote"),
        embedding=embedding,
    )
    async with sql.open() as stores:
        case = await stores.cases.open_case(a_screening(seen), seen, is_dry_run=False, is_spilled=False)
        assert case
        await stores.cases.save_summary(
            case.id,
            ContextSummary(before=(Quote("Sancho", "quixotic words", NOW),), quoted_words="earlier words"),
        )
        await stores.cases.add_verdict(GUILD, 1, a_verdict(reason="because of the giants"))
        written = await stores.cases.get(GUILD, 1)
        assert written.first.texts == ("earlier words", "quixotic words")
        _nothing_readable(tmp_path, embedding)
    _nothing_readable(tmp_path, embedding)


async def test_forgotten_words_leave_no_ciphertext_behind(sql: SqlDatabase, tmp_path: Path) -> None:
    database = tmp_path / "evenhand.sqlite3"
    async with sql.open() as stores:
        await stores.cases.open_case(a_screening(), a_sighting(), is_dry_run=False, is_spilled=False)
    connections = Connections(database)
    async with connections.read() as connection:
        sealed = (await connection.execute(select(sightings.c.texts))).scalar_one()
    await connections.close()
    assert sealed in database.read_bytes()
    async with sql.open() as stores:
        await stores.cases.forget_texts(GUILD, NOW.replace(year=2030))
    assert sealed not in _everything_in(tmp_path)


async def test_a_text_moved_to_another_row_does_not_decrypt(sql: SqlDatabase, tmp_path: Path) -> None:
    async with sql.open() as stores:
        for minute in (0, 1):
            seen = a_sighting(minute)
            await stores.cases.open_case(a_screening(seen), seen, is_dry_run=False, is_spilled=False)
        connections = Connections(tmp_path / "evenhand.sqlite3")
        async with connections.write() as connection:
            first = select(sightings.c.texts).where(sightings.c.message_id == a_sighting(0).message_id)
            stolen = (await connection.execute(first)).scalar_one()
            await connection.execute(update(sightings).values(texts=stolen))
        await connections.close()
        assert (await stores.cases.get(GUILD, 1)).first.text
        with pytest.raises(DecryptionError):
            await stores.cases.get(GUILD, 2)


def test_the_same_words_look_different_each_time(cipher: Cipher) -> None:
    assert cipher.encrypt(b"words", PLACE) != cipher.encrypt(b"words", PLACE)


def test_changed_bytes_do_not_decrypt(cipher: Cipher) -> None:
    stored = bytearray(cipher.encrypt(b"words", PLACE))
    assert cipher.decrypt(bytes(stored), PLACE) == b"words"
    stored[-1] ^= 1
    with pytest.raises(DecryptionError):
        cipher.decrypt(bytes(stored), PLACE)
    with pytest.raises(DecryptionError):
        cipher.decrypt(b"", PLACE)


@pytest.mark.parametrize("column", ["flag", "author_name"])
def test_bytes_of_another_column_do_not_decrypt(cipher: Cipher, column: str) -> None:
    stored = cipher.encrypt(b"words", PLACE)
    with pytest.raises(DecryptionError):
        cipher.decrypt(stored, Place("sightings", column, "1"))


def test_another_key_does_not_decrypt(cipher: Cipher) -> None:
    with pytest.raises(DecryptionError, match="another key"):
        Cipher(key_bytes(new_key())).decrypt(cipher.encrypt(b"words", PLACE), PLACE)


def test_an_embedding_keeps_its_direction() -> None:
    embedding = tuple(((n * 37) % 101 - 50) / 500 for n in range(384))
    packed = codecs.pack_embedding(embedding)
    assert len(packed) == 768
    assert codecs.unpack_embedding(packed) == pytest.approx(embedding, abs=1e-4)


def _nothing_readable(folder: Path, embedding: tuple[float, ...]) -> None:
    content = _everything_in(folder)
    assert [word for word in SECRETS if word.encode() in content] == []
    assert codecs.pack_embedding(embedding) not in content


def _everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.suffix != ".key")
