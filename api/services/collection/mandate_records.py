"""Read mandates with all that their life depends on."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from api.services.collection.mandate_life import MandateHistory
from models.repositories.debits import KnownDebit, list_debits_of_mandates
from models.repositories.mandates import group_mandate_accounts, list_mandates
from models.repositories.members import map_members
from models.tables import Mandate, Member


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


def list_histories(
    session: Session, *, promoter_id: UUID, issuer_id: UUID
) -> tuple[list[MandateHistory], dict[UUID, Member]]:
    """Read all mandates of an issuer, and who signed them.

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
    tuple of list of MandateHistory and dict of UUID to Member
        Newest first, ended ones too; the members by id.
    """
    mandates = list_mandates(session, promoter_id=promoter_id, issuer_ids=[issuer_id])
    histories = read_histories(session, promoter_id=promoter_id, mandates=mandates)
    members = map_members(
        session, promoter_id=promoter_id, member_ids={each.member_id for each in mandates}
    )
    return list(histories.values()), members
