"""E-mails through the API: queued, looked at, and sent again."""

from datetime import timedelta

import pytest
from sqlmodel import update

from api.graphql.node import write_global_id
from models import tables
from models.repositories.promoters import find_promoter
from models.session import read_session, write_session
from models.tables import Invoice, MessageState, OutboxMessage
from tests.support.api import bearer
from tests.support.billing import NOW, add_billed_community
from tests.support.databases import on_sqlite
from tests.support.mail_servers import reach, serving_mail
from tests.support.outbox import Outbox

pytestmark = on_sqlite

MAIL = """mutation ($input: MailInvoicesInput!) { mailInvoices(input: $input) {
  messages { totalCount edges { node { id recipient state kind text internetMessageId
    invoices { edges { node { number } } } } } }
  unmailed { edges { node { reason invoice { number } } } }
  userErrors { __typename message path } } }"""
LIST = """query ($first: Int, $after: String, $troubled: Boolean!) {
  outboxMessages(first: $first, after: $after, troubledOnly: $troubled) { totalCount
    pageInfo { endCursor } edges { node { recipient state failedBecause
      attempts { edges { node { number outcome replyCode answer } } } } } } }"""
RESEND = """mutation ($input: ResendMessageInput!) { resendMessage(input: $input) {
  message { state recipient } userErrors { __typename message path } } }"""


@pytest.fixture
def billed(api):
    with read_session(api.engine) as session:
        promoter = find_promoter(session, name="Ajuntament de la Peña")
    billed = add_billed_community(api.engine, promoter, number=9)
    for place in (0, 1):
        billed.pay(place, email=f"payer{place}@vila.example")
    return billed


def nodes(connection) -> list[dict]:
    return [edge["node"] for edge in connection["edges"]]


def test_a_run_is_mailed_once(api, billed):
    run = billed.issue()
    wish = {"billingRunId": write_global_id(tables.BillingRun, run.id)}
    first, again = (api.ask(MAIL, input=wish)["mailInvoices"] for _ in range(2))
    assert first == again
    assert first["userErrors"] == []
    messages = nodes(first["messages"])
    assert {each["recipient"] for each in messages} == {
        "payer0@vila.example",
        "payer1@vila.example",
    }
    assert {(each["state"], each["kind"]) for each in messages} == {("WAITING", "INVOICE")}
    for each in messages:
        (invoice,) = nodes(each["invoices"])
        assert invoice["number"] in each["text"]
    (left,) = nodes(first["unmailed"])
    assert left["reason"] == "NO_ADDRESS"
    ids = [write_global_id(tables.Invoice, invoice.id) for invoice in billed.rows(Invoice)]
    by_id = api.ask(MAIL, input={"invoiceIds": ids})["mailInvoices"]
    assert sorted(each["id"] for each in nodes(by_id["messages"])) == sorted(
        each["id"] for each in messages
    )


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"invoiceIds": ["x"]}, "invoiceIds"),
        ({"invoiceIds": []}, "invoiceIds"),
        ({"billingRunId": "x"}, "billingRunId"),
    ],
)
def test_what_is_not_there_is_not_mailed(api, wish, path):
    answer = api.ask(MAIL, input=wish)["mailInvoices"]
    (error,) = answer["userErrors"]
    assert error["path"] == ["input", path]
    assert answer["messages"]["totalCount"] == 0


def test_our_own_reasons_speak_the_callers_language(api, billed):
    outbox = Outbox(api.engine, billed.owner, NOW)
    outbox.queue("0", recipient="m0@vila.example")
    reason = {"state": MessageState.FAILED, "failed_because": "another invitation takes its place"}
    with write_session(api.engine) as session:
        session.exec(update(OutboxMessage).values(reason))
    query = "{ outboxMessages { edges { node { failedBecause } } } }"
    answer = api.client.request(
        "POST",
        "/graphql",
        json={"query": query},
        headers={"accept-language": "es", **bearer(api.own)},
    )
    (failed,) = nodes(answer.json()["data"]["outboxMessages"])
    assert failed["failedBecause"] == "otra invitación ocupa su lugar"


def test_what_failed_is_found_and_sent_again(api, billed):
    outbox = Outbox(api.engine, billed.owner, NOW)
    for number in range(3):
        outbox.queue(str(number), recipient=f"m{number}@vila.example")
        outbox.pass_time(seconds=1)
    with serving_mail() as mailbox:
        mailbox.replies["RCPT"] = ["250 OK", "550 no such user", "250 OK"]
        outbox.send(reach(mailbox))
    whole = api.ask(LIST, first=2, troubled=False)["outboxMessages"]
    assert whole["totalCount"] == 3
    rest = api.ask(LIST, troubled=False, after=whole["pageInfo"]["endCursor"])["outboxMessages"]
    assert [each["recipient"] for each in nodes(whole) + nodes(rest)] == [
        "m2@vila.example",
        "m1@vila.example",
        "m0@vila.example",
    ]
    foreign = api.ask(LIST, token=api.other, troubled=False)["outboxMessages"]
    assert (foreign["totalCount"], foreign["edges"]) == (0, [])
    troubled = api.ask(LIST, troubled=True)["outboxMessages"]
    (failed,) = nodes(troubled)
    assert troubled["totalCount"] == 1
    assert failed == {
        "recipient": "m1@vila.example",
        "state": "FAILED",
        "failedBecause": "550 no such user",
        "attempts": {
            "edges": [
                {
                    "node": {
                        "number": 1,
                        "outcome": "REFUSED",
                        "replyCode": 550,
                        "answer": "no such user",
                    }
                }
            ]
        },
    }
    ids = [write_global_id(OutboxMessage, message.id) for message in outbox.messages]
    refused = [
        api.ask(RESEND, input=wish)["resendMessage"]["userErrors"]
        for wish in (
            {"messageId": "x"},
            {"messageId": ids[0]},
            {"messageId": ids[1], "recipient": "x"},
        )
    ]
    assert [(error["__typename"], error["path"]) for (error,) in refused] == [
        ("NotFoundUserError", ["input", "messageId"]),
        ("ConflictUserError", ["input", "messageId"]),
        ("InvalidArgumentUserError", ["input", "recipient"]),
    ]
    again = api.ask(RESEND, input={"messageId": ids[1], "recipient": "m9@vila.example"})
    assert again["resendMessage"]["message"] == {
        "state": "WAITING",
        "recipient": "m9@vila.example",
    }
    assert outbox.now == NOW + timedelta(seconds=3)
