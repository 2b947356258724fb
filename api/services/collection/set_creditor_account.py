"""Set with which account and identifier an issuer collects by direct debit."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlmodel import Session

from api.services.invoices.payment_plans import UnknownIssuerError
from loaders.sepa.debit_faults import BIC_SHAPE, EEA_COUNTRIES
from models.keyring import Keyring
from models.repositories.mandates import map_creditor_accounts
from models.repositories.payment_plans import map_issuers
from models.sealed_ibans import name_place, seal_iban
from models.tables import CreditorAccount
from models.values.creditor_id import CreditorId
from models.values.direct_debits import PainVersion
from models.values.errors import InvalidArgumentError
from models.values.iban import Iban

_MOST_NOTICE_DAYS = 60
_MOST_LEAD_DAYS = 10


class UnfitCreditorError(InvalidArgumentError):
    """An account to collect with cannot be used so.

    Attributes
    ----------
    reason : str
        What is wrong.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"an account to collect with {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CreditorAccountWish:
    """With what an issuer collects.

    Attributes
    ----------
    creditor_id : CreditorId
        Its identifier (AT-02).
    iban : Iban
        Account that gets the money.
    bic : str or None
        Code of its bank, which only the file of 2009 asks for.
    notice_days : int
        Days that payers are told ahead, 1 to 60; fewer than 14 only where they agreed.
    lead_days : int
        Business days that the bank wants between a file and its collection, 1 to 10.
    pain_version : PainVersion
        Form of the file that the bank takes.

    Raises
    ------
    UnfitCreditorError
        If one of them makes no sense.

    Notes
    -----
    The payer is told 14 calendar days ahead unless something else was agreed (EPC016-06, the
    rulebook of the CORE scheme).
    """

    creditor_id: CreditorId
    iban: Iban
    bic: str | None = None
    notice_days: int = 14
    lead_days: int = 1
    pain_version: PainVersion = PainVersion.V08

    def __post_init__(self) -> None:
        if self.iban.country not in EEA_COUNTRIES:
            reason = "has to be in the European Economic Area"
            raise UnfitCreditorError(f"{reason}, not in {self.iban.country}")
        if self.bic is not None and not BIC_SHAPE.fullmatch(self.bic):
            raise UnfitCreditorError("has a BIC of 6 letters and 2 or 5 letters or digits")
        if self.bic is None and self.pain_version is PainVersion.V02:
            raise UnfitCreditorError("needs the BIC of its bank for a file of the version of 2009")
        if not 1 <= self.notice_days <= _MOST_NOTICE_DAYS:
            raise UnfitCreditorError(f"has 1 to {_MOST_NOTICE_DAYS} days of notice")
        if not 1 <= self.lead_days <= _MOST_LEAD_DAYS:
            raise UnfitCreditorError(f"has 1 to {_MOST_LEAD_DAYS} business days of lead")


def set_creditor_account(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    wish: CreditorAccountWish,
    keyring: Keyring,
) -> CreditorAccount:
    """Set with what an issuer collects; files and invoices that were made stay as they are.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Who collects.
    wish : CreditorAccountWish
        With what.
    keyring : Keyring
        What seals the account.

    Returns
    -------
    CreditorAccount
        As it is stored.

    Raises
    ------
    UnknownIssuerError
        If the promoter has no such issuer.
    """
    if not map_issuers(session, promoter_id=promoter_id, issuer_ids=[issuer_id]):
        raise UnknownIssuerError(issuer_id)
    known = map_creditor_accounts(session, promoter_id=promoter_id, issuer_ids=[issuer_id])
    key = uuid4()
    place = name_place("creditor_account", "sealed_iban", key)
    kept = seal_iban(keyring, wish.iban, place=place, promoter_id=promoter_id)
    account = CreditorAccount(
        id=key,
        promoter_id=promoter_id,
        issuer_id=issuer_id,
        position=known[issuer_id].position + 1 if issuer_id in known else 0,
        creditor_id=str(wish.creditor_id),
        sealed_iban=kept.sealed,
        iban_index=kept.index,
        masked_iban=kept.masked,
        bic=wish.bic,
        notice_days=wish.notice_days,
        lead_days=wish.lead_days,
        pain_version=wish.pain_version,
    )
    session.add(account)
    session.flush()
    return account
