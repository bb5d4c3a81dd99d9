"""What happens to a message after it was posted: deletions, and what AutoMod did."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from bot.ports import CaseStore

MOST_REMEMBERED = 2000
"""How many messages are remembered until their screening is done; the oldest give way."""


class Aftermath:
    """Mark cases, also those of messages that are still being screened when the news comes."""

    def __init__(self, *, cases: CaseStore, announce: Callable[[], None]) -> None:
        self._cases = cases
        self._announce = announce
        self._deleted: OrderedDict[int, datetime] = OrderedDict()
        self._automod: OrderedDict[int, None] = OrderedDict()

    async def deleted(self, message_id: int, at: datetime) -> None:
        """Note that a message was deleted; its case stays."""
        self._deleted[message_id] = at
        _forget_oldest(self._deleted)
        await self._mark_deleted(message_id, at)

    async def automod_acted(self, message_id: int) -> None:
        """Note that AutoMod acted on a message too."""
        self._automod[message_id] = None
        _forget_oldest(self._automod)
        await self._mark_automod(message_id)

    async def apply(self, message_id: int) -> None:
        """Mark the case of a message, opened or extended just now, with what became known meanwhile."""
        if at := self._deleted.get(message_id):
            await self._mark_deleted(message_id, at)
        if message_id in self._automod:
            await self._mark_automod(message_id)

    async def _mark_deleted(self, message_id: int, at: datetime) -> None:
        if await self._cases.mark_deleted(message_id, at):
            self._announce()

    async def _mark_automod(self, message_id: int) -> None:
        if await self._cases.mark_automod(message_id):
            self._announce()


def _forget_oldest(remembered: OrderedDict[int, datetime] | OrderedDict[int, None]) -> None:
    while len(remembered) > MOST_REMEMBERED:
        remembered.popitem(last=False)
