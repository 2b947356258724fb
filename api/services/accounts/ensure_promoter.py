"""Find a promoter by name, or take it in."""

from datetime import datetime

from sqlmodel import Session

from models.repositories.promoters import find_only_promoter, find_promoter
from models.tables import Promoter
from models.values.errors import NotFoundError
from models.values.names import check_name


class UnknownPromoterError(NotFoundError):
    """Nobody has this name.

    Attributes
    ----------
    name : str
        The name that was given.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no promoter {name!r}; import or token create makes one")
        self.name = name


DEFAULT_PROMOTER = "default"
"""Name of the promoter that is meant where none is named."""


def ensure_promoter(session: Session, *, name: str, now: datetime) -> Promoter:
    """Read the promoter of a name, made on the spot if it is new.

    Parameters
    ----------
    session : Session
        Open transaction.
    name : str
        Name of the promoter.
    now : datetime
        The present instant.

    Returns
    -------
    Promoter
        The tenant.

    Raises
    ------
    InvalidNameError
        If the name is blank, has more than 200 characters, or one that cannot be printed.
    """
    promoter = find_promoter(session, name=check_name("promoter", name))
    if promoter is None:
        promoter = Promoter(name=name, created_at=now)
        session.add(promoter)
        session.flush()
    return promoter


def require_promoter(session: Session, *, name: str) -> Promoter:
    """Read the promoter of a name, which must be known already.

    Parameters
    ----------
    session : Session
        Open transaction.
    name : str
        Name of the promoter.

    Returns
    -------
    Promoter
        The tenant; where none was named and there is only one, that one.

    Raises
    ------
    UnknownPromoterError
        If nobody has that name.
    """
    promoter = find_promoter(session, name=name)
    if promoter is None and name == DEFAULT_PROMOTER:
        promoter = find_only_promoter(session)
    if promoter is None:
        raise UnknownPromoterError(name)
    return promoter
