"""Who issues, who pays, and by which prices: what is taken and what is not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlmodel import col

from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.payment_plans import (
    PlanExistsError,
    UnfitTermError,
    UnknownIssuerError,
    UnknownPlanError,
    add_term,
    create_plan,
)
from api.services.invoices.record_parties import (
    IssuerElsewhereError,
    IssuerExistsError,
    OfficesError,
    PartyDetails,
    UnknownMemberError,
    UnknownTaxNumberError,
    create_issuer,
    set_payer,
    update_issuer,
)
from api.services.invoices.subscriptions import (
    BilledDaysError,
    SubscriptionOverlapError,
    UnknownSubscriptionError,
    end_subscription,
    subscribe_point,
)
from loaders.invoice_checks import UnfitInvoiceError
from models.session import write_session
from models.tables import Invoice, Payer, PlanSubscription, PlanTerm
from models.values.email_address import UnfitEmailError
from models.values.errors import InvalidArgumentError, InvalidDataError, InvalidIdentifierError
from models.values.invoicing import BillingBasis, Exemption
from models.values.language import Language
from tests.support.billing import (
    BEGIN,
    ISSUER,
    NOW,
    BilledCommunity,
    add_billed_community,
    ensure_issuer,
    make_nif,
    store_plan,
    term,
)
from tests.support.databases import on_sqlite
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community

# No database can change what is said here.
pytestmark = [pytest.mark.usefixtures("database_kind"), on_sqlite]

OFFICES = ("L01461230", "L01461231", "L01461232")
ANA = PartyDetails(make_nif(5), "Ana", "Major, 1", "46001", "Vila", "Vila")


@stored_once
def plain(engine, promoter) -> BilledCommunity:
    """Store a community with a plan that nobody pays by."""
    return add_billed_community(engine, promoter, shares_energy=False, pays=False)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"tax_number": "F12345675"}, InvalidIdentifierError),
        ({"tax_number": "f12345674"}, InvalidIdentifierError),
        ({"name": " "}, UnfitInvoiceError),
        ({"name": "x" * 121}, UnfitInvoiceError),
        ({"town": "x" * 101}, UnfitInvoiceError),
        ({"postal_code": "4600A"}, UnfitInvoiceError),
    ],
)
def test_parties_are_checked(changed, error):
    values = {name: getattr(ISSUER, name) for name in PartyDetails.__slots__}
    with pytest.raises(error):
        PartyDetails(**(values | changed))


def test_a_promoter_issues_once_under_a_number(plain):
    with write_session(plain.engine) as session, pytest.raises(IssuerExistsError):
        create_issuer(session, promoter_id=plain.owner, details=ISSUER)


def set_for(billed, member_id=None, **more):
    with write_session(billed.engine) as session:
        return set_payer(
            session,
            promoter_id=billed.owner,
            member_id=member_id or billed.stored.members[0].id,
            details=ANA,
            **more,
        )


def test_a_payer_is_set_anew(plain):
    set_for(plain)
    set_for(plain, offices=OFFICES, email="ana@vila.example", language=Language.CATALAN)
    (payer,) = plain.rows(Payer)
    offices = (payer.accounting_office, payer.managing_body, payer.processing_unit)
    assert (offices, payer.email, payer.language) == (OFFICES, "ana@vila.example", "ca")
    set_for(plain)
    (payer,) = plain.rows(Payer)
    assert (payer.managing_body, payer.email) == (None, None)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"member_id": uuid4()}, UnknownMemberError),
        ({"email": "ana"}, UnfitEmailError),
        ({"email": "a b@vila.example"}, UnfitEmailError),
        ({"email": "@vila.example"}, UnfitEmailError),
        ({"email": "ana@vila."}, UnfitEmailError),
        ({"email": "a" * 250 + "@b.example"}, UnfitEmailError),
        ({"offices": OFFICES[:2]}, OfficesError),
        ({"offices": ("1", "2", "3")}, OfficesError),
    ],
)
def test_payers_are_checked(plain, more, error):
    with pytest.raises(error):
        set_for(plain, **more)
    assert plain.rows(Payer) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"position": -1},
        {"price": "-1"},
        {"instalments": 2},
        {"basis": BillingBasis.ENTRY_FEE, "instalments": 0},
        {"basis": BillingBasis.ENTRY_FEE, "instalments": 121},
        {"since": date(2023, 1, 2)},
        {"valid_until": date(2023, 2, 2)},
        {"exemption": Exemption.OTHERWISE},
        {"exempt_because": "x"},
        {"exemption": Exemption.OTHERWISE, "exempt_because": "x"},
    ],
)
def test_terms_are_checked(broken):
    with pytest.raises(UnfitTermError):
        term(**broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"price": "0.000000001"},
        {"percent": "101"},
        {"description": ""},
        {"exemption": Exemption.OTHERWISE, "exempt_because": " ", "percent": "0"},
        {"valid_until": date(2023, 1, 1)},
    ],
)
def test_terms_fit_on_an_invoice(broken):
    with pytest.raises(InvalidDataError):
        term(**broken)


def create(billed, **changed):
    with write_session(billed.engine) as session:
        asked = {
            "community_id": billed.stored.community.id,
            "issuer_id": ensure_issuer(session, billed.owner).id,
            "code": "new",
            "name": "New",
            "terms": [],
        }
        return create_plan(session, promoter_id=billed.owner, now=NOW, **(asked | changed))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"community_id": uuid4()}, UnknownCommunityError),
        ({"issuer_id": uuid4()}, UnknownIssuerError),
        ({"code": "p"}, PlanExistsError),
        ({"code": "x" * 51}, UnfitInvoiceError),
        ({"name": ""}, InvalidArgumentError),
        ({"terms": [term(), term(price="1")]}, UnfitTermError),
    ],
)
def test_plans_are_checked(plain, changed, error):
    with pytest.raises(error):
        create(plain, **changed)


def test_one_rate_is_exempt_for_one_reason(plain):
    zero = {"basis": BillingBasis.FIXED, "percent": "0"}
    exempt = {"exemption": Exemption.OTHERWISE, "exempt_because": "x"}
    plan = create(plain, terms=[term(**zero, **exempt)])
    with write_session(plain.engine) as session, pytest.raises(UnfitTermError, match="another way"):
        add_term(session, promoter_id=plain.owner, plan_id=plan.id, term=term(**zero, position=1))


def test_a_term_is_added(plain):
    with write_session(plain.engine) as session:
        later = term(price="0.0900", since=date(2024, 1, 1))
        added = add_term(session, promoter_id=plain.owner, plan_id=plain.plan.id, term=later)
        assert (added.price, added.tax_percent) == ("0.09", "21")
        with pytest.raises(UnknownPlanError):
            add_term(session, promoter_id=plain.owner, plan_id=uuid4(), term=later)
    first = plain.rows(PlanTerm, col(PlanTerm.position), col(PlanTerm.valid_from))[:2]
    assert [Decimal(row.price) for row in first] == [Decimal("0.08"), Decimal("0.09")]


def test_a_supply_point_pays_by_one_plan_a_day(plain):
    plain.subscribe(0, until=date(2023, 3, 1))
    with pytest.raises(SubscriptionOverlapError, match="from 2023-01-01 until 2023-03-01"):
        plain.subscribe(0, since=date(2023, 2, 28))
    plain.subscribe(0, since=date(2023, 3, 1))
    with pytest.raises(SubscriptionOverlapError, match="with no end"):
        plain.subscribe(0, since=date(2024, 1, 1), until=date(2024, 2, 1))
    with pytest.raises(InvalidDataError):
        plain.subscribe(1, until=BEGIN)


def test_a_supply_point_is_of_the_plan_s_community(plain, promoter):
    with write_session(plain.engine) as session:
        other = add_community(session, promoter.id, number=2)
        for cups in ("ES0", other.points[0].cups):
            with pytest.raises(UnknownCupsError):
                subscribe_point(
                    session,
                    promoter_id=plain.owner,
                    plan_id=plain.plan.id,
                    cups=cups,
                    valid_from=BEGIN,
                )
        foreign = store_plan(session, other, "p", [])
    with pytest.raises(UnknownPlanError):
        plain.subscribe(0, plan_id=uuid4())
    with pytest.raises(UnknownCupsError):
        plain.subscribe(0, plan_id=foreign.id)


def end(billed, subscription_id, day):
    with write_session(billed.engine) as session:
        return end_subscription(
            session, promoter_id=billed.owner, subscription_id=subscription_id, valid_until=day
        )


def test_a_subscription_ends_after_what_was_billed(billed):
    first = billed.rows(PlanSubscription)[0]
    billed.issue()
    with pytest.raises(BilledDaysError, match="days before 2023-11-01 are billed"):
        end(billed, first.id, date(2023, 10, 31))
    assert end(billed, first.id, date(2023, 11, 1)).valid_until == date(2023, 11, 1)


def test_a_subscription_does_not_reach_into_the_next(plain):
    first = plain.subscribe(0, until=date(2023, 3, 1))
    plain.subscribe(0, since=date(2023, 5, 1))
    end(plain, first.id, date(2023, 5, 1))
    with pytest.raises(SubscriptionOverlapError):
        end(plain, first.id, date(2023, 5, 2))
    with pytest.raises(InvalidDataError):
        end(plain, first.id, BEGIN)
    with pytest.raises(UnknownSubscriptionError):
        end(plain, uuid4(), date(2023, 5, 1))


def test_an_issuer_moves_and_what_was_issued_stays(billed):
    billed.issue()
    moved = replace(ISSUER, name="Comunitat de la Vall", address="Plaça Nova, 1")
    with write_session(billed.engine) as session:
        issuer = update_issuer(session, promoter_id=billed.owner, details=moved)
    assert (issuer.name, issuer.address) == ("Comunitat de la Vall", "Plaça Nova, 1")
    parties = [row.parties["issuer"]["address"] for row in billed.rows(Invoice)]
    assert set(parties) == {ISSUER.address}


def test_an_issuer_that_nobody_described_is_not_updated(billed):
    other = replace(ISSUER, tax_number="B12345674")
    with (
        pytest.raises(UnknownTaxNumberError, match="B12345674"),
        write_session(billed.engine) as session,
    ):
        update_issuer(session, promoter_id=billed.owner, details=other)


def test_one_nif_issues_for_one_promoter(billed, other_promoter):
    # One NIF has one chain of records: two promoters would each begin one.
    with (
        pytest.raises(IssuerElsewhereError, match="ask the operator"),
        write_session(billed.engine) as session,
    ):
        create_issuer(session, promoter_id=other_promoter.id, details=ISSUER)
