"""Meters that change their step within a year: one rule for years and for months, against loops."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from api.services.energy.energy_question import Measure
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_months import iterate_months
from models.session import read_session
from models.values.calendar import Step
from models.values.local_month import LocalMonth, list_year
from models.values.metering import Channel
from models.values.period import Period
from models.values.resolution import FinerThanMeteredError, Resolution
from tests.support.agreements import (
    MADRID,
    add_second_plant,
    agree,
    apply,
    correct_year,
    leave,
    random_year,
    shared,
    store_meters,
)
from tests.support.databases import on_sqlite
from tests.support.energy_series import read_months, read_year, told
from tests.support.stored_once import stored_once

__all__ = ["shared"]

pytestmark = on_sqlite

QUARTER_HOURS, HOURS = Resolution.QUARTER_HOUR, Resolution.HOUR
GENERATION, CONSUMPTION = random_year(3, step=Step.QUARTER_HOUR)
ROOF, _ = random_year(1, seed=6)
SHARES = (500_000, 300_000, 200_000)
ROOF_SINCE = date(2023, 10, 10)
BY_THE_HOUR = ({1, 2, 10, 11, 12}, {1, 2, 3, 4}, {1, 2})
"""In which months each member is reckoned by the hour."""


def by_hour(quarters):
    return quarters.reshape(*quarters.shape[:-1], -1, 4).sum(axis=-1, dtype=np.int32)


@stored_once
def changing(engine, shared):
    """Store a plant that counts by the quarter of an hour from March on, and one that never does.

    In the second shares the first member alone, from a day in October; the second member's meter
    counts by the quarter from May on.
    """
    store_meters(engine, shared, GENERATION, CONSUMPTION, step=Step.QUARTER_HOUR)
    hourly = {"step": Step.HOUR}
    plant = Channel.GENERATION, shared.installation.id, by_hour(GENERATION)
    meter = Channel.CONSUMPTION, shared.points[1].id, by_hour(CONSUMPTION[1])
    correct_year(engine, shared, *plant, n_months=2, **hourly)
    correct_year(engine, shared, *meter, n_months=4, **hourly)
    apply(engine, shared, agree(engine, shared, *SHARES), date(2023, 1, 1))
    second = add_second_plant(engine, shared, ROOF)
    for place in (1, 2):
        leave(engine, second, place)
    alone = replace(second, points=second.points[:1])
    apply(engine, alone, agree(engine, alone, 1_000_000), ROOF_SINCE)
    return shared


def reckon(place):
    """Reckon what a member uses of its shares, hour by hour [1e-9 kWh]."""
    made, taken = GENERATION.tolist(), CONSUMPTION[place].tolist()
    used = []
    for month in list_year(2023, MADRID):
        hours, days = month.span(Step.HOUR), month.local(Step.HOUR).astype("datetime64[D]")
        for hour, day in zip(range(hours.start, hours.stop), days.astype(object), strict=True):
            quarters = range(4 * hour, 4 * hour + 4)
            given = [SHARES[place] * made[each] for each in quarters]
            wanted = [10**6 * taken[each] for each in quarters]
            if month.number in BY_THE_HOUR[place]:
                roof = 10**6 * int(ROOF[hour]) if place == 0 and day >= ROOF_SINCE else 0
                used.append(min(sum(given) + roof, sum(wanted)))
            else:
                used.append(sum(map(min, given, wanted)))
    return used


def test_a_year_and_its_months_reckon_everybody_by_the_same_intervals(engine, changing):
    rows = [reckon(place) for place in range(3)]
    subjects = [(SubjectKind.MEMBER, member.id) for member in changing.members]
    subjects.append((SubjectKind.COMMUNITY, changing.community.id))
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    for subject, expected in zip(subjects, rows, strict=True):
        months = read_months(engine, *subject, Measure.SELF_CONSUMED, HOURS)
        assert told(months) == expected
        year = read_year(engine, *subject, Measure.SELF_CONSUMED, HOURS)
        assert year.values_kwh == pytest.approx(np.array(expected) / 1e9, abs=1e-8)


@pytest.mark.parametrize("measure", Measure)
def test_a_year_is_that_of_its_months(engine, changing, measure):
    subjects = [(SubjectKind.COMMUNITY, changing.community.id)]
    if measure is not Measure.GENERATION:
        subjects += [(SubjectKind.MEMBER, member.id) for member in changing.members]
    for subject in subjects:
        year = read_year(engine, *subject, measure, HOURS)
        months = told(read_months(engine, *subject, measure, HOURS))
        assert year.values_kwh == pytest.approx([nano / 1e9 for nano in months], abs=1e-8)


@pytest.mark.parametrize("measure", [Measure.CONSUMPTION, Measure.SELF_CONSUMED])
def test_a_year_has_quarters_where_each_of_its_months_has(engine, changing, measure):
    second, third = ((SubjectKind.MEMBER, member.id) for member in changing.members[1:])
    assert isinstance(read_year(engine, *second, measure, QUARTER_HOURS), FinerThanMeteredError)
    year = read_year(engine, *third, measure, QUARTER_HOURS)
    if measure is Measure.CONSUMPTION:
        assert year.values_kwh.tolist() == (CONSUMPTION[2] / 1000).tolist()
    else:
        assert isinstance(year, FinerThanMeteredError)


def test_part_of_a_month_is_reckoned_as_all_of_it(engine, changing):
    days = Period(date(2023, 10, 1), ROOF_SINCE)
    with read_session(engine) as session:
        (part,) = iterate_months(session, communities=[changing.community], days=days)
    october = LocalMonth(days.start, MADRID).span(Step.HOUR)
    hours = slice(october.start, october.start + 24 * 9)
    expected = [reckon(place)[hours] for place in range(3)]
    assert part.self_consumed.nano.tolist() == expected
