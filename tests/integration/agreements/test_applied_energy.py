"""Energy by what was applied, against sums by hand."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from api.services.agreements.draft_agreement import draft_of_proposal
from api.services.agreements.find_agreement import UnknownAgreementError
from api.services.agreements.publish_agreement import publish_agreement
from api.services.energy.energy_question import EnergyQuestion, Measure, TwoDocumentsError
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.find_shares import CoefficientBasis
from api.services.energy.read_energy import NoCoefficientsError
from models.repositories.readings import MissingMonthsError
from models.session import write_session
from models.tables import CoefficientMode
from models.values.metering import Channel, Quality
from models.values.resolution import Resolution
from tests.support.agreements import (
    MADRID,
    NOW,
    add_second_plant,
    agree,
    apply,
    correct_year,
    random_year,
    store_meters,
)
from tests.support.energy_series import read_year
from tests.support.stored_once import stored_once
from tests.support.stored_proposals import BY_HOUR

GENERATION, CONSUMPTION = random_year(3)
HOUR, DAY, MONTH = Resolution.HOUR, Resolution.DAY, Resolution.MONTH
CHANGE = date(2023, 10, 20)
HOURS = [
    datetime(2022, 12, 31, 23, tzinfo=ZoneInfo("UTC")) + timedelta(hours=hour)
    for hour in range(8760)
]
LOCAL = [hour.astimezone(ZoneInfo(MADRID)) for hour in HOURS]


@stored_once
def metered(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION)
    return shared


def read(engine, stored, measure, resolution=HOUR, place=None, **options):
    kind = SubjectKind.INSTALLATION if place is None else SubjectKind.SUPPLY_POINT
    key = stored.installation.id if place is None else stored.points[place].id
    return read_year(engine, kind, key, measure, resolution, **options)


def test_a_change_inside_a_month_by_hand(engine, metered):
    apply(engine, metered, agree(engine, metered, 500_000, 300_000, 200_000), date(2023, 1, 1))
    apply(engine, metered, agree(engine, metered, 200_000, 300_000, 500_000), CHANGE)
    shares = [0.5 if local.date() < CHANGE else 0.2 for local in LOCAL]
    allocated = [share * wh / 1000 for share, wh in zip(shares, GENERATION.tolist(), strict=True)]
    series = read(engine, metered, Measure.ALLOCATED, place=0)
    assert series.basis is CoefficientBasis.APPLIED
    assert series.values_kwh.tolist() == pytest.approx(allocated)
    october = [kwh for kwh, local in zip(allocated, LOCAL, strict=True) if local.month == 10]
    assert len(october) == 745
    months = read(engine, metered, Measure.ALLOCATED, MONTH, place=0).values_kwh
    assert months[9] == pytest.approx(sum(october))
    used = [min(kwh, wh / 1000) for kwh, wh in zip(allocated, CONSUMPTION[0].tolist(), strict=True)]
    found = read(engine, metered, Measure.SELF_CONSUMED, place=0).values_kwh
    assert found.tolist() == pytest.approx(used)


@pytest.mark.parametrize(
    ("since", "hours"), [(date(2023, 3, 26), 23), (date(2023, 10, 29), 25), (date(2023, 7, 1), 24)]
)
def test_a_day_of_coefficients_is_a_local_day(engine, metered, since, hours):
    until = since + timedelta(days=1)
    agreement_id = agree(engine, metered, 1_000_000, 0, 0)
    apply(engine, metered, agreement_id, since, valid_until=until)
    values = read(engine, metered, Measure.ALLOCATED, place=0).values_kwh
    of_day = [
        wh / 1000 for wh, x in zip(GENERATION.tolist(), LOCAL, strict=True) if x.date() == since
    ]
    assert len(of_day) == hours
    assert values.sum() == pytest.approx(sum(of_day))
    assert np.count_nonzero(values) == np.count_nonzero(of_day)


def test_hourly_coefficients_by_the_clock(engine, metered, proposal):
    with write_session(engine) as session:
        tenant = {"promoter_id": metered.community.promoter_id, "now": NOW}
        agreement_id = draft_of_proposal(
            session,
            proposal_id=proposal.id,
            file_year=2023,
            mode=CoefficientMode.HOURLY,
            **tenant,
        ).id
        publish_agreement(session, agreement_id=agreement_id, **tenant)
    expected = [
        BY_HOUR[1, local.hour] / 1e6 * wh / 1000
        for local, wh in zip(LOCAL, GENERATION.tolist(), strict=True)
    ]
    for options, basis in (
        ({}, CoefficientBasis.PUBLISHED),
        ({"agreement_id": agreement_id}, CoefficientBasis.STATED),
    ):
        series = read(engine, metered, Measure.ALLOCATED, place=1, **options)
        assert series.values_kwh.tolist() == pytest.approx(expected)
        assert series.basis is basis
    whole = read(engine, metered, Measure.ALLOCATED)
    assert whole.values_kwh.tolist() == pytest.approx((GENERATION / 1000).tolist())


def test_once_something_is_applied_the_published_one_no_longer_stands_in(engine, metered):
    apply(engine, metered, agree(engine, metered, 1_000_000, 0, 0), date(2023, 1, 1))
    agree(engine, metered, 0, 1_000_000, 0)
    assert read(engine, metered, Measure.ALLOCATED, MONTH, place=0).values_kwh.sum() > 0
    error = read(engine, metered, Measure.ALLOCATED, place=1)
    assert error.values_kwh.sum() == 0


def test_before_anything_was_applied_nothing_is_shared(engine, metered):
    apply(engine, metered, agree(engine, metered, 1_000_000, 0, 0), date(2024, 1, 1))
    assert isinstance(read(engine, metered, Measure.SURPLUS), NoCoefficientsError)
    consumed = read(engine, metered, Measure.CONSUMPTION, MONTH)
    assert consumed.values_kwh.sum() == pytest.approx(CONSUMPTION.sum() / 1000)
    assert consumed.basis is None


def test_bases_of_a_question(engine, metered, proposal):
    series = read(engine, metered, Measure.ALLOCATED, MONTH, proposal_id=proposal.id)
    assert series.basis is CoefficientBasis.PROPOSED
    with pytest.raises(TwoDocumentsError):
        EnergyQuestion(Measure.ALLOCATED, 2023, MONTH, proposal.id, proposal.id)
    with pytest.raises(UnknownAgreementError):
        read(engine, metered, Measure.ALLOCATED, agreement_id=uuid4())


def test_shares_of_two_plants_are_used_in_proportion(engine, metered):
    second = add_second_plant(engine, metered, 2 * GENERATION)
    apply(engine, metered, agree(engine, metered, 1_000_000, 0, 0), date(2023, 1, 1))
    agree(engine, second, 500_000, 500_000, 0)
    one, two = GENERATION / 1000, GENERATION / 1000  # 1.0 of one, half of the other's double
    used = np.minimum(one + two, CONSUMPTION[0] / 1000)
    series = read(engine, metered, Measure.SELF_CONSUMED, place=0)
    assert series.values_kwh.tolist() == pytest.approx(used.tolist())
    assert series.basis is CoefficientBasis.PUBLISHED
    plant = read(engine, metered, Measure.SELF_CONSUMED)
    assert plant.values_kwh.tolist() == pytest.approx((used / 2).tolist())
    left = read(engine, metered, Measure.SURPLUS).values_kwh
    assert left.tolist() == pytest.approx((one - used / 2).tolist())
    generated = read(engine, metered, Measure.GENERATION, MONTH).values_kwh
    assert generated.sum() == pytest.approx(GENERATION.sum() / 1000)


def test_what_a_plant_allocates_needs_no_other_plants_meter(engine, metered):
    second = add_second_plant(engine, metered, GENERATION)
    nothing = np.full(GENERATION.size, Quality.MISSING, np.uint8)
    meter = Channel.GENERATION, second.installation.id, GENERATION
    correct_year(engine, metered, *meter, quality=nothing)
    apply(engine, metered, agree(engine, metered, 600_000, 400_000, 0), date(2023, 1, 1))
    agree(engine, second, 500_000, 500_000, 0)
    series = read(engine, metered, Measure.ALLOCATED, MONTH)
    assert series.values_kwh.sum() == pytest.approx(GENERATION.sum() / 1000)
    assert series.basis is CoefficientBasis.APPLIED
    assert isinstance(read(engine, second, Measure.ALLOCATED), MissingMonthsError)
    assert isinstance(read(engine, metered, Measure.SELF_CONSUMED), MissingMonthsError)
    assert isinstance(read(engine, metered, Measure.ALLOCATED, place=0), MissingMonthsError)


def test_a_plant_in_which_nobody_shares_keeps_no_community_from_its_sum(engine, metered):
    second = add_second_plant(engine, metered, GENERATION)
    nothing = np.full(GENERATION.size, Quality.MISSING, np.uint8)
    meter = Channel.GENERATION, second.installation.id, GENERATION
    correct_year(engine, metered, *meter, quality=nothing)
    apply(engine, metered, agree(engine, metered, 600_000, 400_000, 0), date(2023, 1, 1))
    whole = SubjectKind.COMMUNITY, metered.community.id
    for measures in ([Measure.ALLOCATED], [Measure.SELF_CONSUMED, Measure.SURPLUS]):
        sums = [read_year(engine, *whole, measure).values_kwh.sum() for measure in measures]
        assert sum(sums) == pytest.approx(GENERATION.sum() / 1000)
    assert isinstance(read_year(engine, *whole, Measure.GENERATION), MissingMonthsError)
