"""Told to stop, the bot loses nothing and does nothing twice."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from bot import live
from tests.loopback.conftest import FRAMING, Runner
from tests.loopback.server import LoopbackDiscord


class Gate(asyncio.Event):
    """Holds the model up, and tells when a post has come that far."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """Note that somebody came, and let them wait."""
        self.reached.set()
        return await super().wait()


async def test_what_was_received_is_finished_before_the_end(server: LoopbackDiscord, bot: Runner) -> None:
    bot.classifier.gate = gate = Gate()
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.post(FRAMING)
        await gate.reached.wait()
        asyncio.get_running_loop().call_later(0.1, gate.set)
    assert len(server.cards()) == 1
    assert bot.classifier.is_closed


async def test_what_could_not_be_finished_is_caught_up_at_the_next_start(
    server: LoopbackDiscord, bot: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SHUTDOWN_SECONDS", 0.05)
    bot.classifier.gate = gate = Gate()
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.post(FRAMING)
        await gate.reached.wait()
    assert server.cards() == []
    bot.classifier.gate = None
    for _ in range(2):
        async with bot.running():
            await server.until(lambda: server.gateway.is_connected and bool(server.cards()))
    assert len(server.cards()) == 1
