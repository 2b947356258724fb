"""Who called a moment ago is not looked up again at once: a page asks several things together."""

import time
from collections import OrderedDict
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Engine

from api.authentication import PUBLIC, Principal
from api.credentials import Credentials
from api.settings import Settings
from models.session import WRITES

SECONDS_KEPT = 1.0
"""How long a token that another process revoked still opens what it opened."""

_MOST_KEPT = 1_000


_NOTHING_SHOWN = Credentials(None, None)


class _Found(NamedTuple):
    principal: Principal
    until: float
    n_writes: int


class RecentCallers:
    """Finds out who calls, and keeps it for a moment, or until this process writes anything.

    What is revoked, ended or withdrawn here therefore holds at once. Only digests of what callers
    show are kept, and nobody whom it did not open anything to.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._found: OrderedDict[bytes, _Found] = OrderedDict()

    async def find(self, credentials: Credentials) -> Principal:
        """Find out who calls.

        Raises
        ------
        UnauthenticatedError
            If a token opens nothing.
        """
        if credentials == _NOTHING_SHOWN:
            return PUBLIC
        key = sha256(repr(credentials).encode()).digest()
        kept, at, n_writes = self._found.get(key), time.monotonic(), WRITES.count
        if kept is not None and at < kept.until and n_writes == kept.n_writes:
            return kept.principal
        principal = await credentials.find_principal(self._engine, self._settings)
        if principal.capabilities != PUBLIC.capabilities:
            self._keep(key, _Found(principal, at + SECONDS_KEPT, n_writes))
        return principal

    def _keep(self, key: bytes, found: _Found) -> None:
        """Keep one more, and let the oldest go."""
        self._found[key] = found
        self._found.move_to_end(key)
        while len(self._found) > _MOST_KEPT:
            self._found.popitem(last=False)
