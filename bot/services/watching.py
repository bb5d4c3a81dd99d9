"""Change a server's preferences, one choice at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from bot.domain.preferences import Preferences
from bot.domain.schedule import DigestSchedule
from bot.domain.snowflakes import snowflake
from bot.ports import Clock, PreferenceStore, WatermarkStore
from classifiers.contract import Sensitivity


class NoModChannelError(Exception):
    """Cards were asked for, and no moderators' channel was chosen."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is changed seldom; None leaves an option as it is, and role 0 pings nobody."""

    alert_budget: int | None = None
    group_minutes: int | None = None
    retention_days: int | None = None
    ping_role_id: int | None = None
    is_delete_offered: bool | None = None


class Watching:
    """What moderators may change, with what follows from each change."""

    def __init__(self, *, preferences: PreferenceStore, watermarks: WatermarkStore, clock: Clock) -> None:
        self._preferences = preferences
        self._watermarks = watermarks
        self._clock = clock
        self._turn = asyncio.Lock()

    async def preferences(self, guild_id: int) -> Preferences:
        """Return a server's preferences."""
        return await self._preferences.get(guild_id)

    async def watch(self, guild_id: int, channel_id: int) -> Preferences:
        """Put a channel and its threads under screening, from now on; a watched one stays as it is."""
        now = self._clock.now()
        if channel_id not in (await self._preferences.get(guild_id)).watched_channel_ids:
            await self._watermarks.advance(guild_id, channel_id, snowflake(now))

        def changed(current: Preferences) -> Preferences:
            if channel_id in current.watched_channel_ids:
                return current
            return replace(
                current,
                watched_channel_ids=current.watched_channel_ids | {channel_id},
                watching_since=current.watching_since or now,
                watched_since={**current.watched_since, channel_id: now},
            )

        return await self._change(guild_id, changed)

    async def unwatch(self, guild_id: int, channel_id: int) -> Preferences:
        """Stop screening a channel; one that was not watched changes nothing."""
        return await self._change(
            guild_id,
            lambda current: replace(
                current,
                watched_channel_ids=current.watched_channel_ids - {channel_id},
                watched_since={i: at for i, at in current.watched_since.items() if i != channel_id},
            ),
        )

    async def report_to(self, guild_id: int, channel_id: int) -> Preferences:
        """Send cards and digests to a channel."""
        return await self._change(guild_id, lambda current: replace(current, mod_channel_id=channel_id))

    async def set_sensitivity(self, guild_id: int, sensitivity: Sensitivity) -> Preferences:
        """Choose the false-alarm budget."""
        return await self._change(guild_id, lambda current: replace(current, sensitivity=sensitivity))

    async def set_dry_run(self, guild_id: int, is_dry_run: bool) -> Preferences:
        """Choose whether cases are only stored (dry run) or shown as cards.

        Raise `NoModChannelError` when cards are wanted and there is no channel for them.
        """

        def changed(current: Preferences) -> Preferences:
            if not (is_dry_run or current.mod_channel_id):
                raise NoModChannelError
            return replace(current, is_dry_run=is_dry_run)

        return await self._change(guild_id, changed)

    async def schedule_digest(self, guild_id: int, schedule: DigestSchedule) -> Preferences:
        """Choose when the weekly digest comes, from now on."""
        now = self._clock.now()
        return await self._change(
            guild_id, lambda current: replace(current, digest=schedule, digest_changed_at=now)
        )

    async def exempt_role(self, guild_id: int, role_id: int, is_exempt: bool) -> Preferences:
        """Leave the posts of a role alone, or stop doing so."""
        return await self._change(
            guild_id,
            lambda current: replace(
                current, exempt_role_ids=_with(current.exempt_role_ids, role_id, is_exempt)
            ),
        )

    async def exempt_channel(self, guild_id: int, channel_id: int, is_exempt: bool) -> Preferences:
        """Leave a channel or thread alone although it would be watched, or stop doing so."""
        return await self._change(
            guild_id,
            lambda current: replace(
                current, exempt_channel_ids=_with(current.exempt_channel_ids, channel_id, is_exempt)
            ),
        )

    async def choose(self, guild_id: int, options: Options) -> Preferences:
        """Change the options that are given."""
        given = {f.name: getattr(options, f.name) for f in fields(options)}
        chosen = {name: value for name, value in given.items() if value is not None}
        return await self._change(guild_id, lambda current: replace(current, **chosen))

    async def _change(self, guild_id: int, change: Callable[[Preferences], Preferences]) -> Preferences:
        # One at a time, so that two moderators' choices do not undo each other.
        async with self._turn:
            changed = change(await self._preferences.get(guild_id))
            await self._preferences.save(changed)
            return changed


def _with(ids: frozenset[int], one: int, is_in: bool) -> frozenset[int]:
    return ids | {one} if is_in else ids - {one}
