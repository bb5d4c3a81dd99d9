"""Screening: what is skipped, what passes, what opens or extends a case."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.cases import Ruling
from bot.domain.coverage import Coverage
from bot.domain.policy import SkipReason
from bot.domain.posts import Author, Quote
from bot.ports import OutboxKind
from bot.services.screening import Outcome
from classifiers.contract import ClassifierError, Passage
from tests.factories import FRAMED, GUILD, NOW, a_post, a_verdict, an_assessment, an_edit
from tests.fakes import FakeClassifier
from tests.services.conftest import Bench

HARMLESS = "I like the new bus line."
HOUR = timedelta(hours=1)


def flagging(*texts: str) -> FakeClassifier:
    return FakeClassifier(scores=dict.fromkeys(texts or (FRAMED,), 0.8))


async def coverage(bench: Bench) -> Coverage:
    return await bench.stores.cases.coverage(GUILD, NOW - HOUR, NOW + HOUR)


async def test_a_quiet_post_opens_nothing(bench: Bench) -> None:
    await bench.choose()
    assert await bench.screener().screen(a_post(HARMLESS)) is Outcome.PASSED
    assert await bench.cases() == []
    assert bench.announced == 0
    assert (await coverage(bench)).screened == 1


async def test_a_framed_post_opens_a_case_and_queues_its_card(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    assert await bench.screener().screen(a_post()) is Outcome.OPENED
    [case] = await bench.cases()
    assert (case.first.texts, case.first.author_name) == ((FRAMED,), "Member 40")
    assert case.flag.evidence[0].quote == FRAMED
    [entry] = await bench.stores.outbox.due(NOW)
    assert (entry.kind, entry.case_id) == (OutboxKind.CARD, case.id)
    assert bench.announced == 1


async def test_a_channel_not_watched_leaves_no_trace(bench: Bench) -> None:
    await bench.choose(watched_channel_ids=frozenset())
    assert await bench.screener().screen(a_post()) is Outcome.NOT_WATCHED
    assert bench.database.screenings == {}
    assert bench.classifier.asked == []


async def test_a_skipped_post_is_counted_by_reason_and_not_assessed(bench: Bench) -> None:
    await bench.choose()
    bot, hook = Author(1, "App", is_bot=True), Author(2, "Hook", is_webhook=True)
    for minute, post in enumerate((a_post(author=bot), a_post(author=hook), a_post(" "), a_post(""))):
        moved = a_post(post.text, author=post.author, minute=minute)
        assert await bench.screener().screen(moved) is Outcome.SKIPPED
    assert (await coverage(bench)).skipped == {
        SkipReason.BOT: 1,
        SkipReason.WEBHOOK: 1,
        SkipReason.EMPTY: 2,
    }
    assert bench.classifier.asked == []


async def test_a_language_not_evaluated_is_counted_apart(bench: Bench) -> None:
    await bench.choose()
    bench.classifier.answers = {FRAMED: an_assessment(0.0, is_evaluated=False, language="de")}
    assert await bench.screener().screen(a_post()) is Outcome.SKIPPED
    assert (await coverage(bench)).skipped == {SkipReason.OTHER_LANGUAGE: 1}


async def test_a_classifier_that_cannot_answer_can_be_asked_again(
    bench: Bench,
) -> None:
    await bench.choose()
    bench.classifier.error = ClassifierError("out of memory")
    screener = bench.screener()
    with pytest.raises(ClassifierError):
        await screener.screen(a_post())
    assert (await coverage(bench)).posted == 0
    await screener.give_up(a_post())
    assert (await coverage(bench)).skipped == {SkipReason.NO_ANSWER: 1}


async def test_a_case_from_the_dry_run_does_not_swallow_a_flag_of_today(bench: Bench) -> None:
    bench.classifier = flagging()
    await bench.choose(is_dry_run=True)
    await bench.screener().screen(a_post())
    await bench.choose(is_dry_run=False)
    assert await bench.screener().screen(a_post(minute=1)) is Outcome.OPENED
    assert await bench.stores.outbox.pending(GUILD) == 1


async def test_a_case_without_a_card_does_not_swallow_a_flag_once_there_is_budget(bench: Bench) -> None:
    bench.classifier = flagging()
    await bench.choose(alert_budget=0)
    await bench.screener().screen(a_post())
    await bench.choose(alert_budget=5)
    assert await bench.screener().screen(a_post(minute=1)) is Outcome.OPENED
    assert await bench.stores.outbox.pending(GUILD) == 1


async def test_a_post_edited_into_another_framing_after_a_ruling_comes_up_again(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = FakeClassifier(default=0.9)
    screener = bench.screener()
    await screener.screen(a_post())
    await bench.stores.cases.add_verdict(GUILD, 1, a_verdict(Ruling.DISMISSED))
    assert await screener.screen(an_edit(a_post(), "something far worse")) is Outcome.EXTENDED
    [case] = await bench.cases()
    assert case.is_open and len(case.verdicts) == 1


async def test_a_post_edited_into_plain_words_after_a_ruling_stays_ruled(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    screener = bench.screener()
    await screener.screen(a_post())
    await bench.stores.cases.add_verdict(GUILD, 1, a_verdict(Ruling.DISMISSED))
    await screener.screen(an_edit(a_post(), HARMLESS))
    [case] = await bench.cases()
    assert not case.is_open


async def test_the_parent_of_a_reply_is_assessed_with_it(bench: Bench) -> None:
    await bench.choose()
    await bench.screener().screen(a_post(reply_to=Quote("Ana", "Taxes rose", NOW)))
    assert bench.classifier.asked == [Passage(FRAMED, "Taxes rose")]


async def test_a_post_heard_twice_is_screened_once(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    screener = bench.screener()
    outcomes = await asyncio.gather(*(screener.screen(a_post()) for _ in range(10)))
    assert sorted(set(outcomes)) == [Outcome.ALREADY_HANDLED, Outcome.OPENED]
    assert len(await bench.cases()) == 1
    assert bench.announced == 1
    assert await screener.screen(a_post()) is Outcome.ALREADY_HANDLED


async def test_the_same_authors_next_flag_extends_the_case(bench: Bench) -> None:
    await bench.choose(group_minutes=10)
    bench.classifier = flagging()
    await bench.screener().screen(a_post())
    bench.clock.advance(timedelta(minutes=5))
    assert await bench.screener().screen(a_post(minute=5)) is Outcome.EXTENDED
    bench.clock.advance(timedelta(minutes=11))
    assert await bench.screener().screen(a_post(minute=16)) is Outcome.OPENED
    assert [len(c.sightings) for c in await bench.cases()] == [2, 1]


async def test_copies_by_several_accounts_extend_one_case(bench: Bench) -> None:
    await bench.choose()
    near = {"copy one": (1.0, 0.0), "copy 1": (0.99, 0.1), "other": (0.0, 1.0)}
    bench.classifier = FakeClassifier(default=0.8, embeddings=near)
    for author, text in enumerate(near):
        await bench.screener().screen(a_post(text, author=author, minute=author))
    assert [[s.text for s in c.sightings] for c in await bench.cases()] == [["copy one", "copy 1"], ["other"]]


async def test_copies_that_arrive_at_once_open_one_case(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = FakeClassifier(default=0.8, embeddings={FRAMED: (1.0, 0.0)})
    screener = bench.screener()
    outcomes = await asyncio.gather(*(screener.screen(a_post(author=n, minute=n)) for n in range(8)))
    assert outcomes.count(Outcome.OPENED) == 1
    assert [len(c.sightings) for c in await bench.cases()] == [8]


async def test_a_spent_alert_budget_spills_into_the_digest(bench: Bench) -> None:
    await bench.choose(alert_budget=2)
    bench.classifier = FakeClassifier(default=0.8)
    for author in range(4):
        await bench.screener().screen(a_post(author=author, minute=author))
    assert [c.is_spilled for c in await bench.cases()] == [False, False, True, True]
    assert await bench.stores.outbox.pending(GUILD) == 2
    bench.clock.advance(timedelta(hours=1, seconds=1))
    await bench.screener().screen(a_post(author=9, minute=61))
    assert (await bench.cases())[-1].is_spilled is False


async def test_dry_run_stores_cases_and_says_nothing(bench: Bench) -> None:
    await bench.choose(is_dry_run=True)
    bench.classifier = flagging()
    assert await bench.screener().screen(a_post()) is Outcome.OPENED
    [case] = await bench.cases()
    assert case.is_dry_run
    assert await bench.stores.outbox.pending(GUILD) == 0


async def test_an_edit_into_a_framing_is_caught_with_both_versions(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    post = a_post(HARMLESS)
    await bench.screener().screen(post)
    assert await bench.screener().screen(an_edit(post, FRAMED), HARMLESS) is Outcome.OPENED
    [case] = await bench.cases()
    assert case.first.texts == (HARMLESS, FRAMED)


async def test_an_edit_that_evades_stays_flagged_and_shows_both_versions(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    post = a_post()
    await bench.screener().screen(post)
    assert await bench.screener().screen(an_edit(post, HARMLESS), FRAMED) is Outcome.EXTENDED
    [case] = await bench.cases()
    assert case.first.texts == (FRAMED, HARMLESS)
    assert case.flag.score == 0.8
    assert case.is_open


async def test_a_stronger_edit_raises_the_flag(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = FakeClassifier(scores={FRAMED: 0.8, "worse": 0.95})
    post = a_post()
    await bench.screener().screen(post)
    await bench.screener().screen(an_edit(post, "worse"))
    [case] = await bench.cases()
    assert (case.flag.score, case.flag.evidence[0].quote) == (0.95, "worse")


async def test_an_edit_that_changes_no_words_changes_no_case(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    post = a_post()
    await bench.screener().screen(post)
    assert await bench.screener().screen(an_edit(post, FRAMED)) is Outcome.PASSED
    [case] = await bench.cases()
    assert case.first.texts == (FRAMED,)


async def test_a_quiet_edit_of_a_quiet_post_passes(bench: Bench) -> None:
    await bench.choose()
    post = a_post(HARMLESS)
    await bench.screener().screen(post)
    assert await bench.screener().screen(an_edit(post, "Yes."), HARMLESS) is Outcome.PASSED


async def test_versions_that_overtake_one_another_share_a_case_in_order(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging(FRAMED, "worse")
    post = a_post()
    await bench.screener().screen(an_edit(post, "worse"))
    assert await bench.screener().screen(post) is Outcome.EXTENDED
    [case] = await bench.cases()
    assert case.first.texts == (FRAMED, "worse")


async def test_edits_at_once_lose_no_version(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = FakeClassifier(default=0.8)
    post, screener = a_post(), bench.screener()
    await screener.screen(post)
    await asyncio.gather(*(screener.screen(an_edit(post, f"version {n}", minutes=n)) for n in (1, 2, 3)))
    [case] = await bench.cases()
    assert case.first.texts == (FRAMED, "version 1", "version 2", "version 3")


async def test_checking_a_text_stores_nothing(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    assessment, found, threshold = await bench.screener().check(FRAMED, "", GUILD)
    assert (assessment.score, threshold) == (0.8, 0.7)
    assert found and found.evidence[0].quote == FRAMED
    assert bench.database.screenings == {}
    _, nothing, _ = await bench.screener().check(HARMLESS, "", GUILD)
    assert nothing is None


async def test_a_flagged_post_edited_to_nothing_stays_a_case_with_both_versions(bench: Bench) -> None:
    await bench.choose()
    bench.classifier = flagging()
    screener = bench.screener()
    post = a_post()
    await screener.screen(post)
    assert await screener.screen(an_edit(post, "")) is Outcome.EXTENDED
    (case,) = await bench.cases()
    assert case.first.texts == (post.text, "")
