"""The command line: run, sandbox, doctor, healthy."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Coroutine
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from config.schema import Settings

FAILED = 2
"""Exit code when something the operator must mend stands in the way."""

STALE_INTERVALS = 4
"""The bot counts as dead when its sign of life is older than this many intervals."""

cli = typer.Typer(
    help="Evenhand: shows moderators likely bad-faith framings, with evidence; people rule.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file (TOML); default: EVENHAND_CONFIG.")
]


@cli.command()
def run(config: ConfigOption = None) -> None:
    """Run live on Discord; without a DISCORD_TOKEN, show the sandbox instead."""
    settings = _settings(config)
    if not settings.discord.token.get_secret_value():
        if find_spec("simcord") is None:
            _fail(
                "no DISCORD_TOKEN is set: set it in the environment or in .env, or install the sandbox extra"
            )
        _console().print("No DISCORD_TOKEN is set, so this is the [bold]sandbox[/]: a simulated Discord.\n")
        _sandbox(settings, Path("out"), is_fast=False)
        return
    from bot.live import run_live

    raise typer.Exit(asyncio.run(run_live(settings, _console())))


@cli.command()
def sandbox(
    config: ConfigOption = None,
    out: Annotated[Path, typer.Option(help="Folder for the page of the moderators' channel.")] = Path("out"),
    stay: Annotated[bool, typer.Option("--stay", help="Keep it alive and serve it to a browser.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="No pauses between messages.")] = False,
    port: Annotated[int, typer.Option(help="Loopback port with --stay; 0: any free one.")] = 0,
) -> None:
    """Show the bot at work on a demo server, on a simulated Discord."""
    settings = _settings(config)
    if stay:
        from bot.sandbox import stay as keep

        _guarded(keep(settings, console=_console(), port=port))
    else:
        _sandbox(settings, out, is_fast=fast)


@cli.command()
def doctor(config: ConfigOption = None) -> None:
    """Check settings, database, model, token, intent and permissions; exit code 2 when one fails."""
    from bot.doctor import run_doctor

    raise typer.Exit(asyncio.run(run_doctor(_settings(config), _console())))


@cli.command()
def healthy(config: ConfigOption = None) -> None:
    """Exit 0 when the running bot gave a sign of life lately, 1 otherwise (for containers)."""
    health = _settings(config).health
    try:
        age = time.time() - health.file.stat().st_mtime
    except OSError:
        raise typer.Exit(1) from None
    raise typer.Exit(0 if age < health.interval_seconds * STALE_INTERVALS else 1)


def _sandbox(settings: Settings, out: Path, *, is_fast: bool) -> None:
    from bot.sandbox import run_sandbox

    _guarded(run_sandbox(settings, console=_console(), out_dir=out, is_fast=is_fast))


def _guarded(work: Coroutine[Any, Any, object]) -> None:
    from bot.doctor import translate_start_error

    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        _console().print("Stopped.")
    except Exception as error:
        _fail(translate_start_error(error))


def _settings(config: Path | None) -> Settings:
    from config.load import load_settings
    from config.schema import SettingsError

    try:
        return load_settings(config, environ=os.environ)
    except SettingsError as error:
        _fail(str(error))


def _console() -> Console:
    return Console()


def _fail(message: str) -> NoReturn:
    Console(stderr=True).print(
        f"[bold red]Cannot go on:[/] {escape(message)}", highlight=False, soft_wrap=True
    )
    sys.exit(FAILED)


if __name__ == "__main__":
    cli()
