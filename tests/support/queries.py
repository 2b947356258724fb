"""Count what a piece of code asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

_OF_CALLER = "api_token.sha256 = "


@contextmanager
def count_queries(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that run inside, but for the ones that begin a transaction.

    Nor is the question counted who calls: it is not asked of who called a moment ago.
    """
    statements: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        is_beginning = statement.startswith(("BEGIN", "PRAGMA", "SELECT set_config("))
        if not is_beginning and _OF_CALLER not in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
