"""A member's page in one question: its months, what it saved, what it owes and is offered."""

import pytest

from models.values.access import Role
from tests.support.accounts_of_roles import call_as
from tests.support.api import ACCEPT, CAU, YEAR
from tests.support.community_folders import build_community_year
from tests.support.databases import on_sqlite

pytestmark = on_sqlite

MY_MONTH = """query ($year: Int!) { viewer { name promoter { name }
  members { edges { node { code
    community { name timezone sharedMonths(year: $year) { edges { node {
      month own { selfConsumedKwh savingsEur } together { total { savingsEur } } } } }
      installations { edges { node { cau
        proposals { edges { node { state createdAt coefficients { totalCount edges { node {
          coefficient supplyPoint { cups } } } } } } }
        publishedAgreement { fileYear coefficients { edges { node { coefficient } } } } } } } }
    consumed: energy(measure: CONSUMPTION, year: $year) { unit values }
    used: energy(measure: SELF_CONSUMED, year: $year) { basis values }
    saved: benefits(of: SAVINGS, year: $year) { unit values }
    avoided: benefits(of: AVOIDED_CO2, year: $year) { unit values }
    balance { owedEur }
    payer { name }
    supplyPoints { edges { node { cups tariff contractedPowerKw
      retailContracts { edges { node { name validFrom } } }
      subscriptions { edges { node { plan { name } } } } } } }
  } } } }
  invoices { edges { node { number totalEur issuedOn
    files { edges { node { kind download } } } } } }
  jobs { edges { node { kind state download } } }
}"""


def test_a_member_draws_its_month_with_one_question(api):
    proposal = api.propose()
    api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": 2024})
    answer = call_as(api, Role.MEMBER).ask(MY_MONTH, year=YEAR)
    [edge] = answer["viewer"]["members"]["edges"]
    me, year = edge["node"], build_community_year()
    assert me["code"] == "M1"
    assert sum(me["consumed"]["values"]) == pytest.approx(year.consumption_kwh[0].sum())
    assert me["used"]["basis"] == "PUBLISHED"
    assert me["avoided"]["values"] == pytest.approx([0.331 * kwh for kwh in me["used"]["values"]])
    assert me["saved"]["unit"] == "EUR"
    assert all(value > 0 for value in me["saved"]["values"])
    [plant] = [each["node"] for each in me["community"]["installations"]["edges"]]
    assert plant["cau"] == CAU
    [offer] = [each["node"] for each in plant["proposals"]["edges"]]
    assert (offer["state"], offer["coefficients"]["totalCount"]) == ("ACCEPTED", 1)
    [mine] = [each["node"] for each in me["supplyPoints"]["edges"]]
    assert offer["coefficients"]["edges"][0]["node"]["supplyPoint"]["cups"] == mine["cups"]
    assert len(plant["publishedAgreement"]["coefficients"]["edges"]) == 1
    assert (answer["invoices"]["edges"], answer["jobs"]["edges"]) == ([], [])
