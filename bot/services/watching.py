"""Change a server's preferences, one choice at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bot.domain.preferences import Preferences
from bot.domain.schedule import DigestSchedule
from bot.domain.snowflakes import snowflake
from bot.ports import Clock, PreferenceStore, WatermarkStore
from classifiers.contract import Sensitivity


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
        """Put a channel and its threads under screening, from now on."""
        now = self._clock.now()
        await self._watermarks.advance(guild_id, channel_id, snowflake(now))
        return await self._change(
            guild_id,
            lambda current: replace(
                current,
                watched_channel_ids=current.watched_channel_ids | {channel_id},
                watching_since=current.watching_since or now,
            ),
        )

    async def unwatch(self, guild_id: int, channel_id: int) -> Preferences:
        """Stop screening a channel; one that was not watched changes nothing."""
        return await self._change(
            guild_id,
            lambda current: replace(current, watched_channel_ids=current.watched_channel_ids - {channel_id}),
        )

    async def report_to(self, guild_id: int, channel_id: int) -> Preferences:
        """Send cards and digests to a channel."""
        return await self._change(guild_id, lambda current: replace(current, mod_channel_id=channel_id))

    async def set_sensitivity(self, guild_id: int, sensitivity: Sensitivity) -> Preferences:
        """Choose the false-alarm budget."""
        return await self._change(guild_id, lambda current: replace(current, sensitivity=sensitivity))

    async def set_dry_run(self, guild_id: int, is_dry_run: bool) -> Preferences:
        """Choose whether cases are only stored (dry run) or shown as cards."""
        return await self._change(guild_id, lambda current: replace(current, is_dry_run=is_dry_run))

    async def schedule_digest(self, guild_id: int, schedule: DigestSchedule) -> Preferences:
        """Choose when the weekly digest comes."""
        return await self._change(guild_id, lambda current: replace(current, digest=schedule))

    async def exempt_role(self, guild_id: int, role_id: int, is_exempt: bool) -> Preferences:
        """Leave the posts of a role alone, or stop doing so."""

        def changed(current: Preferences) -> Preferences:
            others = current.exempt_role_ids - {role_id}
            return replace(current, exempt_role_ids=others | {role_id} if is_exempt else others)

        return await self._change(guild_id, changed)

    async def _change(self, guild_id: int, change: Callable[[Preferences], Preferences]) -> Preferences:
        # One at a time, so that two moderators' choices do not undo each other.
        async with self._turn:
            changed = change(await self._preferences.get(guild_id))
            await self._preferences.save(changed)
            return changed
