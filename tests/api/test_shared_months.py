"""What members see of what their community shared: sums of five or more, and their own part."""

from datetime import UTC, datetime

import pytest

from api.graphql.node import write_global_id
from models.repositories.promoters import find_promoter
from models.session import write_session
from models.tables import (
    AgreementState,
    AllocatedEnergy,
    Community,
    DistributionAgreement,
    DistributionCoefficient,
    MonthAllocation,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.access import Role
from tests.support.accounts_of_roles import OWNER, Caller, add_account, sign_in_as
from tests.support.api import Api
from tests.support.community_folders import make_cau, make_cups
from tests.support.databases import on_sqlite
from tests.support.queries import count_queries
from tests.support.stored_records import StoredCommunity, add_community

pytestmark = on_sqlite

KWH = 1_000_000_000
"""Millionths of a watt-hour."""

SHARED = """query ($id: ID!, $year: Int! = 2023) { community(id: $id) { sharedMonths(year: $year) {
  totalCount edges { node { month withheld own { selfConsumedKwh surplusKwh }
    together { supplyPointCount generationKwh total { selfConsumedKwh surplusKwh }
      mean { selfConsumedKwh surplusKwh } } } } } } }"""
HIDDEN = """query ($id: ID!) { community(id: $id) {
  members { totalCount edges { node { code } } } reservePool { totalCount }
  installations { totalCount } } }"""
OCTOBER, NOVEMBER = (datetime(2023, month, day, 22 + summer, tzinfo=UTC)
                     for month, day, summer in ((9, 30, 0), (10, 31, 1)))  # fmt: skip


def add_sharing(api: Api, n_members: int, *, number: int = 8) -> StoredCommunity:
    """Store a community whose members share nothing yet."""
    with write_session(api.engine) as session:
        owner = find_promoter(session, name=OWNER)
        return add_community(session, owner.id, number=number, n_members=n_members)


def share_month(
    api: Api,
    stored: StoredCommunity,
    parts: list[tuple[SupplyPoint, float, float]],
    starts_at: datetime = OCTOBER,
    version: int = 1,
) -> None:
    """Store what each got [kWh] and what of it was used [kWh], with a tenth left over."""
    owner = stored.community.promoter_id
    allocated = sum(got for _, got, _ in parts)
    with write_session(api.engine) as session:
        month = MonthAllocation(
            promoter_id=owner,
            installation_id=stored.installation.id,
            starts_at=starts_at,
            version=version,
            generation_wh=round(allocated * 1100),
            unallocated_micro_wh=round(allocated * KWH / 10),
            inputs_sha256="0" * 64,
            recorded_at=starts_at,
        )
        session.add(month)
        session.flush()
        session.add_all(
            AllocatedEnergy(
                allocation_id=month.id,
                supply_point_id=point.id,
                promoter_id=owner,
                consumption_wh=1_000_000,
                allocated_micro_wh=round(got * KWH),
                self_consumed_micro_wh=round(used * KWH),
            )
            for point, got, used in parts
        )


def energy(self_consumed_kwh: float, surplus_kwh: float) -> dict[str, str]:
    """Show energy as the API does."""
    return {"selfConsumedKwh": f"{self_consumed_kwh:.9f}", "surplusKwh": f"{surplus_kwh:.9f}"}


def call_as_member(api: Api, stored: StoredCommunity, *members: str) -> Caller:
    place = stored.community.code
    return sign_in_as(api, add_account(api.engine, Role.MEMBER, community=place, members=members))


def ask_months(caller: Caller, stored: StoredCommunity) -> list[dict]:
    key = write_global_id(Community, stored.community.id)
    found = caller.ask(SHARED, id=key)["community"]["sharedMonths"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


def test_a_member_sees_the_sums_of_five_and_its_own(api):
    stored = add_sharing(api, 5)
    share_month(api, stored, [(point, 99, 9) for point in stored.points])
    parts = [(point, 10 + place, place) for place, point in enumerate(stored.points)]
    share_month(api, stored, parts, version=2)
    share_month(api, stored, [(point, 1, 0.25) for point in stored.points], NOVEMBER)
    october, november = ask_months(call_as_member(api, stored, "M3"), stored)
    assert october == {
        "month": "2023-10-01",
        "withheld": None,
        "own": energy(2, 10),
        "together": {
            "supplyPointCount": 5,
            "generationKwh": "66.000000000",
            "total": energy(10, 50),
            "mean": energy(2, 10),
        },
    }
    assert november["month"] == "2023-11-01"
    assert november["together"]["total"] == energy(1.25, 3.75)
    assert november["own"] == energy(0.25, 0.75)


def test_what_four_shared_is_withheld_however_many_meters_they_have(api):
    stored = add_sharing(api, 4)
    with write_session(api.engine) as session:
        second = SupplyPoint(
            promoter_id=stored.community.promoter_id,
            member_id=stored.members[0].id,
            cups=make_cups(900),
            tariff=stored.points[0].tariff,
            contracted_power_w=4_600,
        )
        session.add(second)
    share_month(api, stored, [(point, 2, 1) for point in [*stored.points, second]])
    [month] = ask_months(call_as_member(api, stored, "M1"), stored)
    assert month == {
        "month": "2023-10-01",
        "withheld": "TOO_FEW_MEMBERS",
        "own": energy(2, 2),
        "together": None,
    }


@pytest.mark.parametrize(
    ("n_members", "withheld", "total"), [(5, "TOO_FEW_MEMBERS", None), (6, None, energy(6, 6))]
)
def test_members_of_one_account_count_as_one(api, n_members, withheld, total):
    stored = add_sharing(api, n_members)
    share_month(api, stored, [(point, 2, 1) for point in stored.points])
    [month] = ask_months(call_as_member(api, stored, "M1", "M2"), stored)
    assert (month["withheld"], month["own"]) == (withheld, energy(2, 2))
    assert (month["together"] and month["together"]["total"]) == total


def test_who_was_given_nothing_hides_nobody(api):
    stored = add_sharing(api, 5)
    share_month(
        api, stored, [(point, 2 * place, place) for place, point in enumerate(stored.points)]
    )
    [month] = ask_months(call_as_member(api, stored, "M2"), stored)
    assert (month["withheld"], month["together"]) == ("TOO_FEW_MEMBERS", None)


def test_who_manages_sees_any_sum_and_has_no_part_of_its_own(api):
    stored = add_sharing(api, 2)
    share_month(api, stored, [(point, 2, 1) for point in stored.points])
    manager = add_account(api.engine, Role.COMMUNITY_MANAGER, community="c8")
    [month] = ask_months(sign_in_as(api, manager), stored)
    assert (month["own"], month["together"]["supplyPointCount"]) == (None, 2)


def test_each_of_many_communities_has_its_own_months(api):
    first, second = add_sharing(api, 1), add_sharing(api, 2, number=9)
    share_month(api, first, [(point, 2, 1) for point in first.points])
    share_month(api, second, [(point, 4, 1) for point in second.points], NOVEMBER)
    asked = """{ communities { edges { node { code
      sharedMonths(year: 2023) { edges { node { month together { generationKwh } } } } } } } }"""
    nodes = [edge["node"] for edge in api.ask(asked)["communities"]["edges"]]
    months = {each["code"]: each["sharedMonths"]["edges"] for each in nodes}
    assert {
        code: [(edge["node"]["month"], edge["node"]["together"]["generationKwh"]) for edge in edges]
        for code, edges in months.items()
        if edges
    } == {"c8": [("2023-10-01", "2.200000000")], "c9": [("2023-11-01", "8.800000000")]}


def test_nothing_else_of_the_neighbours_is_told_nor_how_many_they_are(api):
    stored, elsewhere = add_sharing(api, 5), add_sharing(api, 5, number=9)
    share_month(api, elsewhere, [(point, 2, 1) for point in elsewhere.points])
    caller = call_as_member(api, stored, "M2")
    key = write_global_id(Community, stored.community.id)
    assert caller.ask(HIDDEN, id=key)["community"] == {
        "members": {"totalCount": 1, "edges": [{"node": {"code": "M2"}}]},
        "reservePool": {"totalCount": 0},
        "installations": {"totalCount": 1},
    }
    assert ask_months(caller, stored) == []
    other = write_global_id(Community, elsewhere.community.id)
    assert caller.ask(SHARED, id=other) == {"community": None}


def test_a_year_is_read_by_few_questions(api):
    stored = add_sharing(api, 5)
    caller = call_as_member(api, stored, "M1")
    counts = []
    for starts_at in (OCTOBER, NOVEMBER):
        share_month(api, stored, [(point, 2, 1) for point in stored.points], starts_at)
        with count_queries(api.engine) as queries:
            ask_months(caller, stored)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("year", [1999, 2100])
def test_no_meter_recorded_other_years(api, year):
    stored = add_sharing(api, 1)
    caller = call_as_member(api, stored, "M1")
    key = write_global_id(Community, stored.community.id)
    assert caller.error(SHARED, id=key, year=year)["extensions"]["code"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(("n_more", "withheld"), [(0, None), (4, "TOO_FEW_MEMBERS"), (5, None)])
def test_a_plant_not_shared_out_yet_tells_of_few_by_what_it_lacks(api, n_more, withheld):
    """Benefits count who shares in it by a published agreement: less these it would be told."""
    stored = add_sharing(api, 9)
    share_month(api, stored, [(point, 2, 1) for point in stored.points[:5]])
    add_agreed_plant(api, stored, stored.points[:n_more])
    [month] = ask_months(call_as_member(api, stored, "M1"), stored)
    assert month["withheld"] == withheld
    assert (month["together"] is None) == (withheld is not None)
    manager = add_account(api.engine, Role.COMMUNITY_MANAGER, community=stored.community.code)
    [month] = ask_months(sign_in_as(api, manager), stored)
    assert month["together"]["total"] == energy(5, 5)


def add_agreed_plant(api: Api, stored: StoredCommunity, points: list[SupplyPoint]) -> None:
    """Store a second plant whose agreement of some is published, but not applied."""
    owner = stored.community.promoter_id
    with write_session(api.engine) as session:
        plant = SelfConsumptionInstallation(
            promoter_id=owner,
            community_id=stored.community.id,
            cau=make_cau(77),
            position=1,
            inverter_power_w=20_000,
        )
        session.add(plant)
        session.flush()
        agreement = DistributionAgreement(
            promoter_id=owner, installation_id=plant.id, file_year=2023, created_at=OCTOBER
        )
        session.add(agreement)
        session.flush()
        session.add_all(
            DistributionCoefficient(
                agreement_id=agreement.id,
                supply_point_id=point.id,
                promoter_id=owner,
                position=position,
                millionths=1_000_000 // len(points),
            )
            for position, point in enumerate(points)
        )
        session.flush()
        if points:
            agreement.state, agreement.published_at = AgreementState.PUBLISHED, OCTOBER
