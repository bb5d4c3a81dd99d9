"""The running bot with its server, and the eye that notices what it posts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import discord

from bot.app import Application, build_application
from bot.ports import Stores
from bot.sandbox.cards import Card, changed_fields, read_card
from bot.sandbox.cast import Cast
from bot.sandbox.clock import SimulatedClock
from bot.sandbox.markup import Reader
from bot.sandbox.simulated import SimulatedDiscord
from bot.sandbox.story import Story
from classifiers.contract import Classifier
from config.schema import Settings

PATIENCE_SECONDS = 20.0
"""How long something that the bot does by itself is waited for."""

LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """A card that is new (`changed` is empty) or was edited in place."""

    card: Card
    changed: tuple[str, ...] = ()
    is_new: bool = True


@dataclass(slots=True)
class Stage:
    """Everything a run needs; the bot can be stopped and started while the world goes on."""

    settings: Settings
    story: Story
    world: SimulatedDiscord
    cast: Cast
    stores: Stores
    clock: SimulatedClock
    classifier: Classifier
    application: Application
    posted: dict[str, discord.Message] = field(default_factory=dict)
    _looked_at: int = 0
    _seen: dict[int, tuple[datetime | None, discord.Embed]] = field(default_factory=dict)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)
    is_running: bool = False

    @property
    def guild_id(self) -> int:
        """Return the server's id."""
        return self.cast.guild.id

    async def start(self) -> None:
        """Let the bot's background work run."""
        await self._running.enter_async_context(self.application.running())
        self.is_running = True

    async def stop(self) -> None:
        """Stop the bot's background work; the world goes on without it."""
        self.is_running = False
        await self._running.aclose()

    async def restart(self) -> None:
        """Start the bot anew on the same database: a new process, nothing in memory."""
        self.application = build_application(
            self.settings, classifier=self.classifier, stores=self.stores, clock=self.clock
        )
        await self.world.restart(self.application.client)
        await self.start()

    async def pass_time(self, seconds: float) -> None:
        """Let simulated time pass."""
        await self.world.advance(seconds)
        await self.clock.tell_moved()

    async def settled(self) -> None:
        """Wait until the bot has said what it has to say."""
        if self.is_running:
            await self.application.drain()
        await self.world.env.settle()

    async def wait_for(self, is_so: Callable[[], bool]) -> bool:
        """Wait until something is so; False when it takes too long."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not is_so():  # noqa: ASYNC110 (what is waited for sends no signal)
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        except TimeoutError:
            return False
        return True

    def reader(self) -> Reader:
        """Return a reader that knows this server's names, at the present time."""
        names = {c.id: key for key, c in self.cast.channels.items()}
        names |= {m.id: self.cast.names[key] for key, m in self.cast.members.items()}
        names |= {r.id: r.name for r in self.cast.roles.values()}
        return Reader(names, self.world.now())

    def desk_messages(self) -> list[discord.Message]:
        """Return what stands in the moderators' channel for all to see, oldest first."""
        channel = self.cast.channels[self.story.mod_channel]
        return [m for m in channel.history() if not m.flags.ephemeral]

    async def wait_until_recorded(self, message_id: int) -> None:
        """Wait until the bot has caught up to a message, which it fetches by itself."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.stores.cases.is_recorded(message_id, 0):  # noqa: ASYNC110 (as above)
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def desk_cards(self) -> list[Card]:
        """Return every card in the moderators' channel as it stands, digests included, oldest first."""
        reader = self.reader()
        return [read_card(m, e, reader) for m in self.desk_messages() for e in m.embeds[:1]]

    def cards(self) -> list[Card]:
        """Return the cards of cases as they stand, oldest first."""
        return [card for card in self.desk_cards() if card.number]

    def has_news(self) -> bool:
        """Say whether anything happened in the moderators' channel since the last look."""
        desk = self.cast.channels[self.story.mod_channel]
        return self.world.touched(desk.id, self._looked_at)

    def changes(self) -> list[Change]:
        """Return what is new in the moderators' channel since the last look."""
        found: list[Change] = []
        if not self.has_news():
            return found
        self._looked_at = self.world.happenings()
        for message in self.desk_messages():
            if not message.embeds:
                continue
            embed, before = message.embeds[0], self._seen.get(message.id)
            if before and before[0] == message.edited_at:
                continue
            self._seen[message.id] = (message.edited_at, embed)
            card = read_card(message, embed, self.reader())
            changed = tuple(changed_fields(before[1], embed)) if before else ()
            found.append(Change(card, changed, is_new=before is None))
        return found

    def desk_message(self, message_id: int) -> discord.Message:
        """Return one message of the moderators' channel; raise `StopIteration` when it is gone."""
        return next(m for m in self.desk_messages() if m.id == message_id)


@asynccontextmanager
async def closing(stage: Stage) -> AsyncIterator[Stage]:
    """Stop the bot's background work at the end."""
    try:
        yield stage
    finally:
        await stage.stop()
