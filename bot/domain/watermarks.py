"""How far a channel has been handled without a gap."""

from __future__ import annotations


class Watermarks:
    """Track per channel what is not handled yet, and tell up to which id nothing is missing.

    Three things keep a channel's mark down: messages in flight, the earliest message that was left to be
    fetched again, and a hold before a gap. They are kept apart, so that ending one never ends another. Ids
    are Discord snowflakes: later messages have larger ids. Not thread-safe; one per event loop.
    """

    def __init__(self) -> None:
        self._in_flight: dict[int, set[int]] = {}
        self._left: dict[int, int] = {}
        self._holds: dict[int, int] = {}
        self._seen: dict[int, int] = {}

    def start(self, channel_id: int, message_id: int) -> None:
        """Note that a message was received and is being handled."""
        self._in_flight.setdefault(channel_id, set()).add(message_id)
        self._seen[channel_id] = max(self._seen.get(channel_id, 0), message_id)

    def done(self, channel_id: int, message_id: int) -> int:
        """Note that a message was handled and return the id up to which the channel is complete (0: none)."""
        self._land(channel_id, message_id)
        return self.complete(channel_id)

    def leave(self, channel_id: int, message_id: int) -> None:
        """Note that a message was not handled and has to be fetched again."""
        self._land(channel_id, message_id)
        self._seen[channel_id] = max(self._seen.get(channel_id, 0), message_id)
        self._left[channel_id] = min(self._left.get(channel_id, message_id), message_id)

    def hold(self, channel_id: int, after_id: int) -> int:
        """Keep the mark at `after_id` (0: unknown), or before the first message left if that is earlier.

        Return where it is held, 0 when there is nothing to hold. What was left is behind the hold from now
        on, and no longer counted by itself; what is in flight stays so.
        """
        left = self._left.pop(channel_id, 0)
        start = min((i for i in (after_id, left - 1) if i > 0), default=0)
        if start:
            self._holds[channel_id] = start
        return start

    def move_hold(self, channel_id: int, after_id: int) -> int:
        """Hold at a later id, up to which all was received; return the id up to which all is handled."""
        self._holds[channel_id] = after_id
        self._seen[channel_id] = max(self._seen.get(channel_id, 0), after_id)
        return self.complete(channel_id)

    def release(self, channel_id: int) -> int:
        """End the hold and return the id up to which the channel is complete (0: none)."""
        self._holds.pop(channel_id, None)
        return self.complete(channel_id)

    def forget(self, channel_id: int) -> None:
        """Drop the hold and what was left: the channel is not watched any more."""
        self._holds.pop(channel_id, None)
        self._left.pop(channel_id, None)

    def complete(self, channel_id: int) -> int:
        """Return the id up to which nothing of a channel is missing, 0 when nothing is known of it."""
        bounds = [self._holds[channel_id]] if channel_id in self._holds else []
        if flying := self._in_flight.get(channel_id):
            bounds.append(min(flying) - 1)
        if channel_id in self._left:
            bounds.append(self._left[channel_id] - 1)
        return min(bounds) if bounds else self._seen.get(channel_id, 0)

    def _land(self, channel_id: int, message_id: int) -> None:
        flying = self._in_flight.get(channel_id, set())
        flying.discard(message_id)
        if not flying:
            self._in_flight.pop(channel_id, None)
