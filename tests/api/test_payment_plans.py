"""Issuers, payers, plans and subscriptions over GraphQL."""

import pytest

from tests.support.databases import on_sqlite
from tests.support.invoice_calls import billed, invoicing

__all__ = ["billed", "invoicing"]

pytestmark = on_sqlite

PARTY = {
    "taxNumber": "12345678Z",
    "name": "Núria Peña",
    "address": "Carrer Major, 1",
    "postalCode": "08001",
    "town": "Barcelona",
    "province": "Barcelona",
}
OFFICES = ["L01461471"] * 3
TERM = {
    "charges": "FIXED",
    "priceEur": "2.4",
    "description": "Cuota",
    "taxPercent": "21",
    "validFrom": "2024-01-01",
}
PAYER = """payer { taxNumber name postalCode email language accountingOffice managingBody
  processingUnit member { code payer { name } } }"""
PLAN = """plan { id code name issuer { taxNumber } terms { edges { node {
  position charges priceEur description tax taxPercent exemption exemptBecause instalments
  validFrom validUntil } } } }"""
SUBSCRIPTION = "subscription { id validFrom validUntil plan { code } supplyPoint { cups } }"


def nodes(connection):
    return [edge["node"] for edge in connection["edges"]]


@pytest.fixture
def plan(invoicing) -> str:
    """Give the plan that stands."""
    return invoicing.id_of(invoicing.billed.plan)


def test_an_issuer_is_recorded_once(invoicing):
    made = invoicing.do("createIssuer", "issuer { id taxNumber name }", party=PARTY)["issuer"]
    assert (made["taxNumber"], made["name"]) == ("12345678Z", "Núria Peña")
    code, path, message = invoicing.refuse("createIssuer", "issuer", party=PARTY)
    assert (code, path) == ("CONFLICT", "input.party.taxNumber")
    assert message == "there is an issuer 12345678Z already: use that one"


def test_a_payer_is_set_and_set_again(invoicing):
    member = invoicing.id_of(invoicing.billed.stored.members[0])
    more = {"language": "CA", "email": "nuria@example.org", "offices": OFFICES}
    payer = invoicing.do("setPayer", PAYER, memberId=member, party=PARTY, **more)["payer"]
    assert payer == {
        "taxNumber": "12345678Z",
        "name": "Núria Peña",
        "postalCode": "08001",
        "email": "nuria@example.org",
        "language": "CA",
        "accountingOffice": OFFICES[0],
        "managingBody": OFFICES[1],
        "processingUnit": OFFICES[2],
        "member": {"code": "M1", "payer": {"name": "Núria Peña"}},
    }
    again = invoicing.do("setPayer", PAYER, memberId=member, party=PARTY)["payer"]
    assert (again["email"], again["language"], again["accountingOffice"]) == (None, "ES", None)


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"memberId": "x"}, "NOT_FOUND", "input.memberId"),
        ({"party": PARTY | {"taxNumber": "1"}}, "INVALID_DATA", "input.party.taxNumber"),
        ({"party": PARTY | {"postalCode": "8001"}}, "INVALID_DATA", "input.party"),
        ({"email": "nobody"}, "INVALID_ARGUMENT", "input.email"),
        ({"offices": ["x"]}, "INVALID_ARGUMENT", "input.offices"),
        ({"offices": ["!", "!", "!"]}, "INVALID_ARGUMENT", "input.offices"),
    ],
)
def test_payers_that_make_no_sense_are_refused(invoicing, given, code, path):
    member = invoicing.id_of(invoicing.billed.stored.members[0])
    wish = {"memberId": member, "party": PARTY} | given
    refused = invoicing.refuse("setPayer", "payer", **wish)
    assert (refused[0].replace("IDENTIFIER", "DATA"), refused[1]) == (code, path)


def test_a_plan_is_written_down_and_gets_a_further_price(invoicing, plan):
    issuer = invoicing.do("createIssuer", "issuer { id }", party=PARTY)["issuer"]["id"]
    wish = {
        "communityId": invoicing.community,
        "issuerId": issuer,
        "code": "second",
        "name": "Second plan",
        "terms": [
            TERM,
            TERM
            | {
                "charges": "ENTRY_FEE",
                "taxPercent": "0",
                "exemption": "INNER_OPERATION",
                "exemptBecause": "Artículo 20",
                "instalments": 3,
            },
        ],
    }
    made = invoicing.do("createPaymentPlan", PLAN, **wish)["plan"]
    assert (made["code"], made["issuer"]) == ("second", {"taxNumber": "12345678Z"})
    assert [(term["position"], term["instalments"]) for term in nodes(made["terms"])] == [
        (0, 1),
        (1, 3),
    ]
    further = TERM | {"priceEur": "2.50", "validFrom": "2025-01-01"}
    added = invoicing.do("addPlanTerm", PLAN, planId=made["id"], term=further)["plan"]
    assert [(term["priceEur"], term["validFrom"]) for term in nodes(added["terms"])][:2] == [
        ("2.4", "2024-01-01"),
        ("2.5", "2025-01-01"),
    ]
    code, path, _ = invoicing.refuse("addPlanTerm", "plan", planId=made["id"], term=further)
    assert (code, path) == ("INVALID_ARGUMENT", "input.term")
    query = """query ($id: ID!) { community(id: $id) { paymentPlans { edges { node {
      code createdAt } } } } }"""
    listed = invoicing.api.ask(query, id=invoicing.community)["community"]["paymentPlans"]
    assert [each["code"] for each in nodes(listed)] == ["p", "second"]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"issuerId": "x"}, "NOT_FOUND", "input.issuerId"),
        ({"communityId": "x"}, "NOT_FOUND", "input.communityId"),
        ({"code": "p"}, "CONFLICT", "input.code"),
        ({"code": ""}, "INVALID_DATA", "input"),
        ({"terms": [TERM | {"priceEur": "1e999"}]}, "INVALID_ARGUMENT", "input.terms"),
        ({"terms": [TERM | {"priceEur": "NaN"}]}, "INVALID_ARGUMENT", "input.terms"),
        ({"terms": [TERM | {"instalments": 2}]}, "INVALID_ARGUMENT", "input.terms"),
    ],
)
def test_plans_that_make_no_sense_are_refused(invoicing, given, code, path):
    issuer = invoicing.do("createIssuer", "issuer { id }", party=PARTY)["issuer"]["id"]
    wish = {
        "communityId": invoicing.community,
        "issuerId": issuer,
        "code": "second",
        "name": "Second plan",
    } | given
    assert invoicing.refuse("createPaymentPlan", "plan", **wish)[:2] == (code, path)


def test_a_supply_point_pays_by_one_plan_a_day(invoicing, plan):
    cups = invoicing.billed.stored.points[0].cups
    query = """query ($id: ID!) { node(id: $id) { ... on SupplyPoint {
      subscriptions { edges { node { id validFrom validUntil plan { code } } } } } } }"""
    point = invoicing.id_of(invoicing.billed.stored.points[0])
    (standing,) = nodes(invoicing.api.ask(query, id=point)["node"]["subscriptions"])
    assert (standing["validFrom"], standing["plan"]) == ("2023-01-01", {"code": "p"})
    wish = {"planId": plan, "cups": cups, "validFrom": "2024-01-01"}
    refused = invoicing.refuse("subscribeSupplyPoint", "subscription", **wish)
    assert refused[:2] == ("CONFLICT", "input.validFrom")
    end = {"subscriptionId": standing["id"], "validUntil": "2024-01-01"}
    ended = invoicing.do("endSubscription", SUBSCRIPTION, **end)["subscription"]
    assert (ended["validUntil"], ended["supplyPoint"]) == ("2024-01-01", {"cups": cups})
    made = invoicing.do("subscribeSupplyPoint", SUBSCRIPTION, **wish)["subscription"]
    assert (made["validFrom"], made["plan"]) == ("2024-01-01", {"code": "p"})


@pytest.mark.parametrize(
    ("mutation", "given", "code", "path"),
    [
        ("subscribeSupplyPoint", {"planId": "x"}, "NOT_FOUND", "input.planId"),
        (
            "subscribeSupplyPoint",
            {"cups": "ES0000000000000101GD0F"},
            "NOT_FOUND",
            "input.cups",
        ),
        (
            "subscribeSupplyPoint",
            {"validUntil": "2023-01-01"},
            "INVALID_DATA",
            "input.validUntil",
        ),
        ("addPlanTerm", {"planId": "x"}, "NOT_FOUND", "input.planId"),
        ("endSubscription", {"subscriptionId": "x"}, "NOT_FOUND", "input.subscriptionId"),
    ],
)
def test_what_is_not_there_is_not_found(invoicing, plan, mutation, given, code, path):
    cups = invoicing.billed.stored.points[0].cups
    wishes = {
        "subscribeSupplyPoint": {"planId": plan, "cups": cups, "validFrom": "2024-01-01"},
        "addPlanTerm": {"term": TERM},
        "endSubscription": {"validUntil": "2024-01-01"},
    }
    field = "plan" if mutation == "addPlanTerm" else "subscription"
    assert invoicing.refuse(mutation, field, **(wishes[mutation] | given))[:2] == (code, path)


def test_a_subscription_does_not_end_on_days_that_were_billed(invoicing):
    invoicing.issue()
    query = """query ($id: ID!) { node(id: $id) { ... on SupplyPoint {
      subscriptions { edges { node { id } } } } } }"""
    point = invoicing.id_of(invoicing.billed.stored.points[0])
    (standing,) = nodes(invoicing.api.ask(query, id=point)["node"]["subscriptions"])
    end = {"subscriptionId": standing["id"], "validUntil": "2023-10-15"}
    refused = invoicing.refuse("endSubscription", "subscription", **end)
    assert refused[:2] == ("CONFLICT", "input.validUntil")
