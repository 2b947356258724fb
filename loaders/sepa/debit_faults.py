"""Everything that would keep a bank from collecting, found before it gets the file."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum

from loaders.faults import FAULTS_SHOWN, Fault
from loaders.sepa.business_days import FIRST_YEAR, is_business_day
from loaders.sepa.character_set import UnwritableTextError, to_sepa_text
from loaders.sepa.direct_debits import (
    LONGEST_NAME,
    LONGEST_REMITTANCE,
    Creditor,
    DirectDebit,
)
from models.values.direct_debits import SequenceType
from models.values.errors import InvalidArgumentError

LARGEST_AMOUNT_CENTS = 99_999_999_999
"""Largest amount of one debit [cents] (EPC130-08: 999,999,999.99 EUR)."""

MOST_DEBITS = 100_000
"""Debits of one file."""

EEA_COUNTRIES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"}
    | {"IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)
"""Countries of an IBAN that is enough by itself (Regulation (EU) 260/2012, article 5.7).

An account elsewhere needs the BIC of its bank and the payer's address, too.
"""

CREDITOR = "creditor"
"""Place of a fault of the creditor itself."""

BIC_SHAPE = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
"""Form of the code of a bank (ISO 9362)."""


class DebitFault(StrEnum):
    """Stable names of what can be wrong with debits."""

    NO_DEBIT = "no_debit"
    TOO_MANY_DEBITS = "too_many_debits"
    BIC = "bic"
    UNWRITABLE_TEXT = "unwritable_text"
    AMOUNT = "amount"
    REPEATED_REFERENCE = "repeated_reference"
    COLLECTION_DAY = "collection_day"
    SIGNED_LATER = "signed_later"
    FOREIGN_ACCOUNT = "foreign_account"
    MANDATE_DIFFERS = "mandate_differs"
    SEQUENCE = "sequence"


class UnfitDebitsError(InvalidArgumentError):
    """Debits cannot be collected as they are.

    Attributes
    ----------
    faults : tuple of Fault
        All of them: the place is the reference of the debit, the code a ``DebitFault``.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        lines = ["the debits cannot be collected as they are", *map(str, faults[:FAULTS_SHOWN])]
        if len(faults) > FAULTS_SHOWN:
            lines.append(f"and {len(faults) - FAULTS_SHOWN} more faults")
        super().__init__("\n".join(lines))
        self.faults = faults


def find_debit_faults(
    creditor: Creditor, debits: Sequence[DirectDebit], *, needs_bic: bool
) -> tuple[Fault, ...]:
    """Find everything that is wrong with debits.

    Parameters
    ----------
    creditor : Creditor
        Who collects.
    debits : sequence of DirectDebit
        What is collected.
    needs_bic : bool
        Whether the form of the file asks for the creditor's bank.

    Returns
    -------
    tuple of Fault
        Creditor first, then the debits in their order.
    """
    faults = [_fault(CREDITOR, *each) for each in _judge_creditor(creditor, needs_bic=needs_bic)]
    if not debits:
        faults.append(_fault(None, DebitFault.NO_DEBIT, "there is no debit to collect"))
    if len(debits) > MOST_DEBITS:
        reason = f"{len(debits)} debits are more than {MOST_DEBITS}; make several files"
        return (*faults, _fault(None, DebitFault.TOO_MANY_DEBITS, reason))
    series: defaultdict[str, list[DirectDebit]] = defaultdict(list)
    for debit in debits:
        series[debit.mandate_id].append(debit)
    references: set[str] = set()
    for debit in debits:
        judged = [*_judge_alone(debit), *_judge_in_series(debit, series[debit.mandate_id])]
        if debit.end_to_end_id in references:
            reason = "another debit of the file has this reference"
            judged.append((DebitFault.REPEATED_REFERENCE, reason))
        references.add(debit.end_to_end_id)
        faults += [_fault(debit.end_to_end_id, *each) for each in judged]
    return tuple(faults)


def _fault(place: str | None, code: DebitFault, reason: str) -> Fault:
    return Fault("direct debits", place, reason, code)


def _judge_creditor(creditor: Creditor, *, needs_bic: bool) -> Iterator[tuple[DebitFault, str]]:
    if not _is_writable(creditor.name, LONGEST_NAME):
        yield DebitFault.UNWRITABLE_TEXT, "the name has no letter that a SEPA file can hold"
    if creditor.bic is None and needs_bic:
        yield DebitFault.BIC, "this version of the file needs the BIC of the creditor's bank"
    if creditor.bic is not None and not BIC_SHAPE.fullmatch(creditor.bic):
        yield DebitFault.BIC, "the BIC is not 6 letters and 2 or 5 letters or digits"


def _judge_alone(debit: DirectDebit) -> Iterator[tuple[DebitFault, str]]:
    """Tell what is wrong with a debit by itself."""
    if not _is_writable(debit.debtor_name, LONGEST_NAME):
        yield DebitFault.UNWRITABLE_TEXT, "debtor_name has no letter that a SEPA file can hold"
    if not _is_writable(debit.remittance, LONGEST_REMITTANCE):
        yield DebitFault.UNWRITABLE_TEXT, "remittance has no letter that a SEPA file can hold"
    if not 0 < debit.amount_cents <= LARGEST_AMOUNT_CENTS:
        bounds = f"1 to {LARGEST_AMOUNT_CENTS}"
        yield DebitFault.AMOUNT, f"the amount is {debit.amount_cents} cents, not {bounds}"
    if debit.collect_on.year < FIRST_YEAR or not is_business_day(debit.collect_on):
        day = f"{debit.collect_on:%A} {debit.collect_on}"
        yield DebitFault.COLLECTION_DAY, f"{day} is no business day of TARGET"
    if debit.mandate_signed_on > debit.collect_on:
        signed = f"the mandate was signed on {debit.mandate_signed_on}"
        yield DebitFault.SIGNED_LATER, f"{signed}, after the collection"
    if debit.iban.country not in EEA_COUNTRIES:
        where = f"the account is in {debit.iban.country}"
        yield DebitFault.FOREIGN_ACCOUNT, f"{where}, from where an IBAN alone does not collect"


def _judge_in_series(
    debit: DirectDebit, series: Sequence[DirectDebit]
) -> Iterator[tuple[DebitFault, str]]:
    """Hold a debit against all of the same mandate."""
    first = series[0]
    if (debit.iban, debit.mandate_signed_on) != (first.iban, first.mandate_signed_on):
        reason = "has the mandate of another debit with another account or day of signature"
        yield DebitFault.MANDATE_DIFFERS, reason
    if len(series) == 1 or debit.sequence is SequenceType.RECURRING:
        return
    n_alike = sum(other.sequence is debit.sequence for other in series)
    days = [other.collect_on for other in series]
    edge = min(days) if debit.sequence is SequenceType.FIRST else max(days)
    if n_alike > 1 or debit.sequence is SequenceType.ONE_OFF or debit.collect_on != edge:
        reason = f"is {debit.sequence}, which does not fit the other debits of its mandate"
        yield DebitFault.SEQUENCE, reason


def _is_writable(text: str, most: int) -> bool:
    try:
        to_sepa_text(text, most)
    except UnwritableTextError:
        return False
    return True
