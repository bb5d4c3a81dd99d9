"""Catch-up: what was missed is screened, oldest first, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.policy import SkipReason
from bot.domain.posts import Author, Post
from bot.ports import ChannelRef
from classifiers.contract import Assessment, Passage
from tests.factories import CHANNEL, GUILD, NOW, a_post, message_id
from tests.services.conftest import Bench, everybody_waits, working
from tests.services.gaps import THREAD, asked, in_thread, ready, two_channels


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
    bench.history.posts = [in_thread(n) for n in (0, 2)]
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
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    assert await catch_up.run_once() == 0
    assert bench.history.started == []


async def test_a_long_gap_gives_way_after_each_round(bench: Bench) -> None:
    intake = await ready(bench, mark=0, posts=6)
    await two_channels(bench)
    catch_up = bench.catch_up(intake, per_round=3)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 8
        await intake.drain()
    assert asked(bench) == [
        *("post 1", "post 2", "post 3"),
        *("other 2", "other 3", "other 4"),
        *("post 4", "post 5"),
    ]
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(5)


async def test_a_round_saves_how_far_it_came(bench: Bench) -> None:
    intake = await ready(bench, mark=0, posts=6)
    catch_up = bench.catch_up(intake, per_round=3)
    catch_up.request(GUILD)
    marks: list[int] = []
    async with working(intake):
        record = bench.classifier.assess

        async def assess(passage: Passage) -> Assessment:
            marks.append(await bench.stores.watermarks.get(CHANNEL))
            return await record(passage)

        bench.classifier.assess = assess  # type: ignore[method-assign]
        await catch_up.run_once()
    assert marks[3] == message_id(3)


async def test_a_second_request_meanwhile_fetches_nothing_twice(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    answer = bench.classifier.assess

    async def assess(passage: Passage) -> Assessment:
        if passage.text == "post 2":
            catch_up.request(GUILD)
        return await answer(passage)

    bench.classifier.assess = assess  # type: ignore[method-assign]
    async with working(intake):
        assert await catch_up.run_once() == 3
    assert bench.history.started == [(CHANNEL, message_id(1)), (CHANNEL, message_id(4))]
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(4)


async def test_a_round_waits_for_its_own_posts_only(bench: Bench) -> None:
    intake = await ready(bench, mark=1, posts=3)
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    read = bench.history.after

    async def busy(channel_id: int, message_id: int, *, with_roles: bool) -> AsyncGenerator[Post]:
        async for post in read(channel_id, message_id, with_roles=with_roles):
            yield post
        intake.offer(a_post("live 1", minute=8))
        intake.offer(a_post("live 2", minute=9))

    bench.history.after = busy  # type: ignore[method-assign]
    answer = bench.classifier.assess

    async def assess(passage: Passage) -> Assessment:
        if passage.text.startswith("live"):
            await asyncio.Event().wait()
        return await answer(passage)

    bench.classifier.assess = assess  # type: ignore[method-assign]
    async with working(intake):
        assert await asyncio.wait_for(catch_up.run_once(), 5) == 1
    assert asked(bench) == ["post 2"]


async def test_a_gap_older_than_the_limit_is_counted_for_one_turn_and_then_leapt_over(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    intake = await ready(bench, mark=0, posts=10)
    bench.history.posts.append(a_post("young", minute=60 * 24 * 4))
    bench.clock.set(NOW + timedelta(days=5))
    catch_up = bench.catch_up(intake, per_round=3)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 4
        await intake.drain()
    assert asked(bench) == ["young"]
    assert "too old" in caplog.text
    coverage = await bench.stores.cases.coverage(GUILD, NOW, NOW + timedelta(days=5))
    assert coverage.skipped == {SkipReason.TOO_OLD: 3}
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(60 * 24 * 4)


async def test_exempt_roles_are_left_alone_in_catch_up_too(bench: Bench) -> None:
    intake = await ready(bench, mark=1, posts=3)
    await bench.choose(exempt_role_ids=frozenset({7}))
    press = Author(41, "Rita", role_ids=frozenset({7}))
    bench.history.posts[2] = a_post("post 2", minute=2, author=press)
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 1
    coverage = await bench.stores.cases.coverage(GUILD, NOW, NOW + timedelta(days=1))
    assert coverage.skipped == {SkipReason.EXEMPT_ROLE: 1}


async def test_a_thread_archived_meanwhile_is_read_too(bench: Bench) -> None:
    intake = await ready(bench, mark=1, posts=0)
    bench.history.archived_refs = [ChannelRef(THREAD, CHANNEL)]
    bench.history.posts = [in_thread(n) for n in (0, 2)]
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 1
    assert asked(bench) == ["thread 2"]
    assert await bench.stores.watermarks.get(THREAD) == message_id(2) + 2


async def test_a_thread_is_not_read_back_into_the_time_its_channel_was_not_watched(bench: Bench) -> None:
    intake = await ready(bench, posts=0)
    await bench.stores.watermarks.advance(GUILD, THREAD, message_id(0) + 2)
    await bench.choose(watched_since={CHANNEL: NOW + timedelta(minutes=3)})
    bench.history.refs = [ChannelRef(CHANNEL), ChannelRef(THREAD, CHANNEL)]
    bench.history.posts = [in_thread(n) for n in range(6)]
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 3
    assert asked(bench) == ["thread 3", "thread 4", "thread 5"]


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
