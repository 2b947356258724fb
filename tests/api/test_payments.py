"""Payments over GraphQL: recorded, assigned, refunded, in instalments."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from api.clock import now
from api.graphql.node import write_global_id
from models import tables
from models.session import read_session
from models.values.calendar import LAW_CLOCK, local_day
from models.values.invoicing import BillingBasis
from tests.support.billing import add_billed_community, term
from tests.support.databases import on_sqlite
from tests.support.stored_once import stored_once

pytestmark = on_sqlite

TODAY = local_day(now(), LAW_CLOCK)
ERRORS = "userErrors { __typename code message path }"
PAYMENT = "payment { id amountEur method payerName payerAccount member { code } issuer { name } }"


def mutate(api, name, kind, fields, **given):
    query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} {ERRORS} }} }}"
    return api.ask(query, input=given)[name]


@stored_once
def books(api) -> dict[str, list[str]]:
    """Issue fees of 12.10 EUR to three members, and give the ids of all that they need."""
    with read_session(api.engine) as session:
        community = session.exec(select(tables.Community)).first()
        promoter = session.get_one(tables.Promoter, community.promoter_id)
    terms = (term(BillingBasis.FIXED, "10"),)
    billed = add_billed_community(api.engine, promoter, number=4, terms=terms, shares_energy=False)
    billed.issue()
    invoices = billed.rows(tables.Invoice, col(tables.Invoice.number))
    return {
        "issuer": write_global_id(tables.InvoiceIssuer, invoices[0].issuer_id),
        "invoices": [write_global_id(tables.Invoice, each.id) for each in invoices],
        "members": [write_global_id(tables.Member, each.member_id) for each in invoices],
        "numbers": [each.full_number for each in invoices],
    }


def pay(api, books, fields=PAYMENT, **more):
    given = {
        "issuerId": books["issuer"],
        "amountEur": "12.10",
        "receivedOn": TODAY.isoformat(),
        "method": "CARD",
        "sourceKey": "link 1",
    }
    return mutate(api, "recordPayment", "RecordPaymentInput", fields, **given | more)


def test_a_payment_and_what_is_left_of_it(api, books):
    more = {"memberId": books["members"][0], "amountEur": "20.00", "reference": "octubre"}
    answer = pay(api, books, **more)
    assert answer["userErrors"] == []
    assert pay(api, books, **more)["payment"]["id"] == answer["payment"]["id"]
    found = answer["payment"]
    assert (found["amountEur"], found["method"], found["payerAccount"]) == ("20.00", "CARD", None)
    query = """query ($id: ID!) { node(id: $id) { ... on Member {
        balance { owedEur prepaidEur balanceEur } } } }"""
    balance = api.ask(query, id=books["members"][0])["node"]["balance"]
    assert balance == {"owedEur": "0.00", "prepaidEur": "7.90", "balanceEur": "-7.90"}
    refund = {"refundedOn": TODAY.isoformat(), "because": "too much", "sourceKey": "r1"}
    given = {"paymentId": found["id"]} | refund
    too_much = mutate(
        api, "refundPayment", "RefundPaymentInput", PAYMENT, **given, amountEur="8.00"
    )
    assert too_much["userErrors"][0]["path"] == ["input", "amountEur"]
    back = mutate(api, "refundPayment", "RefundPaymentInput", PAYMENT, **given)
    assert (back["payment"]["id"], back["userErrors"]) == (found["id"], [])


def test_what_is_open_and_the_books(api, books):
    query = """query ($input: OpenItemFilterInput) { openItems(input: $input) { totalCount edges {
        node { dueOn openEur instalment returnedCount invoice { number } member { code } } } } }"""
    assert api.ask(query)["openItems"]["totalCount"] == 3
    only = {"memberId": books["members"][1], "issuerId": books["issuer"]}
    (edge,) = api.ask(query, input=only)["openItems"]["edges"]
    assert edge["node"]["invoice"]["number"] == books["numbers"][1]
    assert edge["node"]["openEur"] == "12.10"
    assert api.ask(query, input={"communityId": "x"})["openItems"]["totalCount"] == 0
    write_off = {"invoiceId": books["invoices"][2], "because": "moved", "amountEur": "2.10"}
    fields = "entry { event debit credit amountEur because invoice { id } payment { id } }"
    entry_ = mutate(api, "writeOff", "WriteOffInput", fields, **write_off)["entry"]
    assert (entry_["debit"], entry_["amountEur"], entry_["payment"]) == ("WRITE_OFF", "2.10", None)
    pay(api, books, invoiceIds=[books["invoices"][0]])
    query = """query ($id: ID!) {
      ledgerEntries(issuerId: $id, first: 2) { totalCount edges { node { event amountEur
        payment { id member { code } } invoice { number } } } }
      payments(issuerId: $id) { totalCount edges { node { amountEur } } }
      accountBalances(issuerId: $id) { edges { node { account balanceEur } } } }"""
    books_ = api.ask(query, id=books["issuer"])
    assert books_["ledgerEntries"]["totalCount"] == 8
    assert books_["ledgerEntries"]["edges"][0]["node"]["event"] == "PAID"
    assert books_["payments"]["totalCount"] == 1
    balances = {
        edge["node"]["account"]: edge["node"]["balanceEur"]
        for edge in books_["accountBalances"]["edges"]
    }
    assert balances["RECEIVABLE"] == "22.10"
    assert (balances["BANK"], balances["WRITE_OFF"]) == ("12.10", "2.10")
    stranger = api.ask(query, id=books["issuer"], token=api.other)
    assert stranger["ledgerEntries"]["totalCount"] == stranger["payments"]["totalCount"] == 0


def test_instalments(api, books):
    days = [(TODAY + timedelta(days=30 * each)).isoformat() for each in (1, 2, 3)]
    fields = "instalments { edges { node { position dueOn amountEur } } }"
    given = {"invoiceId": books["invoices"][0], "days": days}
    agree = ("agreeInstalments", "AgreeInstalmentsInput", fields)
    wrong = mutate(api, *agree, **given, amountsEur=["1.00", "2.00", "3.00"])
    assert [error["path"] for error in wrong["userErrors"]] == [["input", "amountsEur"]]
    agreed = mutate(api, *agree, **given)["instalments"]["edges"]
    assert [edge["node"]["amountEur"] for edge in agreed] == ["4.04", "4.03", "4.03"]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"issuerId": "x"}, ["input", "issuerId"]),
        ({"memberId": "x"}, ["input", "memberId"]),
        ({"invoiceIds": ["x"]}, []),
        ({"amountEur": "0.00"}, []),
    ],
)
def test_payments_that_cannot_be(api, books, more, path):
    (error,) = pay(api, books, **more)["userErrors"]
    assert error["path"] == (path or ["input"])
