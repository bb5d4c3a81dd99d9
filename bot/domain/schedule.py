"""When a weekly digest is due, in the server's own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class DigestSchedule:
    """A weekday (0 is Monday), an hour and an IANA time zone."""

    weekday: int = 0
    hour: int = 9
    zone: str = "UTC"

    def last_due(self, now: datetime) -> datetime:
        """Return the latest due moment not after `now`, in UTC.

        The hour is a wall-clock hour: across a change of clocks the digest stays at the same local time. An
        hour that does not exist that day is taken at the instant the clocks skip to; one that exists twice
        is taken the first time.
        """
        zone = ZoneInfo(self.zone)
        local = now.astimezone(zone)
        day = local.date() - timedelta(days=(local.weekday() - self.weekday) % 7)
        due = self._at(day.year, day.month, day.day, zone)
        if due > now:
            day -= timedelta(days=7)
            due = self._at(day.year, day.month, day.day, zone)
        return due

    def next_due(self, now: datetime) -> datetime:
        """Return the first due moment after `now`, in UTC."""
        last = self.last_due(now).astimezone(ZoneInfo(self.zone)).date() + timedelta(days=7)
        return self._at(last.year, last.month, last.day, ZoneInfo(self.zone))

    def _at(self, year: int, month: int, day: int, zone: ZoneInfo) -> datetime:
        return datetime(year, month, day, self.hour, tzinfo=zone).astimezone(UTC)
