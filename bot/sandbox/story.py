"""The demo server as data: who is there, what they say, and when moderators act."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.sandbox import SandboxError

FOLDER = "demo_server"
DEFAULT_GAP_SECONDS = 40.0

_STRICT = ConfigDict(extra="forbid", frozen=True)

Deed = Literal[
    "refused",
    "context",
    "rule",
    "second_opinion",
    "ask",
    "check",
    "edit",
    "delete",
    "stop",
    "start",
    "digest",
]


class Role(BaseModel):
    """A role of the server, with the names of its permissions."""

    model_config = _STRICT
    key: str
    name: str
    permissions: tuple[str, ...] = ()


class Channel(BaseModel):
    """A channel, or a thread of `parent`; `visible_to` names the roles that a private one is open to."""

    model_config = _STRICT
    key: str
    topic: str = ""
    parent: str = ""
    watched: bool
    visible_to: tuple[str, ...] = ()


class Member(BaseModel):
    """A person, or a bot, with their roles."""

    model_config = _STRICT
    key: str
    name: str
    roles: tuple[str, ...] = ()
    bot: bool = False


class Webhook(BaseModel):
    """A service that posts into one channel."""

    model_config = _STRICT
    key: str
    name: str
    channel: str


class DigestTime(BaseModel):
    """When the moderators want their weekly report."""

    model_config = _STRICT
    weekday: str
    hour: int
    zone: str


class Beat(BaseModel):
    """Something that happens after a message; who does it, and to which message."""

    model_config = _STRICT
    after: str
    do: Deed
    who: str = ""
    on: str = ""
    most: int = 1
    text: str = ""
    command: str = ""
    answering: str = ""


class Line(BaseModel):
    """One message; `flag` is what a careful moderator would say of it (0 none, 1 borderline, 2 clear)."""

    model_config = _STRICT
    id: str
    channel: str
    author: str
    text: str
    kind: str
    side: str = ""
    flag: int = Field(default=0, ge=0, le=2)
    reply_to: str = ""
    gap: float = DEFAULT_GAP_SECONDS
    attachment: str = ""
    why: str = ""


class Story(BaseModel):
    """Everything the sandbox plays."""

    model_config = _STRICT
    name: str
    roles: tuple[Role, ...]
    channels: tuple[Channel, ...]
    mod_channel: str
    members: tuple[Member, ...]
    webhooks: tuple[Webhook, ...]
    exempt_roles: tuple[str, ...]
    sensitivity: str
    digest: DigestTime
    beats: tuple[Beat, ...]
    lines: tuple[Line, ...]

    def beats_after(self, line_id: str) -> list[Beat]:
        """Return what happens after a message, in order."""
        return [beat for beat in self.beats if beat.after == line_id]

    def is_watched(self, key: str) -> bool:
        """Say whether a channel is watched, by its key."""
        return any(channel.key == key for channel in self.watched())

    def watched(self) -> list[Channel]:
        """Return the watched channels, threads included."""
        return [channel for channel in self.channels if channel.watched]


def load_story(seeds: Path) -> Story:
    """Read the demo server from the seeds folder; raise `SandboxError` naming file, line and remedy."""
    folder = seeds / FOLDER
    server, messages = folder / "server.json", folder / "messages.jsonl"
    place: object = server
    try:
        told: dict[str, Any] = json.loads(server.read_text(encoding="utf-8"))
        lines = []
        for number, text in enumerate(messages.read_text(encoding="utf-8").splitlines(), start=1):
            place = f"{messages}, line {number}"
            lines.append(Line.model_validate_json(text))
        place = folder
        story = Story.model_validate({**told, "lines": lines})
    except OSError as error:
        raise SandboxError(
            f"{error.filename} cannot be read ({error.strerror}); set classifier.seeds"
        ) from error
    except (ValidationError, json.JSONDecodeError) as error:
        raise SandboxError(f"{place} is not valid: {str(error).splitlines()[0]}; mend that entry") from error
    if loose := loose_ends(story):
        raise SandboxError(f"{folder} names what is not there: {', '.join(loose)}; mend those entries")
    return story


def loose_ends(story: Story) -> list[str]:
    """Name every reference in a story that leads nowhere, and every id used twice."""
    people = {m.key for m in story.members} | {w.key for w in story.webhooks}
    channels, roles = {c.key for c in story.channels}, {r.key for r in story.roles}
    seen: dict[str, Line] = {}
    loose: list[str] = []
    for line in story.lines:
        answered = seen.get(line.reply_to)
        loose += [line.author] if line.author not in people else []
        loose += [line.channel] if line.channel not in channels else []
        if line.reply_to and (answered is None or answered.channel != line.channel):
            loose.append(f"{line.id} answers {line.reply_to}")
        loose += [line.id] if line.id in seen else []
        seen[line.id] = line
    for beat in story.beats:
        loose += [i for i in (beat.after, beat.on) if i and i not in seen]
        loose += [beat.who] if beat.who and beat.who not in people else []
    loose += [r for m in story.members for r in m.roles if r not in roles]
    loose += [c.parent for c in story.channels if c.parent and c.parent not in channels]
    return loose
