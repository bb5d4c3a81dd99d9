"""The websocket half of the loopback server: sessions that can be resumed, refused and asked to reconnect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from aiohttp import WSMsgType, web

from tests.loopback.payloads import BOT, GUILD_ID, JSON

DISPATCH, HEARTBEAT, IDENTIFY, RESUME = 0, 1, 2, 6
RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 9, 10, 11

HEARTBEAT_MS = 41_250
BAD_TOKEN, DISALLOWED_INTENTS, UNKNOWN_ERROR = 4004, 4014, 4000


@dataclass
class Session:
    """One session: what was dispatched in it, and the connection that is open now."""

    id: str
    events: list[JSON] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


class Gateway:
    """Speak the opcodes that a bot meets; the attributes are what a test scripts or looks at."""

    def __init__(self, *, token: str, changed: Callable[[], None]) -> None:
        self.token = token
        self.url = ""
        self.refuses_intents = False
        self.refuses_token = False
        self.identified: list[JSON] = []
        self.resumed = 0
        self.heartbeats = 0
        self.queries: list[dict[str, str]] = []
        self.guild: Callable[[], JSON] = dict
        self._changed = changed
        self._ids = count(1)
        self._sessions: dict[str, Session] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        self._is_up = asyncio.Event()
        self._is_up.set()

    @property
    def is_connected(self) -> bool:
        """Say whether a session has a connection."""
        return any(s.socket for s in self._sessions.values())

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.queries.append(dict(request.query))
        self._sockets.add(socket)
        await self._is_up.wait()
        await _send(socket, HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._receive(socket, json.loads(frame.data))
        finally:
            self._sockets.discard(socket)
            for session in self._sessions.values():
                session.socket = None if session.socket is socket else session.socket
            self._changed()
        return socket

    async def dispatch(self, event: str, payload: JSON) -> None:
        """Dispatch an event to every session; one without a connection gets it when it resumes."""
        for session in self._sessions.values():
            await self._dispatch(session, event, payload)

    @asynccontextmanager
    async def outage(self, *, is_remembered: bool = True) -> AsyncIterator[None]:
        """Break every connection, as a network fault would, and greet nobody until the block ends.

        The sessions can be resumed afterwards unless `is_remembered` is False.
        """
        self._is_up.clear()
        await self._close_all(UNKNOWN_ERROR)
        yield
        if not is_remembered:
            self._sessions.clear()
        self._is_up.set()

    async def ask_reconnect(self) -> None:
        """Send op 7 to every connection."""
        for socket in list(self._sockets):
            await _send(socket, RECONNECT, None)

    async def invalidate(self, *, is_resumable: bool) -> None:
        """Send op 9 to every connection."""
        if not is_resumable:
            self._sessions.clear()
        for socket in list(self._sockets):
            await _send(socket, INVALID_SESSION, is_resumable)

    async def close(self) -> None:
        """Close every connection for good."""
        self._is_up.set()
        await self._close_all(1001)

    async def _close_all(self, code: int) -> None:
        for session in self._sessions.values():
            session.socket = None
        for socket in list(self._sockets):
            await socket.close(code=code)

    async def _receive(self, socket: web.WebSocketResponse, frame: JSON) -> None:
        if frame["op"] == HEARTBEAT:
            self.heartbeats += 1
            await _send(socket, HEARTBEAT_ACK, None)
        elif frame["op"] == IDENTIFY:
            await self._identify(socket, frame["d"])
        elif frame["op"] == RESUME:
            await self._resume(socket, frame["d"])
        self._changed()

    async def _identify(self, socket: web.WebSocketResponse, asked: JSON) -> None:
        self.identified.append(asked)
        if self.refuses_token or asked["token"] != self.token:
            await socket.close(code=BAD_TOKEN)
            return
        if self.refuses_intents:
            await socket.close(code=DISALLOWED_INTENTS)
            return
        session = Session(id=f"session-{next(self._ids)}", socket=socket)
        self._sessions = {session.id: session}
        ready = {
            "v": 10,
            "user": BOT,
            "guilds": [{"id": str(GUILD_ID), "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": BOT["id"], "flags": 0},
        }
        await self._dispatch(session, "READY", ready)
        await self._dispatch(session, "GUILD_CREATE", self.guild())

    async def _resume(self, socket: web.WebSocketResponse, asked: JSON) -> None:
        session = self._sessions.get(asked["session_id"])
        if session is None:
            await _send(socket, INVALID_SESSION, False)
            return
        session.socket = socket
        for event in [e for e in session.events if e["s"] > asked["seq"]]:
            await socket.send_json(event)
        self.resumed += 1
        await self._dispatch(session, "RESUMED", {})

    async def _dispatch(self, session: Session, event: str, payload: JSON) -> None:
        frame = {"op": DISPATCH, "s": len(session.events) + 1, "t": event, "d": payload}
        session.events.append(frame)
        if session.socket is not None:
            await session.socket.send_json(frame)


async def _send(socket: web.WebSocketResponse, op: int, payload: object) -> None:
    await socket.send_json({"op": op, "d": payload, "s": None, "t": None})
