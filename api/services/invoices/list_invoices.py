"""List issued invoices, runs and plans whole, by the codes that people use."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community_of_code
from api.services.invoices.find_invoices import InvoiceFilter
from api.services.invoices.record_parties import UnknownTaxNumberError
from models.repositories.invoice_lists import page_invoices, page_runs
from models.repositories.members import map_members_by_code
from models.repositories.page import PageRequest
from models.repositories.payment_plans import (
    count_subscriptions,
    find_issuer,
    group_plan_terms,
    group_plans,
    map_issuers,
)
from models.tables import BillingRun, Invoice, PlanTerm
from models.values.errors import NotFoundError
from models.values.invoicing import InvoiceKind

_AT_ONCE = 1_000


class UnknownMemberCodeError(NotFoundError):
    """A community has no member of a code.

    Attributes
    ----------
    member : str
        The code.
    """

    def __init__(self, member: str) -> None:
        super().__init__(f"the community has no member {member[:80]!r}")
        self.member = member


@dataclass(frozen=True, slots=True)
class ListWish:
    """Which invoices are listed.

    Attributes
    ----------
    community : str
        Code of the community.
    member : str or None
        Code of a member.
    issuer : str or None
        NIF of an issuer.
    period_from, period_until : date or None
        Charged days, the first and the one after the last.
    series : str or None
        Code of a series.
    kind : InvoiceKind or None
        Kind of invoice.
    is_cancelled : bool or None
        Whether they were cancelled.
    """

    community: str
    member: str | None = None
    issuer: str | None = None
    period_from: date | None = None
    period_until: date | None = None
    series: str | None = None
    kind: InvoiceKind | None = None
    is_cancelled: bool | None = None


def list_invoices(session: Session, *, promoter_id: UUID, wish: ListWish) -> list[Invoice]:
    """List invoices.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : ListWish
        Which of its invoices.

    Returns
    -------
    list of Invoice
        By number.

    Raises
    ------
    UnknownCommunityError, UnknownMemberCodeError, UnknownTaxNumberError
        If the promoter has none of a code.
    """
    community = require_community_of_code(session, promoter_id=promoter_id, code=wish.community)
    key = community.id
    member_id = issuer_id = None
    if wish.member is not None:
        member_id = find_member(
            session, promoter_id=promoter_id, community_id=key, code=wish.member
        )
    if wish.issuer is not None:
        issuer_id = find_issuer_id(session, promoter_id, wish.issuer)
    wanted = InvoiceFilter(
        community_id=key,
        member_id=member_id,
        issuer_id=issuer_id,
        period_from=wish.period_from,
        period_until=wish.period_until,
        series=wish.series,
        kind=wish.kind,
        is_cancelled=wish.is_cancelled,
    )
    return list(_iterate(session, promoter_id, wanted))


def list_run_invoices(session: Session, *, promoter_id: UUID, run_id: UUID) -> list[Invoice]:
    """List the invoices of a billing run.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        Its run.

    Returns
    -------
    list of Invoice
        By number.
    """
    return list(_iterate(session, promoter_id, InvoiceFilter(run_id=run_id)))


def list_runs(session: Session, *, promoter_id: UUID, community_id: UUID) -> list[BillingRun]:
    """List the billing runs of a community.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Its community.

    Returns
    -------
    list of BillingRun
        Newest first.
    """
    runs: list[BillingRun] = []
    after = None
    while True:
        request = PageRequest(_AT_ONCE, after)
        page = page_runs(
            session, promoter_id=promoter_id, community_ids=[community_id], request=request
        )[community_id]
        runs += page.items
        if not page.has_next:
            return runs
        after = page.keys[-1]


def find_member(session: Session, *, promoter_id: UUID, community_id: UUID, code: str) -> UUID:
    """Find a member by the promoter's own code.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Its community.
    code : str
        Code of the member.

    Returns
    -------
    UUID
        The member.

    Raises
    ------
    UnknownMemberCodeError
        If the community has none of that code.
    """
    members = map_members_by_code(session, promoter_id=promoter_id, community_id=community_id)
    if code not in members:
        raise UnknownMemberCodeError(code)
    return members[code].id


def describe_plans(
    session: Session, *, promoter_id: UUID, community_id: UUID
) -> list[dict[str, Any]]:
    """Describe the plans of a community as JSON values.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Its community.

    Returns
    -------
    list of dict
        By code: issuer, prices, and how many subscriptions there are.
    """
    key = community_id
    plans = group_plans(session, promoter_id=promoter_id, community_ids=[key])[key]
    plan_ids = [plan.id for plan in plans]
    terms = group_plan_terms(session, promoter_id=promoter_id, plan_ids=plan_ids)
    counts = count_subscriptions(session, promoter_id=promoter_id, plan_ids=plan_ids)
    issuers = map_issuers(
        session, promoter_id=promoter_id, issuer_ids={plan.issuer_id for plan in plans}
    )
    return [
        {
            "id": str(plan.id),
            "code": plan.code,
            "name": plan.name,
            "issuer": issuers[plan.issuer_id].tax_number,
            "terms": [_describe_term(term) for term in terms[plan.id]],
            "subscriptions": counts[plan.id],
        }
        for plan in plans
    ]


def _describe_term(term: PlanTerm) -> dict[str, Any]:
    return {
        "position": term.position,
        "charges": term.basis.value,
        "price_eur": term.price,
        "description": term.description,
        "tax": term.tax.value,
        "tax_percent": term.tax_percent,
        "exempt_because": term.exempt_because,
        "instalments": term.instalments,
        "valid_from": term.valid_from.isoformat(),
        "valid_until": term.valid_until and term.valid_until.isoformat(),
    }


def find_issuer_id(session: Session, promoter_id: UUID, tax_number: str) -> UUID:
    """Find an issuer by its NIF.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    tax_number : str
        NIF.

    Returns
    -------
    UUID
        Id of the issuer.

    Raises
    ------
    UnknownTaxNumberError
        If the promoter has no such issuer.
    """
    issuer = find_issuer(session, promoter_id=promoter_id, tax_number=tax_number)
    if issuer is None:
        raise UnknownTaxNumberError(tax_number)
    return issuer.id


def _iterate(session: Session, promoter_id: UUID, wanted: InvoiceFilter) -> Iterator[Invoice]:
    """Read all pages."""
    after = None
    while True:
        request = PageRequest(_AT_ONCE, after)
        page = page_invoices(session, promoter_id=promoter_id, wanted=wanted, request=request)
        yield from page.items
        if not page.has_next:
            return
        after = page.keys[-1]
