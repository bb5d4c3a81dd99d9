"""Keep the demo server alive and serve it to a browser, so that a person can act in it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from simcord import BackendError, SetupError

from bot.sandbox import SandboxError
from bot.sandbox.director import Director
from bot.sandbox.scripted import open_stage
from bot.sandbox.stage import Stage
from bot.sandbox.story import Line, Story, load_story
from bot.sandbox.terminal import Terminal
from classifiers.contract import Classifier
from config.schema import Settings

LOOK_SECONDS = 0.25
"""How often it is looked whether the bot did something that open pages do not show yet."""

CLOCK_SECONDS = 1.0
"""How often the simulated clock is set forward to keep up with real time."""

OPENING_LINES = 41
"""How much of the story is told before the doors open: its first evening, so that there is a start."""

HEAD_START = timedelta(hours=1)
"""How long before the present the opening begins."""

SERVED = ("general-politics", "russia-ukraine")


@dataclass(frozen=True, slots=True)
class Door:
    """One channel that is served, and as whom it can be seen."""

    channel: str
    viewers: tuple[str, ...]
    says: str


async def serve(
    settings: Settings, *, console: Console, port: int = 0, classifier: Classifier | None = None
) -> None:
    """Tell the opening, open the doors, and keep everything going until Ctrl-C."""
    story, terminal = load_story(settings.classifier.seeds), Terminal(console)
    start = datetime.now(UTC) - HEAD_START
    with tempfile.TemporaryDirectory(prefix="evenhand-") as folder:
        async with open_stage(
            settings, story, terminal, Path(folder), classifier, start=start, check_errors=False
        ) as stage:
            director = Director(stage, terminal)
            await director.set_up()
            await director.play(opening(story), without=frozenset({"stop", "start", "digest"}))
            async with AsyncExitStack() as stack:
                addresses = [await _open(stack, stage, door, port) for door in doors(story)]
                terminal.addresses(addresses)
                await _until_told(stage)
    terminal.note("The sandbox is closed; nothing of it is kept.")


def opening(story: Story) -> Sequence[Line]:
    """Return the lines that are told before a person comes in."""
    return story.lines[:OPENING_LINES]


def doors(story: Story) -> Iterator[Door]:
    """Name the channels to serve: the talk for members, the desk for moderators."""
    moderators = tuple(m.key for m in story.members if "moderator" in m.roles)
    trainees = tuple(m.key for m in story.members if "trainee" in m.roles)
    plain = tuple(m.key for m in story.members if not m.roles and not m.bot)
    for channel in SERVED:
        yield Door(channel, (*plain, *moderators), "post as a member (choose whom under Viewer)")
    yield Door(story.mod_channel, (*moderators, *trainees), "rule as a moderator: buttons and / commands")


async def _open(stack: AsyncExitStack, stage: Stage, door: Door, port: int) -> tuple[str, str, str]:
    """Serve one channel; a port that was asked for counts up from door to door."""
    wanted = port + _place(stage.story, door) if port else 0
    viewers = [stage.cast.members[key] for key in door.viewers]
    try:
        address = await stack.enter_async_context(
            stage.world.screen(stage.cast.channels[door.channel], viewers, wanted)
        )
    except (SetupError, BackendError) as error:
        raise SandboxError(f"#{door.channel} cannot be served ({error}); choose another --port") from error
    return f"#{door.channel}", door.says, address


def _place(story: Story, door: Door) -> int:
    return (*SERVED, story.mod_channel).index(door.channel)


async def _until_told(stage: Stage) -> None:
    """Keep clock and pages going until Ctrl-C or SIGTERM."""
    told = asyncio.Event()
    with _signals(told):
        async with _kept_going(_keep_time(stage)), _kept_going(_keep_pages(stage)):
            await told.wait()


@contextlib.contextmanager
def _signals(told: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGINT, signal.SIGTERM)
    for one in wanted:
        loop.add_signal_handler(one, told.set)
    try:
        yield
    finally:
        for one in wanted:
            loop.remove_signal_handler(one)


@asynccontextmanager
async def _kept_going(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_time(stage: Stage) -> None:
    """Let the simulated clock follow the real one."""
    before = time.perf_counter()
    while True:
        await asyncio.sleep(CLOCK_SECONDS)
        now = time.perf_counter()
        stage.world.drift(now - before)
        before = now
        await stage.clock.tell_moved()


async def _keep_pages(stage: Stage) -> None:
    """Show on open pages what the bot does by itself: cards come a moment after the post."""
    shown = -1
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        happened = stage.world.happenings()
        if happened != shown and stage.world.refresh_screens():
            shown = happened
