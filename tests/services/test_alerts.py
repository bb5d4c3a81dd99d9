"""Alerts: what the outbox holds is said once, in order, and tried again when it fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.cases import Case
from bot.ports import ModChannelError, OutboxKind
from bot.services.alerts import GIVE_UP_AFTER, LAST_RETRY
from tests.factories import FRAMED, GUILD, MOD_CHANNEL, NOW, a_post, a_screening, a_sighting, a_verdict
from tests.services.conftest import Bench, everybody_waits

LATER = timedelta(hours=1)


async def opened(bench: Bench, minute: int = 0) -> Case:
    seen = a_sighting(minute)
    case = await bench.stores.cases.open_case(a_screening(seen), seen, is_dry_run=False, is_spilled=False)
    assert case
    return case


async def test_a_card_is_posted_once_with_its_context(bench: Bench) -> None:
    await bench.choose()
    bench.history.posts = [a_post("before", minute=-1), a_post(FRAMED)]
    await opened(bench)
    alerts = bench.alerts()
    assert await alerts.say_due() == 1
    assert await alerts.say_due() == 0
    [card] = bench.mod_channel.cards.values()
    assert card.summary and [q.text for q in card.summary.before] == ["before"]
    [case] = await bench.cases()
    assert (case.card_channel_id, case.card_message_id, case.summary) == (MOD_CHANNEL, 1000, card.summary)


async def test_a_changed_case_is_edited_in_place(bench: Bench) -> None:
    await bench.choose()
    case = await opened(bench)
    alerts = bench.alerts()
    await alerts.say_due()
    await bench.stores.cases.add_verdict(GUILD, case.number, a_verdict())
    assert await alerts.say_due() == 1
    assert [c.state.value for c in bench.mod_channel.edits] == ["upheld"]
    assert len(bench.mod_channel.cards) == 1


async def test_a_channel_that_cannot_be_written_is_tried_again_ever_later(bench: Bench) -> None:
    await bench.choose()
    await opened(bench)
    bench.mod_channel.error = ModChannelError("Send Messages is missing in #mods")
    alerts = bench.alerts()
    waits = []
    for _ in range(12):
        assert await alerts.say_due() == 0
        [waiting] = bench.database.outbox.values()
        waits.append(waiting.due_at - bench.clock.now())
        bench.clock.set(waiting.due_at)
    assert [w.total_seconds() for w in waits[:4]] == [5, 10, 20, 40]
    assert waits == sorted(waits)
    assert waits[-1] == LAST_RETRY
    bench.mod_channel.error = None
    assert await alerts.say_due() == 1
    assert len(bench.mod_channel.cards) == 1


async def test_an_entry_is_given_up_after_a_week_of_trying(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.choose()
    await opened(bench)
    bench.mod_channel.error = ModChannelError("the bot is not in that server")
    alerts = bench.alerts()
    started = bench.clock.now()
    while await bench.stores.outbox.pending(GUILD):
        await alerts.say_due()
        [waiting] = bench.database.outbox.values()
        bench.clock.set(max(waiting.due_at, bench.clock.now()))
    assert GIVE_UP_AFTER * 0.98 <= bench.clock.now() - started <= GIVE_UP_AFTER
    assert "given up after a week" in caplog.text
    bench.mod_channel.error = None
    assert await alerts.say_due() == 0


async def test_an_entry_that_fails_does_not_hold_the_others(bench: Bench) -> None:
    await bench.choose()
    await opened(bench, 0)
    await bench.stores.outbox.add_digest(GUILD, NOW - LATER, NOW)
    bench.mod_channel.error = RuntimeError("502")
    alerts = bench.alerts()
    assert await alerts.say_due() == 0
    assert {w.entry.attempts for w in bench.database.outbox.values()} == {1}
    bench.mod_channel.error = None
    bench.clock.advance(LATER)
    assert await alerts.say_due() == 2
    assert (len(bench.mod_channel.cards), len(bench.mod_channel.digests)) == (1, 1)


async def test_a_crash_after_posting_posts_no_second_card(bench: Bench) -> None:
    await bench.choose()
    await opened(bench)
    [entry] = await bench.stores.outbox.due(NOW)
    case = await bench.stores.cases.by_id(entry.case_id)
    await bench.mod_channel.post_case(case, await bench.choose(), entry.nonce)
    await bench.alerts().say_due()
    assert len(bench.mod_channel.cards) == 1
    assert (await bench.cases())[0].card_message_id == 1000


async def test_a_card_that_is_not_shown_is_done_with(bench: Bench) -> None:
    await bench.choose()
    bench.mod_channel.is_silent = True
    await opened(bench)
    assert await bench.alerts().say_due() == 1
    assert await bench.stores.outbox.pending(GUILD) == 0
    assert (await bench.cases())[0].card_message_id == 0


async def test_a_digest_is_built_for_its_period(bench: Bench) -> None:
    await bench.choose()
    await opened(bench)
    week = (NOW - timedelta(days=6), NOW + timedelta(days=1))
    await bench.stores.outbox.add_digest(GUILD, *week)
    await bench.alerts().say_due()
    [digest] = bench.mod_channel.digests.values()
    assert (digest.since, digest.until, digest.opened) == (*week, 1)


async def test_an_entry_of_a_case_that_is_gone_is_dropped(bench: Bench) -> None:
    await bench.choose()
    bench.database.queue(GUILD, OutboxKind.EDIT, case_id=77)
    bench.database.cases.clear()
    outbox = bench.stores.outbox
    assert len(await outbox.due(NOW)) == 1
    await bench.alerts().say_due()
    assert await outbox.pending(GUILD) == 0


async def test_the_loop_says_news_at_once(bench: Bench) -> None:
    await bench.choose()
    alerts = bench.alerts()
    loop = asyncio.create_task(alerts.run())
    await everybody_waits()
    await opened(bench)
    alerts.announce()
    await everybody_waits()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert len(bench.mod_channel.cards) == 1


async def test_saying_from_two_sides_says_once(bench: Bench) -> None:
    await bench.choose()
    for minute in range(3):
        await opened(bench, minute)
    alerts = bench.alerts()
    said = await asyncio.gather(alerts.say_due(), alerts.say_due())
    assert sorted(said) == [0, 3]
