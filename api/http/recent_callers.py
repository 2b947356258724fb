"""Who called a moment ago is not looked up again at once: a page asks several things together."""

import time
from hashlib import sha256
from typing import NamedTuple

from cachetools import LRUCache
from sqlalchemy import Engine

from api.authentication import PUBLIC, Principal
from api.credentials import Credentials
from api.settings import Settings
from models.change_mark import ChangeMark

SECONDS_KEPT = 1.0
"""How long a token still opens what it opened after its time, and how soon its use is noted."""

_MOST_KEPT = 1_000


_NOTHING_SHOWN = Credentials(None, None)


class _Found(NamedTuple):
    principal: Principal
    until: float
    state: int


class RecentCallers:
    """Finds out who calls, and keeps it for a moment, or until anybody writes anything.

    What is revoked, ended or withdrawn therefore holds at once. Where the database does not say
    that nothing was written, nobody is kept. Only digests of what callers show are kept, and
    nobody whom it did not open anything to.
    """

    def __init__(self, engine: Engine, mark: ChangeMark, settings: Settings) -> None:
        self._engine = engine
        self._mark = mark
        self._settings = settings
        self._found: LRUCache[bytes, _Found] = LRUCache(_MOST_KEPT)

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
        kept, at, state = self._found.get(key), time.monotonic(), self._mark.read()
        if kept is not None and at < kept.until and state == kept.state:
            return kept.principal
        principal = await credentials.find_principal(self._engine, self._settings)
        if state is not None and principal.capabilities != PUBLIC.capabilities:
            self._found[key] = _Found(principal, at + SECONDS_KEPT, state)
        return principal
