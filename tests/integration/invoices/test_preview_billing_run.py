"""What a billing run would issue, and what keeps it from being issued."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import col

from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.billed_energy import UnbalancedEnergyError, measure_month
from api.services.invoices.billing_faults import (
    HeldBillsError,
    MissingKind,
    UnreadyRunError,
)
from api.services.invoices.billing_scope import BillingPeriodError
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.find_missing import read_months
from api.services.invoices.preview_billing_run import preview_billing_run
from api.services.invoices.record_parties import PartyDetails, create_issuer
from models.session import write_session
from models.tables import Invoice, MonthAllocation
from models.values.invoicing import BillingBasis, Exemption
from models.values.language import Language
from models.values.period import Period
from tests.support.agreements import agree, apply, random_year
from tests.support.billing import (
    NOW,
    OCTOBER,
    BilledCommunity,
    add_billed_community,
    make_nif,
    term,
)
from tests.support.databases import on_sqlite
from tests.support.invoices import SYSTEM
from tests.support.stored_once import stored_once

pytestmark = on_sqlite
MILLION = 1_000_000
MID = date(2023, 10, 16)


@stored_once
def unpaid(engine, promoter) -> BilledCommunity:
    """Store a community whose members pay by nothing yet."""
    return add_billed_community(engine, promoter, pays=False)


def kinds(preview) -> set[tuple[MissingKind, str, date | None]]:
    return {(each.kind, each.subject, each.since) for each in preview.missing}


def draft_of(billed, place, preview=None):
    drafts = (preview or billed.preview()).drafts
    (draft,) = [each for each in drafts if each.point.id == billed.stored.points[place].id]
    return draft


def lines_of(draft):
    return [
        (each.line.quantity, each.line.unit, each.line.unit_price_eur, each.line.base_eur)
        for each in draft.lines
    ]


def test_nothing_is_stored_or_numbered(billed):
    first, second = billed.preview(), billed.preview()
    assert [lines_of(each) for each in first.drafts] == [lines_of(each) for each in second.drafts]
    assert (first.missing, first.held) == ((), ())
    assert billed.rows(Invoice) == []


@pytest.mark.parametrize(
    "period",
    [
        Period(date(2023, 10, 2), date(2023, 11, 1)),
        Period(date(2023, 10, 1), date(2023, 10, 31)),
        Period(date(2022, 10, 1), date(2023, 11, 1)),
        Period(date(2023, 10, 1)),
    ],
)
def test_periods_are_whole_months(billed, period):
    with pytest.raises(BillingPeriodError):
        billed.preview(period)


def test_a_period_is_over_by_the_community_s_clock(billed):
    midnight = datetime(2023, 10, 31, 23, tzinfo=UTC)
    assert kinds(billed.preview(now=midnight)) == set()
    early = datetime(2023, 10, 31, 22, 59, tzinfo=UTC)
    assert kinds(billed.preview(now=early)) == {(MissingKind.PERIOD_NOT_OVER, "c1", None)}
    with pytest.raises(UnreadyRunError, match="wait until the period is over"):
        billed.issue(now=early)


def test_who_pays_nothing_is_listed(unpaid):
    cups = [point.cups for point in unpaid.stored.points]
    assert kinds(unpaid.preview()) == {(MissingKind.NO_PLAN, each, OCTOBER.start) for each in cups}
    unpaid.subscribe(0)
    unpaid.subscribe(1, until=MID)
    unpaid.subscribe(2, since=MID)
    unpaid.pay(0)
    assert kinds(unpaid.preview()) == {
        (MissingKind.NO_PLAN, cups[1], MID),
        (MissingKind.NO_PLAN, cups[2], OCTOBER.start),
        (MissingKind.NO_PAYER, "M2", None),
        (MissingKind.NO_PAYER, "M3", None),
    }


def test_who_pays_by_a_free_plan_is_not_invoiced(unpaid):
    free = unpaid.add_plan("free", [])
    for place in range(3):
        unpaid.subscribe(place, plan_id=free.id)
    preview = unpaid.preview()
    assert (preview.missing, preview.drafts, preview.total_eur) == ((), (), 0)


def test_months_not_shared_out_or_stale_are_listed(billed):
    cau = billed.stored.installation.cau
    autumn = Period(date(2023, 9, 1), date(2023, 11, 1))
    preview = billed.preview(autumn)
    assert kinds(preview) == {(MissingKind.NOT_ALLOCATED, cau, date(2023, 9, 1))}
    assert preview.drafts == ()
    apply(
        billed.engine,
        billed.stored,
        agree(billed.engine, billed.stored, 200_000, 300_000, 500_000),
        MID,
    )
    assert kinds(billed.preview()) == {(MissingKind.STALE_ALLOCATION, cau, OCTOBER.start)}
    billed.allocate(OCTOBER.start)
    assert kinds(billed.preview()) == set()


def test_generation_without_coefficients_is_listed(engine, promoter):
    billed = add_billed_community(engine, promoter, applied_from=date(2023, 11, 1))
    cau = billed.stored.installation.cau
    assert kinds(billed.preview()) == {(MissingKind.NOTHING_APPLIED, cau, OCTOBER.start)}


def test_some_supply_points_only(billed):
    cups = billed.stored.points[1].cups
    preview = billed.preview(cups=[cups])
    assert [draft.point.cups for draft in preview.drafts] == [cups]
    whole = draft_of(billed, 1)
    assert lines_of(preview.drafts[0]) == lines_of(whole)
    with pytest.raises(UnknownCupsError):
        billed.preview(cups=["ES0"])


def test_a_subscription_that_changes_inside_a_month_shares_its_energy_by_days(unpaid):
    other = unpaid.add_plan("q", [term(price="0.10")])
    unpaid.subscribe(0, until=MID)
    unpaid.subscribe(0, since=MID, plan_id=other.id)
    for place in (1, 2):
        unpaid.subscribe(place)
    for place in range(3):
        unpaid.pay(place)
    preview = unpaid.preview()
    draft = draft_of(unpaid, 0, preview)
    used = {
        each.term.price: each.line for each in draft.lines if each.term.basis == "self-consumed"
    }
    by_hand = use_by_hand(unpaid)
    for price, exact in zip(("0.08", "0.1"), by_hand, strict=True):
        assert abs(used[price].quantity * 1000 - exact / MILLION) < 1
        assert used[price].base_eur == round(used[price].quantity * Decimal(price), 2)
    pieces = [piece for d in preview.drafts for b in d.billed for piece in b.energy]
    (month,) = unpaid.rows(MonthAllocation)
    assert sum(p.self_consumed_wh + p.surplus_wh for p in pieces) == month.generation_wh
    fee = next(each.line for each in draft.lines if each.term.basis is BillingBasis.FIXED)
    assert (fee.quantity, fee.base_eur) == (Decimal("0.483871"), Decimal("1.45"))
    assert fee.description == "Term fixed (01/10/2023 - 15/10/2023)"


def use_by_hand(billed) -> list[Decimal]:
    """Sum what the first member used before and after the middle of October [1e-6 Wh]."""
    generation, consumption = random_year(3, seed=1)
    begin = 273 * 24 - 1  # one hour was lost in March
    hours = range(begin, begin + 745)
    cut = begin + 15 * 24
    used = {
        hour: min(int(generation[hour]) * 500_000, int(consumption[0][hour]) * MILLION)
        for hour in hours
    }
    return [
        Decimal(sum(used[hour] for hour in hours if (hour < cut) is before))
        for before in (True, False)
    ]


def test_participation_follows_the_applied_coefficient(unpaid):
    plan = unpaid.add_plan("kw", [term(BillingBasis.PARTICIPATION, "2.4")])
    for place in range(3):
        unpaid.subscribe(place, plan_id=plan.id)
        unpaid.pay(place, language=Language.SPANISH)
    apply(
        unpaid.engine,
        unpaid.stored,
        agree(unpaid.engine, unpaid.stored, 200_000, 300_000, 500_000),
        MID,
    )
    unpaid.allocate(OCTOBER.start)
    # 10 kW: 5 kW on 15 of 31 days and 2 kW on 16 are 107 / 31.
    assert lines_of(draft_of(unpaid, 0)) == [
        (Decimal("3.451613"), "kW·mes", Decimal("2.4"), Decimal("8.28"))
    ]
    coefficients = draft_of(unpaid, 0).lines[0].source["coefficients"]
    assert [(c["millionths"], c["days"]) for c in coefficients] == [
        (500_000, ["2023-10-01", "2023-10-16"]),
        (200_000, ["2023-10-16", "2023-11-01"]),
    ]


def test_a_later_price_follows_on_the_earlier_one(unpaid):
    terms = [
        term(BillingBasis.FIXED, "3"),
        term(BillingBasis.FIXED, "6.2", since=MID),
        term(BillingBasis.FIXED, "9", position=1, valid_until=date(2023, 10, 11)),
        term(BillingBasis.FIXED, "50", position=2, since=date(2023, 11, 1)),
    ]
    plan = unpaid.add_plan("fees", terms)
    for place in range(3):
        unpaid.subscribe(place, plan_id=plan.id)
        unpaid.pay(place, language=Language.ENGLISH)
    assert [line[2:] for line in lines_of(draft_of(unpaid, 0))] == [
        (Decimal(3), Decimal("1.45")),
        (Decimal("6.2"), Decimal("3.20")),
        (Decimal(9), Decimal("2.90")),
    ]


def test_an_entry_fee_is_paid_in_instalments_and_the_rest_at_the_end(unpaid):
    fee = term(BillingBasis.ENTRY_FEE, "100", instalments=6)
    late = term(BillingBasis.ENTRY_FEE, "7", position=1, since=date(2023, 12, 1))
    plan = unpaid.add_plan("join", [fee, late])
    unpaid.subscribe(0, since=date(2023, 9, 15), plan_id=plan.id)
    unpaid.subscribe(1, since=date(2023, 1, 1), plan_id=plan.id)
    unpaid.subscribe(2, since=date(2023, 8, 1), until=date(2023, 11, 1), plan_id=plan.id)
    for place in range(3):
        unpaid.pay(place, language=Language.CATALAN)
    assert [each.line.description for each in draft_of(unpaid, 0).lines] == ["Term entry-fee (2/6)"]
    assert lines_of(draft_of(unpaid, 0)) == [
        (Decimal(1), "termini", Decimal("16.67"), Decimal("16.67"))
    ]
    # All six were due from January to June, so there is nothing to invoice.
    assert [d.point.id for d in unpaid.preview().drafts] == [
        unpaid.stored.points[0].id,
        unpaid.stored.points[2].id,
    ]
    last = draft_of(unpaid, 2)
    assert [each.line.base_eur for each in last.lines] == [
        Decimal(amount) for amount in ("16.67", "16.67", "16.66", "16.66")
    ]


def test_two_issuers_are_two_invoices(unpaid):
    with write_session(unpaid.engine) as session:
        details = PartyDetails(make_nif(99), "Ana", "Major, 1", "46001", "Vila", "Vila")
        other = create_issuer(session, promoter_id=unpaid.owner, details=details)
    plan = unpaid.add_plan("other", [term(BillingBasis.FIXED, "1")], issuer_id=other.id)
    unpaid.subscribe(0, until=MID)
    unpaid.subscribe(0, since=MID, plan_id=plan.id)
    for place in (1, 2):
        unpaid.subscribe(place)
    for place in range(3):
        unpaid.pay(place)
    run = unpaid.issue()
    invoices = unpaid.rows(Invoice, col(Invoice.number))
    assert run.invoice_count == len(invoices) == 4
    own = [each for each in invoices if each.supply_point_id == unpaid.stored.points[0].id]
    assert {each.full_number for each in own} == {"2023-000001"}
    assert {each.parties["issuer"]["tax_number"] for each in own} == {"F12345674", make_nif(99)}


def test_exempt_terms_say_why(unpaid):
    exempt = term(
        BillingBasis.FIXED,
        "3",
        percent="0",
        exemption=Exemption.INNER_OPERATION,
        exempt_because="artículo 20 LIVA",
    )
    plan = unpaid.add_plan("exempt", [exempt, term(BillingBasis.FIXED, "2", position=1)])
    for place in range(3):
        unpaid.subscribe(place, plan_id=plan.id)
        unpaid.pay(place)
    free, taxed = draft_of(unpaid, 0).taxes
    assert (free.exemption, free.exempt_because) == (
        Exemption.INNER_OPERATION,
        "artículo 20 LIVA",
    )
    assert (taxed.exemption, taxed.quota_eur) == (None, Decimal("0.42"))
    unpaid.issue()


def test_an_unusual_bill_is_held_until_somebody_looked_at_it(unpaid):
    dear = unpaid.add_plan("dear", [term(BillingBasis.FIXED, "100")])
    cheap = unpaid.add_plan("cheap", [term(BillingBasis.FIXED, "10")])
    for place in range(3):
        unpaid.subscribe(place, plan_id=(dear if place == 0 else cheap).id)
        unpaid.pay(place)
    (held,) = unpaid.preview().held
    assert (held.cups, held.total_eur, held.usual_eur) == (
        unpaid.stored.points[0].cups,
        Decimal("121.00"),
        Decimal("12.10"),
    )
    with write_session(unpaid.engine) as session:
        alone = preview_billing_run(
            session,
            promoter_id=unpaid.owner,
            community_id=unpaid.stored.community.id,
            period=OCTOBER,
            now=NOW,
            cups=[held.cups],
        )
    assert (len(alone.drafts), alone.held) == (1, (held,))
    with pytest.raises(HeldBillsError, match=r"121\.00 EUR instead of about 12\.10 EUR"):
        unpaid.issue()
    unpaid.issue(looked_at=frozenset({held.cups}))
    # From now on its own bills are what is usual for it.
    unpaid.allocate(date(2023, 11, 1))
    november = Period(date(2023, 11, 1), date(2023, 12, 1))
    assert unpaid.preview(november).held == ()
    (dear_one,) = [row for row in unpaid.rows(Invoice) if row.total_cents == 12_100]
    with write_session(unpaid.engine) as session:
        cancel_invoice(
            session,
            promoter_id=unpaid.owner,
            invoice_id=dear_one.id,
            because="a mistake",
            system=SYSTEM,
            now=NOW,
        )
    # What was cancelled is no measure.
    assert [each.cups for each in unpaid.preview(november).held] == [held.cups]


def test_parts_that_do_not_sum_to_the_generation_are_refused(billed):
    with write_session(billed.engine) as session:
        preview = preview_billing_run(
            session,
            promoter_id=billed.owner,
            community_id=billed.stored.community.id,
            period=OCTOBER,
            now=NOW,
        )
        months = read_months(session, preview.scope)
        (allocated,) = months.values()
        broken = replace(allocated, parts=allocated.parts[1:])
        with pytest.raises(UnbalancedEnergyError, match="share the month out again"):
            measure_month(
                session,
                plant=billed.stored.installation,
                month=OCTOBER.start,
                allocated=broken,
                pieces={point.id: [OCTOBER] for point in billed.stored.points},
            )
