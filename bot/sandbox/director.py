"""Play the story: let members post, show what comes of it, and call the moderators in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import discord

from bot.sandbox.cast import setting_up
from bot.sandbox.deeds import Moderators
from bot.sandbox.stage import Change, Stage
from bot.sandbox.story import Beat, Line
from bot.sandbox.terminal import Said, Terminal

NOTES = {
    "bot": "a bot: skipped",
    "webhook": "a webhook: skipped",
    "exempt": "exempt role: skipped",
    "attachment": "no text: skipped",
    "other-language": "another language",
}

EVADED = "Plain when it was posted, and then edited into this."

DIGEST_DELAY = timedelta(minutes=1)
"""How long after its due time the digest is looked for."""

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da63fcff1f0003030200efbfa7db0000000049454e44ae426082"
)
"""A picture of one pixel, for the posts that are only a picture."""


@dataclass(slots=True)
class Director:
    """Plays lines and beats on a stage; `pause` is the real time left between messages, in seconds."""

    stage: Stage
    terminal: Terminal
    pause: float = 0.0
    lines: dict[int, Line] = field(default_factory=dict)
    played: set[str] = field(default_factory=set)
    moderators: Moderators = field(init=False)

    def __post_init__(self) -> None:
        self.moderators = Moderators(self.stage, self.terminal, self.lines.get)

    async def set_up(self) -> None:
        """Set the bot up by slash commands, as a moderator would."""
        who = next(iter(self.stage.cast.members))
        for name, options in setting_up(self.stage.story, self.stage.cast):
            shown = " ".join(f"{key}: {_shown(value)}" for key, value in options.items())
            await self.moderators.run_command(who, name, f"runs /{name} {shown}".rstrip(), **options)

    async def play(self, lines: Iterable[Line], *, without: frozenset[str] = frozenset()) -> None:
        """Play lines with what follows them, leaving out some kinds of beats."""
        day = ""
        for line in lines:
            await self.stage.pass_time(line.gap)
            if (today := f"{self.stage.world.now():%A}") != day:
                day = today
                self.terminal.chapter(f"{day}, {self.stage.world.now():%-d %B}")
            await self.say(line)
            for beat in self.stage.story.beats_after(line.id):
                if beat.do not in without:
                    await self.follow(beat)

    async def say(self, line: Line) -> None:
        """Let a message be posted and show what comes of it."""
        message = await self._send(line)
        self.stage.posted[line.id] = message
        self.lines[message.id] = line
        await self.stage.settled()
        changes = self.stage.changes()
        self.terminal.said(
            Said(
                at=message.created_at,
                channel=line.channel,
                author=self.stage.cast.names[line.author],
                text=line.text or f"[{line.attachment}]",
                is_flagged=bool(changes),
                is_reply=bool(line.reply_to),
                note=self._note(line),
            )
        )
        self.show(changes)
        if self.pause:
            await asyncio.sleep(self.pause * (8 if changes else 1))

    def show(self, changes: Sequence[Change]) -> None:
        """Show what is new at the desk."""
        for change in changes:
            if change.is_new:
                self.terminal.card(change.card, head="")
            else:
                self.terminal.updated(change.card.number, change.changed)

    async def follow(self, beat: Beat) -> None:
        """Let a beat happen, and show what it changed at the desk."""
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            "refused": lambda: self.moderators.refused(beat.who),
            "context": lambda: self.moderators.ask_context(beat.who),
            "rule": lambda: self.moderators.rule(beat.who, beat.most),
            "second_opinion": lambda: self.moderators.ask_second_opinion(beat, self._message(beat.on).id),
            "ask": lambda: self.moderators.run_command(beat.who, beat.command),
            "check": lambda: self.moderators.check(beat),
            "edit": lambda: self._edit(beat),
            "delete": lambda: self._delete(beat),
            "stop": self._stop,
            "start": self._start,
            "digest": self._digest,
        }
        await deeds[beat.do]()
        await self.stage.settled()
        self.show(self.stage.changes())
        if self.pause:
            await asyncio.sleep(self.pause * 8)

    async def _send(self, line: Line) -> discord.Message:
        cast = self.stage.cast
        if line.author in cast.webhooks:
            return await cast.webhooks[line.author].send(line.text)
        answered = self.stage.posted.get(line.reply_to)
        attachments = [(line.attachment, PIXEL)] if line.attachment else []
        return await cast.members[line.author].send(
            cast.channels[line.channel],
            line.text,
            reply_to=answered and self._message(line.reply_to),
            attachments=attachments,
        )

    def _message(self, line_id: str) -> discord.Message:
        """Return a posted message as it stands now."""
        channel = self.stage.cast.channels[next(x.channel for x in self.stage.story.lines if x.id == line_id)]
        wanted = self.stage.posted[line_id].id
        return next(m for m in channel.history() if m.id == wanted)

    async def _edit(self, beat: Beat) -> None:
        line = self.lines[self.stage.posted[beat.on].id]
        name = self.stage.cast.names[line.author]
        self.terminal.did(name, f"(a member) edits an earlier post in #{line.channel}: {beat.text}")
        await self.stage.cast.members[line.author].edit(self._message(beat.on), beat.text)
        await self.stage.settled()
        self.lines[self.stage.posted[beat.on].id] = line.model_copy(update={"flag": 2, "why": EVADED})

    async def _delete(self, beat: Beat) -> None:
        line = self.lines[self.stage.posted[beat.on].id]
        self.terminal.did(self.stage.cast.names[line.author], "(a member) deletes their post")
        await self.stage.cast.members[line.author].delete(self._message(beat.on))

    async def _stop(self) -> None:
        await self.stage.settled()
        self.terminal.note("    … the bot is stopped; the server goes on talking …")
        await self.stage.stop()

    async def _start(self) -> None:
        self.terminal.note(
            "    … the bot is started anew, on the same database, and fetches what it missed …"
        )
        missed = max((m for m in self.stage.posted.values()), key=lambda m: m.id)
        await self.stage.restart()
        await self.stage.wait_until_recorded(missed.id)

    async def _digest(self) -> None:
        preferences = await self.stage.stores.preferences.get(self.stage.guild_id)
        due = preferences.digest.next_due(self.stage.world.now())
        self.terminal.chapter("A weekend later")
        self.terminal.note(f"    … time passes until the weekly digest is due, {due:%A %-d %B, %H:%M} UTC …")
        await self.stage.pass_time((due + DIGEST_DELAY - self.stage.world.now()).total_seconds())
        await self.stage.wait_for(self.stage.has_news)

    def _note(self, line: Line) -> str:
        if not self.stage.is_running:
            return "the bot is away"
        if not self.stage.story.is_watched(line.channel):
            return "not watched"
        return NOTES.get(line.kind, "")


def _shown(value: object) -> str:
    """Write a command's option as a person would type it."""
    mention = getattr(value, "name", None)
    return str(mention) if mention else str(value)
