"""Check what Discord says over REST: token, intent, and the permissions in every watched server."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.doctor.findings import Finding, fail, ok, warn
from bot.doctor.permissions import check_server
from bot.doctor.start_errors import NO_INTENT, NO_TOKEN, translate_start_error
from bot.domain.preferences import Preferences
from bot.endpoints import point_at
from config.schema import DiscordSettings

MOST_SERVERS = 25
"""Servers whose permissions are looked at; each takes three requests."""

LONGEST_WAIT = 30.0
"""Seconds that a rate limit may hold up the check."""


async def check_discord(settings: DiscordSettings, preferences: Sequence[Preferences]) -> list[Finding]:
    """Log in over REST only, without opening a gateway session, and look at what the bot may do."""
    token = settings.token.get_secret_value()
    if not token:
        return [fail("token", NO_TOKEN)]
    client = discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=LONGEST_WAIT)
    findings: list[Finding] = []
    with point_at(settings):
        try:
            async with client:
                await client.login(token)
                findings.append(ok("token", f"accepted for {client.user}"))
                findings.append(_check_intent(client, settings))
                findings.extend(await _check_servers(client, preferences))
        except Exception as error:
            findings.append(fail("discord" if findings else "token", translate_start_error(error)))
    return findings


def _check_intent(client: discord.Client, settings: DiscordSettings) -> Finding:
    assert client.application is not None, "a client that is logged in knows its application"
    if not settings.message_content:
        return warn("message content", "not asked for: nothing is watched, only /check and its menu work")
    flags = client.application.flags
    if flags.gateway_message_content or flags.gateway_message_content_limited:
        return ok("message content", "the intent is switched on")
    if settings.is_self_hosted:
        return warn("message content", "this server does not say whether the intent is switched on")
    return fail("message content", NO_INTENT)


async def _check_servers(client: discord.Client, preferences: Sequence[Preferences]) -> list[Finding]:
    watched = [p for p in preferences if p.watched_channel_ids]
    findings = [] if watched else [ok("permissions", "no server watches a channel yet: use /watch add there")]
    for one in watched[:MOST_SERVERS]:
        findings.extend(await check_server(client, one))
    if unseen := watched[MOST_SERVERS:]:
        findings.append(ok("permissions", f"{len(unseen)} more server(s) were not looked at"))
    return findings
