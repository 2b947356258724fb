"""Who may do what: every caller by every operation, and what a refusal leaves behind."""

from uuid import UUID

import pytest

from models.repositories.promoters import find_promoter
from models.session import read_session, write_session
from models.values.audit import AuditOutcome
from tests.support.api import CAU, FilledDatabase
from tests.support.audit_trail import (
    is_sound,
    list_all_entries,
    list_entries,
    list_personal_values,
)
from tests.support.belongings import STUDIES
from tests.support.community_folders import make_cups
from tests.support.databases import DatabaseKind, on_sqlite
from tests.support.guarded_calls import OTHER_CAU
from tests.support.stored_records import add_community

# The tenant is a condition of every query, whichever database answers it.
pytestmark = on_sqlite

NOTHING = UUID(int=1)
STUDIED_FILES = [
    "vacancy-fillings/{0}/admission.json",
    "vacancy-fillings/{0}/distributor.txt",
    "capacity-sharings/{2}/distributor.txt",
    "member-assignments/{3}/proposal.json",
    f"member-assignments/{{3}}/{CAU}/distributor.txt",
]
BILL = 'simulateBill(start: "2023-07-01", end: "2023-08-01", lawYear: 2026) { contract }'
SHOWN = [("Community", "id"), ("JobRun", "id"), ("SupplyPoint", BILL)]
QUERIES = {
    "communities": "{ communities { totalCount } }",
    "introspection": "{ __schema { queryType { name } } }",
}


@pytest.fixture(scope="session")
def filled_database(owned) -> FilledDatabase:
    """Begin every test of this file with what the owner has."""
    return owned(DatabaseKind.SQLITE)


def add_rows_for_other(api) -> None:
    """Give the other promoter a community of its own."""
    with write_session(api.engine) as session:
        promoter = find_promoter(session, name="Cooperativa del Ebro")
        add_community(session, promoter.id, number=7)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_any_promoter_may_ask(api, query):
    assert api.ask(query, token=api.other)
    assert api.ask(query)


@pytest.mark.parametrize(
    "query",
    [
        "{ communities { totalCount edges { node { id } } } }",
        f'{{ installation(cau: "{CAU}") {{ id }} }}',
        "{ agencySubmissions { totalCount edges { node { id } } } }",
    ],
)
def test_lists_of_another_promoter_are_empty(api, query):
    found = api.ask(query, token=api.other)
    nothing = {"totalCount": 0, "edges": []}
    assert found in (
        {"communities": nothing},
        {"installation": None},
        {"agencySubmissions": nothing},
    )


def test_every_kind_is_found_by_its_owner_and_by_nobody_else(api, belongings):
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    ids = list(belongings.ids.values())
    expected = [{"__typename": name, "id": text} for name, text in belongings.ids.items()]
    assert api.ask(query, ids=ids)["nodes"] == expected
    assert api.ask(query, ids=ids, token=api.other)["nodes"] == [None] * len(ids)


@pytest.mark.parametrize(("kind", "shown"), SHOWN)
def test_node_of_another_promoter_is_null(api, belongings, kind, shown):
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {shown} }} }} }}"
    assert api.ask(query, id=belongings.ids[kind], token=api.other) == {"node": None}


def test_uploads_of_another_promoter_are_not_told(api, belongings):
    query = "query ($id: ID!) { detectFile(uploadId: $id) { nextStep } }"
    assert api.ask(query, id=belongings.upload)["detectFile"]["nextStep"] == "NOTHING"
    error = api.error(query, id=belongings.upload, token=api.other)
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_what_is_owed_to_another_promoters_members_is_not_told(api, belongings):
    query = """query ($cups: Cups!, $upload: ID!) {
      lateActivation(cups: $cups, start: "2023-06-01", end: "2023-07-01",
        late: { documentsOn: "2023-01-10", profileUploadId: $upload }) { discountEur } }"""
    for token, code in ((api.own, "INVALID_ARGUMENT"), (api.other, "NOT_FOUND")):
        error = api.error(query, cups=make_cups(1), upload=belongings.upload, token=token)
        assert error["extensions"]["code"] == code


def test_community_of_another_promoter_is_null(api, belongings):
    query = "query ($id: ID!) { community(id: $id) { name } }"
    key = belongings.ids["Community"]
    assert api.ask(query, id=key)["community"] == {"name": "Comunidad de la Peña"}
    assert api.ask(query, id=key, token=api.other) == {"community": None}


@pytest.mark.parametrize(
    "file", ["report.xlsx", "distributor.txt", "hourly.txt", "members.csv", "proposal.json"]
)
def test_files_of_another_promoters_proposal_are_not_found(api, belongings, file):
    path = f"/proposals/{belongings.proposal}/{file}"
    assert api.get(path).status_code == 200
    answer = api.get(path, token=api.other)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        404,
        "NOT_FOUND",
    )


@pytest.mark.parametrize("file", STUDIED_FILES)
def test_files_of_another_promoters_studies_are_not_found(api, belongings, file):
    path = f"/{file.format(*belongings.studies)}"
    assert api.get(path).status_code == 200
    answer = api.get(path, token=api.other)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        404,
        "NOT_FOUND",
    )


@pytest.mark.parametrize("file", STUDIED_FILES)
@pytest.mark.parametrize("key", [str(NOTHING), "x"])
def test_files_of_no_study_are_not_found(api, file, key):
    assert api.get(f"/{file.format(*[key] * len(STUDIES))}").status_code == 404


def test_files_of_another_promoters_agreement_are_not_found(api, belongings):
    path = f"/agreements/{belongings.agreement}/distributor.txt"
    assert api.get(path).status_code == 200
    assert api.get(path, token=api.other).status_code == 404


def test_a_file_of_another_promoters_agreement_is_not_found(api, belongings):
    assert api.get(belongings.file).status_code == 200
    answer = api.get(belongings.file, token=api.other)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        404,
        "there is no such file",
    )


def test_a_document_of_another_promoters_invoice_is_not_found(api, belongings):
    assert api.get(belongings.invoice_file).status_code == 200
    assert api.get(belongings.invoice_file, token=api.other).status_code == 404


def test_invoices_of_another_promoter_are_not_listed(api, belongings):
    query = """query ($id: ID) { invoices(where: { communityId: $id }) { totalCount }
      invoiceIssuers { totalCount } verifyInvoiceChain { totalCount } }"""
    assert api.ask(query)["invoices"] == {"totalCount": 3}
    found = api.ask(query, token=api.other, id=belongings.ids["Community"])
    assert found == {
        "invoices": {"totalCount": 0},
        "invoiceIssuers": {"totalCount": 0},
        "verifyInvoiceChain": {"totalCount": 0},
    }


def test_a_billing_run_of_another_promoters_community_is_not_previewed(api, belongings):
    query = """query ($id: ID!) { previewBillingRun(
      communityId: $id, start: "2023-10-01", end: "2023-11-01") { isReady } }"""
    key = belongings.ids["Community"]
    assert api.ask(query, id=key)["previewBillingRun"]["isReady"] is False
    error = api.error(query, id=key, token=api.other)
    assert error["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("key", [str(NOTHING), "x"])
def test_a_file_that_was_never_made_is_not_found(api, key):
    assert api.get(f"/files/{key}").status_code == 404


def test_energy_under_another_promoters_agreement_is_not_found(api, belongings):
    add_rows_for_other(api)
    query = """query ($cau: Cau!, $agreement: ID!) { installation(cau: $cau) {
      energy(measure: SURPLUS, year: 2023, agreementId: $agreement) { unit }
    } }"""
    foreign = {"cau": OTHER_CAU, "agreement": belongings.ids["DistributionAgreement"]}
    error = api.error(query, token=api.other, **foreign)
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_energy_under_another_promoters_proposal_is_not_found(api, belongings):
    add_rows_for_other(api)
    query = """query ($cau: Cau!, $proposal: ID!) { installation(cau: $cau) {
      energy(measure: SURPLUS, year: 2023, proposalId: $proposal) { unit }
    } }"""
    foreign = {"cau": OTHER_CAU, "proposal": belongings.ids["CoefficientProposal"]}
    own = foreign | {"cau": CAU}
    assert api.ask(query, **own) == {"installation": {"energy": {"unit": "kWh"}}}
    error = api.error(query, token=api.other, **foreign)
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_the_audit_trail_of_all_this_is_whole_and_holds_nothing_of_a_person(api, belongings):
    with read_session(api.engine) as session:
        personal = list_personal_values(session)
    entries = list_all_entries(api.engine)
    owners = {each.promoter_id for each in entries}
    assert all(is_sound(list_entries(api.engine, owner)) for owner in owners)
    done = {each.action for each in entries if each.outcome is AuditOutcome.DONE}
    assert {"acceptProposal", "fileAgreement", "assignMembers", "POST /uploads"} <= done
    assert len(personal) > 10
    written = " ".join(str(each.model_dump()) for each in entries)
    assert [value for value in personal if value in written] == []
