"""When a digest is due: local time, across changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedule import DigestSchedule

WEEK = timedelta(days=7)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "America/St_Johns",
)

schedules = st.builds(
    DigestSchedule,
    weekday=st.integers(0, 6),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_the_due_moment_itself_counts_as_due() -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    schedule = DigestSchedule(weekday=0, hour=9)
    assert schedule.last_due(monday) == monday
    assert schedule.last_due(monday - timedelta(microseconds=1)) == monday - WEEK
    assert schedule.next_due(monday) == monday + WEEK


@pytest.mark.parametrize(
    ("zone", "sunday", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC), 167),
        ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC), 169),
        ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC), 167),
        ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC), 169),
    ],
)
def test_the_local_hour_stays_when_the_clocks_change(zone: str, sunday: datetime, hours: int) -> None:
    schedule = DigestSchedule(weekday=0, hour=9, zone=zone)
    after = schedule.next_due(sunday)
    assert after - schedule.last_due(sunday) == timedelta(hours=hours)
    assert after.astimezone(ZoneInfo(zone)).hour == 9


def test_an_hour_that_is_skipped_is_taken_where_the_clocks_skip_to() -> None:
    schedule = DigestSchedule(weekday=6, hour=2, zone="Europe/Berlin")
    due = schedule.last_due(datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert due == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert due.astimezone(ZoneInfo("Europe/Berlin")).hour == 3


def test_an_hour_that_comes_twice_is_taken_the_first_time() -> None:
    schedule = DigestSchedule(weekday=6, hour=2, zone="Europe/Berlin")
    assert schedule.last_due(datetime(2026, 10, 25, 12, tzinfo=UTC)) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    between = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert schedule.last_due(between) == datetime(2026, 10, 25, 0, tzinfo=UTC)


@given(schedules, moments)
def test_now_lies_between_the_last_and_the_next(schedule: DigestSchedule, now: datetime) -> None:
    last, following = schedule.last_due(now), schedule.next_due(now)
    assert last <= now < following
    assert abs(following - last - WEEK) <= timedelta(hours=1)
    assert last.tzinfo is UTC


@given(schedules, moments)
def test_due_moments_follow_one_another(schedule: DigestSchedule, now: datetime) -> None:
    following = schedule.next_due(now)
    assert schedule.last_due(following) == following
    assert schedule.last_due(following - timedelta(microseconds=1)) == schedule.last_due(now)


@given(schedules, moments)
def test_the_due_moment_is_on_the_chosen_weekday(schedule: DigestSchedule, now: datetime) -> None:
    local = schedule.last_due(now).astimezone(ZoneInfo(schedule.zone))
    assert local.weekday() == schedule.weekday
    assert local.hour in (schedule.hour, schedule.hour + 1)
