"""The HTTP half of the loopback server: the routes a bot uses, with faults on request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from aiohttp import web

from tests.loopback import payloads
from tests.loopback.gateway import Gateway
from tests.loopback.payloads import JSON

TOKEN = "loopback-token"
API = r"/api/v{version:\d+}"
PATIENCE_SECONDS = 8.0
"""How long a test waits for something to happen before it fails."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """One answer that goes wrong; with `is_late` the request was carried out before."""

    method: str
    path_end: str
    status: int
    retry_after: float = 0.0
    is_late: bool = False

    def hits(self, request: web.Request) -> bool:
        """Say whether this request is the one to fail."""
        return request.method == self.method and request.path.endswith(self.path_end)

    def answer(self) -> web.Response:
        """Return the faulty answer, as Discord's edge words it."""
        if self.status != 429:
            return web.Response(status=self.status, text="<html>bad gateway</html>")
        body = {"message": "You are being rate limited.", "retry_after": self.retry_after, "global": False}
        return web.json_response(body, status=429, headers={"Retry-After": "1", "Via": "1.1 edge"})


class LoopbackDiscord:
    """One server with two channels; the attributes are what a test scripts or looks at."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.flags = payloads.MESSAGE_CONTENT_LIMITED
        self.denied: dict[int, int] = {}
        self.threads: dict[int, int] = {}
        self.messages: dict[int, list[JSON]] = {payloads.GENERAL_ID: [], payloads.MODS_ID: []}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.commands: list[JSON] = []
        self.callbacks: list[JSON] = []
        self.follow_ups: list[JSON] = []
        self.gateway = Gateway(token=self.token, changed=self._changed)
        self.gateway.guild = lambda: payloads.guild(self.denied)
        self.api_url = ""
        self._nonces: dict[str, JSON] = {}
        self._counter = count()
        self._change = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[LoopbackDiscord]:
        """Listen on a free loopback port while the block runs."""
        runner = web.AppRunner(self._routes(), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.api_url = f"http://{host}:{port}/api/v10"
        self.gateway.url = f"ws://{host}:{port}/gateway"
        try:
            yield self
        finally:
            await self.gateway.close()
            await runner.cleanup()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition on this server; raise `TimeoutError` when it does not come true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                self._change.clear()
                await self._change.wait()

    async def post(self, text: str, channel_id: int = payloads.GENERAL_ID) -> JSON:
        """Let Anna post, and tell the sessions."""
        message = self._store(channel_id, payloads.ANNA, text)
        extra = {"guild_id": str(payloads.GUILD_ID), "member": payloads.member(payloads.ANNA)}
        await self.gateway.dispatch("MESSAGE_CREATE", {**message, **extra})
        return message

    def cards(self) -> list[JSON]:
        """Return what the bot posted for moderators, oldest first."""
        return [m for m in self.messages[payloads.MODS_ID] if m["embeds"]]

    def count(self, method: str, path_end: str) -> int:
        """Count the requests that came in for a route."""
        return sum(1 for m, path in self.requests if m == method and path.endswith(path_end))

    def _changed(self) -> None:
        self._change.set()

    def _store(self, channel_id: int, author: JSON, text: str, **extra: object) -> JSON:
        number = payloads.snowflake(datetime.now(UTC), next(self._counter))
        message = payloads.message(number, channel_id, author, text, **extra)
        self.messages[channel_id].append(message)
        return message

    def _routes(self) -> web.Application:
        application = web.Application(middlewares=[self._guard])
        application.add_routes(
            [
                web.get("/gateway/", self.gateway.handle),
                web.get("/gateway", self.gateway.handle),
                web.get(f"{API}/gateway", self._gateway_address),
                web.get(f"{API}/gateway/bot", self._gateway_address),
                web.get(f"{API}/users/@me", _constant(lambda: payloads.BOT)),
                web.get(
                    f"{API}/oauth2/applications/@me", _constant(lambda: payloads.application(self.flags))
                ),
                web.put(f"{API}/applications/{{id}}/commands", self._put_commands),
                web.get(f"{API}/guilds/{payloads.GUILD_ID}", _constant(lambda: payloads.guild(self.denied))),
                web.get(f"{API}/guilds/{{id}}/channels", _constant(lambda: payloads.channels(self.denied))),
                web.get(f"{API}/guilds/{{id}}/members/{{user}}", _constant(_bot_as_member)),
                web.get(f"{API}/channels/{{id}}", self._thread),
                web.get(f"{API}/channels/{{id}}/messages", self._history),
                web.post(f"{API}/channels/{{id}}/messages", self._create),
                web.get(f"{API}/channels/{{id}}/messages/{{message}}", self._fetch),
                web.patch(f"{API}/channels/{{id}}/messages/{{message}}", self._edit),
                web.post(f"{API}/interactions/{{id}}/{{token}}/callback", self._callback),
                web.post(f"{API}/webhooks/{{id}}/{{token}}", self._follow_up),
                web.patch(f"{API}/webhooks/{{id}}/{{token}}/messages/@original", self._follow_up),
            ]
        )
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note the request, check the token, and spoil the answer where a fault is waiting."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        self.requests.append((request.method, request.path))
        self._changed()
        if (
            request.headers.get("Authorization") != f"Bot {self.token}"
            and "/interactions/" not in request.path
        ):
            return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401)
        fault = next((f for f in self.faults if f.hits(request)), None)
        if fault is None:
            return await handler(request)
        self.faults.remove(fault)
        if fault.is_late:
            await handler(request)
        return fault.answer()

    async def _gateway_address(self, request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return web.json_response({"url": self.gateway.url, "shards": 1, "session_start_limit": limit})

    async def _put_commands(self, request: web.Request) -> web.Response:
        self.commands = await request.json()
        answer = [_registered(n, c) for n, c in enumerate(self.commands, 9_000)]
        return web.json_response(answer)

    async def _thread(self, request: web.Request) -> web.Response:
        thread_id = int(request.match_info["id"])
        if thread_id not in self.threads:
            return _unknown("Channel", 10003)
        return web.json_response(payloads.thread(thread_id, self.threads[thread_id]))

    async def _history(self, request: web.Request) -> web.Response:
        """Answer as Discord does: bounds exclusive, the page nearest to the bound, newest first."""
        limit = int(request.query.get("limit", "50"))
        page = self.messages[int(request.match_info["id"])]
        if after := request.query.get("after"):
            page = [m for m in page if int(m["id"]) > int(after)][:limit]
        elif before := request.query.get("before"):
            page = [m for m in page if int(m["id"]) < int(before)]
        return web.json_response(page[-limit:][::-1])

    async def _create(self, request: web.Request) -> web.Response:
        """Create a message once per nonce where the bot asks for that."""
        wanted = await _body(request)
        nonce = str(wanted.get("nonce", ""))
        if wanted.get("enforce_nonce") and nonce in self._nonces:
            return web.json_response(self._nonces[nonce])
        message = self._store(
            int(request.match_info["id"]),
            payloads.BOT,
            wanted.get("content") or "",
            embeds=wanted.get("embeds", []),
            components=wanted.get("components", []),
            nonce=nonce,
        )
        self._nonces[nonce] = message
        self._changed()
        return web.json_response(message)

    async def _fetch(self, request: web.Request) -> web.Response:
        found = self._find(request)
        return web.json_response(found) if found else _unknown("Message", 10008)

    async def _edit(self, request: web.Request) -> web.Response:
        found = self._find(request)
        if found is None:
            return _unknown("Message", 10008)
        found.update(await _body(request), edited_timestamp=datetime.now(UTC).isoformat())
        self._changed()
        return web.json_response(found)

    async def _callback(self, request: web.Request) -> web.Response:
        self.callbacks.append(await _body(request))
        self._changed()
        return web.Response(status=204)

    async def _follow_up(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        self.follow_ups.append(wanted)
        self._changed()
        number = payloads.snowflake(datetime.now(UTC), next(self._counter))
        text = wanted.get("content") or ""
        return web.json_response(payloads.message(number, payloads.MODS_ID, payloads.BOT, text))

    def _find(self, request: web.Request) -> JSON | None:
        channel = self.messages[int(request.match_info["id"])]
        return next((m for m in channel if m["id"] == request.match_info["message"]), None)


async def _body(request: web.Request) -> JSON:
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        body: JSON = json.loads(str(form["payload_json"]))
        return body
    plain: JSON = await request.json()
    return plain


def _constant(make: Callable[[], object]) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(make())

    return answer


def _bot_as_member() -> JSON:
    return payloads.member(payloads.BOT)


def _registered(number: int, command: JSON) -> JSON:
    ids = {"id": str(number), "application_id": str(payloads.APPLICATION_ID), "version": "1"}
    return {"description": "", "default_member_permissions": None, **command, **ids}


def _unknown(thing: str, code: int) -> web.Response:
    return web.json_response({"message": f"Unknown {thing}", "code": code}, status=404)
