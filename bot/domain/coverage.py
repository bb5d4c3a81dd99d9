"""How much of what was posted was screened, and why the rest was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.policy import SkipReason


@dataclass(frozen=True, slots=True)
class ScreeningRecord:
    """That one version of one message was handled; unique by message and version, and it holds no words.

    `score` is None when the message was skipped. No author is stored: coverage counts messages, not people.
    """

    message_id: int
    version: int
    guild_id: int
    channel_id: int
    posted_at: datetime
    screened_at: datetime
    score: float | None = None
    is_flagged: bool = False
    skipped: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Messages screened out of messages posted, with the skipped counted by reason."""

    screened: int = 0
    flagged: int = 0
    skipped: Mapping[SkipReason, int] = field(default_factory=dict)
    last_screened_at: datetime | None = None

    @property
    def posted(self) -> int:
        """Count everything seen in watched channels."""
        return self.screened + sum(self.skipped.values())
