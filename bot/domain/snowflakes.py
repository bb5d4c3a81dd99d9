"""Discord's ids carry the time they were made at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""Discord's epoch; an id's upper bits count milliseconds since then (Discord API reference, "Snowflakes")."""


def snowflake(at: datetime) -> int:
    """Return the smallest id that a message posted at `at` can have."""
    return int((at - EPOCH) / timedelta(milliseconds=1)) << 22
