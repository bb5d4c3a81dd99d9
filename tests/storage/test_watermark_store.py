"""Watermarks: the port's suite."""

from __future__ import annotations

from bot.ports import Stores
from tests.factories import CHANNEL, GUILD


async def test_a_channel_never_handled_has_no_watermark(stores: Stores) -> None:
    assert await stores.watermarks.get(CHANNEL) == 0
    assert await stores.watermarks.of_guild(GUILD) == {}


async def test_a_watermark_only_rises(stores: Stores) -> None:
    for message_id in (5, 9, 7):
        await stores.watermarks.advance(GUILD, CHANNEL, message_id)
    assert await stores.watermarks.get(CHANNEL) == 9


async def test_a_server_sees_its_own_channels_only(stores: Stores) -> None:
    await stores.watermarks.advance(1, 11, 100)
    await stores.watermarks.advance(1, 12, 200)
    await stores.watermarks.advance(2, 21, 300)
    assert await stores.watermarks.of_guild(1) == {11: 100, 12: 200}
