"""Cases: the port's suite on reading, counting and forgetting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.cases import CaseState, ContextSummary, Ruling
from bot.domain.coverage import Coverage
from bot.domain.policy import SkipReason
from bot.domain.posts import Quote
from bot.ports import Stores
from classifiers.taxonomy import Technique
from tests.factories import AUTHOR, GUILD, NOW, a_flag, a_screening, a_sighting, a_verdict
from tests.storage.test_case_store import opened

HOUR = timedelta(hours=1)


async def test_the_queue_shows_high_scores_first_then_the_oldest(stores: Stores) -> None:
    for minute, score in enumerate((0.75, 0.9, 0.75, 0.8)):
        await opened(stores, a_sighting(minute, flag=a_flag(score)))
    page, total = await stores.cases.queue(GUILD, limit=3)
    assert ([c.number for c in page], total) == ([2, 4, 1], 4)
    rest, total = await stores.cases.queue(GUILD, offset=3)
    assert ([c.number for c in rest], total) == ([3], 4)


async def test_the_queue_can_show_any_state(stores: Stores) -> None:
    for minute in range(3):
        await opened(stores, a_sighting(minute))
    await opened(stores, a_sighting(9), guild=GUILD + 1)
    await stores.cases.add_verdict(GUILD, 2, a_verdict(Ruling.UPHELD))
    assert [c.number for c in (await stores.cases.queue(GUILD))[0]] == [1, 3]
    upheld, _ = await stores.cases.queue(GUILD, state=CaseState.UPHELD)
    assert [(c.number, len(c.verdicts)) for c in upheld] == [(2, 1)]
    assert (await stores.cases.queue(GUILD, state=None))[1] == 3
    assert await stores.cases.open_times(GUILD) == [NOW, NOW + timedelta(minutes=2)]


async def test_a_flag_that_grows_moves_its_case_up_the_queue(stores: Stores) -> None:
    await opened(stores, a_sighting(0, flag=a_flag(0.8)))
    low = await opened(stores, a_sighting(1, flag=a_flag(0.75)))
    stronger = replace(low.first, flag=a_flag(0.95))
    await stores.cases.extend_case(a_screening(stronger, version=1), low.id, stronger)
    assert [c.number for c in (await stores.cases.queue(GUILD))[0]] == [2, 1]


async def test_messages_with_a_case_are_told_from_others(stores: Stores) -> None:
    case = await opened(stores, a_sighting(0))
    joined = a_sighting(1)
    await stores.cases.extend_case(a_screening(joined), case.id, joined)
    held = {case.first.message_id, joined.message_id}
    assert await stores.cases.flagged_among(frozenset(held | {5})) == held
    assert await stores.cases.flagged_among(frozenset()) == frozenset()


async def test_recent_open_cases_come_newest_first(stores: Stores) -> None:
    first = await opened(stores, a_sighting(0))
    await opened(stores, a_sighting(30))
    await opened(stores, a_sighting(40))
    await stores.cases.add_verdict(GUILD, 3, a_verdict())
    assert [c.number for c in await stores.cases.recent_open(GUILD, NOW + HOUR / 4)] == [2]
    again = a_sighting(50)
    await stores.cases.extend_case(a_screening(again), first.id, again)
    assert [c.number for c in await stores.cases.recent_open(GUILD, NOW + HOUR / 4)] == [1, 2]
    assert await stores.cases.recent_open(GUILD + 1, NOW) == []


async def test_recent_open_cases_are_at_most_fifty(stores: Stores) -> None:
    for minute in range(52):
        await opened(stores, a_sighting(minute))
    recent = await stores.cases.recent_open(GUILD, NOW)
    assert [c.number for c in recent] == list(range(52, 2, -1))


async def test_only_cases_with_a_card_spend_the_budget(stores: Stores) -> None:
    await opened(stores, a_sighting(0))
    await opened(stores, a_sighting(10))
    await opened(stores, a_sighting(11), spilled=True)
    await opened(stores, a_sighting(12), dry=True)
    assert await stores.cases.cards_since(GUILD, NOW) == 2
    assert await stores.cases.cards_since(GUILD, NOW + timedelta(minutes=5)) == 1
    assert await stores.cases.cards_since(GUILD + 1, NOW) == 0


async def test_earlier_verdicts_count_cases_of_one_author_in_one_server(stores: Stores) -> None:
    for minute, author in enumerate((AUTHOR, AUTHOR, AUTHOR, 41)):
        await opened(stores, a_sighting(minute, author_id=author))
    joined = a_sighting(9, author_id=41)
    await stores.cases.extend_case(a_screening(joined), (await stores.cases.get(GUILD, 1)).id, joined)
    await stores.cases.add_verdict(GUILD, 1, a_verdict(Ruling.UPHELD))
    await stores.cases.add_verdict(GUILD, 2, a_verdict(Ruling.DISMISSED))
    second = await stores.cases.get(GUILD, 2)
    assert await stores.cases.author_verdicts(GUILD, AUTHOR, but_not=0) == (1, 1)
    assert await stores.cases.author_verdicts(GUILD, AUTHOR, but_not=second.id) == (1, 0)
    assert await stores.cases.author_verdicts(GUILD, 41, but_not=0) == (1, 0)
    assert await stores.cases.author_verdicts(GUILD + 1, AUTHOR, but_not=0) == (0, 0)


async def test_a_period_includes_its_start_and_not_its_end(stores: Stores) -> None:
    for minute in (0, 30, 60):
        await opened(stores, a_sighting(minute))
    found = await stores.cases.opened_between(GUILD, NOW, NOW + HOUR)
    assert [c.number for c in found] == [1, 2]


async def test_coverage_counts_messages_and_why_others_were_left(stores: Stores) -> None:
    assert await stores.cases.coverage(GUILD, NOW, NOW + HOUR) == Coverage()
    quiet = a_screening(a_sighting(0), is_flagged=False, score=0.1)
    flagged = a_screening(a_sighting(1))
    bot = a_screening(a_sighting(2), is_flagged=False, score=None, skipped=SkipReason.BOT)
    late = a_screening(a_sighting(60))
    elsewhere = a_screening(a_sighting(3), guild_id=GUILD + 1)
    for record in (quiet, flagged, bot, replace(bot, message_id=5), late, elsewhere):
        await stores.cases.record(record)
    assert await stores.cases.coverage(GUILD, NOW, NOW + HOUR) == Coverage(
        screened=2,
        flagged=1,
        skipped={SkipReason.BOT: 2},
        last_screened_at=NOW + timedelta(minutes=1),
    )


async def test_coverage_counts_an_edited_message_once(stores: Stores) -> None:
    empty = a_screening(is_flagged=False, score=None, skipped=SkipReason.EMPTY)
    edited = a_screening(version=1, screened_at=NOW + HOUR)
    again = a_screening(version=2, is_flagged=False, screened_at=NOW + 2 * HOUR)
    for record in (empty, edited, again):
        await stores.cases.record(record)
    assert await stores.cases.coverage(GUILD, NOW, NOW + HOUR) == Coverage(
        screened=1, flagged=1, skipped={}, last_screened_at=NOW + 2 * HOUR
    )


async def test_forgetting_takes_words_and_keeps_counts(stores: Stores) -> None:
    case = await opened(stores, a_sighting(0, flag=a_flag(0.8, Technique.STRAW_MAN)))
    young = a_sighting(30)
    await stores.cases.extend_case(a_screening(young), case.id, young)
    summary = ContextSummary(before=(Quote("Ben", "Hm", NOW),), quoted_words="Hm", earlier_upheld=2)
    await stores.cases.save_summary(case.id, summary)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict(reason="it dodges"))
    assert await stores.cases.forget_texts(GUILD, young.at) == 1
    forgotten = await stores.cases.by_id(case.id)
    old = forgotten.first
    assert (old.texts, old.author_name, old.embedding, old.text) == ((), "", (), "")
    assert (old.flag.technique, old.flag.score, old.flag.evidence[0].quote) == (Technique.STRAW_MAN, 0.8, "")
    assert forgotten.summary == ContextSummary(earlier_upheld=2)
    assert forgotten.verdicts[0].reason == "it dodges"
    assert forgotten.sightings[1] == young


async def test_forgetting_twice_counts_once(stores: Stores) -> None:
    await opened(stores, a_sighting(0))
    await opened(stores, a_sighting(1), guild=GUILD + 1)
    assert await stores.cases.forget_texts(GUILD, NOW + HOUR) == 1
    assert await stores.cases.forget_texts(GUILD, NOW + HOUR) == 0
    assert (await stores.cases.get(GUILD, 1)).summary == ContextSummary()
    assert (await stores.cases.get(GUILD + 1, 1)).first.texts


async def test_a_grouped_post_is_forgotten_with_its_own_age(stores: Stores) -> None:
    case = await opened(stores, a_sighting(30))
    older = a_sighting(0)
    await stores.cases.extend_case(a_screening(older), case.id, older)
    assert await stores.cases.forget_texts(GUILD, NOW + HOUR / 4) == 1
    kept = await stores.cases.by_id(case.id)
    assert [bool(s.texts) for s in kept.sightings] == [True, False]
    assert kept.summary is None


async def test_many_cases_load_and_are_forgotten_together(stores: Stores) -> None:
    for minute in range(120):
        await opened(stores, a_sighting(minute))
    found = await stores.cases.opened_between(GUILD, NOW, NOW + 3 * HOUR)
    assert [c.number for c in found] == list(range(1, 121))
    assert all(c.first.texts for c in found)
    assert await stores.cases.forget_texts(GUILD, NOW + 3 * HOUR) == 120
    assert not any(c.first.texts for c in await stores.cases.opened_between(GUILD, NOW, NOW + 3 * HOUR))
