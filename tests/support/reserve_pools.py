"""A stored community with a reserve that is worth choosing from, and ways to study it."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel import select

from api.graphql.node import write_global_id
from api.services.community_folders.import_community import import_community
from loaders.records import CommunityYear
from models import tables
from models.session import read_session, write_session
from models.values.cups import Cups
from tests.support.api import NOW, YEAR, Api
from tests.support.community_folders import build_community_year, make_cau, make_cups

POOL_CAU = make_cau(3)
POOL_DAY = "2026-04-01"
CURRENT = {"M1": 0.4, "M2": 0.3, "M3": 0.2, "M4": 0.1}
_FAR = 39.47 + 0.5

STUDIES = {
    "fillVacancies": "FillVacanciesInput",
    "candidateSuitability": "CandidateSuitabilityInput",
    "shareExtraCapacity": "ShareExtraCapacityInput",
    "assignMembers": "AssignMembersInput",
}


def build_pool(**changes: Any) -> CommunityYear:
    """Build four who share, and R1 to R4 who wait: R4 too far, R3 for longest."""
    built = build_community_year(**({"n_members": 4, "n_reserve": 4, "seed": 5} | changes))
    places = {"R4": (_FAR, -0.38)}
    members = tuple(
        replace(
            member,
            cups=make_cups(700 + row),
            current_beta=CURRENT.get(member.member_id),
            joined_on=date(2020 - row, 1, 1),
            lat=places.get(member.member_id, (39.471, -0.38))[0],
            lon=-0.38,
        )
        for row, member in enumerate(built.members)
    )
    plants = tuple(
        replace(plant, cau=make_cau(3 + place)) for place, plant in enumerate(built.installations)
    )
    return replace(built, community_id="pool", installations=plants, members=members)


def store(api: Api, community: CommunityYear) -> CommunityYear:
    """Import a community for the owner."""
    with write_session(api.engine) as session:
        owner = session.exec(select(tables.Community)).first()
        assert owner is not None
        import_community(
            session, promoter_id=owner.promoter_id, community=community, imported_at=NOW
        )
    return community


def cups_of(community: CommunityYear, member_id: str) -> Cups:
    """Give the CUPS of somebody on the list."""
    (found,) = [member.cups for member in community.members if member.member_id == member_id]
    return found


def leave_out(pool: CommunityYear, names: set[str]) -> CommunityYear:
    """Take some off the list, and leave the agreement as it stands."""
    rows = [row for row, each in enumerate(pool.members) if each.member_id not in names]
    return replace(
        pool,
        members=tuple(replace(pool.members[row], current_beta=None) for row in rows),
        consumption_kwh=pool.consumption_kwh[rows],
    )


def community_id(api: Api, code: str = "pool") -> str:
    """Give the global id of a stored community."""
    with read_session(api.engine) as session:
        found = session.exec(select(tables.Community).where(tables.Community.code == code)).one()
        return write_global_id(tables.Community, found.id)


def ask_study(api: Api, mutation: str, *, token: str | None = None, **wish: Any) -> dict[str, Any]:
    """Ask for a study of the pool's plant and give the payload."""
    query = f"""mutation ($input: {STUDIES[mutation]}!) {{ {mutation}(input: $input) {{
      job {{ id state kind }} userErrors {{ __typename code message path }} }} }}"""
    payload: dict[str, Any] = api.ask(query, token=token, input={"year": YEAR} | wish)[mutation]
    return payload


def run_study(api: Api, mutation: str, selection: str, **wish: Any) -> dict[str, Any]:
    """Run a study and give what is selected of its result."""
    payload = ask_study(api, mutation, **({"onDay": POOL_DAY} | wish))
    assert payload["userErrors"] == []
    assert api.drain() == 1
    query = f"""query ($id: ID!) {{ node(id: $id) {{ ... on JobRun {{
      state progress error {{ code message path }} result {{ {selection} }} }} }} }}"""
    job = api.ask(query, id=payload["job"]["id"])["node"]
    assert (job["state"], job["error"]) == ("SUCCEEDED", None)
    found: dict[str, Any] = job["result"]
    return found


def fail_study(api: Api, mutation: str, **wish: Any) -> tuple[str, str]:
    """Run a study that fails, and give code and message of its job's error."""
    payload = ask_study(api, mutation, **({"onDay": POOL_DAY} | wish))
    assert payload["userErrors"] == []
    assert api.drain() == 1
    query = """query ($id: ID!) { node(id: $id) { ... on JobRun {
      state result { id } error { code message path } } } }"""
    job = api.ask(query, id=payload["job"]["id"])["node"]
    assert (job["state"], job["result"], job["error"]["path"]) == ("FAILED", None, [])
    return job["error"]["code"], job["error"]["message"]


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    """List the nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]
