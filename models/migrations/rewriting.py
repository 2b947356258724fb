"""What a migration needs that hides what was stored in clear: the keys, and what to rewrite."""

from collections.abc import Iterable

from alembic import op

from models.keyring import Keyring
from models.values.errors import UnavailableError

KEYRING = "keyring"
"""Where alembic's configuration keeps the keys."""

REWRITTEN = "rewritten tables"
"""Where it keeps which tables hold on their pages what is not to be found any more."""


class NoKeysError(UnavailableError):
    """Rows are to be sealed, and no keys were given."""

    def __init__(self) -> None:
        super().__init__("the database holds bank accounts to be sealed; run: reparto db upgrade")


def require_keyring() -> Keyring:
    """Give the keys to the migration that runs, which has found something to seal or open."""
    config = op.get_context().config
    keyring: Keyring | None = config.attributes.get(KEYRING) if config else None
    if keyring is None:
        raise NoKeysError
    return keyring


def note_rewritten(tables: Iterable[str]) -> None:
    """Have the pages of tables written anew when all migrations are committed."""
    config = op.get_context().config
    if config is not None:
        config.attributes[REWRITTEN] = (*config.attributes.get(REWRITTEN, ()), *tables)
