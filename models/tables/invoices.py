"""Issued invoices: numbered without a gap, sealed for good, and chained for the tax agency."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    UniqueConstraint,
    false,
)
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.values.invoicing import BillingBasis, Exemption, InvoiceKind, Rectification, TaxKind
from models.values.language import Language


class InvoiceSeries(OfPromoter, SQLModel, table=True):
    """Numbers of one issuer, 1 and on; rectifying invoices have series of their own."""

    __tablename__ = "invoice_series"
    __table_args__ = (
        UniqueConstraint("issuer_id", "code"),
        text_length("code", 20),
        CheckConstraint("last_number >= 0", name="counted_numbers"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    code: str = Field(max_length=20)
    is_rectifying: bool
    last_number: int = 0
    """Number given last."""


class BillingRun(OfPromoter, SQLModel, table=True):
    """A community's invoices of one period, issued together or not at all."""

    __tablename__ = "billing_run"
    __table_args__ = (
        UniqueConstraint("promoter_id", "idempotency_key"),
        CheckConstraint("period_end > period_start", name="period_forward"),
        CheckConstraint("invoice_count >= 0", name="counted_invoices"),
        text_length("idempotency_key", 100),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    period_start: date
    period_end: date
    """First day after it."""
    idempotency_key: str = Field(max_length=100)
    request: dict[str, Any] = Field(sa_type=JSON)
    """What was asked for; the same key with another request is refused."""
    invoice_count: int
    total_cents: int = Field(sa_type=BigInteger)
    issued_at: datetime = Field(sa_type=UtcDateTime)


class Invoice(OfPromoter, SQLModel, table=True):
    """An invoice as it was issued; whatever becomes of it later is another row elsewhere."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("series_id", "number"),
        # Deferred, for whoever copies the table in another order than that of its rows.
        ForeignKeyConstraint(
            ["rectifies_id"], ["invoice.id"], deferrable=True, initially="DEFERRED"
        ),
        CheckConstraint("number >= 1", name="counted_number"),
        CheckConstraint("period_end > period_start", name="period_forward"),
        CheckConstraint("net_cents + tax_cents = total_cents", name="sums_to_total"),
        CheckConstraint(
            "(rectifies_id IS NULL) = (rectification IS NULL)"
            " AND (rectifies_id IS NULL) = (rectified_because IS NULL)"
            " AND (rectifies_id IS NULL) = (kind IN ('F1', 'F2'))",
            name="rectifying_says_what_and_why",
        ),
        text_length("full_number", 60),
        text_length("rectified_because", 500),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    series_id: UUID = Field(foreign_key="invoice_series.id")
    number: int
    full_number: str = Field(max_length=60)
    """Series and number as they are printed and declared."""
    run_id: UUID | None = Field(default=None, foreign_key="billing_run.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    kind: InvoiceKind = Field(sa_type=choice(InvoiceKind))
    issued_on: date
    issued_at: datetime = Field(sa_type=UtcDateTime)
    period_start: date
    period_end: date
    """First day after the period that it charges for."""
    due_on: date
    net_cents: int = Field(sa_type=BigInteger)
    tax_cents: int = Field(sa_type=BigInteger)
    total_cents: int = Field(sa_type=BigInteger)
    rectifies_id: UUID | None = Field(default=None, index=True)
    rectification: Rectification | None = Field(default=None, sa_type=choice(Rectification))
    rectified_because: str | None = Field(default=None, max_length=500)
    parties: dict[str, Any] = Field(sa_type=JSON)
    """Issuer and recipient as they were."""
    facts: dict[str, Any] = Field(sa_type=JSON)
    """Energy, supply point, plants and texts, as the document shows them."""


class InvoiceLine(OfPromoter, SQLModel, table=True):
    """One line of an invoice."""

    __tablename__ = "invoice_line"
    __table_args__ = (text_length("description", 200),)

    invoice_id: UUID = Field(foreign_key="invoice.id", primary_key=True)
    position: int = Field(primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    basis: BillingBasis = Field(sa_type=choice(BillingBasis))
    description: str = Field(max_length=200)
    quantity: str = Field(max_length=32)
    """Exact decimal."""
    unit: str = Field(max_length=20)
    price: str = Field(max_length=24)
    """Exact decimal [EUR per unit]."""
    net_cents: int = Field(sa_type=BigInteger)
    tax: TaxKind = Field(sa_type=choice(TaxKind))
    tax_percent: str = Field(max_length=8)
    source: dict[str, Any] = Field(sa_type=JSON)
    """From what it was worked out: the term of the plan, allocations and their versions, days."""


class InvoiceTax(OfPromoter, SQLModel, table=True):
    """Base and quota of one rate of an invoice."""

    __tablename__ = "invoice_tax"
    __table_args__ = (
        CheckConstraint(
            "(exemption IS NULL) = (exempt_because IS NULL)"
            " AND (exemption IS NULL OR quota_cents = 0)",
            name="exemption_said_at_zero",
        ),
        text_length("exempt_because", 200),
    )

    invoice_id: UUID = Field(foreign_key="invoice.id", primary_key=True)
    tax: TaxKind = Field(primary_key=True, sa_type=choice(TaxKind))
    tax_percent: str = Field(primary_key=True, max_length=8)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    base_cents: int = Field(sa_type=BigInteger)
    quota_cents: int = Field(sa_type=BigInteger)
    exemption: Exemption | None = Field(default=None, sa_type=choice(Exemption))
    exempt_because: str | None = Field(default=None, max_length=200)


class BilledPeriod(OfPromoter, SQLModel, table=True):
    """Days of a subscription that an invoice charged; no two invoices charge the same day.

    A rectifying invoice claims no days: those of what it rectifies stay claimed.
    """

    __tablename__ = "billed_period"
    __table_args__ = (CheckConstraint("valid_until > valid_from", name="period_forward"),)

    invoice_id: UUID = Field(foreign_key="invoice.id", primary_key=True)
    subscription_id: UUID = Field(foreign_key="plan_subscription.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    valid_from: date
    valid_until: date
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the invoice was cancelled, which lets the days be charged again."""


class BilledEnergy(OfPromoter, SQLModel, table=True):
    """Energy that an invoice charged of one plant's month, whole watt-hours as it was shared out.

    The whole watt-hours of all supply points, and what was not allocated, sum to the generation.
    A rectifying invoice states the energy as it stands after it.
    """

    __tablename__ = "billed_energy"
    __table_args__ = (
        CheckConstraint("self_consumed_wh >= 0 AND surplus_wh >= 0", name="at_least_zero"),
    )

    invoice_id: UUID = Field(foreign_key="invoice.id", primary_key=True)
    allocation_id: UUID = Field(foreign_key="month_allocation.id", primary_key=True)
    subscription_id: UUID = Field(foreign_key="plan_subscription.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    self_consumed_wh: int = Field(sa_type=BigInteger)
    surplus_wh: int = Field(sa_type=BigInteger)


class FiscalRecordKind(StrEnum):
    """What a record tells the tax agency of an invoice."""

    REGISTRATION = "registration"
    CANCELLATION = "cancellation"


FIRST_ATTEMPT = 1
"""Of a record that mends no other."""


class FiscalRecord(OfPromoter, SQLModel, table=True):
    """One link of an issuer's chain of records (RD 1007/2023, Orden HAC/1177/2024)."""

    __tablename__ = "fiscal_record"
    __table_args__ = (
        UniqueConstraint("promoter_id", "tax_number", "position"),
        UniqueConstraint("invoice_id", "kind", "attempt"),
        CheckConstraint("position >= 1", name="counted_position"),
        CheckConstraint("attempt >= 1", name="counted_attempt"),
        CheckConstraint("length(sha256) = 64", name="whole_digest"),
        CheckConstraint("(position = 1) = (previous_sha256 IS NULL)", name="first_has_no_previous"),
        CheckConstraint(
            "(kind = 'cancellation') = (because IS NOT NULL)", name="cancellation_said"
        ),
        text_length("because", 500),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    invoice_id: UUID = Field(foreign_key="invoice.id", index=True)
    tax_number: str = Field(max_length=9)
    """NIF of the issuer, whose chain it is."""
    position: int
    kind: FiscalRecordKind = Field(sa_type=choice(FiscalRecordKind))
    attempt: int = Field(default=FIRST_ATTEMPT, sa_column_kwargs={"server_default": "1"})
    """From 1; a later one mends what the tax agency made of the one before."""
    generated_at: str = Field(max_length=25)
    """Local instant with offset, exactly as it was hashed."""
    previous_sha256: str | None = Field(default=None, max_length=64)
    sha256: str = Field(max_length=64)
    """Hexadecimal, capital letters."""
    content: bytes
    """The record in the agency's XML."""
    because: str | None = Field(default=None, max_length=500)
    """Why an invoice was cancelled."""


class InvoiceFileKind(StrEnum):
    """What was made of an invoice."""

    PDF = "pdf"
    FACTURAE = "facturae"


class InvoiceFile(OfPromoter, SQLModel, table=True):
    """A document of an invoice as it was handed out, kept with its digest; only ever appended."""

    __tablename__ = "invoice_file"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="whole_digest"),
        text_length("file_name", 200),
        UniqueConstraint("invoice_id", "kind", "language", "sha256"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    invoice_id: UUID = Field(foreign_key="invoice.id", index=True)
    kind: InvoiceFileKind = Field(sa_type=choice(InvoiceFileKind))
    language: Language = Field(sa_type=choice(Language))
    tells_cancellation: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its page says that the invoice was cancelled."""
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    content: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)
