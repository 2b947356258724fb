"""Retail bills over GraphQL: the same as the use case gives, typed errors, and limits."""

import json
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from api.graphql.node import write_global_id
from api.services.bills.bill_question import BillQuestion
from api.services.bills.describe_bills import describe_bills
from api.services.bills.segment_terms import LawChoice
from api.services.bills.simulate_bills import simulate_bills
from models import tables
from models.session import read_session
from tests.support.community_folders import make_cups
from tests.support.databases import on_sqlite
from tests.support.queries import count_queries

pytestmark = on_sqlite

AMOUNTS = """{ consumptionKwh allocatedKwh selfConsumedKwh surplusKwh gridImportKwh
  withoutEur sharingEur savedEur
  savedByCause { gridEnergy compensation power socialBonus feesAndDiscounts electricityTax
    salesTax } }"""
LINES = """edges { node { kind tariffPeriod start end quantity unit unitPrice pricePer yearDays
  salesTax amountEur } }"""
BILLS = f"""{{ contract basis total {AMOUNTS}
  bills(first: 12) {{ totalCount edges {{ node {{ start end amounts {AMOUNTS}
    lines(first: 100) {{ {LINES} }} without: lines(sharing: false) {{ totalCount }} }} }} }}
  figures(first: 100) {{ edges {{ node {{ name value unit source certainty validFrom validUntil
    alternatives {{ edges {{ node {{ assumption value }} }} }} }} }} }}
  remarks {{ edges {{ node {{ code text }} }} }} }}"""
QUERY = f"""query ($id: ID!, $start: Date!, $end: Date!, $law: Int, $contract: RetailContractInput,
    $assuming: [Assumption!], $proposal: ID, $agreement: ID) {{
  node(id: $id) {{ ... on SupplyPoint {{ simulateBill(start: $start, end: $end, lawYear: $law,
    contract: $contract, assuming: $assuming, proposalId: $proposal, agreementId: $agreement)
    {BILLS} }} }} }}"""
YEAR = {"start": "2023-01-01", "end": "2024-01-01", "law": 2026}
JULY = {"start": "2023-07-01", "end": "2023-08-01", "law": 2026}


@pytest.fixture
def point(api) -> tables.SupplyPoint:
    """Give a supply point that shares."""
    with read_session(api.engine) as session:
        return session.exec(select(tables.SupplyPoint).order_by(tables.SupplyPoint.cups)).first()


@pytest.fixture
def point_id(point) -> str:
    return write_global_id(tables.SupplyPoint, point.id)


def nodes(connection):
    return [edge["node"] for edge in connection["edges"]]


def test_a_year_is_what_the_use_case_gives(api, point, point_id):
    proposal = api.propose()
    found = api.ask(QUERY, id=point_id, proposal=proposal, **YEAR)["node"]["simulateBill"]

    with read_session(api.engine) as session:
        key = session.exec(select(tables.CoefficientProposal.id)).one()
        question = BillQuestion(
            date(2023, 1, 1), date(2024, 1, 1), choice=LawChoice(year=2026), proposal_id=key
        )
        made = simulate_bills(
            session, promoter_id=point.promoter_id, ids=[point.id], question=question
        )
        expected = describe_bills(made[point.id])
    assert found["basis"] == "PROPOSED"
    assert found["contract"] == expected["contract"]
    assert Decimal(expected["total"]["saved_eur"]) > 0
    for shown, told in [
        (found["total"], expected["total"]),
        *(
            (bill["amounts"], told)
            for bill, told in zip(nodes(found["bills"]), expected["bills"], strict=True)
        ),
    ]:
        assert shown["savedEur"] == told["saved_eur"]
        assert shown["withoutEur"] == told["without_eur"]
        assert shown["sharingEur"] == told["sharing_eur"]
        assert shown["surplusKwh"] == told["surplus_kwh"]
        assert list(shown["savedByCause"].values()) == list(told["saved_by_cause"].values())
    july = nodes(found["bills"])[6]
    assert [line["amountEur"] for line in nodes(july["lines"])] == [
        line["amount_eur"] for line in expected["bills"][6]["lines"]
    ]
    assert july["without"]["totalCount"] == len(expected["bills"][6]["lines_without"])
    assert found["bills"]["totalCount"] == 12
    assert [figure["value"] for figure in nodes(found["figures"])] == [
        " ".join(figure["values"]) for figure in expected["figures"]
    ]
    assert [remark["code"].lower() for remark in nodes(found["remarks"])] == [
        remark["code"] for remark in expected["remarks"]
    ]


def test_a_contract_is_billed_line_by_line(api, point_id):
    contract = {
        "name": "mine",
        "power": {"eurPerKw": ["0.1", "0.01"], "per": "DAY"},
        "energy": {"eurPerKwh": ["0.123456789"], "discountShare": "0.1"},
        "surplus": {"eurPerKwh": "0.05", "capBase": "WITHOUT_TOLLS", "mayCost": False},
        "meter": {"kind": "THREE_PHASE"},
        "services": {"eur": "2.50"},
        "socialBonus": {"vulnerability": "VULNERABLE"},
        "use": "DWELLING",
    }
    found = api.ask(QUERY, id=point_id, contract=contract, **JULY)["node"]["simulateBill"]

    lines = nodes(nodes(found["bills"])[0]["lines"])
    assert found["contract"] == "mine"
    assert lines[0] == {
        "kind": "POWER",
        "tariffPeriod": 1,
        "start": "2023-07-01",
        "end": "2023-08-01",
        "quantity": lines[0]["quantity"],
        "unit": "kW",
        "unitPrice": "0.1",
        "pricePer": "DAY",
        "yearDays": 365,
        "salesTax": None,
        "amountEur": lines[0]["amountEur"],
    }
    prices = {line["unitPrice"] for line in lines if line["kind"] == "ENERGY"}
    assert prices == {"0.123456789"}
    kinds = {line["kind"] for line in lines}
    assert {"ENERGY_DISCOUNT", "SOCIAL_BONUS_DISCOUNT", "SERVICES", "METER_RENTAL"} <= kinds
    total = sum(Decimal(line["amountEur"]) for line in lines)
    assert str(total) == nodes(found["bills"])[0]["amounts"]["sharingEur"]
    assert "DEFAULT_CONTRACT" not in [each["code"] for each in nodes(found["remarks"])]


def test_an_assumption_changes_an_open_figure(api, point_id):
    november = {"start": "2023-11-01", "end": "2023-12-01", "law": 2026}
    assumed = ["TAX_CUT_IN_NOVEMBER_2026"]
    found = [
        api.ask(QUERY, id=point_id, assuming=assuming, **november)["node"]["simulateBill"]
        for assuming in ([], assumed)
    ]

    tax = [
        next(each for each in nodes(bills["figures"]) if each["name"] == "electricity tax")
        for bills in found
    ]
    assert [each["value"] for each in tax] == ["0.0511269632", "0.005"]
    assert tax[0]["certainty"] == "OPEN"
    assert nodes(tax[0]["alternatives"]) == [{"assumption": assumed[0], "value": "0.005"}]


@pytest.mark.parametrize(
    ("wish", "code", "told"),
    [
        ({"law": None}, "INVALID_ARGUMENT", "choose a year whose law"),
        ({"end": "2023-01-01"}, "INVALID_ARGUMENT", "the end is not after the start"),
        ({"start": "2018-12-01"}, "INVALID_ARGUMENT", "at most 60 months"),
        ({"start": "2022-12-01"}, "NOT_FOUND", "2022"),
        ({"proposal": "nonsense"}, "NOT_FOUND", "there is no such proposal"),
        (
            {"contract": {"name": "x", "power": {}, "energy": {"eurPerKwh": ["a"]}}},
            "INVALID_ARGUMENT",
            "contract.1.power: give exactly one",
        ),
        (
            {
                "contract": {
                    "name": "x",
                    "power": {"eurPerKw": ["1"] * 6},
                    "energy": {"eurPerKwh": ["0.1"]},
                }
            },
            "INVALID_ARGUMENT",
            "6 figures of power; 2.0TD has 2",
        ),
    ],
)
def test_what_cannot_be_billed_is_an_error_with_a_code(api, point_id, wish, code, told):
    error = api.error(QUERY, **({"id": point_id} | YEAR | wish))

    assert error["extensions"]["code"] == code
    assert told in error["message"]


WITHIN = """query ($first: Int!) { communities(first: 1) { edges { node {
  members(first: $first) { edges { node { supplyPoints(first: 2) { edges { node { %s } } } } } }
} } } }"""
ONE = 'simulateBill(start: "2023-07-01", end: "2023-08-01", lawYear: 2026) { contract }'


def test_many_are_simulated_in_one_go(api):
    counts = []
    for first in (1, 50):
        with count_queries(api.engine) as queries:
            api.ask(WITHIN % ONE, first=first)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_request_may_not_simulate_without_end(api):
    many = " ".join(f"m{day}: {ONE}".replace("07-01", f"07-{day:02d}") for day in range(1, 13))
    answer = api.post(WITHIN % many, first=10).json()

    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert codes == {"TOO_LARGE"}
    assert "more than 10000 rows" in answer["errors"][0]["message"]


def test_the_cost_of_a_document_counts_its_bills(api):
    everywhere = (WITHIN % ONE).replace("(first: 1)", "").replace("(first: 2)", "")
    error = api.error(everywhere, first=50)

    assert error["extensions"]["code"] == "TOO_LARGE"
    assert "the cost of the document" in error["message"]


RECORD = """mutation ($input: RecordRetailContractInput!) { recordRetailContract(input: $input) {
  contracts { totalCount edges { node { id name validFrom text } } }
  userErrors { __typename code message path } } }"""
FLAT = {
    "name": "flat",
    "power": {"eurPerKw": ["30", "5"]},
    "energy": {"eurPerKwh": ["0.15"]},
    "surplus": {"eurPerKwh": "0.04"},
}


def test_a_recorded_contract_is_billed_and_listed(api, point, point_id):
    wish = {"cups": [point.cups], "contract": FLAT, "validFrom": "2023-01-01"}
    done = api.ask(RECORD, input=wish)["recordRetailContract"]
    (row,) = nodes(done["contracts"])
    bill = api.ask(QUERY, id=point_id, **JULY)["node"]["simulateBill"]
    listed = api.ask(
        """query ($id: ID!) { node(id: $id) { ... on SupplyPoint { retailContracts {
          totalCount edges { node { id name validFrom text } } } } } }""",
        id=point_id,
    )["node"]["retailContracts"]

    assert done["userErrors"] == []
    assert (row["name"], row["validFrom"]) == ("flat", "2023-01-01")
    assert json.loads(row["text"]) == {
        "name": "flat",
        "power": {"eur_per_kw": ["30", "5"]},
        "energy": {"eur_per_kwh": ["0.15"]},
        "surplus": {"eur_per_kwh": "0.04"},
    }
    assert bill["contract"] == "flat"
    assert listed == done["contracts"]


@pytest.mark.parametrize(
    ("changed", "path", "message"),
    [
        ({"cups": [make_cups(99)]}, ["input", "cups"], "there is no"),
        (
            {"contract": FLAT | {"energy": {"eurPerKwh": ["1"] * 6}}},
            ["input", "contract"],
            "2.0TD has 3 periods",
        ),
        ({"contract": FLAT | {"energy": {}}}, ["input", "contract"], "give exactly one of"),
    ],
)
def test_contracts_that_cannot_be_recorded(api, point, changed, path, message):
    wish = {"cups": [point.cups], "contract": FLAT, "validFrom": "2023-01-01"} | changed
    done = api.ask(RECORD, input=wish)["recordRetailContract"]
    (error,) = done["userErrors"]
    assert (error["path"], message in error["message"]) == (path, True)
    assert done["contracts"]["totalCount"] == 0
