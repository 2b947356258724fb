"""Yearly bills of a proposal through the API: what is stored, shown, and refused."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from api.services.bills.contract_document import parse_contracts
from api.services.bills.segment_terms import LawChoice
from api.services.proposals.describe_proposal import describe_proposal
from api.services.proposals.retail_question import PriceBasis, RetailQuestion
from models import tables
from models.regulation.assumptions import Assumption
from models.session import read_session
from planner.classes.step_classes import Classes
from planner.goal import Objective
from tests.support.api import NOW
from tests.support.databases import acting_for_all, on_sqlite
from tests.support.proposals import FIRST, NEIGHBOURS, ask, nodes, plan_stored, refuse

pytestmark = on_sqlite

AMOUNTS = "withoutEur beforeEur afterEur savingEur gainEur"
BILLS = (
    "query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {"
    " goal { prices } savingsEur billsLeftOut"
    f" bills {{ {AMOUNTS} lawYear assumedCount"
    "  unsureFigures { edges { node { name value certainty validFrom"
    "   alternatives { edges { node { assumption value } } } } } }"
    "  remarks { edges { node { code text } } } }"
    f" classes {{ bills {{ {AMOUNTS} }} }}"
    f" members {{ edges {{ node {{ yearlyBill {{ contract isAssumed {AMOUNTS}"
    "  months(first: 12) { edges { node { month withoutEur beforeEur afterEur } } } } } } } } } }"
)
LIGHT = {
    "name": "Luz Clara",
    "power": {"eur_per_kw": ["0.08", "0.01"], "per": "day"},
    "energy": {"eur_per_kwh": ["0.20", "0.15", "0.10"]},
    "surplus": {"eur_per_kwh": "0.06"},
}
LIGHT_INPUT = {
    "name": "Luz Clara",
    "power": {"eurPerKw": ["0.08", "0.01"], "per": "DAY"},
    "energy": {"eurPerKwh": ["0.20", "0.15", "0.10"]},
    "surplus": {"eurPerKwh": "0.06"},
}


def in_words(name: str) -> str:
    first, *others = name.removesuffix("_eur").split("_")
    return "".join([first, *map(str.capitalize, others)]) + "Eur"


def amounts_of(stated: dict) -> dict:
    """Give the amounts of ``proposal.json`` under the names of the interface."""
    names = ("without_eur", "before_eur", "after_eur", "saving_eur", "gain_eur")
    return {in_words(name): stated[name] for name in names}


def only_amounts(shown: dict) -> dict:
    return {name: shown[name] for name in AMOUNTS.split()}


def test_a_proposal_at_retail_prices_keeps_everybodys_bills(neighbours):
    terms = {
        "contracts": [{"contract": LIGHT_INPUT, "cups": [FIRST]}],
        "lawYear": 2026,
        "assuming": ["POWER_YEAR_OF_365_DAYS"],
    }
    wish = {"objective": "SAVINGS", "retail": terms, "classes": "MONTH"}
    found = ask(neighbours, BILLS, neighbours.propose(cau=NEIGHBOURS, **wish))

    asked = RetailQuestion(
        parse_contracts({"contract": [LIGHT | {"cups": [FIRST]}]}),
        LawChoice(frozenset({Assumption.POWER_YEAR_OF_365_DAYS}), 2026),
    )
    planned = plan_stored(
        neighbours,
        objective=Objective.SAVINGS,
        prices=PriceBasis.RETAIL,
        retail=asked,
        classes=Classes.MONTH,
    )
    stated = describe_proposal(planned)
    assert found["goal"] == {"prices": "RETAIL"}
    assert found["savingsEur"] == stated["savings_eur"]
    assert found["billsLeftOut"] is None
    assert found["classes"]["bills"] == amounts_of(stated["classes"]["bills"])
    assert found["classes"]["bills"]["withoutEur"] == found["bills"]["withoutEur"]
    bills = found["bills"]
    assert only_amounts(bills) == amounts_of(stated["bills"])
    assert (bills["lawYear"], bills["assumedCount"]) == (2026, 3)
    assert [each["name"] for each in nodes(bills["unsureFigures"])] == [
        figure["name"] for figure in stated["bills"]["figures"]
    ]
    assert [each["text"] for each in nodes(bills["remarks"])] == [
        remark["text"] for remark in stated["bills"]["remarks"]
    ]
    for shown, member in zip(nodes(found["members"]), stated["members"], strict=True):
        bill, months = shown["yearlyBill"], nodes(shown["yearlyBill"]["months"])
        assert only_amounts(bill) == amounts_of(member["yearly_bill"])
        assert bill["isAssumed"] == (bill["contract"] != "Luz Clara")
        assert [each["month"] for each in months] == list(range(1, 13))
        for name in ("withoutEur", "beforeEur", "afterEur"):
            assert sum(Decimal(each[name]) for each in months) == Decimal(bill[name])
    with read_session(neighbours.engine) as session:
        rows = session.exec(select(tables.ProposedBill)).all()
        assert len(rows) == 4
        assert sum(row.after_cents for row in rows) == Decimal(bills["afterEur"]) * 100
        assert sum(row.before_cents or 0 for row in rows) == Decimal(bills["beforeEur"]) * 100


def test_a_year_without_law_has_no_bills_but_a_reason(neighbours):
    found = ask(neighbours, BILLS, neighbours.propose(cau=NEIGHBOURS))

    assert found["goal"] == {"prices": "STORED"}
    assert found["bills"] is None
    assert "2023-01-01" in found["billsLeftOut"]
    assert [each["yearlyBill"] for each in nodes(found["members"])] == [None] * 4


def test_without_coefficients_in_force_there_is_no_bill_before(api):
    found = ask(api, BILLS, api.propose(retail={"lawYear": 2025}))

    assert found["goal"] == {"prices": "STORED"}
    assert found["bills"]["beforeEur"] is None
    months = nodes(nodes(found["members"])[0]["yearlyBill"]["months"])
    assert {each["beforeEur"] for each in months} == {None}


def test_recorded_contracts_serve_where_none_is_named(neighbours):
    with read_session(neighbours.engine) as session:
        point = session.exec(
            select(tables.SupplyPoint).where(tables.SupplyPoint.cups == FIRST)
        ).one()
    with acting_for_all(neighbours.engine) as connection:
        connection.execute(
            tables.RetailContract.__table__.insert().values(
                promoter_id=point.promoter_id,
                supply_point_id=point.id,
                name="recorded",
                valid_from=date(2020, 1, 1),
                document=LIGHT | {"name": "recorded"},
                recorded_at=NOW,
            )
        )
    found = ask(neighbours, BILLS, neighbours.propose(cau=NEIGHBOURS, retail={"lawYear": 2025}))

    first, *others = nodes(found["members"])
    assert first["yearlyBill"]["contract"] == "recorded"
    assert first["yearlyBill"]["isAssumed"] is False
    assert all(each["yearlyBill"]["isAssumed"] for each in others)


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"retail": {"lawYear": 99999}}, "input.retail.lawYear"),
        (
            {"retail": {"contracts": [{"contract": LIGHT_INPUT | {"name": " "}}]}},
            "input.retail.contracts",
        ),
    ],
)
def test_what_cannot_be_billed_is_refused_at_once(neighbours, wish, path):
    ((found, _),) = refuse(neighbours, **wish)

    assert found == path
