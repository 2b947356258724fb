"""Who issues invoices, who pays them, and by which plan of prices."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.values.invoicing import BillingBasis, Exemption, TaxKind
from models.values.language import Language


class InvoiceIssuer(OfPromoter, SQLModel, table=True):
    """In whose name invoices are issued, of one community or many; each invoice keeps a copy."""

    __tablename__ = "invoice_issuer"
    __table_args__ = (
        UniqueConstraint("promoter_id", "tax_number"),
        # One NIF has one chain of records (RD 1007/2023), whoever keeps its books.
        Index("ix_invoice_issuer_chain", "tax_number", unique=True),
        text_length("name", 120),
        text_length("address", 200),
        text_length("town", 100),
        text_length("province", 100),
        CheckConstraint("length(postal_code) = 5", name="whole_postal_code"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    tax_number: str = Field(max_length=9)
    """NIF."""
    name: str = Field(max_length=120)
    address: str = Field(max_length=200)
    postal_code: str = Field(max_length=5)
    town: str = Field(max_length=100)
    province: str = Field(max_length=100)


class Payer(OfPromoter, SQLModel, table=True):
    """Who is invoiced for a member, as the invoice names it; what was issued keeps a copy."""

    __tablename__ = "payer"
    __table_args__ = (
        UniqueConstraint("member_id"),
        text_length("name", 120),
        text_length("address", 200),
        text_length("town", 100),
        text_length("province", 100),
        text_length("email", 254),
        CheckConstraint("length(postal_code) = 5", name="whole_postal_code"),
        CheckConstraint(
            "(accounting_office IS NULL) = (managing_body IS NULL)"
            " AND (managing_body IS NULL) = (processing_unit IS NULL)",
            name="all_offices_or_none",
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    member_id: UUID = Field(foreign_key="member.id")
    tax_number: str = Field(max_length=9)
    """NIF or NIE."""
    name: str = Field(max_length=120)
    address: str = Field(max_length=200)
    postal_code: str = Field(max_length=5)
    town: str = Field(max_length=100)
    province: str = Field(max_length=100)
    email: str | None = Field(default=None, max_length=254)
    language: Language = Field(default=Language.SPANISH, sa_type=choice(Language))
    accounting_office: str | None = Field(default=None, max_length=10)
    """DIR3 code of a public body's oficina contable; the two others beside it."""
    managing_body: str | None = Field(default=None, max_length=10)
    processing_unit: str | None = Field(default=None, max_length=10)


class PaymentPlan(OfPromoter, SQLModel, table=True):
    """Prices under which members pay; a plan without terms is free."""

    __tablename__ = "payment_plan"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        text_length("code", 50),
        text_length("name", 200),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    code: str = Field(max_length=50)
    name: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)


class PlanTerm(OfPromoter, SQLModel, table=True):
    """One price of a plan over a half-open period of days; it never changes.

    A later one in the same position takes its place from its own first day on.
    """

    __tablename__ = "plan_term"
    __table_args__ = (
        UniqueConstraint("plan_id", "position", "valid_from"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period_forward"),
        CheckConstraint("position >= 0", name="counted_position"),
        CheckConstraint("instalments >= 1", name="counted_instalments"),
        CheckConstraint(
            "instalments = 1 OR basis = 'entry-fee'", name="only_entry_fees_in_instalments"
        ),
        CheckConstraint(
            "(exemption IS NULL) = (exempt_because IS NULL)"
            " AND (exemption IS NULL OR tax_percent = '0')",
            name="exemption_said_at_zero",
        ),
        text_length("description", 200),
        text_length("exempt_because", 200),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    plan_id: UUID = Field(foreign_key="payment_plan.id", index=True)
    position: int
    """Place of its line on the invoice."""
    basis: BillingBasis = Field(sa_type=choice(BillingBasis))
    price: str = Field(max_length=24)
    """Exact decimal, in the unit of its basis."""
    description: str = Field(max_length=200)
    tax: TaxKind = Field(sa_type=choice(TaxKind))
    tax_percent: str = Field(max_length=8)
    """Exact decimal [%]."""
    exemption: Exemption | None = Field(default=None, sa_type=choice(Exemption))
    exempt_because: str | None = Field(default=None, max_length=200)
    """Law that exempts it; only at a rate of zero."""
    instalments: int = 1
    """Equal monthly parts of an entry fee, free of interest."""
    valid_from: date
    valid_until: date | None = None


class PlanSubscription(OfPromoter, SQLModel, table=True):
    """A supply point that pays by a plan over a half-open period of days.

    Two of one supply point never share a day: the database sees to it.
    """

    __tablename__ = "plan_subscription"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period_forward"),
        UniqueConstraint("supply_point_id", "valid_from"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    plan_id: UUID = Field(foreign_key="payment_plan.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    valid_from: date
    valid_until: date | None = None
