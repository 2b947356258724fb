"""What communities are told together is what each is told alone, whatever is wrong with others."""

import json

import numpy as np
import pytest

from api.graphql.node import write_global_id
from models.repositories.promoters import find_promoter
from models.session import write_session
from models.tables import Community
from models.values.calendar import Step, year_steps
from models.values.metering import Channel
from tests.support.accounts_of_roles import OWNER
from tests.support.agreements import MADRID, agree, store_year
from tests.support.databases import on_sqlite
from tests.support.stored_records import add_community

pytestmark = on_sqlite

HOURS, QUARTERS = Step.HOUR, Step.QUARTER_HOUR
STEPS = ((HOURS,) * 3, (QUARTERS,) * 3, (HOURS, HOURS, QUARTERS))
"""By what the plant, the first and the second member are read in each community."""

FIELD = """community(id: %s) { energy(measure: SELF_CONSUMED, year: 2023, resolution: %s) { packed }
  benefits(of: AVOIDED_CO2, year: 2023, resolution: %s) { packed } }"""


@pytest.fixture
def communities(api):
    """Store three communities, and give their global ids."""
    return [_store(api, number, *steps) for number, steps in enumerate(STEPS, start=5)]


def _store(api, number, of_plant, *of_points):
    with write_session(api.engine) as session:
        owner = find_promoter(session, name=OWNER).id
        stored = add_community(session, owner, number=number, n_members=2)
        store_steady(session, owner, Channel.GENERATION, stored.installation.id, of_plant)
        for point, step in zip(stored.points, of_points, strict=True):
            store_steady(session, owner, Channel.CONSUMPTION, point.id, step)
    agree(api.engine, stored, 500_000, 500_000)
    return write_global_id(Community, stored.community.id)


def store_steady(session, owner, channel, meter_id, step):
    """Store a year of 12 Wh an interval."""
    energy_wh = np.full(year_steps(2023, MADRID, step).size, 12, np.int32)
    store_year(session, owner, channel, meter_id, energy_wh, step=step)


def name_errors(answer, place):
    return {(place, error["path"][-1], error["message"]) for error in answer.get("errors", ())}


@pytest.mark.parametrize(
    ("resolution", "is_told"),
    [("MONTH", [True, True, True]), ("QUARTER_HOUR", [False, True, False])],
)
def test_meters_of_other_steps_keep_nobody_from_an_answer(api, communities, resolution, is_told):
    fields = [FIELD % (json.dumps(key), resolution, resolution) for key in communities]
    alone = [api.post(f"{{ x: {field} }}").json() for field in fields]
    aliased = (f"c{place}: {field}" for place, field in enumerate(fields))
    together = api.post(f"{{ {' '.join(aliased)} }}").json()
    assert list(together["data"].values()) == [answer["data"]["x"] for answer in alone]
    errors = [name_errors(answer, f"c{place}") for place, answer in enumerate(alone)]
    assert {
        (error["path"][0], error["path"][-1], error["message"])
        for error in together.get("errors", ())
    } == set.union(*errors)
    for found, told in zip(together["data"].values(), is_told, strict=True):
        assert [found[name] is not None for name in ("energy", "benefits")] == [told, told]
