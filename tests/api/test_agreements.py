"""Agreements from a draft to what the distributor applies, as a manager leads them."""

import hashlib

import pytest

from tests.support.agreement_calls import (
    CUPS,
    FILED,
    HOLDS,
    SHARES,
    applied,
    call,
    codes,
    do,
    draft,
    publish,
    read,
    refuse,
    spans,
)
from tests.support.api import CAU
from tests.support.proposals import nodes
from tests.support.queries import count_queries

CHECK = """ruleCheck(onDay: "%s") {
  firstDayOn canBeFiled findings { edges { node { code severity article message } } }
}"""


def test_from_a_proposal_to_the_distributor(api):
    proposal = api.propose()
    source = {"proposalId": proposal}
    made = do(api, "draftAgreement", fileYear=2023, source=source)["agreement"]
    assert do(api, "draftAgreement", fileYear=2023, source=source)["agreement"] == made
    assert (made["state"], made["mode"], made["publishedAt"]) == ("DRAFT", "CONSTANT", None)
    agreement = made["id"]

    checked = read(api, agreement, CHECK % FILED)["ruleCheck"]
    assert not checked["canBeFiled"]
    assert ("NOT_PUBLISHED", "ERROR") in codes(checked)
    published = do(api, "publishAgreement", agreementId=agreement)["agreement"]
    assert published["state"] == "PUBLISHED"
    assert do(api, "publishAgreement", agreementId=agreement)["agreement"] == published
    checked = read(api, agreement, CHECK % FILED)["ruleCheck"]
    assert (checked["canBeFiled"], checked["firstDayOn"]) == (True, HOLDS)
    unknown = {"MODALITY_UNKNOWN", "CONNECTION_UNKNOWN", "PLACE_UNKNOWN"}
    assert codes(checked) == {(code, "UNKNOWN") for code in unknown}

    do(api, "setInstallationDetails", cau=CAU, modality="COMPENSATED_SURPLUS", isInternal=False)
    do(api, "setMembershipModality", cau=CAU, modality="COMPENSATED_SURPLUS")
    filed = do(api, "fileAgreement", agreementId=agreement, filedOn=FILED)
    assert codes(filed) == {("PLACE_UNKNOWN", "UNKNOWN")}
    assert (filed["filing"]["state"], filed["firstDayOn"]) == ("IN_FLIGHT", HOLDS)
    assert filed["filing"]["agreement"] == {"id": agreement}
    answered = do(
        api,
        "answerFiling",
        filingId=filed["filing"]["id"],
        answeredOn="2023-02-20",
        answer={"applied": {}},
    )
    assert answered["filing"]["state"] == "APPLIED"
    assert spans(applied(api, agreement)) == [(place, HOLDS, None) for place in range(3)]
    asked = "filings { edges { node { state answeredOn } } }"
    assert nodes(read(api, agreement, asked)["filings"]) == [
        {"state": "APPLIED", "answeredOn": "2023-02-20"}
    ]


def test_hourly_coefficients_of_a_proposal(api):
    proposal = api.propose(classes="HOUR")
    source = {"hourlyProposalId": proposal}
    made = do(api, "draftAgreement", fileYear=2024, source=source)["agreement"]
    assert (made["mode"], made["fileYear"]) == ("HOURLY", 2024)
    asked = """coefficients { edges { node { coefficient } } }
      hourlyShares { edges { node { least mean greatest supplyPoint { cups } } } }"""
    found = read(api, made["id"], asked)
    shares = nodes(found["hourlyShares"])
    assert [each["supplyPoint"]["cups"] for each in shares] == CUPS
    means = [each["coefficient"] for each in nodes(found["coefficients"])]
    assert [each["mean"] for each in shares] == means
    assert all(each["least"] <= each["mean"] <= each["greatest"] for each in shares)
    file = do(
        api, "generateAgreementFile", agreementId=made["id"], kind="DISTRIBUTOR_FILE", profile="lf"
    )["file"]
    lines = api.get(file["download"]).text.split("\n")
    assert len(lines) == 3 * 8760 + 1
    by_hour = [line.split(";") for line in lines[:-1] if line.startswith(CUPS[0])]
    assert min(share for _, _, share in by_hour) == shares[0]["least"].replace(".", ",")

    constant = publish(api, *SHARES)
    assert read(api, constant, asked)["hourlyShares"] == {"edges": []}


def test_files_are_kept_and_downloaded(api):
    agreement = publish(api, *SHARES)
    text = do(api, "generateAgreementFile", agreementId=agreement, kind="DISTRIBUTOR_FILE")["file"]
    answer = api.get(text["download"])
    assert answer.text == "".join(
        f"{cups};{share:0<8}\r\n".replace(".", ",")
        for cups, share in zip(CUPS, SHARES, strict=True)
    )
    assert answer.headers["content-type"] == "text/plain; charset=us-ascii"
    assert answer.headers["content-disposition"] == f'attachment; filename="{CAU}_2023.txt"'
    assert text["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert (text["variant"], text["sizeBytes"]) == ("default", len(answer.content))

    do(api, "setInstallationDetails", cau=CAU, modality="SOLD_SURPLUS", fileProfile="lf")
    paper = do(
        api,
        "generateAgreementFile",
        agreementId=agreement,
        kind="SHARING_AGREEMENT",
        language="CA",
    )["file"]
    document = api.get(paper["download"])
    assert document.content.startswith(b"%PDF-")
    assert document.headers["content-type"] == "application/pdf"
    assert f"{CAU}_2023_ca.pdf" in document.headers["content-disposition"]
    assert paper["sha256"] == hashlib.sha256(document.content).hexdigest()

    again = do(
        api,
        "generateAgreementFile",
        agreementId=agreement,
        kind="SHARING_AGREEMENT",
        language="CA",
    )["file"]
    assert again["sha256"] == paper["sha256"]
    asked = "generatedFiles { edges { node { kind variant } } }"
    kept = nodes(read(api, agreement, asked)["generatedFiles"])
    assert sorted((each["kind"], each["variant"]) for each in kept) == [
        ("DISTRIBUTOR_FILE", "default"),
        ("DISTRIBUTOR_FILE", "lf"),
        ("SHARING_AGREEMENT", "ca"),
    ]


def test_profiles_are_listed(api):
    query = "{ fileProfiles(first: 2) { totalCount edges { node { name source certainty } } } }"
    found = api.ask(query)["fileProfiles"]
    assert [each["name"] for each in nodes(found)] == ["default", "real-time-hours"]
    assert (found["totalCount"], nodes(found)[0]["certainty"]) == (6, "RECALLED")


@pytest.mark.parametrize(
    ("mutation", "state"), [("withdrawAgreement", "WITHDRAWN"), ("rejectAgreement", "REJECTED")]
)
def test_a_draft_is_closed_with_a_reason(api, mutation, state):
    agreement = draft(api, *SHARES)
    closed = do(api, mutation, agreementId=agreement, reason="Falta una firma")["agreement"]
    assert (closed["state"], closed["closedBecause"]) == (state, "Falta una firma")
    assert closed["closedAt"] is not None
    code, path, message = refuse(api, "publishAgreement", agreementId=agreement)
    assert (code, path) == ("CONFLICT", "input.agreementId")
    assert (
        message == f"the agreement is {state.lower()}, and only one that is draft can be published"
    )
    payload = call(api, "generateAgreementFile", agreementId=agreement, kind="DISTRIBUTOR_FILE")
    assert payload["file"] is None
    assert payload["userErrors"][0]["code"] == "CONFLICT"


def test_a_refused_filing_can_be_filed_again(api):
    agreement = publish(api, *SHARES)
    filing = do(api, "fileAgreement", agreementId=agreement, filedOn=FILED)["filing"]["id"]
    refused = {"refused": {"reason": "Orden de los CUPS"}}
    answered = do(api, "answerFiling", filingId=filing, answeredOn="2023-02-15", answer=refused)
    assert answered["filing"] == {
        "state": "REFUSED",
        "filedOn": FILED,
        "answeredOn": "2023-02-15",
        "refusedBecause": "Orden de los CUPS",
    }
    do(api, "fileAgreement", agreementId=agreement, filedOn="2023-02-16")
    query = "{ installation(cau: %s) { filings { edges { node { state filedOn } } } } }"
    found = api.ask(query % f'"{CAU}"')["installation"]["filings"]
    assert nodes(found) == [
        {"state": "IN_FLIGHT", "filedOn": "2023-02-16"},
        {"state": "REFUSED", "filedOn": FILED},
    ]
    code, path, message = refuse(
        api, "answerFiling", filingId=filing, answeredOn="2023-02-20", answer={"applied": {}}
    )
    assert (code, path) == ("CONFLICT", "input.filingId")
    assert "was answered on 2023-02-15" in message


def test_details_that_are_left_out_stay(api):
    entered = do(
        api,
        "setInstallationDetails",
        cau=CAU,
        modality="SOLD_SURPLUS",
        isInternal=True,
        fileProfile="lf",
        place={"lat": 41.4, "lon": 2.2},
    )["installation"]
    everything = {
        "modality": "SOLD_SURPLUS",
        "isInternal": True,
        "fileProfile": "lf",
        "lat": 41.4,
        "lon": 2.2,
    }
    assert entered == everything
    assert do(api, "setInstallationDetails", cau=CAU)["installation"] == everything
    nothing = dict.fromkeys(("modality", "isInternal", "fileProfile", "place"))
    found = do(api, "setInstallationDetails", cau=CAU, **nothing)["installation"]
    assert found == dict.fromkeys(everything)


def test_members_modality_is_entered_for_all_or_some(api):
    do(api, "setMembershipModality", cau=CAU, modality="SOLD_SURPLUS")
    found = do(api, "setMembershipModality", cau=CAU, modality=None, cups=[CUPS[1]])
    rows = nodes(found["installation"]["memberships"])
    assert [row["modality"] for row in rows] == ["SOLD_SURPLUS", None, "SOLD_SURPLUS"]


EVERYTHING = """{ installation(cau: "%s") {
  modality filings { edges { node { state } } }
  appliedCoefficients { edges { node { validFrom supplyPoint { cups } } } }
  allocations(year: 2023) { edges { node { month
    parts { edges { node { supplyPoint { cups } } } } } } }
  agreements(first: 100) { edges { node { mode closedBecause
    hourlyShares { edges { node { least supplyPoint { cups } } } }
    filings { edges { node { filedOn } } }
    applied { edges { node { validFrom supplyPoint { cups } } } }
    appliedHistory { edges { node { act supplyPoint { cups } } } }
    generatedFiles { edges { node { sha256 download } } }
  } } }
} }"""


@pytest.mark.parametrize("n_agreements", [1, 50])
def test_queries_do_not_grow_with_agreements(api, n_agreements):
    proposal = api.propose(classes="MONTH")
    source = {"hourlyProposalId": proposal}
    hourly = do(api, "draftAgreement", fileYear=2023, source=source)["agreement"]["id"]
    do(api, "publishAgreement", agreementId=hourly)
    do(api, "recordApplication", agreementId=hourly, validFrom=HOLDS)
    for _ in range(n_agreements - 1):
        agreement = draft(api, *SHARES)
        do(api, "generateAgreementFile", agreementId=agreement, kind="DISTRIBUTOR_FILE")
    with count_queries(api.engine) as queries:
        found = api.ask(EVERYTHING % CAU)
    assert len(nodes(found["installation"]["agreements"])) == n_agreements
    # The plant, its filings and periods, agreements, and of these their filings,
    # periods, acts and files; hours with the coefficients that are their means; supply points;
    # plant, community and months.
    assert len(queries) == 14, queries


def test_checks_weigh_what_they_cost(api, monkeypatch):
    agreement = publish(api, *SHARES)
    monkeypatch.setattr("api.graphql.dataloaders.MOST_ROWS", 99)
    query = "query ($id: ID!) { node(id: $id) { ... on DistributionAgreement { %s } } }"
    error = api.error(query % (CHECK % FILED), id=agreement)
    assert error["extensions"] == {"code": "TOO_LARGE"}
    assert api.error(query % (CHECK % "2019-01-01"), id=agreement)["message"]


def test_a_day_whose_law_is_not_known_has_no_check(api):
    query = "query ($id: ID!) { node(id: $id) { ... on DistributionAgreement { %s } } }"
    answer = api.post(query % (CHECK % "2019-01-01"), id=publish(api, *SHARES)).json()
    assert answer["data"] == {"node": {"ruleCheck": None}}
    assert answer["errors"][0]["extensions"] == {"code": "INVALID_ARGUMENT"}


def test_what_one_mutation_changes_the_next_one_reads(api):
    agreement = publish(api, *SHARES)
    query = """mutation ($id: ID!, $first: [Cups!], $second: [Cups!], $day: Date!) {
      a: recordApplication(input: {agreementId: $id, validFrom: $day, cups: $first}) {
        agreement { applied { totalCount } } }
      b: recordApplication(input: {agreementId: $id, validFrom: $day, cups: $second}) {
        agreement { applied { totalCount } } }
    }"""
    found = api.ask(query, id=agreement, first=CUPS[:1], second=CUPS[1:], day=HOLDS)
    counts = [found[name]["agreement"]["applied"]["totalCount"] for name in "ab"]
    assert counts == [1, 3]
