"""Turn cases, sightings and verdicts into encrypted rows and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping

from bot.domain.cases import Case, CaseState, ContextSummary, Ruling, Sighting, Verdict
from bot.storage import codecs
from bot.storage.crypto import Cipher, Place

Cell = int | str | bytes | datetime | None
"""What a column takes."""


class Rows:
    """Write and read rows; words, names, flags and embeddings are encrypted, each for its own place."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def of_sighting(self, sighting: Sighting) -> dict[str, Cell]:
        """Return the columns of a sighting but for its case and position; what is empty becomes NULL."""
        row = str(sighting.message_id)
        texts = codecs.pack_texts(sighting.texts) if sighting.texts else b""
        embedding = codecs.pack_embedding(sighting.embedding)
        return {
            "message_id": sighting.message_id,
            "channel_id": sighting.channel_id,
            "author_id": sighting.author_id,
            "author_name": self._seal(sighting.author_name.encode(), Place("sightings", "author_name", row)),
            "at": sighting.at,
            "texts": self._seal(texts, Place("sightings", "texts", row)),
            "flag": self._seal(codecs.pack_flag(sighting.flag), Place("sightings", "flag", row)),
            "embedding": self._seal(embedding, Place("sightings", "embedding", row)),
            "deleted_at": sighting.deleted_at,
        }

    def sighting(self, row: RowMapping) -> Sighting:
        """Read a sighting; what was forgotten comes back empty."""
        key = str(row["message_id"])
        texts = self._open(row["texts"], Place("sightings", "texts", key))
        return Sighting(
            message_id=row["message_id"],
            channel_id=row["channel_id"],
            author_id=row["author_id"],
            author_name=self._open(row["author_name"], Place("sightings", "author_name", key)).decode(),
            at=row["at"],
            texts=codecs.unpack_texts(texts) if texts else (),
            flag=codecs.unpack_flag(self._open(row["flag"], Place("sightings", "flag", key))),
            embedding=codecs.unpack_embedding(
                self._open(row["embedding"], Place("sightings", "embedding", key))
            ),
            deleted_at=row["deleted_at"],
        )

    def of_verdict(self, case_id: int, position: int, verdict: Verdict) -> dict[str, Cell]:
        """Return the columns of a case's verdict; `position` counts from 0."""
        place = Place("verdicts", "reason", f"{case_id}.{position}")
        return {
            "case_id": case_id,
            "position": position,
            "ruling": verdict.ruling,
            "moderator_id": verdict.moderator_id,
            "at": verdict.at,
            "reason": self._seal(verdict.reason.encode(), place),
        }

    def verdict(self, row: RowMapping) -> Verdict:
        """Read a verdict."""
        place = Place("verdicts", "reason", f"{row['case_id']}.{row['position']}")
        return Verdict(
            ruling=Ruling(row["ruling"]),
            moderator_id=row["moderator_id"],
            at=row["at"],
            reason=self._open(row["reason"], place).decode(),
        )

    def of_summary(self, case_id: int, summary: ContextSummary) -> bytes | None:
        """Return the stored form of a case's summary."""
        return self._seal(codecs.pack_summary(summary), Place("cases", "summary", str(case_id)))

    def summary(self, row: RowMapping) -> ContextSummary | None:
        """Read the summary of a case's row, None where none was saved."""
        packed = self._open(row["summary"], Place("cases", "summary", str(row["id"])))
        return codecs.unpack_summary(packed) if packed else None

    def case(self, row: RowMapping, sightings: Sequence[Sighting], verdicts: Sequence[Verdict]) -> Case:
        """Put a case together from its row and what belongs to it."""
        return Case(
            id=row["id"],
            guild_id=row["guild_id"],
            number=row["number"],
            opened_at=row["opened_at"],
            sightings=tuple(sightings),
            state=CaseState(row["state"]),
            verdicts=tuple(verdicts),
            summary=self.summary(row),
            is_spilled=row["is_spilled"],
            is_dry_run=row["is_dry_run"],
            is_automod_marked=row["is_automod_marked"],
            card_channel_id=row["card_channel_id"],
            card_message_id=row["card_message_id"],
        )

    def _seal(self, plain: bytes, place: Place) -> bytes | None:
        return self._cipher.encrypt(plain, place) if plain else None

    def _open(self, stored: bytes | None, place: Place) -> bytes:
        return self._cipher.decrypt(stored, place) if stored is not None else b""
