"""Run the migrations on the connection that the program hands in."""

from __future__ import annotations

from alembic import context

from bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's own BEGIN is sent by the caller, so a failed step leaves no trace
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
