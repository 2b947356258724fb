"""That a token or a session is in use is written down, after the answer and one at a time."""

from functools import partial

import structlog
from anyio import Lock, to_thread
from sqlalchemy import Engine

from api.authentication import Principal
from api.clock import now
from api.services.accounts.note_use import note_use
from models.session import write_session
from models.values.errors import UnavailableError

_log = structlog.get_logger(__name__)


class UseNotes:
    """Writes down who was here, for which nobody should have to wait.

    One at a time, else many would wait where somebody holds the database for long; who comes
    meanwhile is noted at the next request.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = Lock()

    async def note(self, principal: Principal) -> None:
        """Write the use down, if it is time to."""
        if principal.is_use_due and not self._writing.locked():
            async with self._writing:
                await to_thread.run_sync(partial(self._write, principal))

    def _write(self, principal: Principal) -> None:
        try:
            with write_session(self._engine) as session:
                note_use(
                    session,
                    token_id=principal.token_id,
                    session_id=principal.session_id,
                    now=now(),
                )
        except UnavailableError:
            _log.info("use_not_noted")
