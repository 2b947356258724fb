"""Whether anybody has written since one looked: until then what was read stands."""

from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Engine

from models.session import is_at_hand


class ChangeMark:
    """The state of one database, as a number that changes with every commit of anybody's.

    A SQLite file tells it at once, whichever process wrote. Of a database behind a network it is
    not known.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None

    def read(self) -> int | None:
        """Tell the number; None where it is not known."""
        if not is_at_hand(self._engine):
            return None
        try:
            # Read to its end: a question that is not would hold back the file's clean-up.
            ((number,),) = self._open().execute("PRAGMA data_version").fetchall()
        except dbapi2.Error:
            return None
        return int(number)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> Any:
        """Hold a connection that never writes, for it would not be told of what it wrote itself."""
        if self._connection is None:
            borrowed = self._engine.raw_connection()
            self._connection = borrowed.driver_connection
            borrowed.detach()
            self._connection.execute("PRAGMA query_only = ON")
        return self._connection
