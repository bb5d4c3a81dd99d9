"""The doctor asks Discord over REST: token, intent, and what is permitted where."""

from __future__ import annotations

import discord
import pytest

from bot.doctor.findings import Finding, Level
from bot.doctor.online import check_discord
from bot.domain.preferences import Preferences
from config.schema import DiscordSettings, Settings
from tests.loopback.payloads import GENERAL_ID, GUILD_ID, MODS_ID
from tests.loopback.server import LoopbackDiscord

WATCHING = Preferences(
    guild_id=GUILD_ID, watched_channel_ids=frozenset({GENERAL_ID}), mod_channel_id=MODS_ID, is_dry_run=False
)


def _levels(findings: list[Finding]) -> list[Level]:
    return [f.level for f in findings]


def _bits(**flags: bool) -> int:
    return discord.Permissions(**flags).value


@pytest.fixture
def at(settings: Settings) -> DiscordSettings:
    """Return where Discord is."""
    return settings.discord


async def test_a_healthy_bot_passes_without_a_gateway_session(
    server: LoopbackDiscord, at: DiscordSettings
) -> None:
    findings = await check_discord(at, [WATCHING])
    assert _levels(findings) == [Level.OK] * 4
    assert server.gateway.queries == []


async def test_before_any_channel_is_watched_the_next_step_is_named(
    server: LoopbackDiscord, at: DiscordSettings
) -> None:
    findings = await check_discord(at, [Preferences(guild_id=GUILD_ID)])
    assert "use /watch add" in findings[-1].message
    assert findings[-1].level is Level.OK


async def test_a_wrong_token_is_the_only_finding(server: LoopbackDiscord, at: DiscordSettings) -> None:
    server.token = "another"
    (finding,) = await check_discord(at, [WATCHING])
    assert (finding.name, finding.level) == ("token", Level.FAIL)
    assert "refused the token" in finding.message


async def test_without_a_token_nothing_is_asked(server: LoopbackDiscord, at: DiscordSettings) -> None:
    (finding,) = await check_discord(DiscordSettings(api_url=at.api_url), [WATCHING])
    assert "DISCORD_TOKEN" in finding.message
    assert server.requests == []


async def test_the_intent_that_a_self_hosted_server_does_not_report_is_a_warning(
    server: LoopbackDiscord, at: DiscordSettings
) -> None:
    server.flags = 0
    findings = await check_discord(at, [WATCHING])
    assert (findings[1].name, findings[1].level) == ("message content", Level.WARN)


async def test_a_watched_channel_without_its_history_fails_though_discord_would_answer_an_empty_list(
    server: LoopbackDiscord, at: DiscordSettings
) -> None:
    server.denied[GENERAL_ID] = _bits(read_message_history=True)
    finding = (await check_discord(at, [WATCHING]))[2]
    assert (finding.level, finding.guild_id) == (Level.FAIL, GUILD_ID)
    assert "#general in Town Square: the bot lacks Read Message History" in finding.message
    assert "/watch remove" in finding.message


async def test_a_moderators_channel_that_cannot_be_written_fails_with_all_that_lacks(
    server: LoopbackDiscord, at: DiscordSettings
) -> None:
    server.denied[MODS_ID] = _bits(send_messages=True, embed_links=True, attach_files=True)
    finding = (await check_discord(at, [WATCHING]))[3]
    assert "#mods in Town Square: the bot lacks Send Messages" in finding.message
    assert "/report-here" in finding.message


async def test_a_server_the_bot_left_and_a_channel_that_is_gone_are_warnings(
    server: LoopbackDiscord, at: DiscordSettings
) -> None:
    gone = Preferences(guild_id=GUILD_ID, watched_channel_ids=frozenset({GENERAL_ID, 4_999}))
    left = Preferences(guild_id=3_999, watched_channel_ids=frozenset({1}))
    findings = await check_discord(at, [gone, left])
    assert _levels(findings[2:]) == [Level.OK, Level.WARN, Level.WARN, Level.WARN]
    messages = " | ".join(f.message for f in findings[2:])
    assert "#4999 in Town Square is gone or hidden" in messages
    assert "Town Square has no moderators' channel: use /report-here" in messages
    assert "no longer in server 3999" in messages


async def test_a_watched_thread_has_the_permissions_of_its_channel(
    server: LoopbackDiscord, at: DiscordSettings
) -> None:
    server.threads[4_500] = GENERAL_ID
    server.denied[GENERAL_ID] = _bits(send_messages_in_threads=True)
    both = Preferences(guild_id=GUILD_ID, watched_channel_ids=frozenset({4_500}), mod_channel_id=4_500)
    reading, reporting = (await check_discord(at, [both]))[2:]
    assert reading.level is Level.OK
    assert "lacks Send Messages In Threads" in reporting.message
