"""Triggers that keep the rows of one promoter, and of one issuer, apart from those of others.

A foreign key of two columns would say the same, and SQLite would lay every table down again for it,
those with documents too.
"""

from collections.abc import Mapping

from models.migrations.seals import refuse, stop_refusing

_OWNER = "promoter_id"


def seal_owner(table: str, shared: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse a row that refers to one of another owner.

    ``shared`` names, by the column in which both tell the owner, each reference and its table.
    """
    differs = " OR ".join(
        _refer_elsewhere(owner, column, parent)
        for owner, references in shared.items()
        for column, parent in references.items()
    )
    held = [owner for owner, references in shared.items() if references]
    named = {column: None for references in shared.values() for column in references}
    columns = ", ".join(dict.fromkeys([*held, *named]))
    for event, name in (("INSERT", "insert"), (f"UPDATE OF {columns}", "update")):
        refuse(
            f"{table}_has_one_owner_on_{name}",
            f"{event} ON {table}",
            differs,
            "a row and what it refers to are of one promoter and one issuer",
        )


def _refer_elsewhere(owner: str, column: str, parent: str) -> str:
    """Say that no row of the same owner is the one referred to; one that cannot be seen is none."""
    same = f"{owner} IS NOT DISTINCT FROM NEW.{owner}"
    found = f"SELECT 1 FROM {parent} WHERE id = NEW.{column} AND {same}"  # noqa: S608  our words
    return f"(NEW.{column} IS NOT NULL AND NOT EXISTS ({found}))"


def unseal_owner(table: str) -> None:
    """Take back what ``seal_owner`` did, and nothing else."""
    for name in ("insert", "update"):
        stop_refusing(f"{table}_has_one_owner_on_{name}")


def keep_owner(table: str) -> None:
    """Let the rows of a table stay their promoter's."""
    refuse(
        f"{table}_keeps_its_owner",
        f"UPDATE OF {_OWNER} ON {table}",
        f"NEW.{_OWNER} IS DISTINCT FROM OLD.{_OWNER}",
        "a row stays with its promoter",
    )


def release_owner(table: str) -> None:
    """Take back what ``keep_owner`` did, and nothing else."""
    stop_refusing(f"{table}_keeps_its_owner")
