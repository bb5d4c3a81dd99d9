"""One setting points the bot at another server, for REST, websockets and pictures alike."""

from __future__ import annotations

import discord.http
from discord.asset import Asset
from discord.gateway import DiscordWebSocket

from bot.endpoints import point_at
from config.schema import DiscordSettings
from tests.loopback.conftest import FRAMING, Runner
from tests.loopback.server import LoopbackDiscord


def _addresses() -> tuple[object, ...]:
    return (
        discord.http.Route.BASE,
        Asset.BASE,
        discord.http.INTERNAL_API_VERSION,
        discord.http.json_or_text,
        vars(DiscordWebSocket)["from_client"],
    )


def test_closing_it_restores_every_address() -> None:
    before = _addresses()
    elsewhere = DiscordSettings(api_url="http://chat.test/api/v9", cdn_url="http://cdn.test")
    with point_at(elsewhere):
        assert discord.http.Route("GET", "/users/@me").url == "http://chat.test/api/v9/users/@me"
        assert Asset.BASE == "http://cdn.test"
        assert discord.http.INTERNAL_API_VERSION == 9
        assert all(now != then for now, then in zip(_addresses(), before, strict=True))
    assert _addresses() == before


def test_discord_itself_is_left_as_the_library_has_it() -> None:
    before = _addresses()
    with point_at(DiscordSettings()):
        assert _addresses() == before


async def test_a_gateway_of_ones_own_wins_over_what_the_server_names(
    server: LoopbackDiscord, bot: Runner
) -> None:
    chosen = {**dict(bot.settings.discord), "gateway_url": server.gateway.url}
    bot.settings = bot.settings.model_copy(update={"discord": DiscordSettings.model_validate(chosen)})
    server.gateway.url = "ws://127.0.0.1:9/nowhere"
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
        async with server.gateway.outage():
            await server.post(FRAMING)
        await server.until(lambda: bool(server.cards()))
    assert server.gateway.resumed == 1
    assert server.count("GET", "/gateway/bot") == 0


async def test_the_gateway_speaks_the_version_of_the_rest_address(
    server: LoopbackDiscord, bot: Runner
) -> None:
    chosen = {**dict(bot.settings.discord), "api_url": server.api_url.replace("/v10", "/v9")}
    bot.settings = bot.settings.model_copy(update={"discord": DiscordSettings.model_validate(chosen)})
    async with bot.running():
        await server.until(lambda: server.gateway.is_connected)
    assert server.gateway.queries[0]["v"] == "9"
