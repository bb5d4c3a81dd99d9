"""Settings: sources, precedence and error messages."""
