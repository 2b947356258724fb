"""Set a whole community up for invoices in one transaction; doing it again adds what is new."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.payment_plans import TermWish, add_term, create_plan
from api.services.invoices.record_parties import (
    PartyDetails,
    UnknownTaxNumberError,
    create_issuer,
    set_payer,
)
from api.services.invoices.setup_document import (
    PlanSection,
    SetupDocument,
    SubscriptionSection,
)
from api.services.invoices.subscriptions import subscribe_point
from loaders.faults import FaultyInputError, FileFaults
from loaders.payers_table import ListedPayer
from models.repositories.installations import group_installations
from models.repositories.members import map_members_by_code
from models.repositories.memberships import group_open_memberships
from models.repositories.payment_plans import (
    find_issuer,
    find_plan,
    group_plan_terms,
    group_subscriptions,
    map_payers,
)
from models.repositories.supply_points import list_community_supply_points
from models.tables import PaymentPlan, PlanTerm
from models.values.errors import (
    ConflictError,
    InvalidArgumentError,
    InvalidDataError,
    NotFoundError,
)
from models.values.language import Language


class UnknownPlanCodeError(NotFoundError):
    """A community has no plan of a code.

    Attributes
    ----------
    text : str
        The code.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"the community has no payment plan {code[:80]!r}")
        self.text = code


class OtherTermError(ConflictError):
    """A price stands already and says something else; what was invoiced by it may not change.

    Attributes
    ----------
    plan, position, valid_from : str, int, date
        Which price.
    """

    def __init__(self, plan: str, position: int, valid_from: date) -> None:
        super().__init__(
            f"term {position} of plan {plan} from {valid_from} on stands with other values: give "
            "the new price a later first day"
        )
        self.plan = plan
        self.position = position
        self.valid_from = valid_from


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What a set-up added.

    Attributes
    ----------
    issuers, plans, terms, payers, subscriptions : int
        How many are new.
    payers_changed, payers_kept : int
        How many payers stood already, and are others now or stay as they were.
    """

    issuers: int = 0
    plans: int = 0
    terms: int = 0
    payers: int = 0
    subscriptions: int = 0
    payers_changed: int = 0
    payers_kept: int = 0


def set_up_invoicing(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    document: SetupDocument,
    payers: Sequence[ListedPayer],
    payers_faults: FileFaults,
    now: datetime,
) -> SetupReport:
    """Record issuers, plans, payers and who pays by which plan.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose members are invoiced.
    document : SetupDocument
        Issuers, plans and subscriptions; those that stand already are left alone.
    payers : sequence of ListedPayer
        Who pays for whom.
    payers_faults : FileFaults
        What is known to be wrong with their file; takes what else is found.
    now : datetime
        The present instant.

    Returns
    -------
    SetupReport
        What was added.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    FaultyInputError
        If payers are unfit or pay for nobody, with every row.
    UnknownTaxNumberError, UnknownPlanCodeError, UnknownCupsError
        If the document names what is not there.
    OtherTermError
        If a price stands already with other values.
    IssuerExistsError, UnfitInvoiceError, UnfitTermError, SubscriptionOverlapError, InvalidDataError
        As for each thing alone.
    """
    require_community(session, promoter_id=promoter_id, community_id=community_id)
    setup = _Setup(session, promoter_id, community_id, now)
    n_issuers = sum(setup.ensure_issuer(each.as_details()) for each in document.issuer)
    changes = Counter(setup.set_payers(payers, payers_faults))
    report = SetupReport(
        issuers=n_issuers,
        payers=changes[_Change.NEW],
        payers_changed=changes[_Change.CHANGED],
        payers_kept=changes[_Change.KEPT],
    )
    for section in document.plan:
        is_new, n_terms = setup.ensure_plan(section, document.issuer_of(section))
        report = replace(report, plans=report.plans + is_new, terms=report.terms + n_terms)
    n_subscriptions = sum(setup.subscribe(section) for section in document.subscription)
    return replace(report, subscriptions=n_subscriptions)


class _Change(Enum):
    """What setting a payer came to."""

    NEW = auto()
    CHANGED = auto()
    KEPT = auto()


@dataclass(frozen=True, slots=True)
class _Setup:
    """The community that is set up."""

    session: Session
    promoter_id: UUID
    community_id: UUID
    now: datetime

    def ensure_issuer(self, details: PartyDetails) -> bool:
        """Record an issuer unless it stands; tell whether it is new."""
        owner, number = self.promoter_id, details.tax_number
        if find_issuer(self.session, promoter_id=owner, tax_number=number) is not None:
            return False
        create_issuer(self.session, promoter_id=owner, details=details)
        return True

    def set_payers(self, payers: Sequence[ListedPayer], faults: FileFaults) -> list[_Change]:
        """Set every payer, or raise the faults of all rows."""
        faulty, changes = {fault.place for fault in faults.all()}, []
        members = map_members_by_code(
            self.session, promoter_id=self.promoter_id, community_id=self.community_id
        )
        for payer in payers:
            member = members.get(payer.member)
            if member is None:
                faults.add(payer.place, f"the community has no member {payer.member[:80]!r}")
                continue
            if payer.place in faulty:
                continue
            try:
                changes.append(self._set_payer(member.id, payer))
            except (InvalidDataError, InvalidArgumentError) as error:
                faults.add(payer.place, str(error))
        if found := faults.all():
            raise FaultyInputError(tuple(found))
        return changes

    def _set_payer(self, member_id: UUID, payer: ListedPayer) -> _Change:
        """Set a payer, and tell what that changed."""
        owner = self.promoter_id
        standing = map_payers(self.session, promoter_id=owner, member_ids=[member_id])
        before = {key: row.model_dump() for key, row in standing.items()}
        after = set_payer(
            self.session,
            promoter_id=self.promoter_id,
            member_id=member_id,
            details=PartyDetails(
                tax_number=payer.tax_number,
                name=payer.name,
                address=payer.address,
                postal_code=payer.postal_code,
                town=payer.town,
                province=payer.province,
            ),
            language=Language(payer.language),
            email=payer.email,
            offices=payer.offices,
        )
        if member_id not in before:
            return _Change.NEW
        return _Change.KEPT if after.model_dump() == before[member_id] else _Change.CHANGED

    def ensure_plan(self, section: PlanSection, tax_number: str) -> tuple[bool, int]:
        """Write a plan down, or add its new prices; tell whether it is new, and how many are."""
        wishes = section.list_terms()
        plan = self._find_plan(section.code)
        if plan is not None:
            return False, self._add_terms(plan, wishes)
        issuer = find_issuer(self.session, promoter_id=self.promoter_id, tax_number=tax_number)
        if issuer is None:
            raise UnknownTaxNumberError(tax_number)
        create_plan(
            self.session,
            promoter_id=self.promoter_id,
            community_id=self.community_id,
            issuer_id=issuer.id,
            code=section.code,
            name=section.name,
            terms=wishes,
            now=self.now,
        )
        return True, len(wishes)

    def _find_plan(self, code: str) -> PaymentPlan | None:
        return find_plan(
            self.session,
            promoter_id=self.promoter_id,
            community_id=self.community_id,
            code=code,
        )

    def _add_terms(self, plan: PaymentPlan, wishes: Sequence[TermWish]) -> int:
        """Add prices that do not stand; refuse those that stand with other values."""
        owner = self.promoter_id
        stored = group_plan_terms(self.session, promoter_id=owner, plan_ids=[plan.id])[plan.id]
        standing = {(term.position, term.valid_from): term for term in stored}
        added = 0
        for wish in wishes:
            term = standing.get((wish.position, wish.valid_from))
            if term is None:
                add_term(self.session, promoter_id=owner, plan_id=plan.id, term=wish)
                added += 1
            elif not _is_same(term, wish):
                raise OtherTermError(plan.code, wish.position, wish.valid_from)
        return added

    def subscribe(self, section: SubscriptionSection) -> int:
        """Let supply points pay by a plan, those who do already left out; tell how many."""
        plan = self._find_plan(section.plan)
        if plan is None:
            raise UnknownPlanCodeError(section.plan)
        wanted = self._choose_cups(plan, section)
        for cups in wanted:
            subscribe_point(
                self.session,
                promoter_id=self.promoter_id,
                plan_id=plan.id,
                cups=cups,
                valid_from=section.valid_from,
                valid_until=section.valid_until,
            )
        return len(wanted)

    def _choose_cups(self, plan: PaymentPlan, section: SubscriptionSection) -> Collection[str]:
        """Choose those who do not pay as the section says; of all who share, those without plan."""
        points = list_community_supply_points(
            self.session, promoter_id=self.promoter_id, community_id=self.community_id
        )
        sharing = self._find_sharing() if section.cups is None else {point.id for point in points}
        ids = {point.cups: point.id for point in points if point.id in sharing}
        if unknown := set(section.cups or ()) - ids.keys():
            raise UnknownCupsError(unknown)
        held = group_subscriptions(
            self.session,
            promoter_id=self.promoter_id,
            supply_point_ids=ids.values(),
            since=section.valid_from,
            until=section.valid_until or date.max,
        )
        if section.cups is None:
            return [cups for cups, key in ids.items() if not held[key]]
        asked = (plan.id, section.valid_from)
        return [
            cups
            for cups in dict.fromkeys(section.cups)
            if asked not in {(row.plan_id, row.valid_from) for row in held[ids[cups]]}
        ]

    def _find_sharing(self) -> set[UUID]:
        """Find the supply points that share in a plant of the community."""
        key = self.community_id
        plants = group_installations(
            self.session, promoter_id=self.promoter_id, community_ids=[key]
        )[key]
        held = group_open_memberships(
            self.session,
            promoter_id=self.promoter_id,
            installation_ids=[plant.id for plant in plants],
        )
        return {row.supply_point_id for rows in held.values() for row in rows}


def _is_same(term: PlanTerm, wish: TermWish) -> bool:
    """Tell whether a stored price is the one that is asked for."""
    return (
        term.basis,
        term.price,
        term.description,
        term.tax,
        term.tax_percent,
        term.valid_until,
        term.exemption,
        term.exempt_because,
        term.instalments,
    ) == (
        wish.basis,
        f"{wish.price_eur.normalize():f}",
        wish.description,
        wish.tax,
        f"{wish.tax_percent.normalize():f}",
        wish.valid_until,
        wish.exemption,
        wish.exempt_because,
        wish.instalments,
    )
