"""Energy and months by what the distributor applies, against sums made the slow way."""

import numpy as np
import pytest
from sqlmodel import select

from api.services.energy.allocate_month import allocate_community
from models import tables
from models.session import read_session, write_session
from models.values.calendar import local_times
from tests.support.agreement_calls import (
    CUPS,
    HOLDS,
    SHARES,
    applied,
    do,
    draft,
    publish,
    read,
    spans,
)
from tests.support.api import CAU, NOW, YEAR
from tests.support.community_folders import build_community_year
from tests.support.proposals import nodes
from tests.support.reserve_pools import community_id

COMMUNITY = build_community_year()
ENERGY = """query ($cau: Cau!, $agreement: ID, $proposal: ID) { installation(cau: $cau) {
  memberships { edges { node { supplyPoint {
    energy(measure: ALLOCATED, year: 2023, resolution: DAY,
      agreementId: $agreement, proposalId: $proposal) { basis values }
  } } } } } }"""


def allocated(api, **document):
    """Read where coefficients come from, and the energy of every day that each is allocated.

    Those who have no coefficient at all have None.
    """
    plant = api.post(ENERGY, cau=CAU, **document).json()["data"]["installation"]
    series = [node["supplyPoint"]["energy"] for node in nodes(plant["memberships"])]
    bases = {each["basis"] for each in series if each}
    return bases, [each and each["values"] for each in series]


def share_by_day(share, since="2023-01-01", until="2024-01-01"):
    """Share out the generation hour by hour; the share holds from a day up to another."""
    days = local_times(YEAR, COMMUNITY.timezone, COMMUNITY.step).astype("datetime64[D]")
    holds = (days >= np.datetime64(since)) & (days < np.datetime64(until))
    hours = np.where(holds, float(share), 0.0) * COMMUNITY.generation_kwh[0]
    starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]])
    return pytest.approx(np.add.reduceat(hours, starts).tolist(), abs=2e-6)


def test_energy_follows_what_is_applied_and_its_corrections(api):
    agreement, shares = publish(api, *SHARES), [float(share) for share in SHARES]
    everybody = [share_by_day(share) for share in shares]
    assert allocated(api) == ({"PUBLISHED"}, everybody)
    assert allocated(api, agreement=draft(api, "0.2", "0.2", "0.6")) == (
        {"STATED"},
        [share_by_day(share) for share in (0.2, 0.2, 0.6)],
    )

    do(api, "recordApplication", agreementId=agreement, validFrom=HOLDS, cups=CUPS[:2])
    since_march = [share_by_day(share, HOLDS) for share in shares]
    assert allocated(api) == ({"APPLIED"}, [*since_march[:2], None])
    first, second = applied(api, agreement)
    do(api, "recordApplication", agreementId=agreement, validFrom=HOLDS, cups=CUPS[:2])
    assert applied(api, agreement) == [first, second]
    do(api, "recordApplication", agreementId=agreement, validFrom="2023-04-01", cups=CUPS[2:])
    assert allocated(api)[1] == [*since_march[:2], share_by_day(0.2, "2023-04-01")]

    corrected = do(
        api,
        "correctApplication",
        appliedIds=[first["id"]],
        validFrom="2023-03-15",
        reason="The distributor began late",
    )
    assert nodes(corrected["applied"]) == [
        {"id": first["id"], "validFrom": "2023-03-15", "validUntil": None}
    ]
    assert allocated(api)[1][0] == share_by_day(0.5, "2023-03-15")
    ended = do(
        api,
        "endApplication",
        appliedIds=[second["id"]],
        validUntil="2023-06-10",
        reason="Left the building",
    )
    assert nodes(ended["applied"]) == [{"validFrom": HOLDS, "validUntil": "2023-06-10"}]
    assert allocated(api)[1][1] == share_by_day(0.3, HOLDS, "2023-06-10")
    removed = do(api, "removeApplication", appliedIds=[first["id"]], reason="Never applied")
    assert removed["applied"] == {"totalCount": 0}
    assert spans(applied(api, agreement)) == [(1, HOLDS, "2023-06-10"), (2, "2023-04-01", None)]

    history = nodes(read(api, agreement, HISTORY)["appliedHistory"])
    assert [(each["act"], each["validFrom"], each["reason"]) for each in history[3:]] == [
        ("REMOVED", HOLDS, "The distributor began late"),
        ("CORRECTED", "2023-03-15", "The distributor began late"),
        ("ENDED", HOLDS, "Left the building"),
        ("REMOVED", "2023-03-15", "Never applied"),
    ]
    assert {each["act"] for each in history[:3]} == {"RECORDED"}
    assert history[5]["supplyPoint"] == {"cups": CUPS[1]}


HISTORY = """appliedHistory { edges { node {
  act validFrom validUntil reason recordedAt supplyPoint { cups }
} } }"""


def test_what_holds_on_a_day(api):
    agreement = publish(api, *SHARES)
    do(api, "recordApplication", agreementId=agreement, validFrom=HOLDS, cups=CUPS[:1])
    do(api, "recordApplication", agreementId=agreement, validFrom="2023-05-01", cups=CUPS[1:])
    query = """query ($cau: Cau!, $day: Date) { installation(cau: $cau) {
      appliedCoefficients(onDay: $day) { totalCount edges { node { agreement { id } } } }
      ids: appliedCoefficients(onDay: $day) { edges { node { id } } } } }"""

    def count(day):
        installation = api.ask(query, cau=CAU, day=day)["installation"]
        found = installation["appliedCoefficients"]
        assert all(node == {"agreement": {"id": agreement}} for node in nodes(found))
        assert len(nodes(installation["ids"])) == found["totalCount"]
        return found["totalCount"]

    assert [count(day) for day in ("2023-02-28", HOLDS, "2023-05-01", None)] == [0, 1, 3, 3]


def test_a_proposal_and_an_agreement_cannot_both_apply(api):
    agreement, proposal = publish(api, *SHARES), api.propose()
    answer = api.post(ENERGY, cau=CAU, agreement=agreement, proposal=proposal).json()
    assert {error["message"] for error in answer["errors"]} == {
        "name a proposal or an agreement, not both"
    }
    answer = api.post(ENERGY, cau=CAU, agreement="x").json()
    assert {error["message"] for error in answer["errors"]} == {"there is no such agreement"}


MONTHS = """query ($cau: Cau!, $year: Int!) { installation(cau: $cau) {
  allocations(year: $year) { totalCount edges { node {
    month version recordedAt generationKwh unallocatedKwh
    parts { edges { node { supplyPoint { cups }
      consumptionKwh allocatedKwh selfConsumedKwh surplusKwh } } } } } } } }"""


def test_months_are_shared_out_to_the_last_digit(api):
    agreement = publish(api, "0.333333", "0.333333", "0.333334")
    do(api, "recordApplication", agreementId=agreement, validFrom="2023-03-01")
    job = do(api, "allocateMonths", communityId=community_id(api, "test-1"), idempotencyKey="k")[
        "job"
    ]
    assert (job["kind"], job["state"]) == ("ALLOCATE_MONTHS", "QUEUED")
    with read_session(api.engine) as session:
        (run,) = session.exec(select(tables.JobRun)).all()
    assert run.arguments == {"community_id": str(own_community(api).id)}
    allocate(api)
    found = api.ask(MONTHS, cau=CAU, year=2023)["installation"]["allocations"]
    assert [each["month"] for each in nodes(found)] == [f"2023-{n:02d}-01" for n in range(3, 13)]
    march = nodes(found)[0]
    days = local_times(YEAR, COMMUNITY.timezone, COMMUNITY.step).astype("datetime64[M]")
    is_march = days == np.datetime64("2023-03")
    generation = np.rint(COMMUNITY.generation_kwh[0][is_march] * 1000).astype(int)
    assert (march["version"], march["unallocatedKwh"]) == (1, "0.000000000")
    assert march["recordedAt"] == NOW.isoformat()
    assert march["generationKwh"] == f"{generation.sum() / 1000:.9f}"
    for row, part in enumerate(sorted_parts(march)):
        consumption = np.rint(COMMUNITY.consumption_kwh[row][is_march] * 1000).astype(int)
        share = (333_333, 333_333, 333_334)[row]
        given = [int(wh) * share for wh in generation]
        used = [min(each, int(wh) * 10**6) for each, wh in zip(given, consumption, strict=True)]
        assert part["supplyPoint"]["cups"] == CUPS[row]
        assert as_micro(part["allocatedKwh"]) == sum(given)
        assert as_micro(part["selfConsumedKwh"]) == sum(used)
        assert as_micro(part["surplusKwh"]) == sum(given) - sum(used)
        assert as_micro(part["consumptionKwh"]) == int(consumption.sum()) * 10**6
    assert api.ask(MONTHS, cau=CAU, year=2022)["installation"]["allocations"]["totalCount"] == 0
    error = api.error(MONTHS, cau=CAU, year=1999)
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}


def sorted_parts(month):
    return sorted(nodes(month["parts"]), key=lambda part: CUPS.index(part["supplyPoint"]["cups"]))


def as_micro(text):
    """Read kilowatt-hours with nine decimals as millionths of a watt-hour."""
    whole, _, rest = text.partition(".")
    assert len(rest) == 9
    return int(whole + rest)


def own_community(api):
    with read_session(api.engine) as session:
        return session.exec(select(tables.Community)).one()


def allocate(api):
    community = own_community(api)
    with write_session(api.engine) as session:
        allocate_community(
            session, promoter_id=community.promoter_id, community_id=community.id, now=NOW
        )
