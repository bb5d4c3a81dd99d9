"""Intake: bounded, in order, and the watermark never passes what was not handled."""

from __future__ import annotations

import asyncio

import pytest

from bot.ports import ChannelRef
from bot.services.intake import Intake
from bot.services.screening import Outcome, Screener
from classifiers.contract import ClassifierError
from tests.factories import CHANNEL, GUILD, a_post, an_edit, message_id
from tests.services.conftest import Bench, everybody_waits, working


async def mark(bench: Bench) -> int:
    return await bench.stores.watermarks.get(CHANNEL)


async def test_what_comes_is_screened_and_moves_the_watermark(bench: Bench) -> None:
    await bench.choose()
    intake = bench.intake()
    async with working(intake):
        for minute in range(5):
            assert intake.offer(a_post(minute=minute))
        await intake.drain()
    assert len(bench.classifier.asked) == 5
    assert await mark(bench) == message_id(4)


async def test_a_full_queue_defers_the_post_and_holds_the_watermark(bench: Bench) -> None:
    await bench.choose()
    intake = bench.intake(queue_size=2)
    taken = [intake.offer(a_post(minute=minute)) for minute in range(3)]
    assert taken == [True, True, False]
    async with working(intake):
        await intake.drain()
        intake.offer(a_post(minute=3))
        await intake.drain()
    assert await mark(bench) == message_id(2) - 1
    assert intake.take_left() == [(GUILD, ChannelRef(CHANNEL))]
    assert intake.take_left() == []


async def test_the_watermark_waits_for_the_slowest(bench: Bench) -> None:
    await bench.choose()
    bench.classifier.gate = asyncio.Event()
    intake = bench.intake(workers=2)
    async with working(intake):
        intake.offer(a_post(minute=0))
        intake.offer(a_post(" ", minute=1))
        await everybody_waits()
        assert (bench.classifier.waiting, len(bench.database.screenings)) == (1, 1)
        assert await mark(bench) in (0, message_id(0) - 1)
        bench.classifier.gate.set()
        await intake.drain()
    assert await mark(bench) == message_id(1)


async def test_the_watermark_stays_before_a_post_that_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.choose()
    intake = bench.intake()
    screen = Screener.screen

    async def failing(self: Screener, post: object, earlier: str = "") -> Outcome:
        if post == a_post(minute=1):
            raise RuntimeError("the disk is full")
        return await screen(self, post, earlier)  # type: ignore[arg-type]

    monkeypatch.setattr(Screener, "screen", failing)
    async with working(intake):
        for minute in range(3):
            intake.offer(a_post(minute=minute))
        await intake.drain()
    assert await mark(bench) == message_id(1) - 1


async def test_a_full_queue_is_told_once_per_channel(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    await bench.choose()
    intake = bench.intake(queue_size=1)
    for minute in range(4):
        intake.offer(a_post(minute=minute))
    assert [r.message for r in caplog.records] == ["intake is full"]


async def test_no_answer_from_the_model_is_one_line_and_the_post_is_left(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.choose()
    bench.classifier.error = ClassifierError("out of memory")
    intake = bench.intake()
    async with working(intake):
        intake.offer(a_post())
        await intake.drain()
    assert [(r.levelname, r.exc_info) for r in caplog.records] == [("WARNING", None)]
    assert await bench.stores.cases.is_recorded(message_id(0), 0) is False
    assert intake.take_left() == [(GUILD, ChannelRef(CHANNEL))]


async def test_a_channel_not_watched_gets_no_watermark(bench: Bench) -> None:
    await bench.choose(watched_channel_ids=frozenset())
    intake = bench.intake()
    async with working(intake):
        intake.offer(a_post())
        await intake.drain()
    assert bench.database.watermarks == {}


async def test_an_edit_of_an_old_post_moves_no_watermark(bench: Bench) -> None:
    await bench.choose()
    intake = bench.intake()
    async with working(intake):
        intake.offer(an_edit(a_post(), "Edited."))
        await intake.drain()
    assert await mark(bench) == 0
    assert len(bench.database.screenings) == 1


async def test_an_edit_that_is_done_first_leaves_its_original_in_flight(bench: Bench) -> None:
    await bench.choose()
    bench.classifier.gate = asyncio.Event()
    intake = bench.intake(workers=2)
    async with working(intake):
        intake.offer(a_post(minute=1))
        intake.offer(an_edit(a_post(minute=1), " "))
        intake.offer(a_post(" ", minute=2))
        await everybody_waits()
        assert len(bench.database.screenings) == 2
        assert await mark(bench) == message_id(1) - 1
        bench.classifier.gate.set()
        await intake.drain()
    assert await mark(bench) == message_id(2)


async def test_a_post_that_is_fetched_while_it_waits_is_screened_once(bench: Bench) -> None:
    await bench.choose()
    bench.classifier.gate = asyncio.Event()
    intake = bench.intake()
    async with working(intake):
        intake.offer(a_post())
        await everybody_waits()
        handled = await intake.put(a_post())
        assert not handled.is_set()
        bench.classifier.gate.set()
        await handled.wait()
    assert len(bench.classifier.asked) == 1
    assert await mark(bench) == message_id(0)


async def test_an_edit_in_hand_does_not_stand_for_the_fetched_post(bench: Bench) -> None:
    await bench.choose()
    bench.classifier.gate = asyncio.Event()
    intake = bench.intake()
    edited = an_edit(a_post(), "Edited.")
    async with working(intake):
        intake.offer(edited)
        await everybody_waits()
        handled = await intake.put(edited)
        bench.classifier.gate.set()
        await handled.wait()
    assert await mark(bench) == message_id(0)


async def test_edits_left_are_bounded_and_keep_the_earliest_text(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.intake.MOST_EDITS_LEFT", 2)
    await bench.choose()
    intake = bench.intake(queue_size=1)
    intake.offer(a_post())
    for minute in (1, 2, 3):
        intake.offer(an_edit(a_post(minute=minute), "Edited."), f"first {minute}")
    intake.offer(an_edit(a_post(minute=3), "Edited again."), "Edited.")
    left = intake.take_left_edits(10)
    assert [(e.message_id, e.earlier_text) for e in left] == [
        (message_id(2), "first 2"),
        (message_id(3), "first 3"),
    ]
    assert intake.take_left_edits(10) == []


async def test_a_channel_known_not_to_be_watched_takes_no_room(bench: Bench) -> None:
    chosen = await bench.choose()
    intake = Intake(
        screener=bench.screener(),
        watermarks=bench.stores.watermarks,
        queue_size=1,
        workers=1,
        known={GUILD: chosen}.get,
    )
    for minute in range(3):
        assert intake.offer(a_post(minute=minute, channel_id=CHANNEL + 1))
    assert intake.length == 0
    assert intake.offer(a_post(channel_id=CHANNEL + 2, parent_channel_id=CHANNEL))
    assert intake.length == 1


async def test_the_tries_of_a_post_that_succeeds_are_forgotten(bench: Bench) -> None:
    await bench.choose()
    bench.classifier.error = ClassifierError("busy")
    intake = bench.intake()
    async with working(intake):
        for minute in (0, 1):
            intake.offer(a_post(minute=minute))
        await intake.drain()
        assert len(intake._failures) == 2
        bench.classifier.error = None
        for minute in (0, 1):
            intake.offer(a_post(minute=minute))
        await intake.drain()
    assert len(intake._failures) == 0


async def test_the_tries_counted_are_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.intake.MOST_COUNTED", 2)
    await bench.choose()
    bench.classifier.error = ClassifierError("busy")
    intake = bench.intake()
    async with working(intake):
        for minute in range(5):
            intake.offer(a_post(minute=minute))
        await intake.drain()
    assert len(intake._failures) == 2


async def test_a_session_that_begins_while_gaps_are_looked_for_keeps_the_marks_down(bench: Bench) -> None:
    await bench.choose()
    intake = bench.intake()
    occasion = intake.gaps_expected(GUILD)
    intake.expect_gaps()
    intake.gaps_held(GUILD, occasion)
    async with working(intake):
        intake.offer(a_post())
        await intake.drain()
        assert await mark(bench) == 0
        intake.gaps_held(GUILD, intake.gaps_expected(GUILD))
        intake.offer(a_post(minute=1))
        await intake.drain()
    assert await mark(bench) == message_id(1)


async def test_a_held_channel_keeps_its_watermark_until_released(bench: Bench) -> None:
    await bench.choose()
    intake = bench.intake()
    intake.hold(CHANNEL, message_id(0))
    async with working(intake):
        intake.offer(a_post(minute=5))
        await intake.drain()
        assert await mark(bench) == message_id(0)
        await intake.release(GUILD, CHANNEL)
    assert await mark(bench) == message_id(5)


async def test_a_live_post_does_not_carry_the_watermark_past_a_gap_not_yet_known(bench: Bench) -> None:
    await bench.choose()
    await bench.stores.watermarks.advance(GUILD, CHANNEL, message_id(0))
    intake = bench.intake()
    intake.expect_gaps()
    async with working(intake):
        intake.offer(a_post(minute=5))
        await intake.drain()
    assert await mark(bench) == message_id(0)
