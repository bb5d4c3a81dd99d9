"""Every way to fail at the start is one line with a remedy; none quotes what it should not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
import yarl

from bot.doctor import translate_start_error
from bot.ports import StorageError
from classifiers.contract import WeightsError
from config.schema import SettingsError

POST = "what about your emails"


def _closed(code: int) -> discord.ConnectionClosed:
    return discord.ConnectionClosed(cast(Any, SimpleNamespace(close_code=code)), shard_id=None, code=code)


def _answered(status: int) -> discord.HTTPException:
    response = cast(Any, SimpleNamespace(status=status, reason="", headers={}))
    return discord.HTTPException(response, {"code": 50001, "message": POST})


def _unreachable() -> aiohttp.ClientConnectorError:
    key = cast(Any, SimpleNamespace(host="chat.test", port=443, ssl=True, is_ssl=True))
    return aiohttp.ClientConnectorError(key, OSError(111, "Connection refused"))


def _handshake() -> aiohttp.WSServerHandshakeError:
    request = cast(Any, SimpleNamespace(real_url=yarl.URL("ws://chat.test")))
    return aiohttp.WSServerHandshakeError(request, (), status=404)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (discord.LoginFailure("Improper token has been passed."), "put it into DISCORD_TOKEN"),
        (discord.PrivilegedIntentsRequired(None), "Privileged Gateway Intents"),
        (_closed(4004), "Discord refused the token"),
        (_closed(4014), "message content intent is switched off"),
        (_closed(4011), "fewer than 2,500 servers"),
        (_closed(4999), "code 4999"),
        (discord.GatewayNotFound(), "discord.gateway_url"),
        (discord.RateLimited(61.0), "wait 61 s"),
        (_answered(503), "answered 503 (code 50001)"),
        (_unreachable(), "chat.test:443 cannot be reached (Connection refused)"),
        (_handshake(), "answered 404 instead of a websocket"),
        (aiohttp.InvalidUrlClientError("x"), "check discord.api_url"),
        (TimeoutError(), "could not be reached (TimeoutError)"),
        (StorageError("file x\nis broken: mend it"), "file x is broken: mend it"),
        (SettingsError("log.levle in x"), "log.levle in x"),
        (WeightsError("weights differ: restore"), "weights differ: restore"),
        (ModuleNotFoundError("no", name="simcord"), "the package simcord is not installed"),
        (PermissionError(13, "Permission denied", "/data/x"), "/data/x cannot be used (Permission denied)"),
        (ExceptionGroup("several", [StorageError("broken: mend it"), ValueError()]), "broken: mend it"),
        (ValueError(POST), "something unforeseen happened"),
    ],
)
def test_an_error_is_one_line_with_a_remedy(error: Exception, said: str) -> None:
    line = translate_start_error(error)
    assert said in line
    assert "\n" not in line
    assert POST not in line
