"""Make the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table of version 0001."""
    _settings_tables()
    _screenings()
    _cases()
    _sightings()
    _verdicts()
    _outbox()


def downgrade() -> None:
    """Refuse: going back would lose every case; restore a backup instead."""
    raise NotImplementedError


def _settings_tables() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "preferences",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_preferences"),
    )
    op.create_table(
        "watermarks",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name="pk_watermarks"),
    )
    op.create_index("ix_watermarks_guild", "watermarks", ["guild_id"])


def _screenings() -> None:
    op.create_table(
        "screenings",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("screened_at", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("skipped", sa.String(20)),
        sa.PrimaryKeyConstraint("message_id", "version", name="pk_screenings"),
    )
    op.create_index("ix_screenings_coverage", "screenings", ["guild_id", "posted_at"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("summary", sa.LargeBinary()),
        sa.Column("is_spilled", sa.Boolean(), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("is_automod_marked", sa.Boolean(), nullable=False),
        sa.Column("card_channel_id", sa.BigInteger(), nullable=False),
        sa.Column("card_message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("guild_id", "number", name="uq_cases_guild_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_opened", "cases", ["guild_id", "opened_at"])
    op.create_index("ix_cases_recent", "cases", ["guild_id", "state", "last_seen_at"])
    op.create_index("ix_cases_queue", "cases", ["guild_id", "state", sa.text("score DESC"), "opened_at"])


def _sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("author_name", sa.LargeBinary()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("texts", sa.LargeBinary()),
        sa.Column("flag", sa.LargeBinary(), nullable=False),
        sa.Column("embedding", sa.LargeBinary()),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("message_id", name="pk_sightings"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_sightings_case_id_cases", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("case_id", "position", name="uq_sightings_case_id_position"),
    )
    op.create_index("ix_sightings_author", "sightings", ["author_id"])
    op.create_index("ix_sightings_at", "sightings", ["at"])


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("case_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ruling", sa.String(20), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("case_id", "position", name="pk_verdicts"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_verdicts_case_id_cases", ondelete="CASCADE"
        ),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("case_id", ROW_ID),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("is_said", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger()),
        sa.Column("until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_outbox_case_id_cases", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("guild_id", "kind", "since", "until", name="uq_outbox_guild_id_kind_since_until"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_due", "outbox", ["is_said", "due_at"])
    op.create_index("ix_outbox_case", "outbox", ["case_id"])
