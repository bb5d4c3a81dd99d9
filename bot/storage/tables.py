"""The tables of the database; columns of `LargeBinary` hold ciphertext only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored as whole microseconds since 1970 in UTC; naive times raise `ValueError`."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware time of any zone into microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn microseconds into an aware UTC time."""
        return None if value is None else EPOCH + value * MICROSECOND


RowId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is spelled INTEGER."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("choices", Text, nullable=False),
)

screenings = Table(
    "screenings",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("posted_at", UtcTime, nullable=False),
    Column("screened_at", UtcTime, nullable=False),
    Column("score", Float),
    Column("is_flagged", Boolean, nullable=False),
    Column("skipped", String(20)),
    Index("ix_screenings_coverage", "guild_id", "posted_at"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("score", Float, nullable=False),
    Column("summary", LargeBinary),
    Column("is_spilled", Boolean, nullable=False),
    Column("is_dry_run", Boolean, nullable=False),
    Column("is_automod_marked", Boolean, nullable=False),
    Column("card_channel_id", BigInteger, nullable=False),
    Column("card_message_id", BigInteger, nullable=False),
    UniqueConstraint("guild_id", "number"),
    Index("ix_cases_opened", "guild_id", "opened_at"),
    Index("ix_cases_recent", "guild_id", "state", "last_seen_at"),
    sqlite_autoincrement=True,
)
Index("ix_cases_queue", cases.c.guild_id, cases.c.state, cases.c.score.desc(), cases.c.opened_at)

sightings = Table(
    "sightings",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", ForeignKey(cases.c.id, ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("author_name", LargeBinary),
    Column("at", UtcTime, nullable=False),
    Column("texts", LargeBinary),
    Column("flag", LargeBinary, nullable=False),
    Column("embedding", LargeBinary),
    Column("deleted_at", UtcTime),
    UniqueConstraint("case_id", "position"),
    Index("ix_sightings_author", "author_id"),
    Index("ix_sightings_at", "at"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("case_id", ForeignKey(cases.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("ruling", String(20), nullable=False),
    Column("moderator_id", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", LargeBinary),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("case_id", ForeignKey(cases.c.id, ondelete="CASCADE")),
    Column("revision", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("is_said", Boolean, nullable=False),
    Column("since", UtcTime),
    Column("until", UtcTime),
    UniqueConstraint("guild_id", "kind", "since", "until"),
    Index("ix_outbox_due", "is_said", "due_at"),
    Index("ix_outbox_case", "case_id"),
    sqlite_autoincrement=True,
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Index("ix_watermarks_guild", "guild_id"),
)
