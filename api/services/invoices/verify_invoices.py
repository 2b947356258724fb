"""Verify what must hold of issued invoices: whole chains, no gaps, and rows as registered."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.invoices.sealed_invoices import list_altered_invoices
from api.services.invoices.sent_records import list_altered_messages
from loaders.verifactu.chain import ChainReport, verify_chain
from models.repositories.invoices import (
    count_unregistered,
    iterate_records,
    list_series_counts,
)
from models.repositories.payment_plans import list_issuers
from models.tables import FiscalRecord, InvoiceIssuer


@dataclass(frozen=True, slots=True)
class IssuerReport:
    """What a verification found of one issuer.

    Attributes
    ----------
    issuer : InvoiceIssuer
        Whose invoices.
    chain : ChainReport
        How far its chain of records holds.
    altered : tuple of int
        Positions of records whose row does not say what their document does.
    broken_series : tuple of str
        Series with a gap, or that count another number than they have.
    n_unregistered : int
        Invoices that no record registers.
    altered_invoices : tuple of str
        What is not as it was registered, a sentence each.
    altered_messages : tuple of str
        What is not as it went to the tax agency, or would go, a sentence each.
    """

    issuer: InvoiceIssuer
    chain: ChainReport
    altered: tuple[int, ...]
    broken_series: tuple[str, ...]
    n_unregistered: int
    altered_invoices: tuple[str, ...]
    altered_messages: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.list_findings()

    def list_findings(self) -> list[str]:
        """Say what is wrong, a sentence each."""
        name, fault = self.issuer.tax_number, self.chain.fault
        findings = [
            f"{name}: series {code} has a gap or counts wrong" for code in self.broken_series
        ]
        findings += [f"{name}: record {place} differs from its row" for place in self.altered]
        if fault is not None:
            found = f"expected {fault.expected}, found {fault.found}"
            findings.append(
                f"{name}: record {fault.position} is broken ({fault.code.value}): {found}"
            )
        if self.n_unregistered:
            findings.append(f"{name}: {self.n_unregistered} invoices have no record")
        told = self.altered_invoices + self.altered_messages
        return findings + [f"{name}: {sentence}" for sentence in told]


def verify_invoices(session: Session, *, promoter_id: UUID) -> list[IssuerReport]:
    """Verify the invoices of all issuers of a promoter.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    list of IssuerReport
        By NIF.

    Notes
    -----
    Orden HAC/1177/2024, article 7: whoever keeps the records must be able to check the chain.
    """
    return [
        _verify_issuer(session, issuer) for issuer in list_issuers(session, promoter_id=promoter_id)
    ]


def _verify_issuer(session: Session, issuer: InvoiceIssuer) -> IssuerReport:
    owner = issuer.promoter_id
    altered: list[int] = []
    records = iterate_records(session, promoter_id=owner, tax_number=issuer.tax_number)
    chain = verify_chain(_read_documents(records, altered))
    series = list_series_counts(session, promoter_id=owner, issuer_id=issuer.id)
    return IssuerReport(
        issuer=issuer,
        chain=chain,
        altered=tuple(altered),
        broken_series=tuple(
            row.code for row, count, last in series if not count == last == row.last_number
        ),
        n_unregistered=count_unregistered(session, promoter_id=owner, issuer_id=issuer.id),
        altered_invoices=tuple(list_altered_invoices(session, issuer)),
        altered_messages=tuple(list_altered_messages(session, issuer)),
    )


def _read_documents(records: Iterator[FiscalRecord], altered: list[int]) -> Iterator[bytes]:
    """Give the documents of records, and note those that do not hold their row's fingerprint."""
    for record in records:
        if f">{record.sha256}</".encode() not in record.content:
            altered.append(record.position)
        yield record.content
