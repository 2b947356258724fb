"""Communities whose members pay by plans, ready to be billed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from api.services.energy.allocate_month import allocate_community
from api.services.invoices.issue_billing_run import BillingRunWish, issue_billing_run
from api.services.invoices.payment_plans import TermWish, create_plan
from api.services.invoices.preview_billing_run import BillingPreview, preview_billing_run
from api.services.invoices.record_parties import PartyDetails, create_issuer, set_payer
from api.services.invoices.subscriptions import subscribe_point
from models.repositories.payment_plans import find_issuer
from models.session import read_session, write_session
from models.tables import BillingRun, InvoiceIssuer, PaymentPlan, PlanSubscription, Promoter
from models.values.invoicing import BillingBasis, TaxKind
from models.values.period import Period
from tests.support.agreements import agree, apply, random_year, store_meters
from tests.support.invoices import SYSTEM
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

NOW = datetime(2023, 12, 5, 9, 30, tzinfo=UTC)
OCTOBER = Period(date(2023, 10, 1), date(2023, 11, 1))
BEGIN = date(2023, 1, 1)
ISSUER = PartyDetails(
    "F12345674", "Comunitat de la Vall, SCCL", "Carrer Major, 12", "46001", "València", "València"
)
_NIF_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def term(
    basis: BillingBasis = BillingBasis.SELF_CONSUMED,
    price: str = "0.08",
    *,
    position: int = 0,
    percent: str = "21",
    since: date = BEGIN,
    **more: object,
) -> TermWish:
    """Make a price of a plan."""
    values = {"description": f"Term {basis}", "tax": TaxKind.VAT, "valid_from": since} | more
    return TermWish(
        position=position,
        basis=basis,
        price_eur=Decimal(price),
        tax_percent=Decimal(percent),
        **values,
    )


TERMS = (
    term(),
    term(BillingBasis.SURPLUS, "0.0035", position=1),
    term(BillingBasis.FIXED, "3", position=2),
)


def make_nif(number: int) -> str:
    """Give the DNI of a number."""
    return f"{number:08}{_NIF_LETTERS[number % 23]}"


@dataclass(frozen=True, slots=True)
class BilledCommunity:
    """A community whose members pay by one plan."""

    engine: Engine
    stored: StoredCommunity
    plan: PaymentPlan

    @property
    def owner(self) -> UUID:
        """The tenant."""
        return self.stored.community.promoter_id

    def subscribe(
        self,
        place: int,
        since: date = BEGIN,
        until: date | None = None,
        plan_id: UUID | None = None,
    ) -> PlanSubscription:
        """Let a member pay by a plan."""
        with write_session(self.engine) as session:
            return subscribe_point(
                session,
                promoter_id=self.owner,
                plan_id=plan_id or self.plan.id,
                cups=self.stored.points[place].cups,
                valid_from=since,
                valid_until=until,
            )

    def pay(self, place: int, name: str | None = None, **more: object) -> None:
        """Record who pays for a member."""
        details = PartyDetails(
            make_nif(10 + place),
            name or f"Payer {place}",
            "Port, 7",
            "46021",
            "València",
            "València",
        )
        with write_session(self.engine) as session:
            set_payer(
                session,
                promoter_id=self.owner,
                member_id=self.stored.members[place].id,
                details=details,
                **more,
            )

    def add_plan(self, code: str, terms: Sequence[TermWish], **more: object) -> PaymentPlan:
        """Write down another plan."""
        with write_session(self.engine) as session:
            return store_plan(session, self.stored, code, terms, **more)

    def allocate(self, *months: date) -> None:
        """Share months out; all when none are named."""
        with write_session(self.engine) as session:
            allocate_community(
                session,
                promoter_id=self.owner,
                community_id=self.stored.community.id,
                now=NOW,
                months=months or None,
            )

    def preview(self, period: Period = OCTOBER, **options: object) -> BillingPreview:
        """Preview a billing run."""
        asked = {"period": period, "now": NOW} | options
        with read_session(self.engine) as session:
            return preview_billing_run(
                session,
                promoter_id=self.owner,
                community_id=self.stored.community.id,
                **asked,
            )

    def issue(self, key: str = "k", *, now: datetime = NOW, **wished: object) -> BillingRun:
        """Issue a billing run."""
        wish = {"period": OCTOBER, "series": "2023"} | wished
        with write_session(self.engine) as session:
            return issue_billing_run(
                session,
                promoter_id=self.owner,
                wish=BillingRunWish(self.stored.community.id, **wish),
                idempotency_key=key,
                system=SYSTEM,
                now=now,
            )

    def rows(self, table: type[SQLModel], *order: object) -> list[SQLModel]:
        """Read all rows of a table."""
        with read_session(self.engine) as session:
            return list(session.exec(select(table).order_by(*order)))


def ensure_issuer(session: Session, owner: UUID) -> InvoiceIssuer:
    """Give the promoter's issuer."""
    known = find_issuer(session, promoter_id=owner, tax_number=ISSUER.tax_number)
    return known or create_issuer(session, promoter_id=owner, details=ISSUER)


def store_plan(
    session: Session,
    stored: StoredCommunity,
    code: str,
    terms: Sequence[TermWish],
    issuer_id: UUID | None = None,
) -> PaymentPlan:
    """Write down a plan of the promoter's issuer."""
    owner = stored.community.promoter_id
    return create_plan(
        session,
        promoter_id=owner,
        community_id=stored.community.id,
        issuer_id=issuer_id or ensure_issuer(session, owner).id,
        code=code,
        name=f"Plan {code}",
        terms=terms,
        now=NOW,
    )


def add_billed_community(
    engine: Engine,
    promoter: Promoter,
    *,
    number: int = 1,
    n_members: int = 3,
    terms: Sequence[TermWish] = TERMS,
    shares_energy: bool = True,
    applied_from: date = BEGIN,
    pays: bool = True,
) -> BilledCommunity:
    """Store a community that shares 2023 by 0.5, 0.3 and 0.2, all pay, October is shared out."""
    with write_session(engine) as session:
        stored = add_community(session, promoter.id, number=number, n_members=n_members)
        plan = store_plan(session, stored, "p", terms)
    billed = BilledCommunity(engine, stored, plan)
    if shares_energy:
        generation, consumption = random_year(n_members, seed=number)
        store_meters(engine, stored, generation, consumption)
        apply(engine, stored, agree(engine, stored, 500_000, 300_000, 200_000), applied_from)
        if applied_from <= OCTOBER.start:
            billed.allocate(OCTOBER.start)
    for place in range(n_members if pays else 0):
        billed.subscribe(place)
        billed.pay(place)
    return billed


@stored_once
def billed(engine: Engine, promoter: Promoter) -> BilledCommunity:
    """Store a community that is ready to be billed for October 2023."""
    return add_billed_community(engine, promoter)
