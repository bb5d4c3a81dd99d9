"""Write the moderators' channel and the talk around it as one self-contained page."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import discord
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.cases import Case, Sighting
from bot.sandbox.cards import Card, read_cards
from bot.sandbox.deeds import Private
from bot.sandbox.figures import Figures
from bot.sandbox.stage import Stage
from bot.ui import wording
from bot.ui.evidence import merged

TEMPLATES = Path(__file__).parent / "templates"
MOST_CASES = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a post, pointed at or not."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """One post of the transcript; `versions` are oldest first, `case` is 0 where nothing came up."""

    id: int
    at: datetime
    author: str
    versions: tuple[tuple[Piece, ...], ...]
    case: int = 0
    answers: str = ""
    attachments: tuple[str, ...] = ()
    is_bot: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said in one channel."""

    channel: str
    is_watched: bool
    utterances: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One message of the moderators' channel; pictures are data addresses with their descriptions.

    `state` is the case's, empty for what is no case.
    """

    at: datetime
    edited_at: datetime | None
    card: Card
    pictures: tuple[tuple[str, str], ...]
    state: str = ""


async def write_page(path: Path, stage: Stage, answers: Sequence[Private], figures: Figures) -> Path:
    """Write the page to `path`, making its folder, and return the path."""
    cases, _ = await stage.stores.cases.queue(stage.guild_id, state=None, limit=MOST_CASES)
    notices = [notice async for notice in _notices(stage, cases)]
    text = render(
        server=stage.story.name,
        notices=notices,
        answers=answers,
        talks=list(_talks(stage, cases)),
        figures=figures,
        now=stage.world.now(),
    )
    await asyncio.to_thread(_write, path, text)
    return path


def render(**known: object) -> str:
    """Fill the template; everything is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inner"] = inner_link
    return environment.get_template("page.html").render(**known)


def inner_link(url: str) -> str:
    """Turn a link to a message into a link within the page; others stay."""
    last = url.rsplit("/", 1)[-1]
    return f"#m{last}" if url.startswith("https://discord.com/channels/") and last.isdigit() else url


async def _notices(stage: Stage, cases: Sequence[Case]) -> AsyncIterator[Notice]:
    reader = stage.reader()
    states = {case.number: wording.state(case.state) for case in cases}
    for message in stage.desk_messages():
        pictures = [
            (_data_address(a.content_type or "image/png", await a.read()), a.description or a.filename)
            for a in message.attachments
        ]
        for card in read_cards(message, reader)[:1]:
            state = states.get(card.number, "")
            yield Notice(message.created_at, message.edited_at, card, tuple(pictures), state)


def _talks(stage: Stage, cases: Sequence[Case]) -> Iterator[Talk]:
    sightings = {s.message_id: (case.number, s) for case in cases for s in case.sightings}
    for channel in stage.story.channels:
        if channel.key == stage.story.mod_channel:
            continue
        history = stage.cast.channels[channel.key].history()
        spoken = [m for m in history if m.type in (discord.MessageType.default, discord.MessageType.reply)]
        present = {m.id for m in spoken}
        said = [_utterance(stage, m, sightings) for m in spoken]
        said += [
            _gone(s, number)
            for message_id, (number, s) in sightings.items()
            if s.channel_id == stage.cast.channels[channel.key].id and message_id not in present
        ]
        yield Talk(channel.key, channel.watched, tuple(sorted(said, key=lambda u: u.id)))


def _utterance(
    stage: Stage, message: discord.Message, sightings: Mapping[int, tuple[int, Sighting]]
) -> Utterance:
    number, sighting = sightings.get(message.id, (0, None))
    versions = _versions(sighting) if sighting else ((Piece(message.content),),)
    parent = message.reference.resolved if message.reference else None
    return Utterance(
        id=message.id,
        at=message.created_at,
        author=message.author.display_name,
        versions=versions,
        case=number,
        answers=parent.author.display_name if isinstance(parent, discord.Message) else "",
        attachments=tuple(a.filename for a in message.attachments),
        is_bot=message.author.bot,
    )


def _gone(sighting: Sighting, number: int) -> Utterance:
    """Show a flagged post that was deleted; the case keeps its words for a while."""
    return Utterance(
        id=sighting.message_id,
        at=sighting.at,
        author=sighting.author_name,
        versions=_versions(sighting),
        case=number,
        is_deleted=True,
    )


def _versions(sighting: Sighting) -> tuple[tuple[Piece, ...], ...]:
    return tuple(tuple(_pieces(text, sighting)) for text in sighting.texts)


def _pieces(text: str, sighting: Sighting) -> Iterator[Piece]:
    """Cut a version where the evidence stands in it; a version without it stays whole."""
    spans = [e.span for e in sighting.flag.evidence if e.span and e.span.of(text) == e.quote]
    at = 0
    for span in merged(spans, len(text)):
        yield Piece(text[at : span.start])
        yield Piece(span.of(text), is_marked=True)
        at = span.end
    yield Piece(text[at:])


def _data_address(content_type: str, content: bytes) -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
