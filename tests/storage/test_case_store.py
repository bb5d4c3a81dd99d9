"""Cases: the port's suite on writing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Case, CaseState, ContextSummary, NoSuchCaseError, Ruling, Sighting
from bot.domain.posts import Quote
from bot.ports import OutboxKind, Stores
from tests.factories import GUILD, NOW, a_flag, a_screening, a_sighting, a_verdict


async def opened(stores: Stores, seen: Sighting | None = None, *, guild: int = GUILD, **flags: bool) -> Case:
    sighting = seen or a_sighting()
    case = await stores.cases.open_case(
        a_screening(sighting, guild_id=guild),
        sighting,
        is_dry_run=flags.get("dry", False),
        is_spilled=flags.get("spilled", False),
    )
    assert case
    return case


async def test_a_case_comes_back_as_it_was_opened(stores: Stores) -> None:
    case = await opened(stores, a_sighting(author_name="Žofie 🌻"))
    assert case == Case(
        id=case.id,
        guild_id=GUILD,
        number=1,
        opened_at=NOW,
        sightings=(a_sighting(author_name="Žofie 🌻"),),
    )
    assert await stores.cases.get(GUILD, 1) == case
    assert await stores.cases.by_id(case.id) == case
    assert await stores.cases.by_message(case.first.message_id) == case


async def test_a_recorded_version_is_recorded_once(stores: Stores) -> None:
    record = a_screening(is_flagged=False)
    assert not await stores.cases.is_recorded(record.message_id, 0)
    assert await stores.cases.record(record)
    assert not await stores.cases.record(replace(record, score=0.0))
    assert await stores.cases.is_recorded(record.message_id, 0)
    assert not await stores.cases.is_recorded(record.message_id, 1)


async def test_a_recorded_version_opens_and_extends_nothing(stores: Stores) -> None:
    case = await opened(stores)
    again = await stores.cases.open_case(a_screening(), a_sighting(), is_dry_run=False, is_spilled=False)
    assert again is None
    assert await stores.cases.extend_case(a_screening(), case.id, a_sighting(texts=("new",))) is None
    assert (await stores.cases.queue(GUILD))[0] == [case]


async def test_fifty_at_once_open_exactly_one_case(stores: Stores) -> None:
    results = await asyncio.gather(
        *(
            stores.cases.open_case(a_screening(), a_sighting(), is_dry_run=False, is_spilled=False)
            for _ in range(50)
        )
    )
    assert sum(case is not None for case in results) == 1
    assert (await stores.cases.queue(GUILD))[1] == 1
    assert await stores.outbox.pending(GUILD) == 1


async def test_cases_opened_at_once_get_numbers_without_gaps(stores: Stores) -> None:
    cases = await asyncio.gather(*(opened(stores, a_sighting(minute)) for minute in range(20)))
    assert sorted(c.number for c in cases) == list(range(1, 21))


async def test_each_server_numbers_its_own_cases(stores: Stores) -> None:
    await opened(stores, a_sighting(0), guild=1)
    await opened(stores, a_sighting(1), guild=2)
    assert (await opened(stores, a_sighting(2), guild=1)).number == 2
    assert (await stores.cases.get(2, 1)).first.message_id == a_sighting(1).message_id
    with pytest.raises(NoSuchCaseError):
        await stores.cases.get(2, 2)


async def test_another_post_extends_a_case(stores: Stores) -> None:
    case = await opened(stores)
    second = a_sighting(5, author_id=41, author_name="Somebody")
    grown = await stores.cases.extend_case(a_screening(second), case.id, second)
    assert grown and grown.sightings == (case.first, second)
    assert await stores.cases.by_message(second.message_id) == grown


async def test_an_edit_replaces_its_sighting_in_place(stores: Stores) -> None:
    case = await opened(stores, a_sighting(0))
    second = a_sighting(5)
    await stores.cases.extend_case(a_screening(second), case.id, second)
    edited = replace(case.first, texts=("old", "new"), flag=a_flag(0.95))
    grown = await stores.cases.extend_case(a_screening(edited, version=7), case.id, edited)
    assert grown and grown.sightings == (edited, second)
    assert (await stores.cases.queue(GUILD))[0] == [grown]


async def test_a_message_is_in_one_case_only(stores: Stores) -> None:
    holder, other = await opened(stores, a_sighting(0)), await opened(stores, a_sighting(1))
    edited = replace(holder.first, texts=("old", "new"))
    by_opening = await stores.cases.open_case(
        a_screening(edited, version=1),
        edited,
        is_dry_run=False,
        is_spilled=False,
    )
    by_extending = await stores.cases.extend_case(a_screening(edited, version=2), other.id, edited)
    assert by_opening and by_extending
    assert by_opening.id == by_extending.id == holder.id
    assert (await stores.cases.by_id(other.id)).sightings == other.sightings


async def test_extending_a_case_that_is_not_there_changes_nothing(stores: Stores) -> None:
    with pytest.raises(NoSuchCaseError):
        await stores.cases.extend_case(a_screening(), 7, a_sighting())
    assert not await stores.cases.is_recorded(a_sighting().message_id, 0)


async def test_a_verdict_closes_and_a_later_one_replaces_the_state(stores: Stores) -> None:
    case = await opened(stores)
    doubt = a_verdict(Ruling.SECOND_OPINION, reason="")
    assert (await stores.cases.add_verdict(GUILD, case.number, doubt)).state is CaseState.OPEN
    upheld = a_verdict(Ruling.UPHELD, reason="it dodges")
    assert (await stores.cases.add_verdict(GUILD, case.number, upheld)).state is CaseState.UPHELD
    dismissed = a_verdict(Ruling.DISMISSED, moderator_id=51)
    ruled = await stores.cases.add_verdict(GUILD, case.number, dismissed)
    assert ruled.state is CaseState.DISMISSED
    assert ruled.verdicts == (doubt, upheld, dismissed)
    assert await stores.cases.get(GUILD, case.number) == ruled


async def test_a_verdict_needs_a_case_of_that_server(stores: Stores) -> None:
    await opened(stores)
    with pytest.raises(NoSuchCaseError):
        await stores.cases.add_verdict(GUILD + 1, 1, a_verdict())


async def test_marks_reach_the_case_and_unknown_messages_none(stores: Stores) -> None:
    case = await opened(stores)
    deleted = await stores.cases.mark_deleted(case.first.message_id, NOW)
    marked = await stores.cases.mark_automod(case.first.message_id)
    assert deleted and deleted.first.deleted_at == NOW
    assert marked and marked.is_automod_marked
    assert await stores.cases.by_id(case.id) == marked
    assert await stores.cases.mark_deleted(1, NOW) is None
    assert await stores.cases.mark_automod(1) is None
    assert await stores.cases.by_message(1) is None


async def test_a_summary_is_kept_with_its_case(stores: Stores) -> None:
    case = await opened(stores)
    summary = ContextSummary(
        reply_to=Quote("Ana", "Taxes rose", NOW, "https://discord.com/channels/1/2/3", True),
        before=(Quote("Ben", "Hm", NOW - timedelta(minutes=1)),),
        quoted_words="Taxes",
        earlier_upheld=1,
        earlier_dismissed=2,
    )
    await stores.cases.save_summary(case.id, summary)
    assert (await stores.cases.by_id(case.id)).summary == summary
    await stores.cases.save_summary(999, summary)
    with pytest.raises(NoSuchCaseError):
        await stores.cases.by_id(999)


async def test_forgetting_words_brings_the_card_up_to_date(stores: Stores) -> None:
    await opened(stores)
    (entry,) = await stores.outbox.due(NOW)
    await stores.outbox.posted(entry, 5, 6)
    await stores.cases.forget_texts(GUILD, NOW + timedelta(days=1))
    (edit,) = await stores.outbox.due(NOW)
    assert edit.kind is OutboxKind.EDIT


async def test_a_reopened_case_is_open_and_gets_a_new_card(stores: Stores) -> None:
    case = await opened(stores)
    (entry,) = await stores.outbox.due(NOW)
    await stores.outbox.posted(entry, 5, 6)
    await stores.cases.add_verdict(GUILD, 1, a_verdict(Ruling.DISMISSED))
    (edit,) = await stores.outbox.due(NOW)
    await stores.outbox.posted(edit)
    edited = replace(case.first, texts=(*case.first.texts, "worse"))
    again = await stores.cases.extend_case(a_screening(edited, version=7), case.id, edited, is_reopened=True)
    assert again and again.is_open and len(again.verdicts) == 1
    assert [e.kind for e in await stores.outbox.due(NOW)] == [OutboxKind.CARD]
