"""Discord's edge refuses or loses an answer: the card is tried again, and stands there once."""

from __future__ import annotations

from tests.loopback.conftest import FRAMING, Runner
from tests.loopback.server import Fault, LoopbackDiscord


async def _flag_one(server: LoopbackDiscord, bot: Runner, fault: Fault) -> None:
    server.faults.append(fault)
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.post(FRAMING)
        await server.until(lambda: server.count("POST", "/messages") == 2)
    assert not server.faults


async def test_a_rate_limit_is_waited_for(server: LoopbackDiscord, bot: Runner) -> None:
    await _flag_one(server, bot, Fault("POST", "/messages", 429, retry_after=0.05))
    assert len(server.cards()) == 1


async def test_a_bad_gateway_after_the_post_makes_no_second_card(
    server: LoopbackDiscord, bot: Runner
) -> None:
    await _flag_one(server, bot, Fault("POST", "/messages", 502, is_late=True))
    assert len(server.cards()) == 1
    assert server.cards()[0]["nonce"].startswith("evenhand-")


async def test_a_rate_limited_history_still_fills_the_gap(server: LoopbackDiscord, bot: Runner) -> None:
    server.faults.append(Fault("GET", "/messages", 429, retry_after=0.05))
    await server.post(FRAMING)
    async with bot.running():
        await server.until(lambda: bool(server.cards()))
    assert not server.faults
    assert len(server.cards()) == 1
