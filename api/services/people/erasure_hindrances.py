"""What stands in the way of an erasure: what is still underway needs to know who it is about."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.services.people.find_person import Person
from models.personal_data import Keys
from models.repositories.erasures import (
    count_shares,
    count_undecided_agreements,
    count_unfinished_work,
)
from models.repositories.ledger import sum_members
from models.values.errors import CommunityError, ConflictError
from models.values.money import from_cents


class StillSharingError(ConflictError):
    """A person shares in a plant, or stands in an agreement that is not decided.

    Attributes
    ----------
    member_id : UUID
        The member.
    """

    def __init__(self, member_id: UUID) -> None:
        super().__init__(
            "this member still shares in a plant, or stands in a draft or a filed agreement: let "
            "it leave first"
        )
        self.member_id = member_id


class MoneyOpenError(ConflictError):
    """A person owes something, or has money to get back.

    Attributes
    ----------
    owed_eur, prepaid_eur : Decimal
        What is owed, and what is to be paid back [EUR].
    """

    def __init__(self, owed_eur: Decimal, prepaid_eur: Decimal) -> None:
        super().__init__(
            f"this member owes {owed_eur} EUR and has {prepaid_eur} EUR to get back: settle that "
            "first"
        )
        self.owed_eur = owed_eur
        self.prepaid_eur = prepaid_eur


class WorkUnderwayError(ConflictError):
    """Jobs or e-mails are underway that may tell of the person.

    Attributes
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} jobs or e-mails are underway that may tell of this member: wait for their end"
        )
        self.count = count


def list_hindrances(
    session: Session, *, promoter_id: UUID, person: Person, on: date
) -> list[CommunityError]:
    """List what stands in the way of an erasure.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    person : Person
        Who is to be erased.
    on : date
        Local day.

    Returns
    -------
    list of CommunityError
        ``StillSharingError``, ``MoneyOpenError`` and ``WorkUnderwayError``, as they apply.
    """
    found: list[CommunityError] = []
    member_id, keys = person.member.id, person.keys
    if count_shares(session, point_ids=keys[Keys.POINTS], on=on) or count_undecided_agreements(
        session, agreement_ids=keys[Keys.AGREEMENTS]
    ):
        found.append(StillSharingError(member_id))
    owed, left = sum_members(session, promoter_id=promoter_id, member_ids=[member_id])[member_id]
    if owed or left:
        found.append(MoneyOpenError(from_cents(owed), from_cents(left)))
    underway = count_unfinished_work(
        session, promoter_id=promoter_id, message_ids=keys[Keys.MESSAGES]
    )
    if underway:
        found.append(WorkUnderwayError(underway))
    return found
