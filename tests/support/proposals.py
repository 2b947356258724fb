"""A community with everything that limits can be about, and plans of it to compare with."""

from dataclasses import replace
from typing import Any

from sqlmodel import select

from api.services.community_folders.import_community import import_community
from api.services.proposals.limits_document import parse_limits
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.run_proposal import load_installation_year
from models import tables
from models.session import read_session, write_session
from tests.support.api import NOW, PROPOSE, YEAR, Api
from tests.support.community_folders import build_community_year, make_cau, make_cups
from tests.support.stored_once import stored_once

NEIGHBOURS = make_cau(2)
FIRST, SECOND, FOURTH = (make_cups(500 + place) for place in (0, 1, 3))
_CURRENT = (0.4, 0.3, 0.2, 0.1)
_INVESTED = (4_000.0, 3_000.0, 2_000.0, 1_000.0)
_KINDS = ("home", "shop", "home", "school")


def add_neighbours(api: Api, *, n_members: int = 4) -> None:
    """Store a plant whose members have coefficients in force, investments and kinds."""
    built = build_community_year(n_members=n_members, n_reserve=0, seed=7)
    members = [
        replace(
            member,
            cups=make_cups(500 + place),
            kind=_KINDS[place % 4],
            current_beta=_CURRENT[place] if n_members == 4 else None,
            investment_eur=_INVESTED[place % 4],
        )
        for place, member in enumerate(built.members)
    ]
    community = replace(
        built,
        community_id="neighbours",
        installations=(replace(built.installations[0], cau=NEIGHBOURS),),
        members=tuple(members),
    )
    with write_session(api.engine) as session:
        owner = session.exec(select(tables.Community)).one().promoter_id
        import_community(session, promoter_id=owner, community=community, imported_at=NOW)


def plan_stored(api: Api, limits: dict[str, Any] | None = None, **request: Any) -> PlannedYear:
    """Plan what is stored of the neighbours without API or worker."""
    with read_session(api.engine) as session:
        plant = session.exec(
            select(tables.SelfConsumptionInstallation).where(
                tables.SelfConsumptionInstallation.cau == NEIGHBOURS
            )
        ).one()
        community = load_installation_year(
            session,
            promoter_id=plant.promoter_id,
            installation_id=plant.id,
            year=YEAR,
        )
    return plan_coefficients(
        community=community, request=PlanRequest(limits=parse_limits(limits or {}), **request)
    )


@stored_once
def neighbours(api: Api) -> Api:
    """Serve the neighbours beside the other community."""
    add_neighbours(api)
    return api


@stored_once
def proposal(api: Api) -> str:
    """Plan for the community of every test, and give the proposal's global id."""
    return api.propose()


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the items of a page."""
    return [edge["node"] for edge in connection["edges"]]


def ask(api: Api, query: str, proposal: str, **variables: Any) -> dict[str, Any]:
    """Read a proposal."""
    return api.ask(query, id=proposal, **variables)["node"]


def refuse(api: Api, **wish: Any) -> list[tuple[str, str]]:
    """Ask for what cannot be, and tell path and message of each error; nothing is queued."""
    wish = {"cau": NEIGHBOURS, "year": YEAR} | wish
    payload = api.ask(PROPOSE, input=wish)["proposeCoefficients"]
    assert payload["job"] is None
    with read_session(api.engine) as session:
        assert session.exec(select(tables.JobRun)).all() == []
    errors = payload["userErrors"]
    assert {(error["__typename"], error["code"]) for error in errors} == {
        ("InvalidArgumentUserError", "INVALID_ARGUMENT")
    }
    return [(".".join(error["path"]), error["message"]) for error in errors]
