"""Log in, lose the connection in every way Discord knows, and miss nothing."""

from __future__ import annotations

from collections import Counter

import discord

from tests.loopback import payloads
from tests.loopback.conftest import FRAMING, PLAIN, Runner
from tests.loopback.server import LoopbackDiscord


async def test_a_flagged_post_becomes_a_card(server: LoopbackDiscord, bot: Runner) -> None:
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.post(PLAIN)
        await server.post(FRAMING)
        await server.until(lambda: bool(server.cards()))
        assert bot.settings.health.file.exists()
    assert len(server.cards()) == 1
    asked = discord.Intents._from_value(server.gateway.identified[0]["intents"])
    assert asked.message_content
    assert not asked.members
    assert {c["name"] for c in server.commands} >= {"watch", "cases", "status"}
    assert server.gateway.heartbeats >= 1
    assert bot.said == []


async def test_a_slash_command_is_answered_over_the_same_address(
    server: LoopbackDiscord, bot: Runner
) -> None:
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.gateway.dispatch("INTERACTION_CREATE", payloads.slash("status"))
        await server.until(lambda: bool(server.callbacks or server.follow_ups))
    assert server.callbacks


async def test_a_resumed_session_replays_what_was_missed(server: LoopbackDiscord, bot: Runner) -> None:
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        async with server.gateway.outage():
            await server.post(FRAMING)
        await server.until(lambda: bool(server.cards()))
    assert (len(server.gateway.identified), server.gateway.resumed) == (1, 1)
    assert len(server.cards()) == 1


async def test_asked_to_reconnect_it_resumes(server: LoopbackDiscord, bot: Runner) -> None:
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.gateway.ask_reconnect()
        await server.until(lambda: server.gateway.resumed == 1)
        await server.gateway.invalidate(is_resumable=True)
        await server.until(lambda: server.gateway.resumed == 2)
        await server.post(FRAMING)
        await server.until(lambda: bool(server.cards()))
    assert len(server.gateway.identified) == 1


async def test_the_gap_behind_a_lost_session_is_fetched_whole_and_screened_once(
    server: LoopbackDiscord, bot: Runner
) -> None:
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.post(PLAIN)
        await server.until(lambda: bool(bot.classifier.asked))
        async with server.gateway.outage(is_remembered=False):
            missed = [await server.post(f"{PLAIN}, {n}") for n in range(125)]
            await server.post(FRAMING)
        await server.until(lambda: bool(server.cards()))
    assert (len(server.gateway.identified), server.gateway.resumed) == (2, 0)
    heard = Counter(passage.text for passage in bot.classifier.asked)
    assert heard == Counter([PLAIN, FRAMING, *(m["content"] for m in missed)])


async def test_a_session_invalidated_while_connected_is_begun_again(
    server: LoopbackDiscord, bot: Runner
) -> None:
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        await server.gateway.invalidate(is_resumable=False)
        await server.until(lambda: len(server.gateway.identified) == 2 and server.gateway.is_connected)
        await server.post(FRAMING)
        await server.until(lambda: bool(server.cards()))
    assert server.gateway.resumed == 0
