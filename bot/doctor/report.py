"""Run the checks and show what they found."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.doctor.findings import Finding, Level, stops_the_start
from bot.doctor.local import check_database, check_folder, check_model, check_names
from bot.doctor.online import check_discord
from bot.ports import Database, PreferenceStore
from bot.storage import SqlDatabase
from config.load import misspelt
from config.schema import Settings

FAILED = 2
"""Exit code when something must be mended."""

_MARKS = {Level.OK: ("✓", "green"), Level.WARN: ("!", "yellow"), Level.FAIL: ("✗", "bold red")}


async def run_doctor(settings: Settings, console: Console) -> int:
    """Check everything, show it, and return the exit code: 2 when something fails, else 0."""
    storage = settings.storage
    database = SqlDatabase(path=storage.path, key_file=storage.key_file, key=storage.key.get_secret_value())
    with console.status("Checking …"):
        findings = await examine(settings, database)
    show(findings, console)
    return FAILED if any(f.level is Level.FAIL for f in findings) else 0


async def examine(settings: Settings, database: Database) -> list[Finding]:
    """Run every check; one that breaks is a finding, never a traceback."""
    folder = await check_folder(settings.storage)
    database_finding, preferences = await check_database(settings.storage, database)
    return [
        *check_names(misspelt(os.environ)),
        folder,
        database_finding,
        await check_model(settings.classifier),
        *await check_discord(settings.discord, preferences),
    ]


async def start_check(settings: Settings, preferences: PreferenceStore, console: Console) -> bool:
    """Look at token, intent and permissions before the bot goes on; show what is wrong, say if it may go on.

    Database and model are not looked at again: opening them raises what `translate_start_error` explains.
    """
    findings = await check_discord(settings.discord, await preferences.all())
    show([f for f in findings if f.level is not Level.OK], console)
    return not stops_the_start(findings)


def show(findings: Sequence[Finding], console: Console) -> None:
    """Print a table to people, and one plain line per finding where nobody looks at a terminal."""
    if not findings:
        return
    if not console.is_terminal:
        for finding in findings:
            line = f"{finding.level}: {finding.name}: {finding.message}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        mark, style = _MARKS[finding.level]
        table.add_row(Text(mark, style), Text(finding.name, "bold"), Text(finding.message))
    console.print(table)
