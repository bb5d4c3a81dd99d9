"""The steps that bring a database to the newest version."""
