"""Direct debits over GraphQL: from the mandate to the bank's report, accounts masked."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlmodel import select

from api.clock import now
from api.graphql.node import write_global_id
from api.services.invoices.record_parties import create_issuer
from models import tables
from models.session import read_session, write_session
from models.values.calendar import LAW_CLOCK, local_day
from models.values.invoicing import BillingBasis
from tests.support.api import bearer
from tests.support.billing import ISSUER, BilledCommunity, add_billed_community, term
from tests.support.databases import on_sqlite
from tests.support.direct_debits import read_file, write_report
from tests.support.sepa_messages import CREDITOR_ID, IBAN
from tests.support.stored_once import stored_once

pytestmark = on_sqlite

YESTERDAY = local_day(now(), LAW_CLOCK) - timedelta(days=1)
"""By the clock of the law."""

ERRORS = "userErrors { __typename code message path }"
MANDATE = """mandate { id reference kind signedOn endedOn endedBecause member { code }
  issuer { taxNumber }
  accounts { edges { node { maskedIban recordedOn usableFrom closesPrevious } } } }"""


def mutate(api, name, kind, fields, **given):
    query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} {ERRORS} }} }}"
    return api.ask(query, input=given)[name]


@pytest.fixture
def issuer_id(api) -> str:
    """Record an issuer, and give its id."""
    with write_session(api.engine) as session:
        owner = session.exec(select(tables.Community)).first().promoter_id
        issuer = create_issuer(session, promoter_id=owner, details=ISSUER)
        return write_global_id(tables.InvoiceIssuer, issuer.id)


@pytest.fixture
def member_id(api) -> str:
    """Give a member."""
    with read_session(api.engine) as session:
        member = session.exec(select(tables.Member).order_by(tables.Member.code)).first()
        return write_global_id(tables.Member, member.id)


def set_creditor(api, issuer_id, **more):
    given = {"issuerId": issuer_id, "creditorId": CREDITOR_ID, "iban": IBAN} | more
    fields = "creditorAccount { creditorId maskedIban bic noticeDays leadDays painVersion }"
    return mutate(api, "setCreditorAccount", "SetCreditorAccountInput", fields, **given)


def record(api, issuer_id, member_id, **more):
    given = {
        "issuerId": issuer_id,
        "memberId": member_id,
        "holder": "Ana",
        "iban": IBAN,
        "signedOn": YESTERDAY.isoformat(),
    }
    return mutate(api, "recordMandate", "RecordMandateInput", MANDATE, **given | more)


def test_a_creditor_account_is_set_and_shown_masked(api, issuer_id):
    shown = set_creditor(api, issuer_id, noticeDays=5)
    assert shown == {
        "creditorAccount": {
            "creditorId": CREDITOR_ID,
            "maskedIban": "ES…1332",
            "bic": None,
            "noticeDays": 5,
            "leadDays": 1,
            "painVersion": "V08",
        },
        "userErrors": [],
    }
    asked = api.ask("{ invoiceIssuers { edges { node { creditorAccount { maskedIban } } } } }")
    (edge,) = asked["invoiceIssuers"]["edges"]
    assert edge["node"]["creditorAccount"] == {"maskedIban": "ES…1332"}


def test_a_mandate_from_its_recording_to_its_end(api, issuer_id, member_id):
    recorded = record(api, issuer_id, member_id, reference="M-1", lastUsedOn=YESTERDAY.isoformat())
    assert recorded["userErrors"] == []
    mandate = recorded["mandate"]
    (account,) = (edge["node"] for edge in mandate["accounts"]["edges"])
    assert (mandate["reference"], mandate["kind"], mandate["endedOn"]) == ("M-1", "RECURRENT", None)
    assert account["maskedIban"] == "ES…1332"
    assert account["usableFrom"] == account["recordedOn"]
    changed = mutate(
        api,
        "changeMandateAccount",
        "ChangeMandateAccountInput",
        MANDATE,
        mandateId=mandate["id"],
        holder="Ana",
        iban="ES7921000813610123456789",
    )
    assert changed["userErrors"] == []
    accounts = [edge["node"]["maskedIban"] for edge in changed["mandate"]["accounts"]["edges"]]
    assert accounts == ["ES…6789", "ES…1332"]
    revoked = mutate(
        api,
        "revokeMandate",
        "RevokeMandateInput",
        f"{MANDATE} underway {{ totalCount }}",
        mandateId=mandate["id"],
        revokedOn=YESTERDAY.isoformat(),
    )
    assert revoked["userErrors"] == []
    assert (revoked["mandate"]["endedOn"], revoked["mandate"]["endedBecause"]) == (
        YESTERDAY.isoformat(),
        "REVOKED",
    )
    assert revoked["underway"] == {"totalCount": 0}
    listed = api.ask(
        "{ invoiceIssuers { edges { node { mandates { totalCount edges { node { reference } } }"
        " debitRuns { totalCount edges { node { id } } } } } } }"
    )
    (edge,) = listed["invoiceIssuers"]["edges"]
    assert edge["node"] == {
        "mandates": {"totalCount": 1, "edges": [{"node": {"reference": "M-1"}}]},
        "debitRuns": {"totalCount": 0, "edges": []},
    }


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"iban": "ES00"}, "iban"),
        ({"reference": "ñ"}, "reference"),
        ({"holder": " "}, "holder"),
        ({"signedOn": "2200-01-01"}, "signedOn"),
        ({"lastUsedOn": "2200-01-01"}, "lastUsedOn"),
        ({"iban": "GB82WEST12345698765432"}, "iban"),
        ({"memberId": "x"}, "memberId"),
        ({"issuerId": "x"}, "issuerId"),
    ],
)
def test_what_is_wrong_with_a_mandate_is_named(api, issuer_id, member_id, more, path):
    refused = record(api, issuer_id, member_id, **more)
    assert refused["mandate"] is None
    assert [error["path"] for error in refused["userErrors"]] == [["input", path]]
    assert "ES9121000418450200051332" not in str(refused)


@pytest.mark.parametrize(
    ("name", "given", "path"),
    [
        ("changeMandateAccount", {"mandateId": "x", "holder": "A", "iban": IBAN}, ["mandateId"]),
        ("revokeMandate", {"mandateId": "x", "revokedOn": "2023-12-01"}, ["mandateId"]),
    ],
)
def test_unknown_mandates(api, name, given, path):
    refused = mutate(api, name, f"{name[0].upper()}{name[1:]}Input", "mandate { id }", **given)
    assert [error["path"] for error in refused["userErrors"]] == [["input", *path]]


def test_a_second_mandate_and_the_same_account_are_refused(api, issuer_id, member_id):
    mandate = record(api, issuer_id, member_id)["mandate"]
    again = record(api, issuer_id, member_id)
    assert [error["path"] for error in again["userErrors"]] == [["input", "memberId"]]
    same = mutate(
        api,
        "changeMandateAccount",
        "ChangeMandateAccountInput",
        "mandate { id }",
        mandateId=mandate["id"],
        holder="Ana",
        iban=IBAN,
    )
    assert [error["path"] for error in same["userErrors"]] == [["input", "iban"]]


def test_a_creditor_account_that_cannot_be(api, issuer_id):
    for more, path in (
        ({"creditorId": "ES00"}, ["input", "creditorId"]),
        ({"noticeDays": 0}, ["input"]),
        ({"issuerId": "x"}, ["input", "issuerId"]),
    ):
        refused = set_creditor(api, issuer_id, **more)
        assert [error["path"] for error in refused["userErrors"]] == [path]


@stored_once
def owing(api) -> BilledCommunity:
    """Let members owe fees."""
    with read_session(api.engine) as session:
        owner = session.exec(select(tables.Community)).first().promoter_id
        promoter = session.get(tables.Promoter, owner)
    terms = (term(BillingBasis.FIXED, "10"),)
    billed = add_billed_community(
        api.engine, promoter, number=9, n_members=2, terms=terms, shares_energy=False
    )
    billed.issue()
    return billed


DEBIT = "endToEndId sequence collectOn dueOn amountEur outcome code invoice { number }"
RUN = f"""run {{ id messageId debitCount totalEur sepaFile painVersion issuer {{ taxNumber }}
  debits {{ totalCount edges {{ node {{ {DEBIT} mandate {{ reference }} }} }} }} }}"""
PREVIEW = """query ($input: DebitRunInput!) { previewDebitRun(input: $input) { firstDay totalEur
  collected { edges { node { number dueOn amountEur collectOn sequence mandate { reference } } } }
  left { edges { node { number dueOn openEur because code } } } } }"""


def test_a_run_from_its_preview_to_the_report_of_the_bank(api, owing):
    issuer = owing.rows(tables.InvoiceIssuer)[0]
    issuer_id = write_global_id(tables.InvoiceIssuer, issuer.id)
    members = [write_global_id(tables.Member, each.id) for each in owing.stored.members]
    set_creditor(api, issuer_id)
    used = {"reference": "M-1", "lastUsedOn": YESTERDAY.isoformat()}
    record(api, issuer_id, members[0], **used)
    wish = {"issuerId": issuer_id, "dueUntil": "2023-12-31", "memberIds": members}
    preview = api.ask(PREVIEW, input=wish)["previewDebitRun"]
    assert preview["totalEur"] == "12.10"
    (planned,) = (edge["node"] for edge in preview["collected"]["edges"])
    assert planned == {
        "number": "2023-000001",
        "dueOn": "2023-12-25",
        "amountEur": "12.10",
        "collectOn": planned["collectOn"],
        "sequence": "RECURRING",
        "mandate": {"reference": "M-1"},
    }
    assert planned["collectOn"] >= preview["firstDay"]
    assert [edge["node"] for edge in preview["left"]["edges"]] == [
        {
            "number": "2023-000002",
            "dueOn": "2023-12-25",
            "openEur": "12.10",
            "because": "NO_MANDATE",
            "code": None,
        }
    ]
    fields = f"{RUN} notifiedCount unreachableCount"
    made = mutate(api, "createDebitRun", "CreateDebitRunInput", fields, **wish, idempotencyKey="k")
    assert made["userErrors"] == []
    assert (made["notifiedCount"], made["unreachableCount"]) == (0, 1)
    run = made["run"]
    assert (run["debitCount"], run["totalEur"], run["painVersion"]) == (1, "12.10", "V08")
    (debit,) = (edge["node"] for edge in run["debits"]["edges"])
    assert (debit["outcome"], debit["invoice"]) == ("PENDING", {"number": "2023-000001"})
    file = api.client.request("GET", run["sepaFile"], headers=bearer(api.own))
    assert (file.status_code, file.headers["content-type"]) == (200, "application/xml")
    assert read_file(file.content).findtext(".//EndToEndId") == debit["endToEndId"]
    foreign = api.client.request("GET", run["sepaFile"], headers=bearer(api.other))
    assert foreign.status_code == 404
    report = write_report(run["messageId"], [(debit["endToEndId"], "RJCT", "AM04")])
    upload = api.client.request(
        "POST",
        "/uploads",
        content=report,
        headers=bearer(api.own) | {"content-type": "application/xml"},
    ).json()["id"]
    told = mutate(
        api,
        "importDebitStatuses",
        "ImportDebitStatusesInput",
        f"newsCount strangeCount rejected {{ edges {{ node {{ {DEBIT} }} }} }} run {{ id }}",
        uploadId=upload,
    )
    assert (told["userErrors"], told["newsCount"], told["strangeCount"]) == ([], 1, 0)
    (rejected,) = (edge["node"] for edge in told["rejected"]["edges"])
    assert (rejected["outcome"], rejected["code"]) == ("REJECTED", "AM04")
    again = mutate(
        api, "importDebitStatuses", "ImportDebitStatusesInput", "newsCount", uploadId=upload
    )
    assert [error["path"] for error in again["userErrors"]] == [["input", "uploadId"]]


def test_a_missing_key_is_told_by_its_number_alone(api, owing):
    issuer_id = write_global_id(tables.InvoiceIssuer, owing.rows(tables.InvoiceIssuer)[0].id)
    member_id = write_global_id(tables.Member, owing.stored.members[0].id)
    set_creditor(api, issuer_id)
    record(api, issuer_id, member_id, reference="M-1", lastUsedOn=YESTERDAY.isoformat())
    wish = {"issuerId": issuer_id, "dueUntil": "2023-12-31", "idempotencyKey": "k"}
    fields = "run { id sha256 sepaFile }"
    run = mutate(api, "createDebitRun", "CreateDebitRunInput", fields, **wish)["run"]
    file = api.client.request("GET", run["sepaFile"], headers=bearer(api.own))
    assert sha256(file.content).hexdigest() == run["sha256"]

    with write_session(api.engine) as session:
        stored = session.exec(select(tables.DebitRun)).one()
        stored.sealed_content = b"\x00\x09" + stored.sealed_content[2:]
    asked = "query ($id: ID!) { node(id: $id) { ... on DebitRun { sha256 } } }"
    error = api.error(asked, id=run["id"])
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert error["message"].startswith("something sealed under key 9 does not open")
    refused = api.client.request("GET", run["sepaFile"], headers=bearer(api.own))
    assert refused.status_code == 503


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"issuerId": "x"}, ["issuerId"]),
        ({"memberIds": ["x"]}, ["memberIds"]),
        ({"communityId": "x"}, ["communityId"]),
        ({"retriedInvoiceIds": ["x"]}, ["retriedInvoiceIds"]),
        ({"finalMandateIds": ["x"]}, ["finalMandateIds"]),
        ({"collectOn": "2023-12-31"}, ["collectOn"]),
        ({"idempotencyKey": " "}, ["idempotencyKey"]),
        ({}, []),
    ],
)
def test_what_is_wrong_with_a_run_is_named(api, issuer_id, given, path):
    set_creditor(api, issuer_id)
    wish = {"issuerId": issuer_id, "dueUntil": "2023-12-31", "idempotencyKey": "k"} | given
    refused = mutate(api, "createDebitRun", "CreateDebitRunInput", "run { id }", **wish)
    assert refused["run"] is None
    assert [error["path"] for error in refused["userErrors"]] == [["input", *path]]
