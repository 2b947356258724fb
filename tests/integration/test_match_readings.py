"""Which meter a series belongs to, and what its values mean, on a real database."""

import pytest
from sqlalchemy import Engine

from api.services.file_imports.file_report import RejectedRowsError
from api.services.file_imports.prepare_series import ConsumptionMeaning
from models.session import write_session
from models.tables import Channel, SelfConsumptionInstallation, SupplyPoint
from models.values.calendar import Step
from tests.support.community_folders import make_cau, make_cups
from tests.support.meter_series import (
    Take,
    make_series,
    make_taker,
    newest_months,
    qualities_of,
    values_of,
)
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

JANUARY = "2022-12-31T23"
REAL, ESTIMATED, CORRECTED = 0, 1, 2


@stored_once
def stored(engine: Engine, promoter) -> StoredCommunity:
    """Store a community of three supply points and a plant."""
    with write_session(engine) as session:
        return add_community(session, promoter.id, n_members=3)


@pytest.fixture
def take(engine: Engine, promoter, stored: StoredCommunity) -> Take:
    """Import series into that community."""
    return make_taker(engine, promoter, stored.community.id)


def test_hours_need_no_summing(engine: Engine, promoter, stored, take):
    take(make_series(stored.points[0].cups, JANUARY, [5, 6]), sums_quarters=True)
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert (values_of(month)[:2], month.step) == ([5, 6], Step.HOUR)


def test_quarters_of_days_of_23_and_25_hours_sum_into_hours(engine: Engine, promoter, stored, take):
    spring, autumn = "2023-03-25T23", "2023-10-28T22"
    cups = stored.points[0].cups
    take(
        make_series(cups, spring, [1] * 92, step=Step.QUARTER_HOUR),
        make_series(cups, autumn, [2] * 100, step=Step.QUARTER_HOUR, channel=Channel.SURPLUS),
        sums_quarters=True,
    )
    (march,) = newest_months(engine, promoter, stored.points[0].id)
    (october,) = newest_months(engine, promoter, stored.points[0].id, Channel.SURPLUS)
    assert [value for value in values_of(march) if value is not None] == [4] * 23
    assert [value for value in values_of(october) if value is not None] == [8] * 25
    assert values_of(march)[25 * 24 : 25 * 24 + 23] == [4] * 23


def test_an_hour_is_known_as_its_worst_quarter_and_needs_all_four(
    engine: Engine, promoter, stored, take
):
    cups = stored.points[0].cups
    series = make_series(
        cups,
        JANUARY,
        [1] * 12,
        step=Step.QUARTER_HOUR,
        quality=[REAL] * 5 + [ESTIMATED] + [CORRECTED] * 6,
        skip=[10],
    )
    report = take(series, sums_quarters=True, accepts_partial=True)
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert values_of(month)[:3] == [4, 4, None]
    assert qualities_of(month)[:2] == [REAL, ESTIMATED]
    assert report.rejected_counts == {"contradiction": 3}
    assert "their hours lack some of the four quarters" in report.rejected[0].reason


def test_a_cups_of_20_characters_finds_the_one_that_begins_so(
    engine: Engine, promoter, stored, take
):
    point = stored.points[0]
    take(make_series(point.cups[:20], JANUARY, [5]))
    assert len(newest_months(engine, promoter, point.id)) == 1
    with pytest.raises(RejectedRowsError):  # another ending is another measuring point
        take(make_series(f"{point.cups[:20]}1P", JANUARY, [5]))


def test_a_stored_cups_of_20_characters_is_found_by_22(engine: Engine, promoter, stored, take):
    short = _add_point(engine, stored, make_cups(55)[:20])
    take(make_series(make_cups(55), JANUARY, [5]))
    assert len(newest_months(engine, promoter, short.id)) == 1


def test_a_short_cups_of_two_measuring_points_is_rejected(engine: Engine, stored, take):
    _add_point(engine, stored, f"{stored.points[0].cups[:20]}1P")
    with pytest.raises(RejectedRowsError) as caught:
        take(make_series(stored.points[0].cups[:20], JANUARY, [5]))
    assert (
        "2 supply points of the community share this code" in caught.value.report.rejected[0].reason
    )


def test_two_codes_of_one_meter_contradict_each_other(engine: Engine, stored, take):
    cups = stored.points[0].cups
    with pytest.raises(RejectedRowsError) as caught:
        take(make_series(cups, JANUARY, [5]), make_series(cups[:20], JANUARY, [6]))
    report = caught.value.report
    assert report.rejected_counts == {"contradiction": 2}
    assert f"{cups}, {cups[:20]} are all consumption of {cups}" in report.rejected[0].reason


@pytest.mark.parametrize("length", [22, 25, 26])
def test_generation_is_found_by_cups_cil_and_cau(engine: Engine, promoter, stored, take, length):
    cau = stored.installation.cau
    code = {22: cau[:22], 25: f"{cau[:22]}001", 26: cau}[length]
    take(make_series(code, JANUARY, [5], channel=Channel.GENERATION))
    (month,) = newest_months(engine, promoter, stored.installation.id, Channel.GENERATION)
    assert values_of(month)[0] == 5


def test_a_cil_of_two_installations_is_rejected_and_their_cau_is_not(
    engine: Engine, promoter, stored, take
):
    first = stored.installation
    with write_session(engine) as session:
        session.add(
            SelfConsumptionInstallation(
                promoter_id=promoter.id,
                community_id=stored.community.id,
                cau=f"{first.cau[:22]}A001",
                inverter_power_w=1,
            )
        )
    with pytest.raises(RejectedRowsError, match="unknown_meter"):
        take(make_series(f"{first.cau[:22]}001", JANUARY, [5], channel=Channel.GENERATION))
    take(make_series(first.cau, JANUARY, [5], channel=Channel.GENERATION))
    assert len(newest_months(engine, promoter, first.id, Channel.GENERATION)) == 1


@pytest.mark.parametrize(
    ("code", "channel"),
    [(make_cau(1), Channel.CONSUMPTION), (make_cups(100), Channel.GENERATION)],
)
def test_plants_consume_nothing_and_supply_points_generate_nothing(stored, take, code, channel):
    with pytest.raises(RejectedRowsError, match="1 unknown_meter"):
        take(make_series(code, JANUARY, [5], channel=channel))


def test_net_consumption_gets_back_what_was_self_consumed(engine: Engine, promoter, stored, take):
    cups = stored.points[0].cups
    take(
        make_series(cups, JANUARY, [5, 6], quality=[REAL, REAL]),
        make_series(
            cups, JANUARY, [10, 20], quality=[ESTIMATED, REAL], channel=Channel.SELF_CONSUMED
        ),
        consumption_is=ConsumptionMeaning.NET,
    )
    (consumption,) = newest_months(engine, promoter, stored.points[0].id)
    (used,) = newest_months(engine, promoter, stored.points[0].id, Channel.SELF_CONSUMED)
    assert values_of(consumption)[:2] == [15, 26]
    assert qualities_of(consumption)[:2] == [ESTIMATED, REAL]
    assert values_of(used)[:2] == [10, 20]


@pytest.mark.parametrize("step", Step)
def test_net_consumption_without_self_consumption_is_rejected(engine: Engine, stored, take, step):
    cups = stored.points[0].cups
    with pytest.raises(RejectedRowsError) as caught:
        take(
            make_series(cups, JANUARY, [5, 6]),
            make_series(cups, JANUARY, [1], channel=Channel.SELF_CONSUMED, step=step),
            make_series(stored.points[1].cups, JANUARY, [7]),
            consumption_is=ConsumptionMeaning.NET,
        )
    of_first = 1 if step is Step.HOUR else 2
    assert caught.value.report.rejected_counts == {"contradiction": of_first + 1}


def test_sums_that_are_too_large_to_store_are_rejected(engine: Engine, promoter, stored, take):
    cups = stored.points[0].cups
    report = take(
        make_series(cups, JANUARY, [2**31 - 1, 2**31 - 2]),
        make_series(cups, JANUARY, [1, 1], channel=Channel.SELF_CONSUMED),
        consumption_is=ConsumptionMeaning.NET,
        accepts_partial=True,
    )
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert values_of(month)[:2] == [None, 2**31 - 1]
    assert report.rejected_counts == {"too_large": 1}


def _add_point(engine: Engine, stored: StoredCommunity, cups: str) -> SupplyPoint:
    with write_session(engine) as session:
        point = SupplyPoint(
            promoter_id=stored.community.promoter_id,
            member_id=stored.members[0].id,
            cups=cups,
            tariff=stored.points[0].tariff,
            contracted_power_w=1000,
        )
        session.add(point)
    return point
