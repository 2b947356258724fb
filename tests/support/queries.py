"""Count what a piece of code asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from api.graphql.kept_readings import UNKNOWN, CallersReadings

_OF_CALLER = "api_token.sha256 = "


@contextmanager
def count_queries(engine: Engine, *, recalls: bool = False) -> Iterator[list[str]]:
    """Collect the statements that run inside, but for the ones that begin a transaction.

    Nor is the question counted who calls: it is not asked of who called a moment ago. What the API
    has read before is asked again, unless it may recall it.
    """
    statements: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        is_beginning = statement.startswith(("BEGIN", "PRAGMA", "SELECT set_config("))
        if not is_beginning and _OF_CALLER not in statement:
            statements.append(statement)

    with pytest.MonkeyPatch.context() as patch:
        if not recalls:
            patch.setattr(CallersReadings, "recall", lambda *_question: UNKNOWN)
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)
