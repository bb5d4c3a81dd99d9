"""What Discord refuses at the start is one line with the remedy and exit code 2, never a traceback."""

from __future__ import annotations

import asyncio
import socket

import discord
import pytest
from pydantic import SecretStr

from config.schema import DiscordSettings, Settings
from tests.loopback.conftest import Runner
from tests.loopback.payloads import GENERAL_ID
from tests.loopback.server import PATIENCE_SECONDS, LoopbackDiscord


def _with_discord(settings: Settings, **changed: object) -> Settings:
    discord = DiscordSettings.model_validate({**dict(settings.discord), **changed})
    return settings.model_copy(update={"discord": discord})


async def _refused(bot: Runner) -> str:
    assert await asyncio.wait_for(bot.run(), PATIENCE_SECONDS) == 2
    (line,) = bot.said
    return line


async def test_a_wrong_token_is_named(server: LoopbackDiscord, bot: Runner) -> None:
    bot.settings = _with_discord(bot.settings, token=SecretStr("not-the-token"))
    line = await _refused(bot)
    assert "Discord refused the token" in line
    assert "DISCORD_TOKEN" in line
    assert "not-the-token" not in line


async def test_a_token_refused_by_the_gateway_is_named(server: LoopbackDiscord, bot: Runner) -> None:
    server.gateway.refuses_token = True
    assert "Discord refused the token" in await _refused(bot)


async def test_the_intent_switched_off_is_named(server: LoopbackDiscord, bot: Runner) -> None:
    server.gateway.refuses_intents = True
    line = await _refused(bot)
    assert "message content intent is switched off" in line
    assert "Privileged Gateway Intents" in line


async def test_an_address_where_nobody_listens_is_named(bot: Runner, unused_port: int) -> None:
    bot.settings = _with_discord(bot.settings, api_url=f"http://127.0.0.1:{unused_port}/api/v10")
    line = await _refused(bot)
    assert f"127.0.0.1:{unused_port} cannot be reached" in line
    assert "discord.api_url" in line


@pytest.fixture
def unused_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_a_permission_that_lacks_in_the_only_server_stops_the_start(
    server: LoopbackDiscord, bot: Runner
) -> None:
    server.denied[GENERAL_ID] = discord.Permissions(read_message_history=True).value
    assert "#general in Town Square: the bot lacks Read Message History" in await _refused(bot)
    assert server.gateway.identified == []
