"""The chain of an issuer's records for the tax agency, held while it grows."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.record_writer import (
    PriorRejection,
    RecordDocument,
    write_cancellation,
    write_registration,
)
from loaders.verifactu.records import BillingSystem, ChainLink, InvoiceIdentity
from models.repositories.invoices import find_last_record
from models.tables import FIRST_ATTEMPT, FiscalRecord, FiscalRecordKind, InvoiceIssuer
from models.values.calendar import LAW_CLOCK, local_day
from models.values.nif import Nif


class RecordChain:
    """The records of an issuer whose row this transaction holds.

    Instants never run backwards along it: who waited for the row takes that of the record before.

    Attributes
    ----------
    recorded_at : datetime
        Instant of the records that are added.
    """

    def __init__(
        self, session: Session, *, issuer: InvoiceIssuer, system: BillingSystem, now: datetime
    ) -> None:
        last = find_last_record(
            session, promoter_id=issuer.promoter_id, tax_number=issuer.tax_number
        )
        self.recorded_at = now
        self._issuer = issuer
        self._system = system
        self._position = 0
        self._previous: ChainLink | None = None
        if last is not None:
            record, invoice = last
            identity = InvoiceIdentity(
                Nif(issuer.tax_number), invoice.full_number, invoice.issued_on
            )
            self.recorded_at = max(now, datetime.fromisoformat(record.generated_at))
            self._position = record.position
            self._previous = ChainLink(identity, record.sha256)

    @property
    def issued_on(self) -> date:
        """Day of issue, by the clock of the law."""
        return local_day(self.recorded_at, LAW_CLOCK)

    def register(self, invoice_id: UUID, record: InvoiceRecord) -> dict[str, Any]:
        """Add the record that registers an invoice, and give its row."""
        document = write_registration(
            record,
            system=self._system,
            previous=self._previous,
            generated_at=self.recorded_at,
        )
        return self._add(invoice_id, FiscalRecordKind.REGISTRATION, document)

    def mend(
        self,
        invoice_id: UUID,
        record: InvoiceRecord,
        *,
        attempt: int,
        prior_rejection: PriorRejection | None,
    ) -> FiscalRecord:
        """Add a record that mends the one that registered an invoice, and give it."""
        document = write_registration(
            record,
            system=self._system,
            previous=self._previous,
            generated_at=self.recorded_at,
            mends_record=True,
            prior_rejection=prior_rejection,
        )
        row = self._add(invoice_id, FiscalRecordKind.REGISTRATION, document)
        return FiscalRecord(**row | {"attempt": attempt})

    def cancel(
        self,
        invoice_id: UUID,
        invoice: InvoiceIdentity,
        because: str,
        *,
        is_unregistered: bool,
        attempt: int = FIRST_ATTEMPT,
    ) -> FiscalRecord:
        """Add a record that cancels an invoice, and give it; later attempts mend rejected ones."""
        document = write_cancellation(
            invoice,
            system=self._system,
            previous=self._previous,
            generated_at=self.recorded_at,
            is_unregistered=is_unregistered,
            is_rejected_before=attempt > FIRST_ATTEMPT,
        )
        row = self._add(invoice_id, FiscalRecordKind.CANCELLATION, document)
        return FiscalRecord(**row | {"attempt": attempt, "because": because})

    def _add(
        self, invoice_id: UUID, kind: FiscalRecordKind, document: RecordDocument
    ) -> dict[str, Any]:
        previous, self._previous = self._previous, document.link
        self._position += 1
        return {
            "id": uuid4(),
            "promoter_id": self._issuer.promoter_id,
            "invoice_id": invoice_id,
            "tax_number": self._issuer.tax_number,
            "position": self._position,
            "kind": kind,
            "attempt": FIRST_ATTEMPT,
            "generated_at": document.generated_at,
            "previous_sha256": previous.fingerprint if previous else None,
            "sha256": document.link.fingerprint,
            "content": document.xml,
            "because": None,
        }
