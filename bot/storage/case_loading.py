"""Load cases with their sightings and verdicts, in three queries a page however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, RowMapping, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import Case, NoSuchCaseError
from bot.storage.rows import Rows
from bot.storage.tables import cases, sightings, verdicts

PAGE = 50
"""Cases decrypted in one go, so that a long list leaves the event loop room in between."""


class CaseLoader:
    """Read whole cases within a transaction of the caller."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def select(self, connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> list[Case]:
        """Return the cases whose rows `query` selects, in its order."""
        found = (await connection.execute(query)).mappings().all()
        loaded: list[Case] = []
        for page in _pages(found):
            loaded += await self._load(connection, page)
        return loaded

    async def find(self, connection: AsyncConnection, condition: ColumnElement[bool]) -> Case | None:
        """Return the one case that fulfils a condition, None when there is none."""
        found = await self.select(connection, select(cases).where(condition))
        return found[0] if found else None

    async def one(self, connection: AsyncConnection, condition: ColumnElement[bool]) -> Case:
        """Return the one case that fulfils a condition; raise `NoSuchCaseError`."""
        case = await self.find(connection, condition)
        if case is None:
            raise NoSuchCaseError
        return case

    async def holder(self, connection: AsyncConnection, message_id: int) -> Case | None:
        """Return the case that holds a message, None when none does."""
        holding = select(sightings.c.case_id).where(sightings.c.message_id == message_id)
        return await self.find(connection, cases.c.id == holding.scalar_subquery())

    async def _load(self, connection: AsyncConnection, page: Sequence[RowMapping]) -> list[Case]:
        ids = [row["id"] for row in page]
        seen = await _by_case(connection, sightings, ids)
        ruled = await _by_case(connection, verdicts, ids)
        return [
            self._rows.case(
                row,
                [self._rows.sighting(s) for s in seen[row["id"]]],
                [self._rows.verdict(v) for v in ruled[row["id"]]],
            )
            for row in page
        ]


async def _by_case(
    connection: AsyncConnection, table: Table, ids: Sequence[int]
) -> defaultdict[int, list[RowMapping]]:
    query = select(table).where(table.c.case_id.in_(ids)).order_by(table.c.case_id, table.c.position)
    grouped: defaultdict[int, list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        grouped[row["case_id"]].append(row)
    return grouped


def _pages(rows: Sequence[RowMapping]) -> Iterator[Sequence[RowMapping]]:
    for start in range(0, len(rows), PAGE):
        yield rows[start : start + PAGE]
