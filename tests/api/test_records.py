"""Communities and what hangs on them: every column, and the way back from each record."""

from dataclasses import replace
from datetime import date

import pytest

from api.services.community_folders.import_community import import_community
from models.repositories.promoters import find_promoter
from models.session import write_session
from tests.support.api import NOW, build_newcomers

COMMUNITY = """{ communities { edges { node {
  __typename name
  installations { edges { node {
    cau inverterPowerKw lat lon community { name }
    memberships { edges { node { position validFrom validUntil investmentEur
      supplyPoint { cups tariff contractedPowerKw lat lon
        member { code kind community { name } } } } } }
    publishedAgreement { state fileYear createdAt publishedAt proposal { id }
      installation { cau }
      coefficients { edges { node { position coefficient supplyPoint { cups } } } } }
    proposals { totalCount }
  } } }
  reservePool { edges { node { position appliedOn state community { name }
    supplyPoint { cups } } } }
} } } }"""


@pytest.fixture
def stated(api):
    """Import a community that states coefficients, investments, places and dates."""
    newcomers = build_newcomers()
    betas = (0.5, 0.3, 0.2, None)
    stated = replace(
        newcomers,
        name="A first one",
        members=tuple(
            replace(
                member,
                current_beta=beta,
                investment_eur=1_234.5 if beta else None,
                lat=39.5,
                lon=-0.4,
                joined_on=date(2022, 5, 1),
            )
            for member, beta in zip(newcomers.members, betas, strict=True)
        ),
    )
    with write_session(api.engine) as session:
        promoter = find_promoter(session, name="Ajuntament de la Peña")
        import_community(session, promoter_id=promoter.id, community=stated, imported_at=NOW)
    return stated


def test_everything_that_was_imported_can_be_read(api, stated):
    first, second = api.ask(COMMUNITY)["communities"]["edges"]
    assert (first["node"]["name"], second["node"]["name"]) == (
        "A first one",
        "Comunidad de la Peña",
    )
    (edge,) = first["node"]["installations"]["edges"]
    plant = edge["node"]
    assert (plant["cau"], plant["inverterPowerKw"]) == (stated.installations[0].cau, 10.0)
    assert (plant["lat"], plant["lon"]) == (39.47, -0.38)
    assert plant["community"] == {"name": "A first one"}
    memberships = [edge["node"] for edge in plant["memberships"]["edges"]]
    assert [membership["position"] for membership in memberships] == [0, 1, 2]
    assert memberships[0] == {
        "position": 0,
        "validFrom": "2022-05-01",
        "validUntil": None,
        "investmentEur": "1234.50",
        "supplyPoint": {
            "cups": stated.members[0].cups,
            "tariff": "LOW_VOLTAGE_UP_TO_15_KW",
            "contractedPowerKw": 3.45,
            "lat": 39.5,
            "lon": -0.4,
            "member": {"code": "M1", "kind": "home", "community": {"name": "A first one"}},
        },
    }
    (waiting,) = first["node"]["reservePool"]["edges"]
    assert waiting["node"] == {
        "position": 3,
        "appliedOn": "2022-05-01",
        "state": "WAITING",
        "community": {"name": "A first one"},
        "supplyPoint": {"cups": stated.members[3].cups},
    }


def test_coefficients_that_the_list_states_are_an_agreement_without_proposal(api, stated):
    first, second = api.ask(COMMUNITY)["communities"]["edges"]
    agreement = first["node"]["installations"]["edges"][0]["node"]["publishedAgreement"]
    assert (agreement["state"], agreement["fileYear"], agreement["proposal"]) == (
        "PUBLISHED",
        2023,
        None,
    )
    assert agreement["publishedAt"] == "2024-03-01T09:30:00+00:00"
    assert agreement["installation"] == {"cau": stated.installations[0].cau}
    coefficients = [edge["node"] for edge in agreement["coefficients"]["edges"]]
    assert [one["coefficient"] for one in coefficients] == ["0.500000", "0.300000", "0.200000"]
    assert [one["supplyPoint"]["cups"] for one in coefficients] == [
        member.cups for member in stated.members[:3]
    ]
    plant = second["node"]["installations"]["edges"][0]["node"]
    assert plant["publishedAgreement"] is None
    assert plant["memberships"]["edges"][0]["node"]["investmentEur"] is None
