"""The digest: what it counts, and when it comes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cases import Ruling
from bot.domain.digests import TechniqueTally
from bot.domain.policy import SkipReason
from bot.domain.schedule import DigestSchedule
from bot.services.digests import CHECK_SECONDS, DigestScheduler
from classifiers.taxonomy import Technique
from tests.factories import GUILD, NOW, a_flag, a_screening, a_sighting, a_verdict
from tests.services.conftest import Bench, everybody_waits

DAY = timedelta(days=1)
WEEK = 7 * DAY
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def opened(bench: Bench, minute: int, technique: Technique, *, spilled: bool = False) -> None:
    seen = a_sighting(minute, flag=a_flag(0.7 + minute % 7 / 100, technique))
    await bench.stores.cases.open_case(a_screening(seen), seen, is_dry_run=False, is_spilled=spilled)


async def test_a_digest_counts_the_week_by_technique_and_verdict(bench: Bench) -> None:
    await bench.choose()
    for minute in range(3):
        await opened(bench, minute, Technique.WHATABOUTISM)
    await opened(bench, 3, Technique.DOUBT, spilled=True)
    joined = a_sighting(4)
    await bench.stores.cases.extend_case(a_screening(joined), 1, joined)
    await bench.stores.cases.record(
        a_screening(message_id=5, score=None, is_flagged=False, skipped=SkipReason.BOT)
    )
    await bench.stores.cases.add_verdict(GUILD, 1, a_verdict(Ruling.UPHELD))
    await bench.stores.cases.add_verdict(GUILD, 2, a_verdict(Ruling.DISMISSED))
    bench.clock.advance(DAY)
    digest = await bench.digests().last_week(GUILD)
    assert (digest.opened, digest.grouped, digest.spilled) == (4, 1, 1)
    assert (digest.upheld, digest.dismissed, digest.precision) == (1, 1, 0.5)
    assert digest.techniques == {
        Technique.WHATABOUTISM: TechniqueTally(3, 1, 1),
        Technique.DOUBT: TechniqueTally(1, 0, 0),
    }
    assert (digest.coverage.screened, digest.coverage.posted) == (5, 6)
    assert [c.number for c in digest.highest_open] == [4, 3]


async def test_a_digest_links_the_five_highest_open_cases(bench: Bench) -> None:
    await bench.choose()
    for minute in range(7):
        await opened(bench, minute, Technique.DOUBT)
    bench.clock.advance(DAY)
    digest = await bench.digests().last_week(GUILD)
    assert [c.number for c in digest.highest_open] == [7, 6, 5, 4, 3]


async def test_open_cases_are_counted_by_age(bench: Bench) -> None:
    await bench.choose()
    for days in (0, 2, 5, 9):
        await opened(bench, (9 - days) * 24 * 60, Technique.DOUBT)
    bench.clock.set(NOW + 9 * DAY)
    digest = await bench.digests().last_week(GUILD)
    assert digest.open_by_age == {"under a day": 1, "1–3 days": 1, "3–7 days": 1, "over a week": 1}
    assert digest.opened == 2


async def test_days_are_the_servers_own(bench: Bench) -> None:
    await bench.choose(digest=DigestSchedule(zone="Asia/Tokyo"))
    await opened(bench, 4 * 60, Technique.DOUBT)
    digest = await bench.digests().build(GUILD, NOW - DAY, NOW + DAY)
    assert digest.per_day == (("Tue 03 Mar", 0), ("Wed 04 Mar", 0), ("Thu 05 Mar", 1))


async def test_a_digest_is_queued_when_due_and_once(bench: Bench) -> None:
    await bench.choose()
    bench.clock.set(MONDAY - timedelta(seconds=1))
    await bench.stores.outbox.add_digest(GUILD, MONDAY - 2 * WEEK, MONDAY - WEEK)
    scheduler = bench.scheduler()
    assert await scheduler.queue_due() == 0
    bench.clock.advance(timedelta(seconds=1))
    assert await scheduler.queue_due() == 1
    assert await scheduler.queue_due() == 0
    assert bench.announced == 1
    entry = (await bench.stores.outbox.due(MONDAY))[-1]
    assert (entry.since, entry.until) == (MONDAY - WEEK, MONDAY)


async def test_a_digest_missed_while_offline_is_sent_once_on_return(bench: Bench) -> None:
    await bench.choose()
    await bench.stores.outbox.add_digest(GUILD, MONDAY - 2 * WEEK, MONDAY - WEEK)
    bench.clock.set(MONDAY + 2 * WEEK + 3 * DAY)
    assert await bench.scheduler().queue_due() == 1
    assert await bench.scheduler().queue_due() == 0
    assert await bench.stores.outbox.last_digest(GUILD) == MONDAY + 2 * WEEK


async def test_a_new_server_gets_no_digest_of_the_time_before_it_watched(bench: Bench) -> None:
    await bench.choose(watching_since=MONDAY + DAY)
    bench.clock.set(MONDAY + 2 * DAY)
    assert await bench.scheduler().queue_due() == 0
    bench.clock.set(MONDAY + WEEK)
    assert await bench.scheduler().queue_due() == 1


async def test_a_schedule_chosen_after_its_moment_waits_for_the_next(bench: Bench) -> None:
    await bench.choose(digest_changed_at=MONDAY + 2 * DAY)
    bench.clock.set(MONDAY + 2 * DAY)
    assert await bench.scheduler().queue_due() == 0
    bench.clock.set(MONDAY + WEEK)
    assert await bench.scheduler().queue_due() == 1


@pytest.mark.parametrize("lacking", [{"watching_since": None}, {"mod_channel_id": 0}])
async def test_a_server_not_set_up_gets_no_digest(bench: Bench, lacking: dict[str, object]) -> None:
    await bench.choose(**lacking)
    assert await bench.scheduler().queue_due() == 0


@pytest.mark.parametrize(
    ("zone", "before", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 23, 8, tzinfo=UTC), 167),
        ("Europe/Berlin", datetime(2026, 10, 19, 7, tzinfo=UTC), 169),
        ("America/New_York", datetime(2026, 3, 2, 14, tzinfo=UTC), 167),
        ("America/New_York", datetime(2026, 10, 26, 13, tzinfo=UTC), 169),
    ],
)
async def test_weeks_join_when_the_clocks_change(
    bench: Bench, zone: str, before: datetime, hours: int
) -> None:
    await bench.choose(digest=DigestSchedule(weekday=0, hour=9, zone=zone), watching_since=before - 2 * WEEK)
    scheduler = bench.scheduler()
    bench.clock.set(before)
    assert await scheduler.queue_due() == 1
    due = before + timedelta(hours=hours)
    bench.clock.set(due - timedelta(seconds=1))
    assert await scheduler.queue_due() == 0
    bench.clock.set(due)
    assert await scheduler.queue_due() == 1
    first, second = await bench.stores.outbox.due(due)
    assert first.until == second.since == before
    assert second.until == due


async def test_the_loop_looks_again_after_a_while(bench: Bench) -> None:
    await bench.choose()
    bench.clock.set(MONDAY - timedelta(seconds=1))
    await bench.stores.outbox.add_digest(GUILD, MONDAY - 2 * WEEK, MONDAY - WEEK)
    loop = asyncio.create_task(bench.scheduler().run())
    await everybody_waits()
    assert await bench.stores.outbox.last_digest(GUILD) == MONDAY - WEEK
    bench.clock.advance(timedelta(seconds=CHECK_SECONDS))
    await everybody_waits()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert await bench.stores.outbox.last_digest(GUILD) == MONDAY


async def test_the_loop_outlives_a_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = bench.scheduler()
    tries = []

    async def failing(self: DigestScheduler) -> int:
        tries.append(bench.clock.now())
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(DigestScheduler, "queue_due", failing)
    loop = asyncio.create_task(scheduler.run())
    await everybody_waits()
    bench.clock.advance(timedelta(seconds=CHECK_SECONDS))
    await everybody_waits()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert len(tries) == 2
