"""Catch-up, when something went wrong the first time: nothing is lost, nobody else waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.ports import ChannelRef
from bot.services.catch_up import FIRST_RETRY, LAST_RETRY
from bot.services.intake import MOST_TRIES, LeftEdit
from classifiers.contract import Assessment, ClassifierError, Passage
from tests.factories import CHANNEL, GUILD, a_post, an_edit, message_id
from tests.services.conftest import Bench, everybody_waits, working
from tests.services.gaps import OTHER, THREAD, asked, in_thread, ready, two_channels


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
        assert await catch_up.run_once() == 0, "not at once"
        bench.clock.advance(FIRST_RETRY)
        assert await catch_up.run_once() == 3
        await intake.drain()
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(9)


async def test_a_channel_that_fails_stops_no_other(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    await two_channels(bench)
    bench.history.errors[CHANNEL] = RuntimeError("500")
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 3
        intake.offer(a_post("live", minute=9, channel_id=OTHER))
        await intake.drain()
    assert asked(bench) == ["other 2", "other 3", "other 4", "live"]
    assert await bench.stores.watermarks.get(OTHER) == message_id(9)
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(1)


async def test_a_channel_that_cannot_be_read_stays_held_and_is_told_of_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    intake = await ready(bench, mark=1)
    bench.history.hidden = {CHANNEL}
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        for _ in range(10):
            await catch_up.run_once()
            bench.clock.advance(LAST_RETRY)
        intake.offer(a_post("live", minute=9))
        await intake.drain()
        assert await bench.stores.watermarks.get(CHANNEL) == message_id(1)
        assert [r.levelname for r in caplog.records] == ["WARNING"]
        bench.history.hidden = set()
        assert await catch_up.run_once() == 3
        await intake.drain()
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(9)


async def test_a_server_that_is_unavailable_is_not_taken_for_one_without_gaps(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    bench.history.is_unavailable = True
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        await catch_up.run_once()
        intake.offer(a_post("live", minute=9))
        await intake.drain()
        assert await bench.stores.watermarks.get(CHANNEL) == message_id(1)
        bench.history.is_unavailable = False
        catch_up.request(GUILD)
        assert await catch_up.run_once() == 3
        await intake.drain()
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(9)


async def test_a_post_that_failed_is_fetched_again_with_neighbours_on_both_sides(bench: Bench) -> None:
    intake = await ready(bench, mark=0, posts=4)
    intake.gaps_held(GUILD, intake.gaps_expected(GUILD))
    catch_up = bench.catch_up(intake)
    answer, failing = bench.classifier.assess, {"post 2"}

    async def assess(passage: Passage) -> Assessment:
        if passage.text in failing:
            raise ClassifierError("busy")
        return await answer(passage)

    bench.classifier.assess = assess  # type: ignore[method-assign]
    async with working(intake):
        for post in bench.history.posts[1:]:
            intake.offer(post)
        await intake.drain()
        assert await bench.stores.watermarks.get(CHANNEL) == message_id(2) - 1
        await catch_up.run_once()
        assert await bench.stores.watermarks.get(CHANNEL) == message_id(2) - 1
        failing.clear()
        await catch_up.run_once()
    assert asked(bench) == ["post 1", "post 3", "post 2"]
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(3)


async def test_a_post_fetched_again_and_not_yet_screened_holds_the_watermark(bench: Bench) -> None:
    intake = await ready(bench, mark=0, posts=4)
    intake.gaps_held(GUILD, intake.gaps_expected(GUILD))
    bench.classifier.error = ClassifierError("busy")
    catch_up = bench.catch_up(intake)
    async with working(intake):
        intake.offer(bench.history.posts[1])
        await intake.drain()
        bench.classifier.error, bench.classifier.gate = None, asyncio.Event()
        round_ = asyncio.create_task(catch_up.run_once())
        await everybody_waits()
        intake.offer(a_post(" ", minute=9))
        await everybody_waits()
        assert await bench.stores.watermarks.get(CHANNEL) <= message_id(1) - 1
        bench.classifier.gate.set()
        await round_
        await intake.drain()
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(9)


async def test_a_post_that_fails_in_every_round_is_counted_as_unanswered(bench: Bench) -> None:
    intake = await ready(bench, mark=0, posts=2)
    intake.gaps_held(GUILD, intake.gaps_expected(GUILD))
    bench.classifier.error = ClassifierError("cannot read this")
    catch_up = bench.catch_up(intake)
    async with working(intake):
        intake.offer(bench.history.posts[1])
        await intake.drain()
        for _ in range(MOST_TRIES - 1):
            assert await bench.stores.cases.is_recorded(message_id(1), 0) is False
            await catch_up.run_once()
        assert await bench.stores.cases.is_recorded(message_id(1), 0)
        assert await catch_up.run_once() == 0
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(1)
    assert not intake._failures


async def test_a_post_that_failed_and_was_deleted_holds_nothing_up(bench: Bench) -> None:
    intake = await ready(bench, mark=0, posts=2)
    intake.gaps_held(GUILD, intake.gaps_expected(GUILD))
    bench.classifier.error = ClassifierError("busy")
    catch_up = bench.catch_up(intake)
    async with working(intake):
        intake.offer(bench.history.posts.pop())
        await intake.drain()
        bench.classifier.error = None
        await catch_up.run_once()
        intake.offer(a_post("live", minute=9))
        await intake.drain()
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(9)


async def test_an_edit_left_by_a_full_queue_is_screened_as_it_stands(bench: Bench) -> None:
    await ready(bench, mark=3)
    intake = bench.intake(queue_size=2)
    catch_up = bench.catch_up(intake)
    original = bench.history.posts[1]
    bench.history.posts[1] = an_edit(original, "second edit", minutes=3)
    intake.offer(a_post("live", minute=9))
    intake.offer(a_post("live", minute=10))
    assert not intake.offer(an_edit(original, "first edit"), original.text)
    async with working(intake):
        await intake.drain()
        await catch_up.run_once()
        await intake.drain()
    assert asked(bench)[-1] == "second edit"
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(10)


async def test_an_edit_that_failed_is_tried_again_and_in_the_end_counted(bench: Bench) -> None:
    intake = await ready(bench, mark=4)
    bench.classifier.error = ClassifierError("busy")
    catch_up = bench.catch_up(intake)
    edited = bench.history.posts[1] = an_edit(bench.history.posts[1], "edited")
    async with working(intake):
        intake.offer(edited)
        await intake.drain()
        for _ in range(MOST_TRIES - 1):
            assert await bench.stores.cases.is_recorded(edited.id, edited.version) is False
            await catch_up.run_once()
            await intake.drain()
    assert await bench.stores.cases.is_recorded(edited.id, edited.version)
    assert intake.take_left_edits(10) == []


async def test_an_edit_that_cannot_be_fetched_now_is_fetched_later(bench: Bench) -> None:
    intake = await ready(bench, mark=4)
    catch_up = bench.catch_up(intake)
    edited = bench.history.posts[1] = an_edit(bench.history.posts[1], "edited")
    intake.leave_edit(LeftEdit(GUILD, CHANNEL, edited.id))
    async with working(intake):
        bench.history.error = RuntimeError("502")
        assert await catch_up.run_once() == 0
        bench.history.error = None
        assert await catch_up.run_once() == 1
        await intake.drain()
        intake.leave_edit(LeftEdit(GUILD, CHANNEL, edited.id))
        bench.history.hidden = {CHANNEL}
        assert await catch_up.run_once() == 0
    assert asked(bench) == ["edited"]
    assert intake.take_left_edits(10) == []


async def test_a_thread_that_waits_keeps_its_start_when_its_channel_moves_on(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    bench.history.refs = [ChannelRef(CHANNEL), ChannelRef(THREAD, CHANNEL)]
    bench.history.posts += [in_thread(n) for n in (0, 2)]
    bench.history.errors[THREAD] = RuntimeError("502")
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    async with working(intake):
        assert await catch_up.run_once() == 3
    assert await bench.stores.watermarks.get(CHANNEL) == message_id(4)
    after_restart = bench.intake()
    bench.history.errors.clear()
    catch_up = bench.catch_up(after_restart)
    catch_up.request(GUILD)
    async with working(after_restart):
        assert await catch_up.run_once() == 1
    assert asked(bench)[-1] == "thread 2"


async def test_a_post_left_in_a_new_thread_is_not_skipped_for_its_channels_mark(bench: Bench) -> None:
    await ready(bench, mark=1, posts=0)
    intake = bench.intake(queue_size=2)
    bench.history.posts = [in_thread(2)]
    catch_up = bench.catch_up(intake)
    intake.offer(a_post("live", minute=3))
    intake.offer(a_post("live", minute=4))
    assert not intake.offer(in_thread(2))
    async with working(intake):
        await intake.drain()
        assert await bench.stores.watermarks.get(CHANNEL) == message_id(4)
        assert await catch_up.run_once() == 1
    assert asked(bench)[-1] == "thread 2"


async def test_what_a_channel_that_is_not_watched_left_is_forgotten(bench: Bench) -> None:
    await ready(bench)
    await bench.choose(watched_channel_ids=frozenset())
    intake = bench.intake(queue_size=2)
    catch_up = bench.catch_up(intake)
    for minute in range(3):
        intake.offer(a_post(minute=minute, channel_id=OTHER))
    async with working(intake):
        await intake.drain()
        assert await catch_up.run_once() == 0
    assert OTHER not in bench.database.watermarks
    assert intake.take_left() == []
    assert not intake._marks._left
    assert not intake._marks._in_flight


async def test_a_channel_no_longer_watched_is_let_go(bench: Bench) -> None:
    intake = await ready(bench, mark=1)
    bench.history.error = RuntimeError("502")
    catch_up = bench.catch_up(intake)
    catch_up.request(GUILD)
    await catch_up.run_once()
    bench.history.error = None
    await bench.choose(watched_channel_ids=frozenset())
    bench.clock.advance(LAST_RETRY)
    assert await catch_up.run_once() == 0
    assert bench.history.started == []
