"""Record mandates, the accounts they name, and that they are taken back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from api.services.collection.mandate_life import SETTLING_DAYS, MandateHistory, MandateState
from api.services.collection.mandate_records import read_histories
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from loaders.invoice_checks import UnfitInvoiceError, check_text
from loaders.sepa.business_days import FIRST_YEAR
from loaders.sepa.character_set import UnwritableTextError, to_sepa_text
from loaders.sepa.debit_faults import EEA_COUNTRIES
from loaders.sepa.direct_debits import LONGEST_NAME
from models.keyring import Keyring
from models.repositories.debits import KnownDebit
from models.repositories.mandates import find_mandate, get_mandate, list_mandates
from models.repositories.members import map_members
from models.repositories.payment_plans import lock_issuers
from models.sealed_ibans import index_iban, name_place, seal_iban
from models.tables import Mandate, MandateAccount
from models.values.calendar import LAW_CLOCK, local_day
from models.values.direct_debits import MandateEnd, MandateKind
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError
from models.values.iban import Iban
from models.values.sepa_reference import SepaReference

_ENDS = {MandateState.LAPSED: MandateEnd.LAPSED, MandateState.SPENT: MandateEnd.SPENT}


class UnknownMandateError(NotFoundError):
    """The promoter has no such mandate."""

    def __init__(self, mandate_id: UUID | None) -> None:
        super().__init__("there is no such mandate")
        self.mandate_id = mandate_id


class UnfitMandateError(InvalidArgumentError):
    """A mandate cannot be recorded so.

    Attributes
    ----------
    field : str
        Which part: ``holder``, ``iban``, ``signed_on``, ``last_used_on`` or ``revoked_on``.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"mandate: {field} {reason}")
        self.field = field


class MandateExistsError(ConflictError):
    """The member has a living mandate of that issuer, or the issuer one of that reference.

    Attributes
    ----------
    reference : str
        Reference of the one there is.
    """

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"there is a mandate {reference} already: change its account, or revoke it first"
        )
        self.reference = reference


class EndedMandateError(ConflictError):
    """A mandate has ended.

    Attributes
    ----------
    reference : str
        Its reference.
    ended_on : date
        Since when.
    """

    def __init__(self, reference: str, ended_on: date) -> None:
        super().__init__(f"mandate {reference} ended on {ended_on}: record a new one")
        self.reference = reference
        self.ended_on = ended_on


class SameAccountError(ConflictError):
    """A mandate names that account already.

    Attributes
    ----------
    reference : str
        Reference of the mandate.
    """

    def __init__(self, reference: str) -> None:
        super().__init__(f"mandate {reference} names that account already")
        self.reference = reference


@dataclass(frozen=True, slots=True)
class AccountWish:
    """An account that a mandate names.

    Attributes
    ----------
    holder : str
        Its holder, 1 to 70 printable characters of which SEPA can write some.
    iban : Iban
        Its number, of the European Economic Area.

    Raises
    ------
    UnfitMandateError
        If the holder is blank, too long, or has no letter that a SEPA file can hold, or the
        account is elsewhere.
    """

    holder: str
    iban: Iban

    def __post_init__(self) -> None:
        try:
            check_text("holder", self.holder, LONGEST_NAME)
            to_sepa_text(self.holder, LONGEST_NAME)
        except (UnfitInvoiceError, UnwritableTextError) as error:
            reason = f"needs 1 to {LONGEST_NAME} characters, some of which SEPA can write"
            raise UnfitMandateError("holder", reason) from error
        if self.iban.country not in EEA_COUNTRIES:
            reason = "is outside the European Economic Area"
            raise UnfitMandateError("iban", f"{self.iban} {reason}: an IBAN alone does not collect")


@dataclass(frozen=True, slots=True)
class MandateWish:
    """What a member signed.

    Attributes
    ----------
    issuer_id : UUID
        Who may collect.
    member_id : UUID
        From whom.
    account : AccountWish
        From which account.
    signed_on : date
        Local day of the signature, today at the latest.
    kind : MandateKind
        For one debit or for many.
    reference : SepaReference or None
        Reference that it bears; one is made when None.
    last_used_on : date or None
        Last collection with it, made elsewhere: then its account is no new one.
    """

    issuer_id: UUID
    member_id: UUID
    account: AccountWish
    signed_on: date
    kind: MandateKind = MandateKind.RECURRENT
    reference: SepaReference | None = None
    last_used_on: date | None = None


@dataclass(frozen=True, slots=True)
class RevokedMandate:
    """A mandate that was taken back.

    Attributes
    ----------
    mandate : Mandate
        As it is stored.
    underway : tuple of KnownDebit
        Debits of that day or later that a bank has already: it has to be asked to cancel them.
    """

    mandate: Mandate
    underway: tuple[KnownDebit, ...]


def record_mandate(
    session: Session, *, promoter_id: UUID, wish: MandateWish, keyring: Keyring, now: datetime
) -> Mandate:
    """Record a mandate.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    wish : MandateWish
        What was signed.
    keyring : Keyring
        What seals the account.
    now : datetime
        The present instant.

    Returns
    -------
    Mandate
        It may be collected with from the 21st day after today on, at once if it was used before.
        One that lapsed or is spent ends for it.

    Raises
    ------
    UnknownIssuerError, UnknownMemberError
        If the promoter has no such issuer or member.
    UnfitMandateError
        If it was signed or used after today, signed after it was used, or before 2002.
    MandateExistsError
        If the member has another living mandate of the issuer, or the reference was used.
    """
    today = local_day(now, LAW_CLOCK)
    _check_days(wish, today)
    if not lock_issuers(session, promoter_id=promoter_id, issuer_ids=[wish.issuer_id]):
        raise UnknownIssuerError(wish.issuer_id)
    if not map_members(session, promoter_id=promoter_id, member_ids=[wish.member_id]):
        raise UnknownMemberError(wish.member_id)
    _end_dead_one(session, promoter_id, wish, today)
    mandate = Mandate(
        promoter_id=promoter_id,
        issuer_id=wish.issuer_id,
        member_id=wish.member_id,
        reference=_choose_reference(session, promoter_id, wish),
        kind=wish.kind,
        signed_on=wish.signed_on,
        last_used_on=wish.last_used_on,
        recorded_at=now,
    )
    session.add(mandate)
    session.flush()
    usable_from = today if wish.last_used_on else today + timedelta(days=SETTLING_DAYS)
    session.add(_make_account(keyring, mandate, wish.account, 0, today, usable_from))
    session.flush()
    return mandate


def revoke_mandate(
    session: Session, *, promoter_id: UUID, mandate_id: UUID, revoked_on: date, now: datetime
) -> RevokedMandate:
    """Take a mandate back.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    mandate_id : UUID
        Which.
    revoked_on : date
        First local day on which nothing is collected with it, up to a year from today.
    now : datetime
        The present instant.

    Returns
    -------
    RevokedMandate
        The mandate, and the debits that are at a bank already.

    Raises
    ------
    UnknownMandateError
        If the promoter has no such mandate.
    EndedMandateError
        If it ended before.
    UnfitMandateError
        If the day lies before the signature or too far ahead.
    """
    mandate = _require_living(session, promoter_id, mandate_id)
    last = local_day(now, LAW_CLOCK) + timedelta(days=365)
    if not mandate.signed_on <= revoked_on <= last:
        raise UnfitMandateError("revoked_on", f"{revoked_on} is not {mandate.signed_on} to {last}")
    mandate.ended_on = revoked_on
    mandate.ended_because = MandateEnd.REVOKED
    session.add(mandate)
    session.flush()
    debits = _read_history(session, mandate).debits
    underway = (
        each
        for each in debits
        if not each.outcome.is_decided and each.debit.collect_on >= revoked_on
    )
    return RevokedMandate(mandate, tuple(underway))


def change_account(
    session: Session,
    *,
    promoter_id: UUID,
    mandate_id: UUID,
    account: AccountWish,
    closes_previous: bool,
    keyring: Keyring,
    now: datetime,
) -> MandateAccount:
    """Let a mandate name another account; the mandate stays the same one.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    mandate_id : UUID
        Which.
    account : AccountWish
        The new account.
    closes_previous : bool
        Whether the account before can be debited no more.
    keyring : Keyring
        What seals the account.
    now : datetime
        The present instant.

    Returns
    -------
    MandateAccount
        It is collected from the 21st day after today on; until then from the account before it
        while that one lives. Debits that went out stay as they were.

    Raises
    ------
    UnknownMandateError
        If the promoter has no such mandate.
    EndedMandateError
        If it has ended.
    SameAccountError
        If it names that account already.
    """
    mandate = _require_living(session, promoter_id, mandate_id)
    newest = _read_history(session, mandate).accounts[0]
    if newest.iban_index == index_iban(keyring, account.iban, promoter_id=promoter_id):
        raise SameAccountError(mandate.reference)
    today = local_day(now, LAW_CLOCK)
    usable_from = today + timedelta(days=SETTLING_DAYS)
    row = _make_account(keyring, mandate, account, newest.position + 1, today, usable_from)
    row.closes_previous = closes_previous
    session.add(row)
    session.flush()
    return row


def _check_days(wish: MandateWish, today: date) -> None:
    if wish.signed_on > today or wish.signed_on.year < FIRST_YEAR:
        reason = f"{wish.signed_on} is not from {FIRST_YEAR} to today, {today}"
        raise UnfitMandateError("signed_on", reason)
    if wish.last_used_on and not wish.signed_on <= wish.last_used_on <= today:
        reason = f"{wish.last_used_on} is not from the signature to today, {today}"
        raise UnfitMandateError("last_used_on", reason)


def _end_dead_one(session: Session, promoter_id: UUID, wish: MandateWish, today: date) -> None:
    """End the member's mandate that lapsed or is spent; refuse beside one that lives."""
    found = list_mandates(
        session,
        promoter_id=promoter_id,
        issuer_ids=[wish.issuer_id],
        member_ids=[wish.member_id],
    )
    for mandate in found:
        if mandate.ended_on is not None:
            continue
        history = _read_history(session, mandate)
        state, _ = history.judge(today)
        if state not in _ENDS:
            raise MandateExistsError(mandate.reference)
        is_lapsed = state is MandateState.LAPSED
        mandate.ended_on = history.lapses_on if is_lapsed else today
        mandate.ended_because = _ENDS[state]
        session.add(mandate)
        session.flush()


def _choose_reference(session: Session, promoter_id: UUID, wish: MandateWish) -> str:
    if wish.reference is None:
        return SepaReference(f"{wish.signed_on:%Y%m%d}-{uuid4().hex[:20]}".upper())
    known = find_mandate(
        session, promoter_id=promoter_id, issuer_id=wish.issuer_id, reference=wish.reference
    )
    if known is not None:
        raise MandateExistsError(known.reference)
    return wish.reference


def _make_account(
    keyring: Keyring,
    mandate: Mandate,
    account: AccountWish,
    position: int,
    today: date,
    usable_from: date,
) -> MandateAccount:
    key = uuid4()
    place = name_place("mandate_account", "sealed_iban", key)
    kept = seal_iban(keyring, account.iban, place=place, promoter_id=mandate.promoter_id)
    return MandateAccount(
        id=key,
        promoter_id=mandate.promoter_id,
        mandate_id=mandate.id,
        position=position,
        holder=account.holder,
        sealed_iban=kept.sealed,
        iban_index=kept.index,
        masked_iban=kept.masked,
        recorded_on=today,
        usable_from=usable_from,
        closes_previous=False,
    )


def _require_living(session: Session, promoter_id: UUID, mandate_id: UUID) -> Mandate:
    mandate = get_mandate(session, promoter_id=promoter_id, mandate_id=mandate_id)
    if mandate is None:
        raise UnknownMandateError(mandate_id)
    if mandate.ended_on is not None:
        raise EndedMandateError(mandate.reference, mandate.ended_on)
    return mandate


def _read_history(session: Session, mandate: Mandate) -> MandateHistory:
    return read_histories(session, promoter_id=mandate.promoter_id, mandates=[mandate])[mandate.id]
