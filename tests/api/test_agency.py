"""Records at the tax agency, as callers of the API see them."""

import pytest
from sqlmodel import col

from api.graphql.node import write_global_id
from models.repositories.promoters import find_promoter
from models.session import read_session
from models.tables import Invoice
from models.values.invoicing import BillingBasis
from tests.support.agency_sending import Sender, access, agency, credentials
from tests.support.billing import add_billed_community, term
from tests.support.databases import on_sqlite

__all__ = ["access", "agency", "credentials"]
pytestmark = on_sqlite

SEND = """mutation ($input: SendFiscalRecordsInput!) { sendFiscalRecords(input: $input) {
  job { id kind } userErrors { __typename path message }
} }"""
MESSAGES = """{ agencySubmissions(first: 1) { totalCount pageInfo { hasNextPage } edges { node {
  id taxNumber state firstPosition lastPosition hasIncident attempts receipt waitSeconds reason
} } } }"""
MEND = """mutation ($input: MendFiscalRecordInput!) { mendFiscalRecord(input: $input) {
  invoice {
    number
    agencyStatus { registration { state attempt } }
    fiscalRecords(first: 9) { edges { node { kind attempt position } } }
  }
  userErrors { __typename path message }
} }"""
STATUS = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Invoice { agencyStatus {
  registration { state position errorCode errorText receipt } cancellation { state }
} } } }"""


@pytest.fixture
def sender(api, access) -> Sender:
    """Have issued three invoices of the owner."""
    with read_session(api.engine) as session:
        owner = find_promoter(session, name="Ajuntament de la Peña")
    terms = (term(BillingBasis.FIXED, "3"),)
    billed = add_billed_community(api.engine, owner, number=5, terms=terms, shares_energy=False)
    made = Sender(billed, access)
    made.issue()
    return made


def read_statuses(api, sender) -> list[dict]:
    """Ask what became of the records of all invoices."""
    invoices = sender.billed.rows(Invoice, col(Invoice.number))
    ids = [write_global_id(Invoice, each.id) for each in invoices]
    return [each["agencyStatus"] for each in api.ask(STATUS, ids=ids)["nodes"]]


def test_what_would_be_sent_is_stored_by_a_job(api, sender):
    wish = {"taxNumber": "F12345674", "idempotencyKey": "k"}
    queued = api.ask(SEND, input=wish)["sendFiscalRecords"]
    assert (queued["job"]["kind"], queued["userErrors"]) == ("SEND_FISCAL_RECORDS", [])
    assert api.ask(SEND, input=wish)["sendFiscalRecords"] == queued
    assert api.drain() == 1
    found = api.ask(MESSAGES)["agencySubmissions"]
    message = found["edges"][0]["node"]
    assert (found["totalCount"], message["state"], message["attempts"]) == (1, "STORED", 0)
    assert (message["firstPosition"], message["lastPosition"]) == (1, 3)
    job = "query ($id: ID!) { node(id: $id) { ... on JobRun { state result { id } } } }"
    ended = api.ask(job, id=queued["job"]["id"])["node"]
    assert ended == {"state": "SUCCEEDED", "result": {"id": message["id"]}}


@pytest.mark.parametrize(
    ("changed", "name", "path"),
    [
        ({"taxNumber": "A00000000"}, "NotFoundUserError", "taxNumber"),
        ({"idempotencyKey": ""}, "InvalidArgumentUserError", "idempotencyKey"),
    ],
)
def test_what_cannot_be_sent_is_told(api, sender, changed, name, path):
    answer = api.ask(SEND, input={"taxNumber": "F12345674"} | changed)["sendFiscalRecords"]
    assert answer["job"] is None
    assert [(each["__typename"], each["path"]) for each in answer["userErrors"]] == [
        (name, ["input", path])
    ]


def test_each_invoice_tells_what_became_of_its_records(api, sender, agency):
    assert {each["registration"]["state"] for each in read_statuses(api, sender)} == {"WAITING"}
    agency.refused = {"2023-000002"}
    sender.send()
    sender.cancel_first()
    first, second, third = read_statuses(api, sender)
    assert first == {
        "registration": {
            "state": "ACCEPTED",
            "position": 1,
            "errorCode": None,
            "errorText": None,
            "receipt": "A-1B2C3D4E5F6G7H",
        },
        "cancellation": {"state": "WAITING"},
    }
    refused = second["registration"]
    assert (refused["state"], refused["errorCode"]) == ("REFUSED", 1100)
    assert third["registration"]["state"] == "ACCEPTED_WITH_ERRORS"
    (edge,) = api.ask(MESSAGES)["agencySubmissions"]["edges"]
    assert (edge["node"]["receipt"], edge["node"]["waitSeconds"]) == ("A-1B2C3D4E5F6G7H", 60)


def test_a_refused_record_is_mended(api, sender, agency):
    agency.refused = {"2023-000002"}
    sender.send()
    first, second, _ = sender.billed.rows(Invoice, col(Invoice.number))
    wish = {"invoiceId": write_global_id(Invoice, second.id)}
    answer = api.ask(MEND, input=wish)["mendFiscalRecord"]
    assert answer["userErrors"] == []
    assert answer["invoice"]["agencyStatus"]["registration"] == {"state": "WAITING", "attempt": 2}
    assert [edge["node"] for edge in answer["invoice"]["fiscalRecords"]["edges"]] == [
        {"kind": "REGISTRATION", "attempt": 1, "position": 2},
        {"kind": "REGISTRATION", "attempt": 2, "position": 4},
    ]
    wish = {"invoiceId": write_global_id(Invoice, first.id)}
    answer = api.ask(MEND, input=wish)["mendFiscalRecord"]
    assert (answer["invoice"], answer["userErrors"]) == (
        None,
        [
            {
                "__typename": "ConflictUserError",
                "path": ["input", "invoiceId"],
                "message": "the newest record of invoice 2023-000001 needs no mending: the tax "
                "agency has neither refused it nor accepted its registration with errors",
            }
        ],
    )
