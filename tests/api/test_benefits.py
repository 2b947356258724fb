"""Savings and avoided CO2 as series, and sums of a promoter, against loops over the readings."""

import base64
import struct
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlmodel import select

from api.graphql.node import write_global_id
from models.session import read_session
from models.tables import Community, Member, PriceKind, SelfConsumptionInstallation, SupplyPoint
from models.values.access import Role
from tests.api.test_shared_months import add_sharing, share_month
from tests.support.accounts_of_roles import add_account, call_as, sign_in_as
from tests.support.agreements import agree, apply, random_year, store_meters
from tests.support.api import ACCEPT, CAU
from tests.support.community_folders import build_community_year
from tests.support.databases import on_sqlite
from tests.support.stored_bills import store_prices
from tests.support.stored_records import StoredCommunity

pytestmark = on_sqlite

YEAR = build_community_year()
SERIES = """{ start step unit values packedUnit packed
  gaps { totalCount edges { node { month reason community { code } } } } }"""
PLANT = f"""query ($cau: Cau!, $of: Benefit!, $by: Resolution!) {{ installation(cau: $cau) {{
  benefits(of: $of, year: 2023, resolution: $by) {SERIES}
  community {{ benefits(of: $of, year: 2023, resolution: $by) {SERIES} }}
  memberships {{ edges {{ node {{ supplyPoint {{
    benefits(of: $of, year: 2023, resolution: $by) {{ values }}
    member {{ benefits(of: $of, year: 2023, resolution: $by) {{ values }} }}
  }} }} }} }} }} }}"""
WHOLE = f"""query ($of: Benefit! = SAVINGS, $measure: Measure! = SELF_CONSUMED) {{ viewer {{
  promoter {{
    benefits(of: $of, year: 2023) {SERIES}
    energy(measure: $measure, year: 2023) {SERIES} }}
}} }}"""
SHARED = """query ($id: ID!) { community(id: $id) { sharedMonths(year: 2023) { edges { node {
  own { savingsEur } together { total { savingsEur } mean { savingsEur } } } } } } }"""
MONTHS = [
    (datetime(2022, 12, 31, 23, tzinfo=UTC) + timedelta(hours=hour))
    .astimezone(ZoneInfo("Europe/Madrid"))
    .month
    for hour in range(8760)
]


@pytest.fixture
def sharing(api):
    """Publish an agreement, and tell its coefficients."""
    proposal = api.propose()
    api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": 2024})
    query = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
      coefficients { edges { node { coefficient } } } } } }"""
    edges = api.ask(query, id=proposal)["node"]["coefficients"]["edges"]
    return [float(edge["node"]["coefficient"]) for edge in edges]


def reckon(beta, row):
    """Reckon a member's months: what each saved [EUR], and what was used at once [kWh]."""
    saved, used_kwh = [], []
    for month in range(1, 13):
        earned = cost = used = 0.0
        for place in (place for place, each in enumerate(MONTHS) if each == month):
            given, taken = beta * YEAR.generation_kwh[0][place], YEAR.consumption_kwh[row][place]
            own = min(given, taken)
            price, of_surplus = YEAR.energy_eur_per_kwh[place], YEAR.surplus_eur_per_kwh[place]
            earned += own * price + (given - own) * of_surplus
            cost += taken * price
            used += own
        saved.append(min(earned, cost))
        used_kwh.append(used)
    return saved, used_kwh


def read_record(api, table, **columns):
    with read_session(api.engine) as session:
        return session.exec(select(table).filter_by(**columns)).one()


def test_what_sharing_saved_and_avoided(api, sharing):
    expected = [reckon(beta, row) for row, beta in enumerate(sharing)]
    for benefit, unit, packed_unit, scale, amounts in (
        ("SAVINGS", "EUR", "0.0001 EUR", 10_000, [saved for saved, _ in expected]),
        ("AVOIDED_CO2", "kg", "g", 1_000, [[0.331 * kwh for kwh in used] for _, used in expected]),
    ):
        plant = api.ask(PLANT, cau=CAU, of=benefit, by="MONTH")["installation"]
        series = plant["benefits"]
        assert plant["community"]["benefits"] == series
        assert (series["start"], series["step"], series["unit"], series["packedUnit"]) == (
            "2023-01-01T00:00:00+01:00",
            "P1M",
            unit,
            packed_unit,
        )
        assert series["values"] == pytest.approx([sum(each) for each in zip(*amounts, strict=True)])
        packed = struct.unpack("<12i", base64.b64decode(series["packed"]))
        assert list(packed) == [round(value * scale) for value in series["values"]]
        assert series["gaps"] == {"totalCount": 0, "edges": []}
        points = [edge["node"]["supplyPoint"] for edge in plant["memberships"]["edges"]]
        for point, own in zip(points, amounts, strict=True):
            assert point["benefits"]["values"] == pytest.approx(own)
            assert point["member"]["benefits"] == point["benefits"]
        hours = api.ask(PLANT, cau=CAU, of=benefit, by="HOUR")["installation"]["benefits"]
        assert len(hours["values"]) == 8760
        assert sum(hours["values"]) == pytest.approx(sum(series["values"]))


def test_a_promoter_is_summed_as_far_as_its_caller_reaches(api, sharing):
    with_gaps = api.ask(WHOLE)["viewer"]["promoter"]
    manager = sign_in_as(api, add_account(api.engine, Role.COMMUNITY_MANAGER))
    own = manager.ask(WHOLE)["viewer"]["promoter"]
    expected = [reckon(beta, row) for row, beta in enumerate(sharing)]
    for found in (with_gaps, own):
        assert found["benefits"]["values"] == pytest.approx(
            [sum(each) for each in zip(*(saved for saved, _ in expected), strict=True)]
        )
        assert found["energy"]["values"] == pytest.approx(
            [sum(each) for each in zip(*(used for _, used in expected), strict=True)]
        )
        assert (found["energy"]["unit"], found["energy"]["packedUnit"]) == ("kWh", "Wh")
    nothing = add_account(
        api.engine, Role.COMMUNITY_MANAGER, community="none", email="nobody@vila.example"
    )
    empty = sign_in_as(api, nothing).ask(WHOLE)["viewer"]["promoter"]["benefits"]
    assert (empty["values"], empty["gaps"]["totalCount"]) == ([None] * 12, 0)


def test_what_is_not_known_is_a_gap_with_its_month_and_reason(api):
    assert (
        api.ask(PLANT, cau=CAU, of="SAVINGS", by="MONTH")["installation"]["benefits"]["values"]
        == [0.0] * 12
    )
    query = WHOLE.replace("2023", "2024")
    series = api.ask(query)["viewer"]["promoter"]["benefits"]
    assert series["values"] == [None] * 12
    assert base64.b64decode(series["packed"]) == struct.pack("<12i", *[-(2**31)] * 12)
    assert series["gaps"]["totalCount"] == 12
    assert series["gaps"]["edges"][3]["node"] == {
        "month": "2024-04-01",
        "reason": "NO_READINGS",
        "community": {"code": "test-1"},
    }


def test_a_caller_without_personal_data_is_told_no_sum_of_few(api, sharing):
    query = """mutation { createApiToken(input: {name: "reader", scopes: [READ]}) { secret } }"""
    secret = api.ask(query)["createApiToken"]["secret"]
    series = api.ask(WHOLE, token=secret, measure="GENERATION")["viewer"]["promoter"]
    assert series["benefits"]["values"] == [None] * 12
    assert series["benefits"]["gaps"]["edges"][0]["node"]["reason"] == "TOO_FEW_MEMBERS"
    assert None not in series["energy"]["values"]


def test_a_member_is_told_its_own_benefits_and_nobody_elses(api, sharing):
    member = call_as(api, Role.MEMBER)
    saved, _ = reckon(sharing[0], 0)
    query = """{ viewer { members { edges { node { code
      benefits(of: SAVINGS, year: 2023) { values unit } } } } } }"""
    [edge] = member.ask(query)["viewer"]["members"]["edges"]
    assert edge["node"]["code"] == "M1"
    assert edge["node"]["benefits"]["values"] == pytest.approx(saved)
    other = write_global_id(Member, read_record(api, Member, code="M2").id)
    query = """query ($id: ID!) { node(id: $id) { ... on Member {
      benefits(of: SAVINGS, year: 2023) { unit } } } }"""
    assert member.ask(query, id=other) == {"node": None}
    error = member.error("{ viewer { promoter { benefits(of: SAVINGS, year: 2023) { unit } } } }")
    assert error["extensions"]["code"] == "FORBIDDEN"


def test_shared_months_tell_what_they_saved(api, sharing):
    community = read_record(api, Community, code="test-1")
    plant = read_record(api, SelfConsumptionInstallation, cau=CAU)
    with read_session(api.engine) as session:
        members = session.exec(select(Member).order_by(Member.code)).all()[:3]
        points = [
            session.exec(select(SupplyPoint).where(SupplyPoint.member_id == member.id)).one()
            for member in members
        ]
    stored = StoredCommunity(community, plant, list(members), points)
    share_month(api, stored, [(point, 2, 1) for point in points])
    expected = [reckon(beta, row)[0][9] for row, beta in enumerate(sharing)]
    key = write_global_id(Community, community.id)
    [edge] = api.ask(SHARED, id=key)["community"]["sharedMonths"]["edges"]
    total = sum(expected)
    assert edge["node"] == {
        "own": None,
        "together": {
            "total": {"savingsEur": f"{total:.2f}"},
            "mean": {"savingsEur": f"{total / 3:.2f}"},
        },
    }
    [edge] = call_as(api, Role.MEMBER).ask(SHARED, id=key)["community"]["sharedMonths"]["edges"]
    assert edge["node"] == {"own": {"savingsEur": f"{expected[0]:.2f}"}, "together": None}


def test_a_whole_year_of_shared_months_tells_what_they_saved(api, sharing):
    community = read_record(api, Community, code="test-1")
    plant = read_record(api, SelfConsumptionInstallation, cau=CAU)
    points = [read_record(api, SupplyPoint, cups=YEAR.members[0].cups)]
    stored = StoredCommunity(community, plant, [], points)
    for month in range(1, 13):
        starts_at = datetime(2023, month, 1, tzinfo=ZoneInfo("Europe/Madrid")).astimezone(UTC)
        share_month(api, stored, [(points[0], 2, 1)], starts_at)
    key = write_global_id(Community, community.id)
    edges = api.ask(SHARED, id=key)["community"]["sharedMonths"]["edges"]
    expected = [
        sum(each)
        for each in zip(
            *(reckon(*each)[0] for each in zip(sharing, range(3), strict=True)), strict=True
        )
    ]
    assert [edge["node"]["together"]["total"]["savingsEur"] for edge in edges] == [
        f"{each:.2f}" for each in expected
    ]


def test_what_is_saved_is_told_to_members_of_one_account_as_to_one(api):
    stored = add_sharing(api, 10)
    generation, consumption = random_year(10)
    consumption[:5] //= 1000
    store_meters(api.engine, stored, generation, consumption)
    apply(api.engine, stored, agree(api.engine, stored, *[100_000] * 10), date(2023, 1, 1))
    for kind, eur in ((PriceKind.ENERGY, 0.2), (PriceKind.SURPLUS, 0.01)):
        store_prices(api.engine, stored, kind, np.full(8760, eur), year=2023)
    share_month(api, stored, [(point, 2, 1) for point in stored.points])
    key = write_global_id(Community, stored.community.id)
    for number, (members, is_told) in enumerate(((["M1"], True), (["M2", "M3"], False))):
        options = {"community": stored.community.code, "members": members}
        address = f"{number}@vila.example"
        caller = sign_in_as(api, add_account(api.engine, Role.MEMBER, email=address, **options))
        [edge] = caller.ask(SHARED, id=key)["community"]["sharedMonths"]["edges"]
        assert edge["node"]["own"]["savingsEur"] is not None
        assert (edge["node"]["together"]["total"]["savingsEur"] is not None) is is_told
