"""Watching: moderators' choices, one at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.schedule import DigestSchedule
from bot.domain.snowflakes import snowflake
from bot.services.watching import NoModChannelError, Options, Watching
from classifiers.contract import Sensitivity
from tests.factories import CHANNEL, GUILD, NOW
from tests.services.conftest import Bench


@pytest.fixture
def watching(bench: Bench) -> Watching:
    """Return the service on the bench's fakes."""
    return Watching(
        preferences=bench.stores.preferences, watermarks=bench.stores.watermarks, clock=bench.clock
    )


async def test_a_new_server_is_in_dry_run_and_watches_nothing(watching: Watching) -> None:
    chosen = await watching.preferences(GUILD)
    assert chosen.is_dry_run
    assert not chosen.watched_channel_ids


async def test_watching_starts_now_and_reads_nothing_back(bench: Bench, watching: Watching) -> None:
    chosen = await watching.watch(GUILD, CHANNEL)
    assert chosen.watched_channel_ids == {CHANNEL}
    assert chosen.watching_since == NOW
    assert await bench.stores.watermarks.get(CHANNEL) == snowflake(NOW)


async def test_the_first_watch_is_remembered(bench: Bench, watching: Watching) -> None:
    await watching.watch(GUILD, CHANNEL)
    bench.clock.advance(timedelta(days=1))
    assert (await watching.watch(GUILD, CHANNEL + 1)).watching_since == NOW


async def test_a_channel_watched_again_leaves_out_the_time_between(bench: Bench, watching: Watching) -> None:
    await watching.watch(GUILD, CHANNEL)
    assert (await watching.unwatch(GUILD, CHANNEL)).watched_channel_ids == frozenset()
    bench.clock.advance(timedelta(days=1))
    await watching.watch(GUILD, CHANNEL)
    assert await bench.stores.watermarks.get(CHANNEL) == snowflake(NOW + timedelta(days=1))


async def test_when_each_channel_was_put_under_watch_is_remembered(bench: Bench, watching: Watching) -> None:
    await watching.watch(GUILD, CHANNEL)
    bench.clock.advance(timedelta(days=1))
    chosen = await watching.watch(GUILD, CHANNEL + 1)
    assert chosen.watched_from(CHANNEL) == NOW
    assert chosen.watched_from(99, CHANNEL + 1) == NOW + timedelta(days=1)
    assert chosen.watched_from(CHANNEL + 1, CHANNEL) == NOW
    await watching.unwatch(GUILD, CHANNEL)
    assert (await watching.preferences(GUILD)).watched_from(CHANNEL) is None
    bench.clock.advance(timedelta(days=1))
    assert (await watching.watch(GUILD, CHANNEL)).watched_from(CHANNEL) == NOW + timedelta(days=2)


async def test_watching_what_is_watched_already_skips_nothing(bench: Bench, watching: Watching) -> None:
    await watching.watch(GUILD, CHANNEL)
    bench.clock.advance(timedelta(days=1))
    assert (await watching.watch(GUILD, CHANNEL)).watched_from(CHANNEL) == NOW
    assert await bench.stores.watermarks.get(CHANNEL) == snowflake(NOW)


async def test_unwatching_what_was_not_watched_changes_nothing(watching: Watching) -> None:
    await watching.watch(GUILD, CHANNEL)
    assert (await watching.unwatch(GUILD, 99)).watched_channel_ids == {CHANNEL}


async def test_each_choice_leaves_the_others_as_they_were(watching: Watching) -> None:
    schedule = DigestSchedule(weekday=4, hour=18, zone="Europe/Berlin")
    await watching.watch(GUILD, CHANNEL)
    await watching.report_to(GUILD, 30)
    await watching.set_sensitivity(GUILD, Sensitivity.LOW)
    await watching.set_dry_run(GUILD, False)
    await watching.schedule_digest(GUILD, schedule)
    await watching.exempt_role(GUILD, 7, True)
    await watching.exempt_role(GUILD, 8, True)
    chosen = await watching.exempt_role(GUILD, 7, False)
    assert chosen == await watching.preferences(GUILD)
    assert chosen.watched_channel_ids == {CHANNEL}
    assert (chosen.mod_channel_id, chosen.sensitivity, chosen.is_dry_run) == (30, Sensitivity.LOW, False)
    assert chosen.digest == schedule
    assert chosen.exempt_role_ids == {8}


async def test_dry_run_cannot_end_without_a_channel(watching: Watching) -> None:
    with pytest.raises(NoModChannelError):
        await watching.set_dry_run(GUILD, False)
    assert (await watching.preferences(GUILD)).is_dry_run
    await watching.report_to(GUILD, 30)
    assert not (await watching.set_dry_run(GUILD, False)).is_dry_run
    assert (await watching.set_dry_run(GUILD, True)).is_dry_run


async def test_when_the_digests_time_was_chosen_is_remembered(watching: Watching) -> None:
    assert (await watching.schedule_digest(GUILD, DigestSchedule(4))).digest_changed_at == NOW


async def test_a_channel_can_be_left_alone_and_looked_at_again(watching: Watching) -> None:
    assert (await watching.exempt_channel(GUILD, CHANNEL, True)).exempt_channel_ids == {CHANNEL}
    assert (await watching.exempt_channel(GUILD, CHANNEL, False)).exempt_channel_ids == frozenset()


async def test_only_the_options_given_are_changed(watching: Watching) -> None:
    first = await watching.choose(GUILD, Options(alert_budget=3, group_minutes=0, ping_role_id=9))
    assert (first.alert_budget, first.group_minutes, first.ping_role_id) == (3, 0, 9)
    second = await watching.choose(GUILD, Options(retention_days=7, is_delete_offered=True, ping_role_id=0))
    assert second == replace(first, retention_days=7, is_delete_offered=True, ping_role_id=0)
    assert await watching.choose(GUILD, Options()) == second


async def test_two_moderators_at_once_do_not_undo_each_other(watching: Watching) -> None:
    await asyncio.gather(*(watching.watch(GUILD, channel) for channel in range(10)))
    assert (await watching.preferences(GUILD)).watched_channel_ids == set(range(10))
