"""Discord comes in: events, slash commands, buttons."""
