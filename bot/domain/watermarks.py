"""How far a channel has been handled without a gap."""

from __future__ import annotations


class Watermarks:
    """Track messages in flight per channel and tell up to which id nothing is missing.

    Ids are Discord snowflakes: later messages have larger ids. Not thread-safe; one per event loop.
    """

    def __init__(self) -> None:
        self._in_flight: dict[int, set[int]] = {}
        self._seen: dict[int, int] = {}

    def start(self, channel_id: int, message_id: int) -> None:
        """Note that a message was received and is being handled."""
        self._in_flight.setdefault(channel_id, set()).add(message_id)
        self._seen[channel_id] = max(self._seen.get(channel_id, 0), message_id)

    def done(self, channel_id: int, message_id: int) -> int:
        """Note that a message was handled and return the id up to which the channel is complete (0: none)."""
        flying = self._in_flight.setdefault(channel_id, set())
        flying.discard(message_id)
        return min(flying) - 1 if flying else self._seen.get(channel_id, 0)
