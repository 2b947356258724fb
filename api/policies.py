"""Who may do what: pure answers, without a database and without a clock."""

from datetime import datetime
from pathlib import Path

from models.tables import ApiToken


def may_use_token(token: ApiToken, *, at: datetime) -> bool:
    """Tell whether a token opens the API at an instant: not revoked, and not expired."""
    expired = token.expires_at is not None and token.expires_at <= at
    revoked = token.revoked_at is not None and token.revoked_at <= at
    return not expired and not revoked


def may_import_from(folder: Path, *, root: Path | None) -> bool:
    """Tell whether a folder, its links followed, lies below the one that the operator allowed."""
    return root is not None and folder != root and folder.is_relative_to(root)
