"""Write down the prices under which members pay."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from loaders.invoice_checks import check_number, check_rate, check_text
from models.repositories.payment_plans import (
    find_plan,
    get_plan,
    group_plan_terms,
    map_issuers,
)
from models.tables import PaymentPlan, PlanTerm
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError
from models.values.invoicing import BillingBasis, Exemption, TaxKind
from models.values.names import check_name
from models.values.period import Period

_BY_MONTH = {BillingBasis.SELF_CONSUMED, BillingBasis.SURPLUS, BillingBasis.SHARE_OF_SAVINGS}
_LONGEST_DESCRIPTION = 150
_LONGEST_CODE = 50
_PRICE_DECIMALS = 8
_MOST_INSTALMENTS = 120


class UnknownIssuerError(NotFoundError):
    """The promoter has no such issuer."""

    def __init__(self, issuer_id: UUID | None) -> None:
        super().__init__("there is no such issuer")
        self.issuer_id = issuer_id


class UnknownPlanError(NotFoundError):
    """The promoter has no such payment plan."""

    def __init__(self, plan_id: UUID | None) -> None:
        super().__init__("there is no such payment plan")
        self.plan_id = plan_id


class PlanExistsError(ConflictError):
    """The community has a plan of that code already."""

    def __init__(self, code: str) -> None:
        super().__init__(f"there is a payment plan {code} already: choose another code")
        self.text = code


class UnfitTermError(InvalidArgumentError):
    """A term of a plan makes no sense.

    Attributes
    ----------
    position : int
        Which one.
    reason : str
        What is wrong with it.
    """

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"term {position} of the plan {reason}")
        self.position = position
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TermWish:
    """One price of a plan.

    Attributes
    ----------
    position : int
        Place of its line on the invoice.
    basis : BillingBasis
        What it charges for.
    price_eur : Decimal
        Of a unit of it, at least zero, at most 8 decimals [EUR].
    description : str
        Text of its line, at most 150 characters.
    tax : TaxKind
        Tax on it.
    tax_percent : Decimal
        Its rate [%].
    valid_from : date
        First day on which it holds.
    valid_until : date or None
        First day after those.
    exemption : Exemption or None
        Why it bears no tax.
    exempt_because : str or None
        The law that says so.
    instalments : int
        Equal monthly parts of an entry fee.

    Raises
    ------
    UnfitTermError
        If a value makes no sense, or energy is not priced by whole months.
    UnfitInvoiceError
        If a number or a text could not stand on an invoice.
    InvalidDataError
        If the days end before they begin.
    """

    position: int
    basis: BillingBasis
    price_eur: Decimal
    description: str
    tax: TaxKind
    tax_percent: Decimal
    valid_from: date
    valid_until: date | None = None
    exemption: Exemption | None = None
    exempt_because: str | None = None
    instalments: int = 1

    def __post_init__(self) -> None:
        check_text("description", self.description, _LONGEST_DESCRIPTION)
        check_number("price", self.price_eur, _PRICE_DECIMALS)
        check_rate(self.tax_percent)
        Period(self.valid_from, self.valid_until)
        if self.exempt_because is not None:
            check_text("reason of the exemption", self.exempt_because, 200)
        borders = {self.valid_from, self.valid_until} - {None}
        rules = {
            "has a place below zero": self.position < 0,
            "has a price below zero": self.price_eur < 0,
            "is not paid in 1 to 120 parts": not 1 <= self.instalments <= _MOST_INSTALMENTS,
            "is paid in parts, but is no entry fee": (
                self.instalments > 1 and self.basis is not BillingBasis.ENTRY_FEE
            ),
            "prices energy, and so begins and ends on the first day of a month": (
                self.basis in _BY_MONTH and any(day.day != 1 for day in borders if day)
            ),
            "is exempt without a reason, or gives one without being so": (
                (self.exemption is None) != (self.exempt_because is None)
            ),
            "is exempt and bears a tax": self.exemption is not None and self.tax_percent != 0,
        }
        if reason := next((each for each, is_broken in rules.items() if is_broken), None):
            raise UnfitTermError(self.position, reason)


def create_plan(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    issuer_id: UUID,
    code: str,
    name: str,
    terms: Sequence[TermWish],
    now: datetime,
) -> PaymentPlan:
    """Write down a plan of prices.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose members may pay by it.
    issuer_id : UUID
        In whose name they are invoiced.
    code : str
        The promoter's own key of it.
    name : str
        What people call it.
    terms : sequence of TermWish
        Its prices; a plan without any is free.
    now : datetime
        The present instant.

    Returns
    -------
    PaymentPlan
        The stored plan.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    UnknownIssuerError
        If it has no such issuer.
    PlanExistsError
        If the community has a plan of that code.
    InvalidNameError
        If the name cannot be stored.
    UnfitInvoiceError
        If the code cannot be.
    UnfitTermError
        If two terms contradict each other.
    """
    require_community(session, promoter_id=promoter_id, community_id=community_id)
    check_text("code", code, _LONGEST_CODE)
    if issuer_id not in map_issuers(session, promoter_id=promoter_id, issuer_ids=[issuer_id]):
        raise UnknownIssuerError(issuer_id)
    known = find_plan(session, promoter_id=promoter_id, community_id=community_id, code=code)
    if known is not None:
        raise PlanExistsError(code)
    plan = PaymentPlan(
        promoter_id=promoter_id,
        community_id=community_id,
        issuer_id=issuer_id,
        code=code,
        name=check_name("plan", name),
        created_at=now,
    )
    session.add(plan)
    session.flush()
    _store_terms(session, plan, [], terms)
    return plan


def add_term(session: Session, *, promoter_id: UUID, plan_id: UUID, term: TermWish) -> PlanTerm:
    """Add a price to a plan; one in a position that is taken follows on the earlier one.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    plan_id : UUID
        The plan.
    term : TermWish
        The price.

    Returns
    -------
    PlanTerm
        The stored term; what was invoiced before stays as it is.

    Raises
    ------
    UnknownPlanError
        If the promoter has no such plan.
    UnfitTermError
        If the term contradicts another.
    """
    plan = get_plan(session, promoter_id=promoter_id, plan_id=plan_id)
    if plan is None:
        raise UnknownPlanError(plan_id)
    standing = group_plan_terms(session, promoter_id=promoter_id, plan_ids=[plan_id])[plan_id]
    return _store_terms(session, plan, standing, [term])[0]


def _store_terms(
    session: Session, plan: PaymentPlan, standing: Sequence[PlanTerm], wishes: Sequence[TermWish]
) -> list[PlanTerm]:
    added: list[PlanTerm] = []
    for wish in wishes:
        values = asdict(wish)
        price, percent = values.pop("price_eur"), values.pop("tax_percent")
        term = PlanTerm(
            promoter_id=plan.promoter_id,
            plan_id=plan.id,
            price=f"{price.normalize():f}",
            tax_percent=f"{percent.normalize():f}",
            **values,
        )
        _check_beside(term, [*standing, *added])
        added.append(term)
    session.add_all(added)
    session.flush()
    return added


def _check_beside(term: PlanTerm, others: Sequence[PlanTerm]) -> None:
    """Let one tax at one rate have one reason, and a position one price a day."""
    for other in others:
        if (other.position, other.valid_from) == (term.position, term.valid_from):
            raise UnfitTermError(term.position, f"has a price from {term.valid_from} on already")
        is_alike = (other.tax, other.tax_percent) == (term.tax, term.tax_percent)
        reasons = {(each.exemption, each.exempt_because) for each in (term, other)}
        if is_alike and len(reasons) > 1:
            raise UnfitTermError(
                term.position, f"is exempt in another way than term {other.position}"
            )
