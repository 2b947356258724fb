"""Agree that an invoice is paid in parts, free of interest."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from sqlmodel import Session

from api.services.collection.write_off import hold_open
from models.repositories.ledger import find_last_agreement
from models.tables import Instalment
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import InvalidArgumentError
from models.values.money import from_cents

MOST_INSTALMENTS = 60
"""Parts of one agreement."""


class InstalmentDaysError(InvalidArgumentError):
    """The days of instalments cannot be.

    Attributes
    ----------
    reason : str
        What is wrong.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"instalments {reason}")
        self.reason = reason


class InstalmentSumError(InvalidArgumentError):
    """Instalments do not make what is open.

    Attributes
    ----------
    sum_eur, open_eur : Decimal
        What they make, and what is open [EUR].
    """

    def __init__(self, sum_eur: Decimal, open_eur: Decimal) -> None:
        super().__init__(
            f"the instalments, each above zero, must sum to the {open_eur} EUR that are open; "
            f"they make {sum_eur} EUR"
        )
        self.sum_eur = sum_eur
        self.open_eur = open_eur


def agree_instalments(
    session: Session,
    *,
    promoter_id: UUID,
    invoice_id: UUID,
    days: Sequence[date],
    now: datetime,
    amounts_cents: Sequence[int] | None = None,
) -> list[Instalment]:
    """Agree on instalments of what is open of an invoice.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The ordinary invoice.
    days : sequence of date
        Local days on which they are due, one after another, none past; at most 60.
    now : datetime
        The present instant.
    amounts_cents : sequence of int, optional
        How much is due each day [cents]; equal parts when None, with the odd cents on the first.

    Returns
    -------
    list of Instalment
        They take the place of what was agreed before.

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.
    NothingOpenError
        If nothing is owed for it.
    InstalmentDaysError
        If the days are none, too many, past, or not one after another.
    InstalmentSumError
        If the amounts are not one for each day, above zero, that sum to what is open.
    """
    today = local_day(now, LAW_CLOCK)
    _check_days(days, today)
    _, left = hold_open(session, promoter_id=promoter_id, invoice_id=invoice_id)
    amounts = split_equally(left, len(days)) if amounts_cents is None else list(amounts_cents)
    if len(amounts) != len(days) or sum(amounts) != left or min(amounts) < 1:
        raise InstalmentSumError(from_cents(sum(amounts)), from_cents(left))
    agreement = 1 + find_last_agreement(session, promoter_id=promoter_id, invoice_id=invoice_id)
    rows = [
        Instalment(
            promoter_id=promoter_id,
            invoice_id=invoice_id,
            agreement=agreement,
            position=position,
            due_on=day,
            amount_cents=cents,
            agreed_on=today,
            recorded_at=now,
        )
        for position, (day, cents) in enumerate(zip(days, amounts, strict=True), start=1)
    ]
    session.add_all(rows)
    session.flush()
    return rows


def split_equally(cents: int, count: int) -> list[int]:
    """Split an amount in equal parts, the odd cents on the first.

    Parameters
    ----------
    cents : int
        Amount [cents].
    count : int
        How many parts, above zero.

    Returns
    -------
    list of int
        They sum to the amount [cents].

    Examples
    --------
    >>> split_equally(1000, 3)
    [334, 333, 333]
    """
    part, odd = divmod(cents, count)
    return [part + odd, *[part] * (count - 1)]


def _check_days(days: Sequence[date], today: date) -> None:
    if not 1 <= len(days) <= MOST_INSTALMENTS:
        raise InstalmentDaysError(f"must be 1 to {MOST_INSTALMENTS}, not {len(days)}")
    if days[0] < today:
        raise InstalmentDaysError(f"cannot begin on {days[0]}, which is past")
    for earlier, later in pairwise(days):
        if later <= earlier:
            raise InstalmentDaysError(f"must be due one after another, {later} after {earlier}")
