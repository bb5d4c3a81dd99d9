"""Intake: bounded, in order, and the watermark never passes what was not handled."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.intake import MOST_TRIES
from bot.services.screening import Outcome, Screener
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
    assert intake.take_deferred() == {GUILD}
    assert intake.take_deferred() == set()


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


async def test_a_post_that_fails_again_and_again_is_counted_as_unanswered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.choose()
    intake = bench.intake()

    async def failing(self: Screener, post: object, earlier: str = "") -> Outcome:
        raise RuntimeError("no")

    monkeypatch.setattr(Screener, "screen", failing)
    async with working(intake):
        for _ in range(MOST_TRIES):
            assert await bench.stores.cases.is_recorded(message_id(0), 0) is False
            intake.offer(a_post())
            await intake.drain()
    assert await bench.stores.cases.is_recorded(message_id(0), 0)
    assert await mark(bench) == message_id(0)


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


async def test_a_held_channel_keeps_its_watermark_until_released(bench: Bench) -> None:
    await bench.choose()
    intake = bench.intake()
    intake.hold(CHANNEL, message_id(0))
    async with working(intake):
        intake.offer(a_post(minute=5))
        await intake.drain()
        assert await mark(bench) == message_id(0)
        await intake.release(GUILD, CHANNEL, message_id(0))
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
