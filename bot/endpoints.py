"""Point discord.py at a server of the operator's choice: the one place that touches its fixed addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import aiohttp
import discord.http
import discord.webhook.async_
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket

from config.schema import DiscordSettings

Dial = Callable[..., Awaitable[DiscordWebSocket]]

_API_VERSION = re.compile(r"/v(\d+)$")


def point_at(settings: DiscordSettings) -> ExitStack:
    """Use these REST, gateway and CDN addresses for every client made from now on.

    It takes effect at once. Close the stack that comes back (it is a context manager) to restore what was
    there before. discord.py has no public way to do this: its addresses are class attributes, and a client
    without shards never asks the API for the gateway.
    """
    stack = ExitStack()
    _set(stack, discord.http.Route, "BASE", settings.api_url)
    _set(stack, Asset, "BASE", settings.cdn_url)
    if version := _API_VERSION.search(settings.api_url):
        _set(stack, discord.http, "INTERNAL_API_VERSION", int(version[1]))
    if settings.is_self_hosted:
        dial = _dialling(DiscordWebSocket.from_client.__func__, settings.gateway_url)  # type: ignore[attr-defined]
        _set(stack, DiscordWebSocket, "from_client", classmethod(dial))
        for module in (discord.http, discord.webhook.async_):
            _set(stack, module, "json_or_text", _json_or_text)
    return stack


def _dialling(original: Dial, pinned: str) -> Dial:
    """Wrap the opening of a websocket: dial `pinned`, or without one what the server itself names."""

    async def from_client(
        cls: type[DiscordWebSocket],
        client: discord.Client,
        *,
        gateway: yarl.URL | None = None,
        **options: Any,
    ) -> DiscordWebSocket:
        if pinned:
            gateway = yarl.URL(pinned)
        elif gateway is None or gateway == DiscordWebSocket.DEFAULT_GATEWAY:
            _, url, _ = await client.http.get_bot_gateway()
            gateway = yarl.URL(url)
        return await original(cls, client, gateway=gateway, **options)

    return from_client


async def _json_or_text(response: aiohttp.ClientResponse) -> Any:
    """Read a body as JSON also where its type names a charset, which most web frameworks add."""
    text = await response.text(encoding="utf-8")
    return json.loads(text) if response.content_type == "application/json" else text


def _set(stack: ExitStack, owner: object, name: str, value: object) -> None:
    before = vars(owner)[name]
    setattr(owner, name, value)
    stack.callback(setattr, owner, name, before)
