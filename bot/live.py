"""Run live on Discord until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.app import Application, SystemClock, build_application
from bot.doctor import start_check, translate_start_error
from bot.endpoints import point_at
from bot.logs import configure_logging
from bot.storage import SqlDatabase
from classifiers.contract import Classifier
from config.schema import HealthSettings, Settings

log = logging.getLogger(__name__)


async def run_live(settings: Settings, console: Console) -> int:
    """Run until SIGTERM or Ctrl-C; return the exit code, 2 with one line when the start fails."""
    secrets = (settings.discord.token, settings.storage.key)
    configure_logging(settings.log, secrets=[s.get_secret_value() for s in secrets])
    try:
        is_started = await _run(settings, console)
    except Exception as error:
        console.print(
            f"[bold red]Cannot go on:[/] {escape(translate_start_error(error))}",
            highlight=False,
            soft_wrap=True,
        )
        return 2
    return 0 if is_started else 2


async def _run(settings: Settings, console: Console) -> bool:
    """Run until told to stop; False where the checks at the start found what must be mended first."""
    stop = _told_to_stop()
    storage = settings.storage
    database = SqlDatabase(path=storage.path, key_file=storage.key_file, key=storage.key.get_secret_value())
    async with database.open() as stores:
        if not await start_check(settings, stores.preferences, console):
            return False
        classifier = await load_classifier(settings)
        try:
            application = build_application(
                settings, classifier=classifier, stores=stores, clock=SystemClock()
            )
            if stop.is_set():
                return True
            with point_at(settings.discord):
                async with application.running() as loops:
                    await _connected(application, settings, loops, stop)
        finally:
            await classifier.close()
    return True


async def load_classifier(settings: Settings) -> Classifier:
    """Load the model off the event loop; raise `WeightsError` when its files are not the shipped ones."""
    from classifiers.factory import build_classifier

    chosen = settings.classifier
    return await asyncio.to_thread(
        build_classifier,
        encoder=chosen.encoder,
        weights=chosen.weights,
        seeds=chosen.seeds,
        device=chosen.device,
        threads=chosen.threads_used,
        batch_size=chosen.batch_size,
        batch_wait_ms=chosen.batch_wait_ms,
        queue_size=chosen.queue_size,
    )


async def _connected(
    application: Application, settings: Settings, loops: asyncio.Task[None], told: asyncio.Event
) -> None:
    client = application.client
    connection = asyncio.create_task(client.start(settings.discord.token.get_secret_value()))
    stop = asyncio.create_task(told.wait())
    life = asyncio.create_task(_show_life(settings.health))
    try:
        await asyncio.wait({connection, stop, loops}, return_when=asyncio.FIRST_COMPLETED)
        if loops.done():
            loops.result()
        elif connection.done():
            connection.result()
        else:
            log.info("stopping: finishing what was received")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(application.drain(), timeout=SHUTDOWN_SECONDS)
    finally:
        await client.close()
        for task in (connection, stop, life):
            task.cancel()
        await asyncio.gather(connection, stop, life, return_exceptions=True)


SHUTDOWN_SECONDS = 10.0
"""How long a stop may take to finish what was received; the rest is caught up at the next start."""


def _told_to_stop() -> asyncio.Event:
    """Return an event that SIGTERM and Ctrl-C set, from now on."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    return told


async def _show_life(health: HealthSettings) -> None:
    """Touch the health file as long as the event loop turns."""
    while True:
        await asyncio.to_thread(_touch, health.file)
        await asyncio.sleep(health.interval_seconds)


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
