"""Energy series: against sums made the slow way, and the faults that leave none."""

import base64
import struct
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlmodel import select

from api import policies
from models import tables
from models.repositories.packed_months import pack_energy
from models.repositories.readings import month_instants
from models.session import write_session
from models.values.access import Capability
from models.values.calendar import year_steps
from models.values.tariff import Tariff
from tests.support.api import ACCEPT, CAU, NOW, add_token
from tests.support.community_folders import build_community_year, make_cau, make_cups
from tests.support.databases import on_sqlite
from tests.support.stored_records import add_community

COMMUNITY = build_community_year()
MADRID = ZoneInfo("Europe/Madrid")
FORMATS = {"HOUR": None, "DAY": "%Y-%m-%d", "MONTH": "%Y-%m", "YEAR": "%Y"}
SERIES = "{ start step unit values }"
UNDER = "measure: $measure, year: $year, resolution: $resolution, proposalId: $proposal"
ASKED = "$cau: Cau!, $measure: Measure!, $year: Int! = 2023, $resolution: Resolution, $proposal: ID"
QUERY = f"""query ({ASKED}) {{
  installation(cau: $cau) {{
    energy({UNDER}) {SERIES}
    community {{ energy({UNDER}) {SERIES} }}
    memberships {{ edges {{ node {{ supplyPoint {{
      cups
      energy({UNDER}) {SERIES}
      member {{ energy({UNDER}) {SERIES} }}
    }} }} }} }}
  }}
}}"""
PLANT = f"query ({ASKED}) {{ installation(cau: $cau) {{ energy({UNDER}) {SERIES} }} }}"


def sum_slowly(energy_kwh, resolution):
    """Sum hours by the clock on the wall, one after the other."""
    if FORMATS[resolution] is None:
        return energy_kwh.tolist()
    sums: dict[str, float] = defaultdict(float)
    for name, value in zip(name_hours(FORMATS[resolution]), energy_kwh.tolist(), strict=True):
        sums[name] += value
    return list(sums.values())


@cache
def name_hours(shown):
    """Name every hour of the year by the clock on the wall."""
    first = datetime(2022, 12, 31, 23, tzinfo=UTC)
    hours = (first + timedelta(hours=hour) for hour in range(8760))
    return [hour.astimezone(MADRID).strftime(shown) for hour in hours]


def expected_of(measure, beta, row):
    """Compute a member's hours by the definition of each measure."""
    consumption = COMMUNITY.consumption_kwh[row]
    allocated = beta * COMMUNITY.generation_kwh[0]
    self_consumed = np.minimum(allocated, consumption)
    return {
        "CONSUMPTION": consumption,
        "ALLOCATED": allocated,
        "SELF_CONSUMED": self_consumed,
        "SURPLUS": allocated - self_consumed,
        "GRID_IMPORT": consumption - self_consumed,
    }[measure]


def read_betas(api, proposal):
    query = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
      coefficients { edges { node { coefficient } } } } } }"""
    edges = api.ask(query, id=proposal)["node"]["coefficients"]["edges"]
    return [float(edge["node"]["coefficient"]) for edge in edges]


@on_sqlite
@pytest.mark.parametrize("resolution", FORMATS)
@pytest.mark.parametrize(
    "measure", ["CONSUMPTION", "ALLOCATED", "SELF_CONSUMED", "SURPLUS", "GRID_IMPORT"]
)
def test_energy_under_a_proposal(api, measure, resolution):
    proposal = api.propose()
    betas = read_betas(api, proposal)
    found = api.ask(QUERY, cau=CAU, measure=measure, resolution=resolution, proposal=proposal)
    plant = found["installation"]
    points = [edge["node"]["supplyPoint"] for edge in plant["memberships"]["edges"]]
    hours = [expected_of(measure, beta, row) for row, beta in enumerate(betas)]
    for point, energy_kwh in zip(points, hours, strict=True):
        assert point["energy"]["values"] == pytest.approx(sum_slowly(energy_kwh, resolution))
        assert point["member"]["energy"] == point["energy"]
    assert plant["energy"]["values"] == pytest.approx(sum_slowly(sum(hours), resolution))
    assert plant["community"]["energy"] == plant["energy"]


@pytest.mark.parametrize(
    ("resolution", "step", "size"),
    [("HOUR", "PT1H", 8760), ("DAY", "P1D", 365), ("MONTH", "P1M", 12), ("YEAR", "P1Y", 1)],
)
def test_generation_is_labelled_by_start_step_and_unit(api, resolution, step, size):
    found = api.ask(PLANT, cau=CAU, measure="GENERATION", year=2023, resolution=resolution)
    series = found["installation"]["energy"]
    assert (series["start"], series["step"], series["unit"]) == (
        "2023-01-01T00:00:00+01:00",
        step,
        "kWh",
    )
    assert len(series["values"]) == size
    assert series["values"] == pytest.approx(sum_slowly(COMMUNITY.generation_kwh[0], resolution))


def test_quarters_of_an_hour_are_not_made_of_hours(api):
    error = api.error(PLANT, cau=CAU, measure="GENERATION", resolution="QUARTER_HOUR")
    assert error["message"] == (
        "the meters count by the hour, not by the quarter of an hour: ask for hours"
    )
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"


def test_a_packed_series_is_the_same_in_watt_hours(api):
    query = """query ($cau: Cau!) { installation(cau: $cau) {
      energy(measure: GENERATION, year: 2023, resolution: HOUR) { values packed } } }"""
    series = api.ask(query, cau=CAU)["installation"]["energy"]
    packed = struct.unpack("<8760i", base64.b64decode(series["packed"]))
    assert list(packed) == [round(value * 1000) for value in series["values"]]


def test_days_of_clock_changes_have_23_and_25_hours(api):
    found = api.ask(PLANT, cau=CAU, measure="CONSUMPTION", year=2023, resolution="DAY")
    steps = year_steps(2023, "Europe/Madrid", COMMUNITY.step)
    total = COMMUNITY.consumption_kwh[:3].sum(axis=0)
    for day, begin, hours in ((84, "2023-03-25T23", 23), (301, "2023-10-28T22", 25)):
        first = int(np.searchsorted(steps, np.datetime64(f"{begin}:00:00")))
        expected = total[first : first + hours].sum()
        assert found["installation"]["energy"]["values"][day] == pytest.approx(expected)


def test_the_agreement_in_force_applies_unless_a_proposal_is_named(api):
    accepted, other = api.propose(), api.propose(minBeta="0.3")
    assert (
        "no agreement is in force"
        in api.error(PLANT, cau=CAU, measure="SURPLUS", year=2023)["message"]
    )
    api.ask(ACCEPT, input={"proposalId": accepted, "fileYear": 2024})

    def surplus(proposal=None):
        found = api.ask(PLANT, cau=CAU, measure="SURPLUS", year=2023, proposal=proposal)
        return found["installation"]["energy"]["values"]

    assert surplus() == surplus(accepted) != surplus(other)


def test_months_of_two_are_not_told_within_a_year_of_three(api, monkeypatch):
    monkeypatch.setattr(policies, "FEWEST_TOGETHER", 3)
    reader = add_token(api.engine, "Ajuntament de la Peña", scopes=[Capability.READ]).text
    api.ask(ACCEPT, input={"proposalId": api.propose(), "fileYear": 2024})
    query = f"""{{ installation(cau: "{CAU}") {{
      energy(measure: SURPLUS, year: 2023) {{ basis }} }} }}"""
    assert api.ask(query, token=reader)["installation"]["energy"] == {"basis": "PUBLISHED"}
    with write_session(api.engine) as session:
        agreement = session.exec(select(tables.DistributionAgreement)).one()
        rows = session.exec(select(tables.DistributionCoefficient)).all()
        begins = [date(2023, 1, 1), date(2023, 1, 1), date(2023, 7, 1)]
        for row, begin in zip(rows, begins, strict=True):
            session.add(
                tables.AppliedCoefficient(
                    promoter_id=agreement.promoter_id,
                    installation_id=agreement.installation_id,
                    supply_point_id=row.supply_point_id,
                    agreement_id=agreement.id,
                    valid_from=begin,
                )
            )
    assert api.ask(query)["installation"]["energy"] == {"basis": "APPLIED"}
    assert "fewer than 3 members" in api.error(query, token=reader)["message"]


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({"measure": "GENERATION", "year": 1999}, "INVALID_ARGUMENT", "year 1999 is not between"),
        ({"measure": "GENERATION", "year": 2**31 - 1}, "INVALID_ARGUMENT", "is not between"),
        ({"measure": "GENERATION", "year": 2022}, "NOT_FOUND", "no generation is stored"),
        ({"measure": "CONSUMPTION", "year": 2024}, "NOT_FOUND", "no consumption is stored"),
        ({"measure": "ALLOCATED", "year": 2023}, "NOT_FOUND", "no agreement is in force"),
        ({"measure": "SURPLUS", "year": 2023, "proposal": "x"}, "NOT_FOUND", "no such proposal"),
    ],
)
def test_energy_that_is_not_there_is_null_with_a_typed_error(api, variables, code, words):
    answer = api.post(PLANT, cau=CAU, **variables).json()
    assert answer["data"] == {"installation": {"energy": None}}
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": code}
    assert words in error["message"]


@pytest.mark.parametrize(
    ("owner", "words"),
    [("supplyPoint", "a supply point generates"), ("supplyPoint { member", "a member generates")],
)
def test_only_installations_generate(api, owner, words):
    closing = " }" * owner.count("{")
    query = f"""{{ communities {{ edges {{ node {{ reservePool {{ edges {{ node {{
      {owner} {{ energy(measure: GENERATION, year: 2023) {{ unit }} }} {closing}
    }} }} }} }} }} }} }}"""
    assert words in api.error(query)["message"]


def test_one_without_readings_does_not_keep_the_others_from_theirs(api):
    add_newcomer(api)
    query = """{ communities { edges { node { members { edges { node { code
      energy(measure: CONSUMPTION, year: 2023) { values } } } } } } } }"""
    answer = api.post(query).json()
    edges = answer["data"]["communities"]["edges"][0]["node"]["members"]["edges"]
    without = [edge["node"]["code"] for edge in edges if edge["node"]["energy"] is None]
    assert (len(edges), without) == (5, ["N1"])
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "NOT_FOUND"}
    assert make_cups(500) in error["message"]


def add_newcomer(api):
    """Add a member whose meter has not been read yet."""
    with write_session(api.engine) as session:
        community = session.exec(select(tables.Community)).one()
        owner = community.promoter_id
        member = tables.Member(promoter_id=owner, community_id=community.id, code="N1")
        session.add(member)
        session.flush()
        session.add(
            tables.SupplyPoint(
                promoter_id=owner,
                member_id=member.id,
                cups=make_cups(500),
                tariff=Tariff.LOW_VOLTAGE_UP_TO_15_KW,
                contracted_power_w=3_450,
            )
        )


def test_someone_who_does_not_share_has_no_allocation(api):
    api.ask(ACCEPT, input={"proposalId": api.propose(), "fileYear": 2024})
    query = """{ communities { edges { node { reservePool { edges { node { supplyPoint {
      energy(measure: ALLOCATED, year: 2023) { unit } } } } } } } } }"""
    assert api.error(query)["extensions"] == {"code": "NOT_FOUND"}


def test_a_plant_that_nobody_shares_in_has_no_consumption(api):
    with write_session(api.engine) as session:
        owner = session.exec(select(tables.Community)).one().promoter_id
        add_community(session, owner, number=8, n_members=0)
    error = api.error(PLANT, cau=make_cau(8), measure="CONSUMPTION")
    assert error["extensions"] == {"code": "NOT_FOUND"}
    assert error["message"] == "nobody shares here, so there is no consumption"


def test_generation_by_the_quarter_of_an_hour_is_shared_out_by_the_hour(api):
    proposal = api.propose()
    correct_generation_by_quarters(api)
    parts = [
        api.ask(PLANT, cau=CAU, measure=measure, resolution="HOUR", proposal=proposal)
        for measure in ("SELF_CONSUMED", "SURPLUS")
    ]
    used, left = (found["installation"]["energy"]["values"] for found in parts)
    assert [sum(hour) for hour in zip(used, left, strict=True)] == pytest.approx([0.004] * 8760)
    found = api.ask(PLANT, cau=CAU, measure="GENERATION", resolution="QUARTER_HOUR")
    assert found["installation"]["energy"]["values"] == [0.001] * 35040
    quarters = {"cau": CAU, "measure": "SURPLUS", "resolution": "QUARTER_HOUR"}
    error = api.error(PLANT, **quarters, proposal=proposal)
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert error["message"].startswith("the meters count by the hour")


def correct_generation_by_quarters(api):
    """Append a version of the plant's year that is read by the quarter of an hour, 1 Wh each."""
    with write_session(api.engine) as session:
        plant = session.exec(select(tables.SelfConsumptionInstallation)).one()
        borders = month_instants(2023, "Europe/Madrid")
        for begin, end in pairwise(borders):
            size = int((end - begin) / timedelta(minutes=15))
            packed = pack_energy(np.ones(size, np.int32))
            session.add(
                tables.Reading(
                    promoter_id=plant.promoter_id,
                    installation_id=plant.id,
                    channel=tables.Channel.GENERATION,
                    starts_at=begin,
                    step_seconds=900,
                    interval_count=size,
                    version=2,
                    energy_wh=packed.energy_wh,
                    quality=packed.quality,
                    crc32=packed.crc32,
                    recorded_at=NOW,
                )
            )
