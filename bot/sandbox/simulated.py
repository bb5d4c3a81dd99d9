"""The simulated Discord, and the only file that touches simcord's private parts.

What is private here, and why: the transcript (to notice that something happened), the clock (to let it follow
real time between a person's clicks), the preview's publishing (so that cards from background work appear
without a reload), its markdown policies (Discord shows mentions in embeds by name, the preview does not) and
how often simcord looks whether the bot is done (to be quick). `mend_history` mends what simcord 3.2.1 gets
wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import discord
import simcord
from simcord.preview import Preview, _markdown

SETTLE_SECONDS = 60.0
"""How long one act may take the bot before simcord gives up: a first chart loads matplotlib."""

IDLE_SECONDS = 0.004
"""How long simcord waits before it looks again whether the bot is done; its own 0.05 adds up over a run."""

HISTORY = "/channels/{channel_id}/messages"
BOT_NAME = "Evenhand"

ALL = 1_000_000
"""More messages than a simulated channel ever holds."""


class SimulatedDiscord:
    """One bot on one in-memory Discord."""

    def __init__(self, env: simcord.Env) -> None:
        self.env = env
        self._screens: list[Preview] = []
        self._turn = asyncio.Lock()

    def now(self) -> datetime:
        """Return the simulated present."""
        return self.env.now()

    async def advance(self, seconds: float) -> None:
        """Let simulated time pass at once; what comes due meanwhile happens."""
        await self.env.advance_time(seconds)

    async def restart(self, client: discord.Client) -> None:
        """Let a new process of the bot take over: nothing in memory survives, the world does."""
        await self.env.restart_bot(client)
        mend_history(client)

    def happenings(self) -> int:
        """Count everything that crossed the gateway or the REST interface so far."""
        return len(self.env.backend.transcript)

    def touched(self, channel_id: int, since: int) -> bool:
        """Say whether a message of a channel came or changed after that many happenings."""
        wanted = str(channel_id)
        return any(
            event.startswith("MESSAGE_") and payload.get("channel_id") == wanted
            for kind, event, payload in self.env.backend.transcript[since:]
            if kind == "GATEWAY"
        )

    def drift(self, seconds: float) -> None:
        """Let the clock follow real time, without waking anything; timers fire with the next act."""
        self.env.backend.advance_clock(seconds)

    @asynccontextmanager
    async def screen(
        self, channel: simcord.ChannelHandle, viewers: Sequence[simcord.MemberActor], port: int
    ) -> AsyncIterator[str]:
        """Serve one channel to a browser as these people see it; yield the address, which is a key."""
        async with AsyncExitStack() as stack:
            stack.enter_context(_mentions_in_embeds())
            preview = self.env.preview(channel, viewers=viewers, layout="channel", port=port)
            preview._action = self._in_turn(preview._action)  # type: ignore[method-assign]
            await stack.enter_async_context(preview)
            for page in preview._pages.values():
                page.window_end_id = None  # follow the newest message
            self._screens.append(preview)
            self.env._preview = _Several(self._screens)  # type: ignore[assignment]
            try:
                yield preview.url
            finally:
                self._screens.remove(preview)

    def refresh_screens(self) -> bool:
        """Show on every open page what happened since; False while somebody's act is under way."""
        if self._turn.locked() or self.env._operation_task is not None:
            return False
        for preview in self._screens:
            preview._advance_presentation_time()
            for page in tuple(preview._pages.values()):
                if page.id in preview._pages:
                    preview._publish(page, reason="refresh")
        return True

    def _in_turn(self, act: Any) -> Any:
        """Let the acts of several screens wait for one another: the simulator takes one at a time."""

        async def waiting(context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
            async with self._turn:
                result: dict[str, Any] = await act(context_id, body)
                return result

        return waiting


class _Several:
    """Stands where simcord keeps its one preview and passes on to several what it tells that one."""

    _closed = True

    def __init__(self, previews: Sequence[Preview]) -> None:
        self._previews = previews

    def _mark_action_dispatched(self) -> None:
        for preview in self._previews:
            preview._mark_action_dispatched()


@asynccontextmanager
async def simulated_discord(
    client: discord.Client, *, start: datetime | None = None, check_errors: bool = True
) -> AsyncIterator[SimulatedDiscord]:
    """Connect a bot to a new, empty Discord whose clock stands at `start` (None: simcord's own).

    Errors that the bot swallowed are raised at the end unless `check_errors` is off.
    """
    async with simcord.run(client, check_errors=check_errors, settle_timeout=SETTLE_SECONDS) as env:
        env._settle_internal = partial(env._settle_internal, idle=IDLE_SECONDS)  # type: ignore[method-assign]
        mend_history(client)
        if start and start > env.now():
            await env.advance_time((start - env.now()).total_seconds())
        if client.user:
            await client.user.edit(username=BOT_NAME)
        yield SimulatedDiscord(env)


@contextmanager
def _mentions_in_embeds() -> Iterator[None]:
    """Let the preview show mentions in embeds by name, as Discord does."""
    policies = [_markdown._FIELD_POLICIES[part] for part in ("embed_description", "embed_field_value")]
    before = [policy["mentions"] for policy in policies]
    for policy in policies:
        policy["mentions"] = True
    try:
        yield
    finally:
        for policy, value in zip(policies, before, strict=True):
            policy["mentions"] = value


def mend_history(client: discord.Client) -> None:
    """Make `GET /messages?after=` return the next messages, as Discord does.

    simcord 3.2.1 returns the newest ones instead, so that reading on from a point loses what lies between.
    """
    request = client.http.request

    async def mended(route: Any, **options: Any) -> Any:
        params = options.get("params")
        if route.method != "GET" or route.path != HISTORY or not params or "after" not in params:
            return await request(route, **options)
        everything = await request(route, **{**options, "params": {**params, "limit": ALL}})
        return everything[-int(params.get("limit", 50)) :]

    client.http.request = mended  # type: ignore[method-assign]
