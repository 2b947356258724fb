"""Completeness and quality of what is stored, on a real database."""

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Engine

from api.services.energy.find_energy_subjects import SubjectKind
from api.services.readings.judge_month import Suspicion
from api.services.readings.read_completeness import (
    map_community_completeness,
    map_meter_completeness,
    read_community_completeness,
)
from api.services.readings.read_versions import read_versions
from models.repositories.packed_months import DamagedMonthError
from models.session import read_session, write_session
from models.tables import Channel
from models.values.calendar import Step, Zone
from models.values.metering import Quality
from tests.support.meter_series import add_damaged_month, import_file, make_file, make_series
from tests.support.queries import count_queries
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

JANUARY = "2022-12-31T23"
LATER = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = [744, 672, 743, 720, 744, 720, 744, 744, 720, 745, 720, 744]


@stored_once
def stored(engine: Engine, promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id)


@pytest.fixture
def judge(engine: Engine, promoter, stored):
    """Import series and judge the year."""

    def _judge(*series, asked_at=LATER):
        import_file(engine, promoter, stored.community.id, make_file(*series))
        with read_session(engine) as session:
            found = map_community_completeness(
                session,
                promoter_id=promoter.id,
                community_ids=[stored.community.id],
                year=2023,
                asked_at=asked_at,
            )
        return {(each.name, each.channel): each.months for each in found[stored.community.id]}

    return _judge


def test_everything_is_expected_of_meters_without_readings(stored, judge):
    found = judge()
    assert list(found) == [
        (stored.points[0].cups, Channel.CONSUMPTION),
        (stored.points[1].cups, Channel.CONSUMPTION),
        (stored.installation.cau, Channel.GENERATION),
    ]
    for months in found.values():
        assert [month.expected for month in months] == HOURS
        assert [month.missing for month in months] == HOURS
        assert {(month.present, month.version, month.step) for month in months} == {
            (0, None, Step.HOUR)
        }
        assert months[2].month == "2023-03"


def test_nothing_is_expected_of_what_has_not_ended(stored, judge):
    asked_at = datetime(2023, 1, 31, 23, 59, tzinfo=UTC)  # the first hour of February runs
    cups = stored.points[0].cups
    months = judge(make_series(cups, JANUARY, [1] * 700), asked_at=asked_at)[
        cups, Channel.CONSUMPTION
    ]
    assert [month.expected for month in months] == [744] + [0] * 11
    assert (months[0].present, months[0].missing) == (700, 44)


def test_nothing_is_missing_of_a_month_that_runs_and_is_known_so_far(stored, judge):
    cups = stored.points[0].cups
    asked_at = datetime(2023, 1, 20, 3, 0, tzinfo=UTC)
    months = judge(make_series(cups, JANUARY, [1] * 450), asked_at=asked_at)[
        cups, Channel.CONSUMPTION
    ]
    assert (months[0].expected, months[0].present, months[0].missing) == (460, 450, 10)


def test_qualities_are_counted(stored, judge):
    cups = stored.points[0].cups
    quality = [Quality.REAL, Quality.ESTIMATED, Quality.ESTIMATED, Quality.CORRECTED]
    quality += [Quality.FILLED] * 3
    months = judge(make_series(cups, JANUARY, range(7), quality=quality, skip=[0]))[
        cups, Channel.CONSUMPTION
    ]
    first = months[0]
    assert (first.present, first.missing, first.version) == (6, 738, 1)
    assert (first.estimated, first.corrected, first.filled) == (2, 1, 3)
    assert first.suspicious == {}


def test_other_channels_are_told_where_they_are_stored(stored, judge):
    cups = stored.points[1].cups
    found = judge(make_series(cups, JANUARY, [9] * 50, channel=Channel.SURPLUS))
    months = found[cups, Channel.SURPLUS]
    assert (months[0].present, months[0].suspicious) == (50, {})
    assert (stored.points[0].cups, Channel.SURPLUS) not in found


def test_months_that_are_not_there_have_the_step_of_the_others(stored, judge):
    cups = stored.points[0].cups
    quarters = make_series(cups, "2023-03-31T22", [1], step=Step.QUARTER_HOUR)
    months = judge(quarters)[cups, Channel.CONSUMPTION]
    assert [month.expected for month in months] == [4 * hours for hours in HOURS]


def test_consumption_beyond_the_contract_and_flat_lines_are_doubted(stored, judge):
    cups = stored.points[0].cups  # 4.6 kW: 6,900 Wh an hour are still possible
    energy_wh = np.arange(744) % 50
    energy_wh[[100, 101]] = [6_900, 6_901]
    energy_wh[200:224] = 7
    energy_wh[300:323] = 8  # a fridge for 23 hours
    energy_wh[400:500] = 0
    months = judge(make_series(cups, JANUARY, energy_wh))[cups, Channel.CONSUMPTION]
    assert months[0].suspicious == {Suspicion.SPIKE: 1, Suspicion.FLAT_LINE: 24}


def test_quarters_are_doubted_by_a_fourth_of_an_hours_energy(stored, judge):
    cups = stored.points[0].cups
    energy_wh = np.arange(2976) % 50
    energy_wh[[5, 6]] = [1_725, 1_726]
    energy_wh[200:296] = 7
    series = make_series(cups, JANUARY, energy_wh, step=Step.QUARTER_HOUR)
    months = judge(series)[cups, Channel.CONSUMPTION]
    assert months[0].suspicious == {Suspicion.SPIKE: 1, Suspicion.FLAT_LINE: 96}


def test_generation_at_night_on_idle_days_and_beyond_the_inverters_is_doubted(stored, judge):
    cau = stored.installation.cau  # 10 kW somewhere on the mainland
    local_hours = np.arange(744) % 24
    energy_wh = np.where((local_hours >= 9) & (local_hours < 18), 1_000 + np.arange(744), 0)
    energy_wh[[12, 13]] = [10_500, 10_501]
    energy_wh[[2, 3]] = [100, 101]  # at two and three o'clock at night
    energy_wh[24:72] = 0
    energy_wh[80:93] = 55  # 8 to 21 o'clock
    series = make_series(cau, JANUARY, energy_wh, channel=Channel.GENERATION)
    months = judge(series)[cau, Channel.GENERATION]
    assert months[0].suspicious == {
        Suspicion.SPIKE: 1,
        Suspicion.FLAT_LINE: 13,
        Suspicion.NIGHT_GENERATION: 1,
        Suspicion.IDLE_DAY: 48,
    }


def test_questions_grow_neither_with_members_nor_with_communities(engine: Engine, promoter):
    keys = []
    for number, n_members in ((5, 1), (6, 30)):
        with write_session(engine) as session:
            community = add_community(session, promoter.id, number=number, n_members=n_members)
        keys.append(community.community.id)
        with read_session(engine) as session, count_queries(engine) as queries:
            found = map_community_completeness(
                session, promoter_id=promoter.id, community_ids=keys, year=2023, asked_at=LATER
            )
        assert len(queries) == 3 + len(Channel)
    assert [len(found[key]) for key in keys] == [2, 31]


def test_communities_are_judged_each_by_its_clock(engine: Engine, promoter, stored):
    with write_session(engine) as session:
        islands = add_community(session, promoter.id, number=2, n_members=1)
        islands.community.timezone, islands.community.zone = "Atlantic/Canary", Zone.CANARIAS
        keys = [stored.community.id, islands.community.id]
    cups = islands.points[0].cups
    series = make_series(cups, "2023-01-01T00", [1] * 744)
    import_file(engine, promoter, keys[1], make_file(series))
    asked_at = datetime(2023, 1, 31, 23, 0, tzinfo=UTC)  # January has an hour left on the islands
    with read_session(engine) as session:
        found = map_community_completeness(
            session, promoter_id=promoter.id, community_ids=keys, year=2023, asked_at=asked_at
        )
    januaries = {each.name: each.months[0] for key in keys for each in found[key]}
    assert januaries[stored.points[0].cups].expected == 744
    assert (januaries[cups].expected, januaries[cups].present) == (743, 744)


def test_communities_of_others_are_left_out(engine: Engine, stored):
    with read_session(engine) as session:
        found = map_community_completeness(
            session,
            promoter_id=uuid4(),
            community_ids=[stored.community.id],
            year=2023,
            asked_at=LATER,
        )
    assert found == {}


def test_a_damaged_month_keeps_nobody_else_from_theirs(engine: Engine, promoter, stored):
    with write_session(engine) as session:
        other = add_community(session, promoter.id, number=2)
        add_damaged_month(session, stored, 0)
    keys = [stored.community.id, other.community.id]
    points = [stored.points[0].id, stored.points[1].id]
    year = {"promoter_id": promoter.id, "year": 2023, "asked_at": LATER}
    with read_session(engine) as session:
        found = map_community_completeness(session, community_ids=keys, **year)
        single = map_meter_completeness(session, kind=SubjectKind.SUPPLY_POINT, ids=points, **year)
        versions = read_versions(
            session,
            promoter_id=promoter.id,
            kind=SubjectKind.SUPPLY_POINT,
            ids=points,
            year=2023,
        )
        with pytest.raises(DamagedMonthError, match="check value"):
            read_community_completeness(session, community_id=keys[0], **year)
    for of_damaged in (found[keys[0]], single[points[0]], versions[points[0]]):
        assert isinstance(of_damaged, DamagedMonthError)
    assert [each.name for each in found[keys[1]]] == [
        *(point.cups for point in other.points),
        other.installation.cau,
    ]
    assert [each.name for each in single[points[1]]] == [stored.points[1].cups]
    assert versions[points[1]] == []
