"""How far a session reaches: what lies beyond is left out of every query that it asks.

The second of three walls between tenants: use cases name the promoter in every query, this adds
the caller's reach to the queries themselves, and PostgreSQL holds its rows by a policy.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, inspect, null, or_, select, union_all
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm import Session as SqlSession
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlmodel import Session

from models.session import REACH
from models.tables.agreements import DistributionAgreement
from models.tables.columns import OfPromoter
from models.tables.communities import Community, SelfConsumptionInstallation
from models.tables.invoices import Invoice, InvoiceSeries
from models.tables.jobs import JobRun, Upload
from models.tables.mandates import CreditorAccount, Debit, Mandate
from models.tables.members import Member, SupplyPoint
from models.tables.notifications import Notification
from models.tables.payment_plans import InvoiceIssuer, PaymentPlan
from models.tables.proposals import CoefficientProposal
from models.tables.readings import Reading
from models.tables.sign_ins import OneTimeLink
from models.tables.sign_ups import SignUp
from models.tables.users import AccountGrant, UserAccount
from models.values.access import Reach

_KEPT_REACHES = 1_000
_OF_ALL = (InvoiceIssuer, InvoiceSeries)
"""What everybody may see of a promoter who sees anything of it."""

_OF_MANAGERS = (*_OF_ALL, CreditorAccount)
"""What whoever looks after a community may see beside it."""

_NOT_OF_MEMBERS = (SignUp, UserAccount, AccountGrant, OneTimeLink)
"""What nobody sees of a community who is a member of it: who asks to join, and who signs in."""

_EITHER = (Reading,)
"""Rows that hang on one thing or another, not on both."""


KEPT = "reparto_kept"
"""Option of a statement that is asked again and again: what a reach makes of it is kept too."""


def bound_statement(asked: ORMExecuteState) -> None:
    """Add the reach of its session to a statement, whatever it joins."""
    asked.statement = _reach(asked.session, asked.statement, asked.execution_options)


def read_rows(session: Session, statement: Any, given: Any = None) -> Any:
    """Ask for rows within the reach of a session, which makes no records of them."""
    bound = _reach(session, statement, statement.get_execution_options())
    return session.connection().execute(bound, given)


def _reach(session: SqlSession, statement: Any, options: Mapping[str, Any]) -> Any:
    """Add the reach of a session; without one a statement stays as it is."""
    reach = session.info.get(REACH)
    if reach is None:
        return statement
    return (_bind_kept if options.get(KEPT) else _bind)(statement, reach)


def _bind(statement: Any, reach: Reach) -> Any:
    return statement.options(*_list_criteria(reach))


_bind_kept = lru_cache(maxsize=_KEPT_REACHES)(_bind)


@lru_cache(maxsize=_KEPT_REACHES)
def _list_criteria(reach: Reach) -> tuple[LoaderCriteriaOption, ...]:
    promoter_id = reach.promoter_id
    of_promoter: Any = with_loader_criteria(
        OfPromoter, lambda kind: _owner_of(kind) == promoter_id, include_aliases=True
    )
    return (of_promoter, *_list_narrow_criteria(reach))


def _owner_of(kind: Any) -> Any:
    """Name the owner's column; of the marker itself, with which SQLAlchemy tries the condition."""
    return getattr(kind, "promoter_id", null())


def _list_narrow_criteria(reach: Reach) -> Iterator[Any]:
    """Yield what a caller adds who sees some communities, or some members, of a promoter."""
    if reach.community_ids is None:
        return
    ways = _Ways(reach.community_ids, reach.member_ids, reach.account_id)
    is_open = _OF_MANAGERS if reach.member_ids is None else _OF_ALL
    is_closed = () if reach.member_ids is None else _NOT_OF_MEMBERS
    for kind in OfPromoter.__subclasses__():
        if kind not in is_open:
            bound = false() if kind in is_closed else ways.bound(kind)
            yield with_loader_criteria(kind, bound, include_aliases=True)


class _Ways:
    """The keys to which a column may lead, by its name: those of what a caller reaches."""

    def __init__(
        self,
        community_ids: frozenset[UUID],
        member_ids: frozenset[UUID] | None,
        account_id: UUID | None,
    ) -> None:
        of_communities = _columns(Member).community_id.in_(community_ids)
        if member_ids is not None:
            of_communities &= _columns(Member).id.in_(member_ids)
        members = _select_keys(Member, of_communities)
        plants = _lead(SelfConsumptionInstallation, "community_id", community_ids)
        self.direct = {
            "community_id": community_ids,
            "installation_id": plants,
            "member_id": members,
            "supply_point_id": _lead(SupplyPoint, "member_id", members),
        }
        grants = _columns(AccountGrant)
        accounts = select(grants.account_id).where(grants.member_id.in_(members))
        of_jobs = _columns(JobRun).asked_by.in_([account_id] if account_id else [])
        if member_ids is None:
            of_jobs |= _columns(JobRun).community_id.in_(community_ids)
        jobs = _select_keys(JobRun, of_jobs)
        # Of accounts those of members: who else looks after a community is its promoter's business.
        self.by_column: dict[Any, tuple[str, Any]] = {
            AccountGrant: ("member_id", members),
            UserAccount: ("id", accounts),
            OneTimeLink: ("account_id", accounts),
            JobRun: ("id", jobs),
            Upload: ("sent_by", [account_id] if account_id else []),
            Notification: ("subject_id", union_all(jobs, _lead(Invoice, "member_id", members))),
        }
        self.over_parent = {
            "invoice_id": _lead(Invoice, "member_id", members),
            "mandate_id": _lead(Mandate, "member_id", members),
            "debit_id": _lead(Debit, "member_id", members),
            "agreement_id": _lead(DistributionAgreement, "installation_id", plants),
            "proposal_id": _lead(CoefficientProposal, "installation_id", plants),
            "plan_id": _lead(PaymentPlan, "community_id", community_ids),
        }

    def bound(self, kind: Any) -> ColumnElement[bool]:
        """Bound the rows of a table: by its own columns, else its parents'; else none is seen."""
        if kind in self.by_column:
            name, keys = self.by_column[kind]
            bound: ColumnElement[bool] = getattr(kind, name).in_(keys)
            return bound
        own = {Community: "community_id", Member: "member_id"}.get(kind)
        found = [kind.id.in_(self.direct[own])] if own else []
        found += _follow(kind, self.direct)
        found = found or _follow(kind, self.over_parent)
        if not found:
            return false()
        return or_(*found) if kind in _EITHER else and_(*found)


def _follow(kind: Any, ways: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    return [getattr(kind, name).in_(keys) for name, keys in ways.items() if hasattr(kind, name)]


def _lead(kind: Any, column: str, keys: Any) -> Any:
    """Select the keys of a table's rows whose column leads to some keys."""
    return _select_keys(kind, _columns(kind)[column].in_(keys))


def _select_keys(kind: Any, condition: ColumnElement[bool]) -> Any:
    """Select from the bare table, to which no reach is added a second time."""
    return select(_columns(kind).id).where(condition)


def _columns(kind: Any) -> Any:
    return inspect(kind).local_table.c
