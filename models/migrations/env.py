"""Where alembic meets the database: one connection, handed over by ``upgrade_database``."""

from alembic import context
from sqlalchemy import MetaData

from models.naming import NAMING_CONVENTION

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=MetaData(naming_convention=NAMING_CONVENTION),
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
