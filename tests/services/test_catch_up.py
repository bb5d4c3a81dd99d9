"""Catch-up: what was missed is screened, oldest first, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.domain.policy import SkipReason
from bot.ports import ChannelRef
from bot.services.intake import Intake
from tests.factories import CHANNEL, GUILD, NOW, a_post, message_id
from tests.services.conftest import Bench, everybody_waits, working

THREAD = 21


async def ready(bench: Bench, mark: int = 0, posts: int = 5) -> Intake:
    """Watch a channel that was handled up to minute `mark`, with posts in minutes 0, 1, 2 …."""
    await bench.choose()
    await bench.stores.watermarks.advance(GUILD, CHANNEL, message_id(mark))
    bench.history.refs = [ChannelRef(CHANNEL)]
    bench.history.posts = [a_post(f"post {n}", minute=n) for n in range(posts)]
    bench.clock.set(NOW + timedelta(hours=1))
    intake = bench.intake(workers=1)
    intake.expect_gaps()
    return intake


def asked(bench: Bench) -> list[str]:
    return [passage.text for passage in bench.classifier.asked]


async def test_the_gap_is_screened_oldest_first(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 3
        await intake.drain()
        assert await catch_up.run_once() == 0
    assert asked(bench) == ["post 2", "post 3", "post 4"]
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(4)


async def test_a_live_post_before_the_gap_is_known_loses_nothing(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    catch_up = bench.catch_up(intake)
    async with working(intake):
        intake.offer(a_post("live", minute=9))
        await intake.drain()
        catch_up.request(GUILD)
        await catch_up.run_once()
        await intake.drain()
    assert asked(bench) == ["live", "post 2", "post 3", "post 4"]
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(9)


async def test_what_was_screened_live_is_not_screened_again(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    catch_up = bench.catch_up(intake)
    async with working(intake):
        intake.offer(bench.history.posts[3])
        await intake.drain()
        catch_up.request(GUILD)
        await catch_up.run_once()
        await intake.drain()
    assert asked(bench) == ["post 3", "post 2", "post 4"]


async def test_posts_left_by_a_full_queue_are_fetched(bench: Bench) -> None:
    await ready(bench, mark=0, posts=4)
    intake = bench.intake(queue_size=2, workers=1)
    catch_up = bench.catch_up(intake)
    for post in bench.history.posts[1:]:
        intake.offer(post)
    async with working(intake):
        assert await catch_up.run_once() == 0, "a queue that is not empty comes first"
        await intake.drain()
        await catch_up.run_once()
        await intake.drain()
    assert asked(bench) == ["post 1", "post 2", "post 3"]
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(3)


async def test_posts_too_old_are_counted_and_not_screened(bench: Bench) -> None:
    intake = await ready(bench, posts=2)
    old = a_post("old", minute=0)
    bench.history.posts = [replace(old, id=message_id(0) + 1), a_post("young", minute=60 * 24)]
    bench.clock.set(NOW + timedelta(days=3, minutes=1))
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 2
        await intake.drain()
    assert asked(bench) == ["young"]
    coverage = await bench.stores.cases.coverage(GUILD, NOW, NOW + timedelta(days=2))
    assert (coverage.screened, coverage.skipped) == (1, {SkipReason.TOO_OLD: 1})


async def test_a_thread_without_a_mark_starts_at_its_channels(bench: Bench) -> None:
    intake = await ready(bench, mark=1, posts=0)
    bench.history.refs = [ChannelRef(CHANNEL), ChannelRef(THREAD, CHANNEL)]
    in_thread = [replace(a_post(f"thread {n}", minute=n), channel_id=THREAD) for n in (1, 2)]
    bench.history.posts = [replace(post, parent_channel_id=CHANNEL) for post in in_thread]
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        await catch_up.run_once()
        await intake.drain()
    assert asked(bench) == ["thread 2"]


async def test_a_channel_never_handled_is_not_read_back(bench: Bench) -> None:
    intake = await ready(bench)
    bench.database.watermarks.clear()
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    assert await catch_up.run_once() == 0
    assert asked(bench) == []


async def test_a_server_that_watches_nothing_is_left_alone(bench: Bench) -> None:
    intake = await ready(bench)
    await bench.choose(watched_channel_ids=frozenset())
    assert await bench.catch_up(intake).fill(GUILD) == 0


async def test_a_fetch_that_fails_is_tried_again_and_holds_the_watermark(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    bench.history.error = RuntimeError("502")
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 0
        intake.offer(a_post("live", minute=9))
        await intake.drain()
        assert await bench.stores.watermarks.get(CHANNEL) == message_id(1)
        bench.history.error = None
        assert await catch_up.run_once() == 3
        await intake.drain()
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(9)


async def test_a_long_gap_gives_way_after_each_round(bench: Bench) -> None:
    intake = await ready(bench, mark=0, posts=8)
    catch_up = bench.catch_up(intake, per_round=3)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 7
        await intake.drain()
    assert asked(bench) == [f"post {n}" for n in range(1, 8)]


async def test_the_loop_wakes_when_asked(bench: Bench) -> None:
    intake = await ready(bench, mark=3)
    catch_up = bench.catch_up(intake)
    loop = asyncio.create_task(catch_up.run())
    async with working(intake):
        await everybody_waits()
        catch_up.request(GUILD)
        await everybody_waits()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert asked(bench) == ["post 4"]
