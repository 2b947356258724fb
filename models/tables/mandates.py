"""Direct debits: who may collect, under which mandate, which files went out, what came of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, sealed_account, text_length
from models.values.direct_debits import (
    DebitOutcome,
    MandateEnd,
    MandateKind,
    PainVersion,
    SequenceType,
)


class CreditorAccount(OfPromoter, SQLModel, table=True):
    """Account and identifier with which an issuer collects, or has; only ever appended."""

    __tablename__ = "creditor_account"
    __table_args__ = (
        UniqueConstraint("issuer_id", "position"),
        CheckConstraint("position >= 0", name="counted_position"),
        text_length("creditor_id", 35),
        *sealed_account("sealed_iban", "iban_index", "masked_iban"),
        CheckConstraint("length(bic) IN (8, 11)", name="whole_bic"),
        CheckConstraint("notice_days BETWEEN 1 AND 60", name="days_of_notice"),
        CheckConstraint("lead_days BETWEEN 1 AND 10", name="days_of_lead"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id")
    position: int
    """0 for the first; the last one counts."""
    creditor_id: str = Field(max_length=35)
    """Identifier AT-02."""
    sealed_iban: bytes
    iban_index: bytes
    masked_iban: str = Field(max_length=8)
    bic: str | None = Field(default=None, max_length=11)
    notice_days: int = 14
    """Days that payers are told ahead; fewer than 14 only where they agreed."""
    lead_days: int = 1
    """Business days that the bank wants between a file and its collection."""
    pain_version: PainVersion = Field(default=PainVersion.V08, sa_type=choice(PainVersion))


class Mandate(OfPromoter, SQLModel, table=True):
    """What a member signed so that an issuer may collect; it only ever ends."""

    __tablename__ = "mandate"
    __table_args__ = (
        UniqueConstraint("issuer_id", "reference"),
        Index(
            "ix_mandate_live",
            "member_id",
            "issuer_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        text_length("reference", 35),
        CheckConstraint("last_used_on >= signed_on", name="signed_before_use"),
        CheckConstraint(
            "(ended_on IS NULL) = (ended_because IS NULL)"
            " AND (ended_code IS NULL OR ended_because = 'returned')",
            name="end_is_said",
        ),
        text_length("ended_code", 35),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)
    reference: str = Field(max_length=35)
    kind: MandateKind = Field(sa_type=choice(MandateKind))
    signed_on: date
    last_used_on: date | None = None
    """Last collection with it before it was recorded here, made elsewhere."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    ended_on: date | None = None
    """First day on which nothing is collected with it."""
    ended_because: MandateEnd | None = Field(default=None, sa_type=choice(MandateEnd))
    ended_code: str | None = Field(default=None, max_length=35)
    """Code of the return that ended it."""


class MandateAccount(OfPromoter, SQLModel, table=True):
    """The account that a mandate names, from its first to the present one; only ever appended."""

    __tablename__ = "mandate_account"
    __table_args__ = (
        UniqueConstraint("mandate_id", "position"),
        CheckConstraint("position >= 0", name="counted_position"),
        CheckConstraint("position > 0 OR NOT closes_previous", name="first_closes_none"),
        text_length("holder", 70),
        *sealed_account("sealed_iban", "iban_index", "masked_iban"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    mandate_id: UUID = Field(foreign_key="mandate.id")
    position: int
    """0 for the one that was signed."""
    holder: str = Field(max_length=70)
    sealed_iban: bytes
    iban_index: bytes
    masked_iban: str = Field(max_length=8)
    recorded_on: date
    """Local day on which it was told."""
    usable_from: date
    """First day of a collection from it."""
    closes_previous: bool
    """Whether the account before it can be debited no more."""


class DebitRun(OfPromoter, SQLModel, table=True):
    """A file of debits for the bank, as it was made."""

    __tablename__ = "debit_run"
    __table_args__ = (
        UniqueConstraint("promoter_id", "idempotency_key"),
        UniqueConstraint("issuer_id", "message_id"),
        text_length("idempotency_key", 100),
        text_length("message_id", 28),
        CheckConstraint("debit_count >= 1 AND total_cents >= 1", name="collects_something"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    message_id: str = Field(max_length=28)
    pain_version: PainVersion = Field(sa_type=choice(PainVersion))
    idempotency_key: str = Field(max_length=100)
    request: dict[str, Any] = Field(sa_type=JSON)
    """What was asked for; the same key with another request is refused."""
    debit_count: int
    total_cents: int = Field(sa_type=BigInteger)
    sealed_content: bytes
    """The file; a digest of it would tell the accounts to whoever tries them."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class Debit(OfPromoter, SQLModel, table=True):
    """One debit of a file; what becomes of it is told by rows of ``debit_status``."""

    __tablename__ = "debit"
    __table_args__ = (
        UniqueConstraint("end_to_end_id"),
        UniqueConstraint("invoice_id", "due_on", "attempt"),
        text_length("end_to_end_id", 35),
        text_length("payment_information_id", 35),
        CheckConstraint("attempt >= 1", name="counted_attempt"),
        CheckConstraint("amount_cents >= 1", name="collects_something"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    run_id: UUID = Field(foreign_key="debit_run.id", index=True)
    mandate_id: UUID = Field(foreign_key="mandate.id", index=True)
    account_id: UUID = Field(foreign_key="mandate_account.id")
    """Account that it was collected from, whatever the mandate names later."""
    member_id: UUID = Field(foreign_key="member.id", index=True)
    invoice_id: UUID = Field(foreign_key="invoice.id", index=True)
    due_on: date
    """Of the invoice or the instalment that it collects."""
    attempt: int
    """1 for the first debit of that amount; the next only after the one before has failed."""
    end_to_end_id: str = Field(max_length=35)
    payment_information_id: str = Field(max_length=35)
    sequence: SequenceType = Field(sa_type=choice(SequenceType))
    collect_on: date
    amount_cents: int = Field(sa_type=BigInteger)


class DebitStatus(OfPromoter, SQLModel, table=True):
    """What a bank said of a debit, by a report or a statement; only ever appended."""

    __tablename__ = "debit_status"
    __table_args__ = (
        UniqueConstraint("debit_id", "outcome", "source_key"),
        text_length("source_key", 100),
        text_length("code", 35),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    debit_id: UUID = Field(foreign_key="debit.id", index=True)
    outcome: DebitOutcome = Field(sa_type=choice(DebitOutcome))
    code: str | None = Field(default=None, max_length=35)
    """Code of the reason, as the bank gives it."""
    source_key: str = Field(max_length=100)
    """What said it, so that the same file says it once."""
    said_on: date
    recorded_at: datetime = Field(sa_type=UtcDateTime)
