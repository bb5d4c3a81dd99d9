"""Read a message as its author meant it, without losing where each letter stood."""
