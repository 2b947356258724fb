"""Read mandates with all that their life depends on."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from api.services.collection.mandate_life import MandateHistory
from models.repositories.debits import KnownDebit, list_debits_of_mandates
from models.repositories.mandates import find_mandate, group_mandate_accounts, list_mandates
from models.tables import Mandate
from models.values.errors import NotFoundError


class UnknownReferenceError(NotFoundError):
    """An issuer has no mandate of a reference.

    Attributes
    ----------
    reference : str
        The reference.
    """

    def __init__(self, reference: str) -> None:
        super().__init__(f"there is no mandate {reference[:80]!r}")
        self.reference = reference[:80]


def require_mandate(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, reference: str
) -> Mandate:
    """Find a mandate by its reference.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Who may collect with it.
    reference : str
        As it bears it.

    Returns
    -------
    Mandate

    Raises
    ------
    UnknownReferenceError
        If the issuer has none such.
    """
    mandate = find_mandate(
        session, promoter_id=promoter_id, issuer_id=issuer_id, reference=reference
    )
    if mandate is None:
        raise UnknownReferenceError(reference)
    return mandate


def read_histories(
    session: Session, *, promoter_id: UUID, mandates: Sequence[Mandate]
) -> dict[UUID, MandateHistory]:
    """Read the histories of mandates.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    mandates : sequence of Mandate
        Which.

    Returns
    -------
    dict of UUID to MandateHistory
        By mandate, in their order; two queries for all of them.
    """
    keys = [mandate.id for mandate in mandates]
    accounts = group_mandate_accounts(session, promoter_id=promoter_id, mandate_ids=keys)
    debits: dict[UUID, list[KnownDebit]] = {key: [] for key in keys}
    for each in list_debits_of_mandates(session, promoter_id=promoter_id, mandate_ids=keys):
        debits[each.debit.mandate_id].append(each)
    return {
        mandate.id: MandateHistory(mandate, accounts[mandate.id], debits[mandate.id])
        for mandate in mandates
    }


def list_histories(session: Session, *, promoter_id: UUID, issuer_id: UUID) -> list[MandateHistory]:
    """Read all mandates of an issuer.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Who may collect.

    Returns
    -------
    list of MandateHistory
        Newest first, ended ones too.
    """
    mandates = list_mandates(session, promoter_id=promoter_id, issuer_ids=[issuer_id])
    histories = read_histories(session, promoter_id=promoter_id, mandates=mandates)
    return list(histories.values())
