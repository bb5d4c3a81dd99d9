"""The outbox: the port's suite, together with the case changes that fill it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.cases import Case
from bot.ports import OutboxEntry, OutboxKind, Stores
from tests.factories import GUILD, NOW, a_screening, a_sighting, a_verdict

WEEK = timedelta(days=7)


async def opened(stores: Stores, minute: int = 0, *, dry: bool = False, spilled: bool = False) -> Case:
    seen = a_sighting(minute)
    case = await stores.cases.open_case(a_screening(seen), seen, is_dry_run=dry, is_spilled=spilled)
    assert case
    return case


async def due(stores: Stores) -> list[OutboxEntry]:
    return await stores.outbox.due(NOW)


async def with_card(stores: Stores) -> Case:
    case = await opened(stores)
    [entry] = await due(stores)
    await stores.outbox.posted(entry, 30, 99)
    return await stores.cases.by_id(case.id)


async def test_a_new_case_queues_its_card(stores: Stores) -> None:
    case = await opened(stores)
    [entry] = await due(stores)
    assert (entry.guild_id, entry.kind, entry.case_id) == (GUILD, OutboxKind.CARD, case.id)
    assert await stores.outbox.pending(GUILD) == 1


async def test_dry_run_and_spilled_cases_queue_nothing_ever(stores: Stores) -> None:
    quiet = [await opened(stores, 0, dry=True), await opened(stores, 1, spilled=True)]
    for case in quiet:
        await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    assert await due(stores) == []


async def test_a_posted_card_is_found_again_and_not_due(stores: Stores) -> None:
    case = await with_card(stores)
    assert (case.card_channel_id, case.card_message_id) == (30, 99)
    assert await due(stores) == []
    assert await stores.outbox.pending(GUILD) == 0


async def test_changes_before_the_card_is_posted_ride_on_the_card(stores: Stores) -> None:
    case = await opened(stores)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    [entry] = await due(stores)
    assert entry.kind is OutboxKind.CARD
    await stores.outbox.posted(entry, 30, 99)
    assert await due(stores) == []


async def test_a_change_while_the_card_is_being_posted_is_shown_after_it(stores: Stores) -> None:
    case = await opened(stores)
    [card] = await due(stores)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    await stores.outbox.posted(card, 30, 99)
    assert [e.kind for e in await due(stores)] == [OutboxKind.EDIT]


async def test_a_change_while_the_card_is_edited_is_shown_after_it(stores: Stores) -> None:
    case = await with_card(stores)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    [edit] = await due(stores)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    await stores.outbox.posted(edit)
    [again] = await due(stores)
    assert again.kind is OutboxKind.EDIT
    assert again.id != edit.id
    await stores.outbox.posted(again)
    assert await due(stores) == []


async def test_many_changes_make_one_edit(stores: Stores) -> None:
    case = await with_card(stores)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    await stores.cases.mark_automod(case.first.message_id)
    await stores.cases.mark_deleted(case.first.message_id, NOW)
    assert [e.kind for e in await due(stores)] == [OutboxKind.EDIT]


async def test_what_was_marked_before_makes_no_edit(stores: Stores) -> None:
    case = await with_card(stores)
    await stores.cases.mark_automod(case.first.message_id)
    await stores.cases.mark_deleted(case.first.message_id, NOW)
    [edit] = await due(stores)
    await stores.outbox.posted(edit)
    await stores.cases.mark_automod(case.first.message_id)
    again = await stores.cases.mark_deleted(case.first.message_id, NOW + WEEK)
    assert await due(stores) == []
    assert again and again.first.deleted_at == NOW


async def test_a_card_that_was_not_shown_gets_no_edits(stores: Stores) -> None:
    case = await opened(stores)
    [entry] = await due(stores)
    await stores.outbox.posted(entry)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    assert await due(stores) == []


async def test_a_retry_waits_and_counts(stores: Stores) -> None:
    await opened(stores)
    [entry] = await due(stores)
    await stores.outbox.retry_at(entry, NOW + timedelta(seconds=5))
    assert await due(stores) == []
    assert await stores.outbox.pending(GUILD) == 1
    [later] = await stores.outbox.due(NOW + timedelta(seconds=5))
    assert (later.id, later.attempts, later.nonce) == (entry.id, 1, entry.nonce)


async def test_entries_come_oldest_first_and_limited(stores: Stores) -> None:
    cases = [await opened(stores, minute) for minute in range(3)]
    entries = await stores.outbox.due(NOW, limit=2)
    assert [e.case_id for e in entries] == [c.id for c in cases[:2]]


async def test_a_digest_is_queued_once_per_period(stores: Stores) -> None:
    assert await stores.outbox.last_digest(GUILD) is None
    assert await stores.outbox.add_digest(GUILD, NOW - WEEK, NOW)
    assert not await stores.outbox.add_digest(GUILD, NOW - WEEK, NOW)
    assert await stores.outbox.add_digest(GUILD, NOW, NOW + WEEK)
    assert await stores.outbox.add_digest(GUILD + 1, NOW - WEEK, NOW)
    assert await stores.outbox.last_digest(GUILD) == NOW + WEEK
    first = (await due(stores))[0]
    assert (first.kind, first.case_id, first.since, first.until) == (
        OutboxKind.DIGEST,
        0,
        NOW - WEEK,
        NOW,
    )
    await stores.outbox.posted(first)
    assert not await stores.outbox.add_digest(GUILD, NOW - WEEK, NOW)


@pytest.mark.parametrize("entry_id", [1, 10**12])
def test_a_nonce_fits_discords_limit(entry_id: int) -> None:
    assert len(OutboxEntry(entry_id, GUILD, OutboxKind.CARD).nonce) <= 25


async def test_an_entry_said_twice_changes_nothing_the_second_time(stores: Stores) -> None:
    case = await opened(stores)
    [entry] = await due(stores)
    await stores.outbox.posted(entry, 30, 99)
    await stores.cases.add_verdict(GUILD, case.number, a_verdict())
    await stores.outbox.posted(entry, 31, 100)
    assert (await stores.cases.by_id(case.id)).card_message_id == 99
    assert [e.kind for e in await due(stores)] == [OutboxKind.EDIT]


async def test_a_case_that_grows_or_is_edited_changes_its_card(stores: Stores) -> None:
    case = await with_card(stores)
    joined = a_sighting(1)
    await stores.cases.extend_case(a_screening(joined), case.id, joined)
    [edit] = await due(stores)
    assert (edit.kind, edit.case_id) == (OutboxKind.EDIT, case.id)
