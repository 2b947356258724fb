"""An issuer's books in double entry: entries, payments, what came back, agreed instalments."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, sealed_account, text_length
from models.tables.ordered_ids import make_ordered_id
from models.values.ledger import LedgerAccount, LedgerEvent, PaymentMethod


class Payment(OfPromoter, SQLModel, table=True):
    """Money that came in; all that becomes of it is told by entries."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("issuer_id", "source_key"),
        UniqueConstraint("debit_id"),
        CheckConstraint("amount_cents >= 1", name="pays_something"),
        CheckConstraint(
            "debit_id IS NULL OR (method = 'direct-debit' AND member_id IS NOT NULL)",
            name="debit_of_member",
        ),
        *sealed_account("sealed_payer_iban", "payer_iban_index", "masked_payer_iban"),
        CheckConstraint(
            "(sealed_payer_iban IS NULL) = (payer_iban_index IS NULL)"
            " AND (sealed_payer_iban IS NULL) = (masked_payer_iban IS NULL)",
            name="whole_account",
        ),
        text_length("source_key", 100),
        text_length("reference", 140),
        text_length("payer_name", 140),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id")
    member_id: UUID | None = Field(default=None, foreign_key="member.id", index=True)
    """Who paid; what is unknown is told once."""
    amount_cents: int = Field(sa_type=BigInteger)
    received_on: date
    method: PaymentMethod = Field(sa_type=choice(PaymentMethod))
    reference: str | None = Field(default=None, max_length=140)
    """What it is for, in the payer's words."""
    payer_name: str | None = Field(default=None, max_length=140)
    sealed_payer_iban: bytes | None = None
    payer_iban_index: bytes | None = None
    masked_payer_iban: str | None = Field(default=None, max_length=8)
    source_key: str = Field(max_length=100)
    """What told of it, so that it is recorded once."""
    debit_id: UUID | None = Field(default=None, foreign_key="debit.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class PaymentReturn(OfPromoter, SQLModel, table=True):
    """A payment that the bank took back."""

    __tablename__ = "payment_return"
    __table_args__ = (
        UniqueConstraint("payment_id"),
        CheckConstraint("charge_cents >= 0", name="charge_at_least_zero"),
        text_length("reason_code", 35),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    payment_id: UUID = Field(foreign_key="payment.id")
    returned_on: date
    reason_code: str = Field(max_length=35)
    """As the bank gives it."""
    charge_cents: int = Field(sa_type=BigInteger)
    """What the bank took for it."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class PaymentRefund(OfPromoter, SQLModel, table=True):
    """Money that was paid back to a member."""

    __tablename__ = "payment_refund"
    __table_args__ = (
        UniqueConstraint("payment_id", "source_key"),
        CheckConstraint("amount_cents >= 1", name="pays_something"),
        text_length("because", 500),
        text_length("source_key", 100),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    payment_id: UUID = Field(foreign_key="payment.id")
    amount_cents: int = Field(sa_type=BigInteger)
    refunded_on: date
    because: str = Field(max_length=500)
    source_key: str = Field(max_length=100)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class LedgerEntry(OfPromoter, SQLModel, table=True):
    """An amount that moves from one account to another: what is debited equals what is credited."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_cents >= 1", name="moves_something"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        CheckConstraint(
            "(debit <> 'receivable' AND credit <> 'receivable')"
            " OR (invoice_id IS NOT NULL AND member_id IS NOT NULL)",
            name="receivable_of_invoice",
        ),
        CheckConstraint(
            "(debit <> 'prepayment' AND credit <> 'prepayment')"
            " OR (payment_id IS NOT NULL AND member_id IS NOT NULL)",
            name="prepayment_of_payment",
        ),
        CheckConstraint(
            "(debit NOT IN ('bank', 'unknown-receipts')"
            " AND credit NOT IN ('bank', 'unknown-receipts')) OR payment_id IS NOT NULL",
            name="money_of_payment",
        ),
        CheckConstraint(
            "(event IN ('issued', 'rectified', 'cancelled')) = (document_id IS NOT NULL)",
            name="documents_named",
        ),
        CheckConstraint("(event = 'written-off') = (because IS NOT NULL)", name="write_off_said"),
        text_length("because", 500),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    """Whose books they are."""
    member_id: UUID | None = Field(default=None, foreign_key="member.id", index=True)
    invoice_id: UUID | None = Field(default=None, foreign_key="invoice.id", index=True)
    """The ordinary invoice that is owed less or more; what rectifies it counts for it."""
    document_id: UUID | None = Field(default=None, foreign_key="invoice.id")
    """The invoice that was issued or cancelled."""
    payment_id: UUID | None = Field(default=None, foreign_key="payment.id", index=True)
    event: LedgerEvent = Field(sa_type=choice(LedgerEvent))
    debit: LedgerAccount = Field(sa_type=choice(LedgerAccount, "debit_account"))
    credit: LedgerAccount = Field(sa_type=choice(LedgerAccount, "credit_account"))
    amount_cents: int = Field(sa_type=BigInteger)
    because: str | None = Field(default=None, max_length=500)
    posted_on: date
    """Local day for which it counts."""
    posted_at: datetime = Field(sa_type=UtcDateTime)


class Instalment(OfPromoter, SQLModel, table=True):
    """A part of an invoice that was agreed to be paid later, free of interest."""

    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("invoice_id", "agreement", "position"),
        UniqueConstraint("invoice_id", "agreement", "due_on"),
        CheckConstraint("agreement >= 1 AND position >= 1", name="counted_positions"),
        CheckConstraint("amount_cents >= 1", name="pays_something"),
    )

    id: UUID = Field(default_factory=make_ordered_id, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    invoice_id: UUID = Field(foreign_key="invoice.id")
    agreement: int
    """1 for the first agreement on the invoice; a later one takes its place."""
    position: int
    due_on: date
    amount_cents: int = Field(sa_type=BigInteger)
    agreed_on: date
    recorded_at: datetime = Field(sa_type=UtcDateTime)
