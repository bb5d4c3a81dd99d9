"""What moderators choose for their server at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.schedule import DigestSchedule
from classifiers.contract import Sensitivity


@dataclass(frozen=True, slots=True)
class Preferences:
    """One server's choices; a new server is in dry run with nothing watched and no moderators' channel (0).

    `alert_budget` is new cards per hour, `retention_days` how long message text is kept, and
    `group_minutes` how long one author's flags extend one card. `watching_since` is when the first
    channel was put under watch, `digest_changed_at` when the digest's time was last chosen (None: never).
    """

    guild_id: int
    watched_channel_ids: frozenset[int] = frozenset()
    mod_channel_id: int = 0
    sensitivity: Sensitivity = Sensitivity.BALANCED
    is_dry_run: bool = True
    exempt_role_ids: frozenset[int] = frozenset()
    exempt_channel_ids: frozenset[int] = frozenset()
    alert_budget: int = 20
    group_minutes: int = 10
    ping_role_id: int = 0
    is_delete_offered: bool = False
    retention_days: int = 30
    watching_since: datetime | None = None
    watched_since: Mapping[int, datetime] = field(default_factory=dict)
    digest: DigestSchedule = field(default_factory=DigestSchedule)
    digest_changed_at: datetime | None = None

    def watches(self, channel_id: int, parent_channel_id: int = 0) -> bool:
        """Say whether a channel, or the channel that holds the thread, is watched."""
        return channel_id in self.watched_channel_ids or parent_channel_id in self.watched_channel_ids

    def watched_from(self, channel_id: int, parent_channel_id: int = 0) -> datetime | None:
        """Return since when a channel or thread is watched, the earlier of its own time and its parent's.

        None when it is not watched, or when nobody noted the time.
        """
        watched = {channel_id, parent_channel_id} & self.watched_channel_ids
        if not watched <= self.watched_since.keys():
            return None
        return min((self.watched_since[i] for i in watched), default=None)
