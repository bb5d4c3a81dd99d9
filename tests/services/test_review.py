"""Review, summaries, retention: what moderators do with a case, and what is kept of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.cases import Case, CaseState, NoSuchCaseError, Ruling
from bot.domain.posts import Quote
from bot.services.retention import CHECK_SECONDS, Retention
from bot.services.review import Review
from bot.services.summaries import MESSAGES_BEFORE, Summarizer
from tests.factories import FRAMED, GUILD, MODERATOR, NOW, a_post, a_screening, a_sighting
from tests.services.conftest import Bench, everybody_waits


def review(bench: Bench) -> Review:
    return Review(cases=bench.stores.cases, clock=bench.clock, announce=bench.announce)


def summarizer(bench: Bench) -> Summarizer:
    return Summarizer(history=bench.history, cases=bench.stores.cases)


async def opened(bench: Bench, minute: int = 0, text: str = FRAMED) -> Case:
    seen = a_sighting(minute, texts=(text,))
    case = await bench.stores.cases.open_case(a_screening(seen), seen, is_dry_run=False, is_spilled=False)
    assert case
    return case


async def test_a_ruling_records_who_when_and_why(bench: Bench) -> None:
    await opened(bench)
    case = await review(bench).rule(GUILD, 1, Ruling.UPHELD, MODERATOR, "  it dodges \n")
    [verdict] = case.verdicts
    assert (verdict.moderator_id, verdict.at, verdict.reason) == (MODERATOR, NOW, "it dodges")
    assert case.state is CaseState.UPHELD
    assert bench.announced == 1
    assert await review(bench).case(GUILD, 1) == case


async def test_another_servers_case_cannot_be_ruled_upon(bench: Bench) -> None:
    await opened(bench)
    with pytest.raises(NoSuchCaseError):
        await review(bench).rule(GUILD + 1, 1, Ruling.UPHELD, MODERATOR, "")
    assert bench.announced == 0


async def test_the_queue_is_paged_and_shows_open_cases_only(bench: Bench) -> None:
    for minute in range(5):
        await opened(bench, minute)
    await review(bench).rule(GUILD, 1, Ruling.DISMISSED, MODERATOR, "")
    page = await review(bench).queue(GUILD, 1, 3)
    assert ([c.number for c in page.cases], page.total, page.number) == ([5], 4, 1)


async def test_a_page_past_the_end_of_the_queue_is_the_last(bench: Bench) -> None:
    for minute in range(4):
        await opened(bench, minute)
    page = await review(bench).queue(GUILD, 9, 3)
    assert ([c.number for c in page.cases], page.total, page.number) == ([4], 4, 1)
    for number in range(1, 5):
        await review(bench).rule(GUILD, number, Ruling.DISMISSED, MODERATOR, "")
    empty = await review(bench).queue(GUILD, 1, 3)
    assert (empty.cases, empty.total, empty.number) == ([], 0, 0)


async def test_a_summary_shows_what_came_before_and_what_is_answered(bench: Bench) -> None:
    parent = Quote("Ana", "Taxes rose", NOW)
    bench.history.posts = [a_post(f"{n}", minute=n - 9) for n in range(9)] + [a_post(reply_to=parent)]
    case = await opened(bench, text="> Taxes rose\nAnd yours?")
    summary = await summarizer(bench).summarize(case)
    assert [q.text for q in summary.before] == ["4", "5", "6", "7", "8"]
    assert len(summary.before) == MESSAGES_BEFORE
    assert (summary.reply_to, summary.quoted_words) == (parent, "Taxes rose")
    assert len(await summarizer(bench).more(case)) == 9


async def test_earlier_messages_that_have_a_case_are_marked(bench: Bench) -> None:
    bench.history.posts = [a_post("calm", minute=-2), a_post("framed", minute=-1), a_post()]
    await opened(bench, minute=-1)
    case = await opened(bench)
    shown = await summarizer(bench).with_summary(case)
    assert shown.summary and [q.is_flagged for q in shown.summary.before] == [False, True]
    assert [q.is_flagged for q in await summarizer(bench).more(case)] == [False, True]


async def test_a_summary_counts_earlier_verdicts_but_not_its_own(bench: Bench) -> None:
    for minute, ruling in enumerate((Ruling.UPHELD, Ruling.DISMISSED, Ruling.UPHELD)):
        await opened(bench, minute)
        await review(bench).rule(GUILD, minute + 1, ruling, MODERATOR, "")
    summary = await summarizer(bench).summarize(await review(bench).case(GUILD, 3))
    assert (summary.earlier_upheld, summary.earlier_dismissed) == (1, 1)


async def test_a_summary_is_built_once(bench: Bench) -> None:
    case = await opened(bench)
    bench.history.posts = [a_post("before", minute=-1)]
    first = await summarizer(bench).with_summary(case)
    bench.history.posts = []
    again = await summarizer(bench).with_summary(await review(bench).case(GUILD, 1))
    assert again.summary == first.summary
    assert again.summary and len(again.summary.before) == 1


async def test_a_channel_that_cannot_be_read_makes_an_empty_summary(bench: Bench) -> None:
    case = await opened(bench)
    bench.history.hidden = {case.first.channel_id}
    shown = await summarizer(bench).with_summary(case)
    assert shown.summary and shown.summary.before == ()


async def test_words_are_forgotten_after_each_servers_own_time(bench: Bench) -> None:
    await bench.choose(retention_days=30)
    await opened(bench)
    retention = Retention(preferences=bench.stores.preferences, cases=bench.stores.cases, clock=bench.clock)
    bench.clock.advance(timedelta(days=30))
    assert await retention.forget_old() == 0
    bench.clock.advance(timedelta(seconds=1))
    assert await retention.forget_old() == 1
    assert await retention.forget_old() == 0
    [case] = await bench.cases()
    assert case.first.texts == ()


async def test_no_summary_is_built_of_forgotten_words(bench: Bench) -> None:
    await opened(bench)
    bench.history.posts = [a_post("before", minute=-1)]
    await bench.stores.cases.forget_texts(GUILD, NOW + timedelta(days=1))
    shown = await summarizer(bench).with_summary(await review(bench).case(GUILD, 1))
    assert shown.summary and shown.summary.before == ()


async def test_retention_runs_every_hour(bench: Bench) -> None:
    await bench.choose(retention_days=1)
    await opened(bench)
    retention = Retention(preferences=bench.stores.preferences, cases=bench.stores.cases, clock=bench.clock)
    loop = asyncio.create_task(retention.run())
    await everybody_waits()
    bench.clock.advance(timedelta(days=2))
    await everybody_waits()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert bench.clock.slept == [CHECK_SECONDS, CHECK_SECONDS]
    assert (await bench.cases())[0].first.texts == ()
