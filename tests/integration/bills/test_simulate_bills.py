"""Retail bills from the stored data: what is read, which law and contract, what comes out."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Engine

from api.services.agreements.find_agreement import UnknownAgreementError
from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_days import BilledPeriodError
from api.services.bills.billed_energy import DifferentStepsError
from api.services.bills.contract_document import ContractsDocument
from api.services.bills.describe_bills import describe_bills
from api.services.bills.remarks import Remark
from api.services.bills.segment_terms import UnknownLawError
from api.services.bills.simulate_bills import simulate_bills
from api.services.bills.simulated_bills import SimulatedBills
from api.services.energy.energy_question import TwoDocumentsError
from api.services.energy.find_shares import CoefficientBasis
from models.regulation.assumptions import Assumption
from models.repositories.readings import MissingMonthsError, MixedStepsError
from models.session import read_session, write_session
from models.tables import Channel, Promoter
from models.values.calendar import Step, Zone, local_times, year_steps
from models.values.certainty import Certainty
from models.values.metering import Quality
from models.values.tariff import Tariff
from tests.support.agreements import MADRID, agree, apply, shared, store_year
from tests.support.databases import on_sqlite
from tests.support.stored_bills import (
    MARCH_2026,
    ask,
    change_point,
    homes,
    lines_of,
    simulate,
    store_homes,
)
from tests.support.stored_records import StoredCommunity

__all__ = ["homes", "shared"]

YEAR_2026 = (date(2026, 1, 1), date(2027, 1, 1))
NO_CONTRACT = ContractsDocument()


# Amounts are those of tests/golden/test_retail_bills.py, two periods across a change of taxes.
def test_a_stored_home_has_the_bill_that_was_made_by_hand(engine: Engine, homes: StoredCommunity):
    first, second, _ = simulate(engine, homes, ask())

    assert lines_of(first) == [
        ("power", 1, "7.33"),
        ("power", 2, "0.19"),
        ("power", 1, "3.49"),
        ("power", 2, "0.09"),
        ("energy", 1, "10.50"),
        ("energy", 2, "9.00"),
        ("energy", 3, "12.90"),
        ("energy", 1, "4.90"),
        ("energy", 2, "4.20"),
        ("energy", 3, "6.20"),
        ("surplus", None, "-2.10"),
        ("surplus", None, "-1.00"),
        ("social-bonus-financing", None, "0.40"),
        ("social-bonus-financing", None, "0.19"),
        ("electricity-tax", None, "1.95"),
        ("least-electricity-tax", None, "0.11"),
        ("meter-rental", None, "0.56"),
        ("meter-rental", None, "0.27"),
        ("sales-tax", None, "8.55"),
        ("sales-tax", None, "1.85"),
    ]
    assert first.without_cents.tolist() == [5424 + 2234]
    assert first.sharing_cents.tolist() == [6958]
    assert {cause.value: cents.tolist() for cause, cents in first.saved_cents.items()} == {
        "grid-energy": [265],
        "compensation": [310],
        "power": [0],
        "social-bonus": [0],
        "fees-and-discounts": [0],
        "electricity-tax": [21],
        "sales-tax": [104],
    }
    assert first.basis is CoefficientBasis.APPLIED
    assert second.sharing_cents.tolist() == second.without_cents.tolist() == [7658]


@on_sqlite
def test_what_is_described_multiplies_out_and_sums_up(engine: Engine, homes: StoredCommunity):
    described = describe_bills(simulate(engine, homes, ask(days=YEAR_2026))[0])

    assert [bill["start"] for bill in described["bills"]][:3] == [
        "2026-01-01", "2026-02-01", "2026-03-01",
    ]  # fmt: skip
    assert len(described["bills"]) == 12
    for bill in described["bills"]:
        for side, lines in (("sharing_eur", "lines"), ("without_eur", "lines_without")):
            total = sum(Decimal(line["amount_eur"]) for line in bill[lines])
            assert str(total) == bill[side]
        saved = sum(map(Decimal, bill["saved_by_cause"].values()))
        assert saved == Decimal(bill["saved_eur"])
    for name in ("without_eur", "sharing_eur", "saved_eur"):
        total = sum(Decimal(bill[name]) for bill in described["bills"])
        assert str(total) == described["total"][name]
    assert described["total"]["consumption_kwh"] == 8760 / 2
    assert described["total"]["allocated_kwh"] == 365 * 2.5
    assert described["total"]["self_consumed_kwh"] == 365 / 2
    assert described["total"]["surplus_kwh"] == 365 * 2.0
    assert described["contract"] == "home"
    assert described["end"] == "2027-01-01"


@on_sqlite
def test_coefficients_count_on_the_days_on_which_they_were_applied(
    engine: Engine, shared: StoredCommunity
):
    store_homes(engine, shared)
    agreement = agree(engine, shared, 1_000_000, 0, 0)
    apply(engine, shared, agreement, date(2026, 3, 11), valid_until=date(2026, 3, 16))

    first = simulate(engine, shared, ask())[0]

    assert first.energy_kwh["allocated_kwh"].tolist() == [5 * 2.5]
    assert first.energy_kwh["self_consumed_kwh"].tolist() == [5 * 0.5]


@on_sqlite
def test_a_named_agreement_holds_on_all_days_and_a_published_one_is_remarked(
    engine: Engine, shared: StoredCommunity
):
    store_homes(engine, shared)
    agreement = agree(engine, shared, 0, 1_000_000, 0)

    stated = simulate(engine, shared, ask(agreement_id=agreement))[1]
    published = simulate(engine, shared, ask())[1]
    nobody = simulate(engine, shared, ask(agreement_id=agreement))[0]

    assert stated.basis is CoefficientBasis.STATED
    assert stated.sharing_cents.tolist() == published.sharing_cents.tolist() == [6958]
    assert Remark.PUBLISHED_COEFFICIENTS in published.remarks
    assert nobody.energy_kwh["allocated_kwh"].tolist() == [0.0]


@on_sqlite
def test_without_coefficients_both_bills_are_the_same(engine: Engine, shared: StoredCommunity):
    store_homes(engine, shared)

    first = simulate(engine, shared, ask())[0]

    assert first.basis is None
    assert Remark.NO_COEFFICIENTS in first.remarks
    assert first.sharing_cents.tolist() == first.without_cents.tolist() == [7658]


@on_sqlite
def test_one_without_readings_does_not_keep_the_others_from_their_bills(
    engine: Engine, homes: StoredCommunity
):
    with write_session(engine) as session:
        marks = np.zeros(8760, np.uint8)
        marks[1416 + 20] = Quality.MISSING
        energy = np.full(8760, 500, np.int32)
        owner, point = homes.community.promoter_id, homes.points[2].id
        store_year(
            session, owner, Channel.CONSUMPTION, point, energy, year=2026, version=2, quality=marks
        )

    first, _, third = simulate(engine, homes, ask())

    assert isinstance(first, SimulatedBills)
    assert isinstance(third, MissingMonthsError)
    assert third.missing == {homes.points[2].cups: (3,)}
    assert third.incomplete == third.missing
    april = simulate(engine, homes, ask(days=(date(2026, 4, 1), date(2026, 5, 1))))[2]
    assert isinstance(april, SimulatedBills)


@on_sqlite
def test_a_gap_on_other_days_of_the_month_does_not_matter(engine: Engine, homes: StoredCommunity):
    with write_session(engine) as session:
        marks = np.zeros(8760, np.uint8)
        marks[1416 + 20] = Quality.MISSING
        energy = np.full(8760, 500, np.int32)
        owner, point = homes.community.promoter_id, homes.points[2].id
        store_year(
            session, owner, Channel.CONSUMPTION, point, energy, year=2026, version=2, quality=marks
        )

    bills = simulate(engine, homes, ask(days=(date(2026, 3, 2), date(2026, 3, 9))))[2]

    assert bills.energy_kwh["consumption_kwh"].tolist() == [7 * 12.0]


@on_sqlite
def test_a_month_that_is_not_stored_is_named(engine: Engine, shared: StoredCommunity):
    store_homes(engine, shared, n_months=2)

    first = simulate(engine, shared, ask(days=(date(2026, 2, 10), date(2026, 4, 10))))[0]

    assert isinstance(first, MissingMonthsError)
    assert (first.year, first.missing) == (2026, {shared.points[0].cups: (3, 4)})
    assert first.incomplete == {}


@on_sqlite
def test_a_plant_that_was_not_read_is_named_to_those_who_share_in_it(
    engine: Engine, shared: StoredCommunity
):
    store_homes(engine, shared, n_months=0)
    agree(engine, shared, 500_000, 500_000, 0)
    with write_session(engine) as session:
        owner, point = shared.community.promoter_id, shared.points[0].id
        energy = np.full(8760, 500, np.int32)
        store_year(session, owner, Channel.CONSUMPTION, point, energy, year=2026)

    first = simulate(engine, shared, ask())[0]

    assert isinstance(first, MissingMonthsError)
    assert first.channel is Channel.GENERATION


@on_sqlite
def test_meters_of_unlike_steps_are_refused(engine: Engine, homes: StoredCommunity):
    quarters = year_steps(2026, MADRID, Step.QUARTER_HOUR).size
    with write_session(engine) as session:
        owner, energy = homes.community.promoter_id, np.full(quarters, 125, np.int32)
        options = {"year": 2026, "version": 2, "step": Step.QUARTER_HOUR}
        for place, n_months in ((0, 12), (1, 1)):
            point = homes.points[place].id
            store_year(
                session, owner, Channel.CONSUMPTION, point, energy, n_months=n_months, **options
            )

    first, second, third = simulate(engine, homes, ask(days=(date(2026, 1, 1), date(2026, 3, 1))))

    assert isinstance(first, DifferentStepsError)
    assert isinstance(second, MixedStepsError)
    assert isinstance(third, SimulatedBills)


@on_sqlite
def test_two_years_are_billed_month_by_month(engine: Engine, shared: StoredCommunity):
    for year in (2025, 2026):
        store_homes(engine, shared, year=year)
    agreement = agree(engine, shared, 1_000_000, 0, 0)
    apply(engine, shared, agreement, date(2025, 1, 1))

    first = simulate(engine, shared, ask(days=(date(2025, 12, 15), date(2026, 2, 20))))[0]

    assert [(days.start.isoformat(), days.end.isoformat()) for days in first.bill_days] == [
        ("2025-12-15", "2026-01-15"),
        ("2026-01-15", "2026-02-15"),
        ("2026-02-15", "2026-02-20"),
    ]
    assert first.energy_kwh["consumption_kwh"].tolist() == [31 * 12.0, 31 * 12.0, 5 * 12.0]
    assert first.energy_kwh["allocated_kwh"].tolist() == [31 * 2.5, 31 * 2.5, 5 * 2.5]


@on_sqlite
def test_the_law_of_another_year_holds_on_the_same_days(engine: Engine, shared: StoredCommunity):
    store_homes(engine, shared, year=2023)

    unknown = simulate(engine, shared, ask(days=(date(2023, 3, 1), date(2023, 4, 1))))[0]
    moved = simulate(engine, shared, ask(days=(date(2023, 3, 1), date(2023, 4, 1)), law_year=2026))[
        0
    ]

    assert isinstance(unknown, UnknownLawError)
    assert unknown.day == date(2023, 3, 1)
    assert "choose a year whose law" in str(unknown)
    assert Remark.LAW_OF_ANOTHER_YEAR in moved.remarks
    # 21 days until the taxes of 2026 are lowered on 22 March, as in the bill made by hand.
    assert [amount for kind, _, amount in lines_of(moved) if kind == "power"] == [
        "7.33", "0.19", "3.49", "0.09",
    ]  # fmt: skip


@on_sqlite
def test_an_open_figure_is_named_and_may_be_assumed(engine: Engine, homes: StoredCommunity):
    november = (date(2026, 11, 1), date(2026, 12, 1))
    plain = simulate(engine, homes, ask(days=november))[0]
    cut = simulate(
        engine, homes, ask(days=november, assumed=[Assumption.TAX_CUT_IN_NOVEMBER_2026])
    )[0]

    vat = next(figure for figure in plain.unsure_figures if figure.name == "VAT on electricity")
    assert vat.certainty is Certainty.OPEN
    assert vat.alternatives == ((Assumption.TAX_CUT_IN_NOVEMBER_2026, Decimal("0.10")),)
    rates = {
        bills: [line.unit_price for line in bills.list_lines(0) if line.kind == "sales-tax"]
        for bills in (plain, cut)
    }
    assert list(rates.values()) == [[Decimal("0.21")], [Decimal("0.1")]]


@on_sqlite
def test_demand_above_the_contract_is_billed_by_the_maximum_of_quarter_hours(
    engine: Engine, shared: StoredCommunity
):
    change_point(
        engine, shared, 0, tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW, contracted_power_w=20_000
    )
    store_homes(engine, shared, step=Step.QUARTER_HOUR)
    quarters = year_steps(2026, MADRID, Step.QUARTER_HOUR).size
    local = local_times(2026, MADRID, Step.QUARTER_HOUR)
    energy = np.full(quarters, 125, np.int32)
    # Monday 12 January, 10:15: 23 kW for a quarter of an hour in P1.
    energy[local == np.datetime64("2026-01-12T10:15")] = 5_750
    with write_session(engine) as session:
        owner, point = shared.community.promoter_id, shared.points[0].id
        options = {"year": 2026, "version": 2, "step": Step.QUARTER_HOUR}
        store_year(session, owner, Channel.CONSUMPTION, point, energy, **options)

    january = (date(2026, 1, 1), date(2026, 1, 31))
    first, second, _ = simulate(engine, shared, ask(days=january, contracts=NO_CONTRACT))

    # As in docs/billing-rules.md: 0.171373 x 3 kW x 30 days.
    excess = [each for each in lines_of(first) if "excess" in each[0]]
    assert excess == [("excess-by-maximeter", 1, "15.42")]
    assert Remark.REACTIVE_UNKNOWN in first.remarks
    assert Remark.EXCESS_UNKNOWN not in first.remarks
    assert not [each for each in lines_of(second) if "excess" in each[0]]


@on_sqlite
def test_of_hours_no_excess_is_known(engine: Engine, homes: StoredCommunity):
    change_point(engine, homes, 0, tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW, contracted_power_w=20_000)

    first = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]

    assert Remark.EXCESS_UNKNOWN in first.remarks
    assert first.sheet.without.grid.n_periods == 6


@on_sqlite
def test_the_canary_islands_have_their_tax(engine: Engine, homes: StoredCommunity):
    with write_session(engine) as session:
        community = session.merge(homes.community)
        community.zone = Zone.CANARIAS

    first = simulate(engine, homes, ask())[0]

    assert Remark.USE_SUPPOSED in first.remarks
    taxes = [line for line in first.list_lines(0) if line.sales_tax is not None]
    assert {line.sales_tax.value for line in taxes} == {"igic"}
    assert {figure.name for figure in first.figures} >= {"IGIC on electricity", "IGIC on meter"}


@on_sqlite
def test_others_supply_points_and_documents_are_not_there(
    engine: Engine, homes: StoredCommunity, other_promoter: Promoter
):
    with read_session(engine) as session:
        ids = [point.id for point in homes.points]
        found = simulate_bills(session, promoter_id=other_promoter.id, ids=ids, question=ask())
        assert found == {}
    with pytest.raises(UnknownAgreementError):
        simulate(engine, homes, ask(agreement_id=uuid4()))


def test_a_question_names_one_document_and_days_that_can_be_billed(
    engine: Engine, homes: StoredCommunity
):
    with pytest.raises(TwoDocumentsError):
        BillQuestion(*MARCH_2026, proposal_id=uuid4(), agreement_id=uuid4())
    with pytest.raises(BilledPeriodError):
        simulate(engine, homes, ask(days=(date(2026, 3, 1), date(2026, 3, 1))))
