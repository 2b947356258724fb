"""Seal what rests under former keys under the newest one."""

from collections.abc import Mapping

from sqlmodel import Session

from models.keyring import Keyring
from models.repositories.sealed_rows import (
    SEALED_COLUMNS,
    count_by_key,
    list_sealed_otherwise,
    put_sealed,
)
from models.sealed_ibans import name_place


def count_sealed(session: Session) -> Mapping[int, int]:
    """Count what rests sealed under each key, of all promoters.

    Parameters
    ----------
    session : Session
        Open transaction that reaches everything.

    Returns
    -------
    mapping of int to int
        By the number of the key; 0 under any other.
    """
    return count_by_key(session)


def reseal_rows(session: Session, *, keyring: Keyring, most: int) -> int:
    """Seal some rows anew, of all promoters.

    Parameters
    ----------
    session : Session
        Open writing transaction that reaches everything.
    keyring : Keyring
        What opens them, and whose newest key seals them.
    most : int
        How many at most.

    Returns
    -------
    int
        How many; fewer than ``most`` when none is left.

    Raises
    ------
    UnopenedSecretError
        If one does not open: its key is missing, or it was changed.
    """
    count = 0
    for sealed in SEALED_COLUMNS:
        found = list_sealed_otherwise(session, sealed, version=keyring.version, most=most - count)
        for row_id, held in found:
            place = name_place(str(sealed.table.__tablename__), sealed.name, row_id)
            plain = keyring.open(sealed.purpose, held, bound_to=place)
            new = keyring.seal(sealed.purpose, plain, bound_to=place)
            put_sealed(session, sealed, row_id=row_id, was=held, held=new)
        count += len(found)
    return count
