"""Keep cases, preferences and watermarks in SQL, words encrypted."""

from bot.storage.database import SqlDatabase

__all__ = ["SqlDatabase"]
