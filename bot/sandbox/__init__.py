"""The embedded default: the same bot on a simulated Discord, with a demo server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from classifiers.contract import Classifier
    from config.schema import Settings

REMEDY = 'the sandbox needs its extra: run `pip install "evenhand[sandbox]"` (in a checkout: `make setup`)'


class SandboxError(Exception):
    """The sandbox cannot be shown; the message is one line that names the cause and the remedy."""


async def run_sandbox(
    settings: Settings,
    *,
    console: Console,
    out_dir: Path,
    is_fast: bool = False,
    classifier: Classifier | None = None,
) -> Path:
    """Play the demo server, write the page of the moderators' channel and return its path.

    The model of `settings` is loaded unless a classifier is handed in. Raise `SandboxError` when something is
    missing.
    """
    _require_simcord()
    from bot.sandbox.scripted import play_script

    return await play_script(
        settings, console=console, out_dir=out_dir, is_fast=is_fast, classifier=classifier
    )


async def stay(
    settings: Settings, *, console: Console, port: int = 0, classifier: Classifier | None = None
) -> None:
    """Serve the demo server to a browser on loopback until Ctrl-C; ports from `port` on, 0 for free ones.

    Raise `SandboxError` when something is missing or a port is taken.
    """
    _require_simcord()
    from bot.sandbox.served import serve

    await serve(settings, console=console, port=port, classifier=classifier)


def _require_simcord() -> None:
    try:
        import jinja2  # noqa: F401
        import simcord  # noqa: F401
    except ImportError as error:
        raise SandboxError(f"{error.name} is not installed; {REMEDY}") from error
