"""Discord behaviour, on a simulated Discord."""
