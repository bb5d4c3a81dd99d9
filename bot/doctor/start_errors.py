"""Put what can go wrong at the start, or while running, into one line with its remedy."""

from __future__ import annotations

import aiohttp
import discord

from bot.logs import OURS, describe

PORTAL = "in the developer portal, under Bot"

NO_TOKEN = f"no token is set: put the bot's token ({PORTAL}) into DISCORD_TOKEN or a .env file"
BAD_TOKEN = f"Discord refused the token: make a new one {PORTAL}, and put it into DISCORD_TOKEN"
NO_INTENT = (
    f"the message content intent is switched off: switch it on {PORTAL}, "
    "Privileged Gateway Intents, or set discord.message_content = false"
)
NOT_REACHED = "check the network and discord.api_url"

_CLOSE_CODES = {
    4004: BAD_TOKEN,
    4010: "Discord refused the shard: this version runs one shard, so another one must not use this token",
    4011: "Discord wants shards, which this version does not do: run the bot in fewer than 2,500 servers",
    4012: "Discord no longer speaks this gateway version: upgrade discord.py",
    4013: "Discord does not know the intents asked for: upgrade discord.py",
    4014: NO_INTENT,
}


def translate_start_error(error: BaseException) -> str:
    """Return one line that names cause and remedy; it holds no secret and no message text.

    Our own errors are written as such a line already. Of a group the first member is put into words.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if type(error).__module__.split(".", 1)[0] in OURS:
        return " ".join(str(error).split())
    return _of_discord(error) or _of_network(error) or _of_machine(error) or _unforeseen(error)


def _of_discord(error: BaseException) -> str:
    match error:
        case discord.LoginFailure():
            return BAD_TOKEN
        case discord.PrivilegedIntentsRequired():
            return NO_INTENT
        case discord.ConnectionClosed(code=code):
            return _CLOSE_CODES.get(
                code, f"Discord closed the connection (code {code}): start again in a minute"
            )
        case discord.GatewayNotFound():
            return f"the server names no gateway: {NOT_REACHED}, or set discord.gateway_url"
        case discord.RateLimited(retry_after=wait):
            return f"Discord asks to wait {wait:.0f} s: start again after that"
        case discord.HTTPException(status=status, code=code):
            return (
                f"Discord answered {status} (code {code}): look at discord.api_url, or try again in a minute"
            )
    return ""


def _of_network(error: BaseException) -> str:
    match error:
        case aiohttp.ClientConnectorError():
            cause = error.os_error.strerror or type(error.os_error).__name__
            return f"{error.host}:{error.port} cannot be reached ({cause}): {NOT_REACHED}"
        case aiohttp.WSServerHandshakeError(status=status):
            return f"the gateway answered {status} instead of a websocket: check discord.gateway_url"
        case aiohttp.InvalidURL():
            return "an address in the settings is none: check discord.api_url and discord.gateway_url"
        case aiohttp.ClientError() | TimeoutError():
            return f"Discord could not be reached ({type(error).__name__}): {NOT_REACHED}"
    return ""


def _of_machine(error: BaseException) -> str:
    match error:
        case ModuleNotFoundError(name=name):
            return f"the package {name} is not installed: run make setup, or install evenhand with its extras"
        case OSError(strerror=cause, filename=filename) if filename:
            return f"{filename} cannot be used ({cause}): check its permissions and the disk"
    return ""


def _unforeseen(error: BaseException) -> str:
    return f"something unforeseen happened, please report it: {describe(error)}"
