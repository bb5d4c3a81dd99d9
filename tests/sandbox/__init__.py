"""The sandbox: its data, its page, its simulated Discord, and whole runs of it."""
