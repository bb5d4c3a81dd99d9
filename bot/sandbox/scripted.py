"""The scripted run: play the whole demo server, show it, and write the page."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from bot.app import build_application
from bot.sandbox.cast import build_cast
from bot.sandbox.clock import SimulatedClock
from bot.sandbox.director import Director
from bot.sandbox.figures import Figures, gather_figures
from bot.sandbox.gauges import LoopLag
from bot.sandbox.page import write_page
from bot.sandbox.simulated import simulated_discord
from bot.sandbox.stage import Stage, closing
from bot.sandbox.story import Story, load_story
from bot.sandbox.terminal import Terminal
from bot.storage.database import SqlDatabase
from classifiers.contract import Classifier, Passage
from config.schema import Settings

PAUSE_SECONDS = 0.06
"""Real time between messages where a person watches."""

WARM_UP = Passage("hello", "")
PAGE_NAME = "sandbox.html"

TUESDAY, EVENING = 1, 17


async def play_script(
    settings: Settings, *, console: Console, out_dir: Path, is_fast: bool, classifier: Classifier | None
) -> Path:
    """Play the whole story and return the path of the page."""
    started = time.perf_counter()
    story, terminal, lag = load_story(settings.classifier.seeds), Terminal(console), LoopLag()
    with tempfile.TemporaryDirectory(prefix="evenhand-") as folder:
        async with (
            open_stage(settings, story, terminal, Path(folder), classifier) as stage,
            lag.measured(),
        ):
            director = Director(
                stage, terminal, pause=PAUSE_SECONDS if console.is_terminal and not is_fast else 0.0
            )
            await director.set_up()
            await director.play(story.lines)
            figures = await gather_figures(stage, lag, started)
            path = await write_page(out_dir / PAGE_NAME, stage, director.moderators.answers, figures)
    show_end(terminal, figures, path)
    return path


@asynccontextmanager
async def open_stage(
    settings: Settings,
    story: Story,
    terminal: Terminal,
    folder: Path,
    classifier: Classifier | None,
    *,
    start: datetime | None = None,
    check_errors: bool = True,
) -> AsyncIterator[Stage]:
    """Bring up database, model, bot and server; a model loaded here is closed at the end."""
    quiet_libraries()
    terminal.note(f"Loading the model, and building “{story.name}” on a simulated Discord …")
    database = SqlDatabase(path=folder / "sandbox.sqlite3", key_file=folder / "sandbox.key")
    clock = SimulatedClock()
    async with _model(settings, classifier) as model, database.open() as stores:
        await model.assess(WARM_UP)  # binds the model's worker to this task, outside the simulated bot
        application = build_application(settings, classifier=model, stores=stores, clock=clock)
        async with simulated_discord(
            application.client, start=start or last_tuesday(datetime.now(UTC)), check_errors=check_errors
        ) as world:
            clock.follow(world.now)
            cast = await build_cast(world, story)
            stage = Stage(settings, story, world, cast, stores, clock, model, application)
            async with closing(stage):
                await stage.start()
                yield stage


def last_tuesday(now: datetime) -> datetime:
    """Return the Tuesday evening before the latest whole week, where the story starts."""
    day = now.date() - timedelta(days=(now.weekday() - TUESDAY) % 7 + 7)
    return datetime(day.year, day.month, day.day, EVENING, tzinfo=UTC)


def quiet_libraries() -> None:
    """Keep libraries from writing warnings between the lines of the run."""
    for name in ("discord", "simcord", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


def show_end(terminal: Terminal, figures: Figures, path: Path) -> None:
    """Print what the run came to."""
    terminal.chapter("What it came to")
    terminal.figures("", figures.rows())
    terminal.note(f"The moderators' channel as a page: {path.resolve()}")
    terminal.note("Act in it yourself, in a browser: python -m bot sandbox --stay")


@asynccontextmanager
async def _model(settings: Settings, given: Classifier | None) -> AsyncIterator[Classifier]:
    if given is not None:
        yield given
        return
    from bot.live import load_classifier

    loaded = await load_classifier(settings)
    try:
        yield loaded
    finally:
        await loaded.close()
