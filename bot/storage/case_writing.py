"""Write screenings, sightings and verdicts, and queue what they change on a card."""

from __future__ import annotations

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import Case, CaseState, Sighting
from bot.domain.coverage import ScreeningRecord
from bot.ports import OutboxKind
from bot.storage.rows import Rows
from bot.storage.tables import EPOCH, cases, outbox, screenings, sightings


async def insert_screening(connection: AsyncConnection, screening: ScreeningRecord) -> bool:
    """Insert a screening; False, with nothing changed, when that version was there already."""
    statement = sqlite.insert(screenings).values(
        message_id=screening.message_id,
        version=screening.version,
        guild_id=screening.guild_id,
        channel_id=screening.channel_id,
        posted_at=screening.posted_at,
        screened_at=screening.screened_at,
        score=screening.score,
        is_flagged=screening.is_flagged,
        skipped=screening.skipped,
    )
    return (await connection.execute(statement.on_conflict_do_nothing())).rowcount == 1


async def insert_case(
    connection: AsyncConnection,
    screening: ScreeningRecord,
    sighting: Sighting,
    *,
    is_dry_run: bool,
    is_spilled: bool,
) -> int:
    """Insert a case without its sighting, numbered after the server's latest; return its id."""
    last = select(func.max(cases.c.number)).where(cases.c.guild_id == screening.guild_id)
    number = ((await connection.execute(last)).scalar_one() or 0) + 1
    statement = insert(cases).values(
        guild_id=screening.guild_id,
        number=number,
        opened_at=screening.screened_at,
        last_seen_at=sighting.at,
        state=CaseState.OPEN,
        score=sighting.flag.score,
        is_spilled=is_spilled,
        is_dry_run=is_dry_run,
        is_automod_marked=False,
        card_channel_id=0,
        card_message_id=0,
    )
    key = (await connection.execute(statement)).inserted_primary_key
    assert key is not None, "an insert of one row has a key"
    return int(key[0])


async def put_sighting(connection: AsyncConnection, rows: Rows, case: Case, sighting: Sighting) -> None:
    """Add a sighting to a case, or replace the one of the same message."""
    columns = rows.of_sighting(sighting)
    if case.sighting_of(sighting.message_id):
        same = sightings.c.message_id == sighting.message_id
        await connection.execute(update(sightings).where(same).values(columns))
    else:
        await insert_sighting(connection, rows, case.id, len(case.sightings), sighting)
    changed: dict[str, object] = {"last_seen_at": max(sighting.at, *(s.at for s in case.sightings))}
    if case.first.message_id == sighting.message_id:
        changed["score"] = sighting.flag.score
    await connection.execute(update(cases).where(cases.c.id == case.id).values(changed))


async def insert_sighting(
    connection: AsyncConnection, rows: Rows, case_id: int, position: int, sighting: Sighting
) -> None:
    """Insert a case's sighting; `position` counts from 0, the sighting that opened the case."""
    columns = {"case_id": case_id, "position": position, **rows.of_sighting(sighting)}
    await connection.execute(insert(sightings).values(columns))


async def reopen(connection: AsyncConnection, case: Case) -> None:
    """Open a case again and queue a new card for it, where the case had one."""
    await connection.execute(update(cases).where(cases.c.id == case.id).values(state=CaseState.OPEN))
    if case.card_message_id:
        await queue_card(connection, case.guild_id, case.id)


async def queue_card(connection: AsyncConnection, guild_id: int, case_id: int) -> None:
    """Queue a new case's card, due at once."""
    await _queue(connection, guild_id, case_id, OutboxKind.CARD)


async def queue_edit(connection: AsyncConnection, case_id: int) -> None:
    """Queue an edit of a case's card: one at a time, and none where no card was or will be posted.

    While an entry of the case waits, its revision grows instead: it will show the newest state anyway.
    """
    waiting = (outbox.c.case_id == case_id) & outbox.c.is_said.is_(False)
    later = update(outbox).where(waiting).values(revision=outbox.c.revision + 1)
    if (await connection.execute(later)).rowcount:
        return
    query = select(cases.c.guild_id).where(cases.c.id == case_id, cases.c.card_message_id != 0)
    guild_id = (await connection.execute(query)).scalar_one_or_none()
    if guild_id is not None:
        await _queue(connection, guild_id, case_id, OutboxKind.EDIT)


async def _queue(connection: AsyncConnection, guild_id: int, case_id: int, kind: OutboxKind) -> None:
    await connection.execute(
        insert(outbox).values(
            guild_id=guild_id,
            kind=kind,
            case_id=case_id,
            revision=0,
            attempts=0,
            due_at=EPOCH,
            is_said=False,
        )
    )
