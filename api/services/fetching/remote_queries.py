"""When a promoter's questions to a remote service were last answered, as the database keeps it."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from models.repositories.schedules import find_remote_query, note_remote_query
from models.session import read_session


@dataclass(slots=True)
class RemoteQueries:
    """Remembers answers; a new one is kept with what was made of it, in one transaction.

    Attributes
    ----------
    engine : Engine
        The database.
    promoter_id : UUID
        Whose questions.
    """

    engine: Engine
    promoter_id: UUID
    _noted: dict[str, datetime] = field(default_factory=dict)

    def last_asked(self, key: str) -> datetime | None:
        """Tell when a question was last answered.

        Parameters
        ----------
        key : str
            The service and the question.

        Returns
        -------
        datetime or None
            The instant; None if never.
        """
        with read_session(self.engine) as session:
            return find_remote_query(session, promoter_id=self.promoter_id, key_sha256=_name(key))

    def note(self, key: str, at: datetime) -> None:
        """Remember an answer until it is kept.

        Parameters
        ----------
        key : str
            The service and the question.
        at : datetime
            Instant of the answer.
        """
        self._noted[key] = at

    def keep(self, session: Session) -> None:
        """Store what was noted, beside what the answers brought.

        Parameters
        ----------
        session : Session
            Open writing transaction.
        """
        for key, asked_at in self._noted.items():
            note_remote_query(
                session, promoter_id=self.promoter_id, key_sha256=_name(key), asked_at=asked_at
            )


def _name(key: str) -> str:
    return sha256(key.encode()).hexdigest()
