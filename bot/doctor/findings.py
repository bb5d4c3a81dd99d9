"""What one check found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was checked, how it went, and the remedy.

    `guild_id` is 0 for what concerns the bot itself and not one server.
    """

    name: str
    level: Level
    message: str
    guild_id: int = 0


def ok(name: str, message: str, guild_id: int = 0) -> Finding:
    """Return a finding that all is well."""
    return Finding(name, Level.OK, message, guild_id)


def warn(name: str, message: str, guild_id: int = 0) -> Finding:
    """Return a finding that something should be looked at."""
    return Finding(name, Level.WARN, message, guild_id)


def fail(name: str, message: str, guild_id: int = 0) -> Finding:
    """Return a finding that something must be mended."""
    return Finding(name, Level.FAIL, message, guild_id)


def stops_the_start(findings: Sequence[Finding]) -> bool:
    """Say whether to refuse the start: for what concerns the bot itself, or when no server can be served.

    A permission taken away in one server must not take the bot away from all the others.
    """
    of_server: defaultdict[int, list[Level]] = defaultdict(list)
    for finding in findings:
        of_server[finding.guild_id].append(finding.level)
    if Level.FAIL in of_server.pop(0, []):
        return True
    return bool(of_server) and all(Level.FAIL in levels for levels in of_server.values())
