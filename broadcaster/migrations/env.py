"""Run the steps inside the transaction `migrate` opened."""

from alembic import context

from broadcaster.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
