"""What cannot be done to agreements: typed, with its place, and without a trace."""

from datetime import date

import pytest
from sqlmodel import select

from models import tables
from models.session import read_session, write_session
from tests.support.agreement_calls import (
    CUPS,
    FILED,
    HOLDS,
    SHARES,
    applied,
    call,
    codes,
    do,
    publish,
    refuse,
    spans,
    table,
)
from tests.support.api import CAU
from tests.support.community_folders import make_cups
from tests.support.databases import on_sqlite
from tests.support.proposals import nodes
from tests.support.reserve_pools import community_id

# No database can change what is said here.
pytestmark = on_sqlite


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("in flight", "CHANGE_IN_FLIGHT"),
        ("four months", "TOO_SOON"),
        ("modality", "MODALITIES_DIFFER"),
        ("members", "MEMBERS"),
    ],
)
def test_what_the_rules_forbid_is_not_filed(api, state, code):
    agreement = publish(api, *SHARES)
    if state == "in flight":
        do(api, "fileAgreement", agreementId=agreement, filedOn=FILED)
    elif state == "four months":
        do(api, "recordApplication", agreementId=agreement, validFrom="2022-12-01")
        agreement = publish(api, "0.2", "0.3", "0.5")
    elif state == "modality":
        do(api, "setInstallationDetails", cau=CAU, modality="SOLD_SURPLUS")
        do(api, "setMembershipModality", cau=CAU, modality="WITHOUT_SURPLUS", cups=CUPS[2:])
    else:
        with write_session(api.engine) as session:
            row = session.exec(
                select(tables.Membership).where(tables.Membership.position == 2)
            ).one()
            row.valid_until = date(2023, 6, 1)
    with read_session(api.engine) as session:
        before = len(session.exec(select(tables.Filing)).all())
    payload = call(api, "fileAgreement", agreementId=agreement, filedOn=FILED)
    assert (payload["filing"], payload["firstDayOn"]) == (None, None)
    assert (code, "ERROR") in codes(payload)
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "agreementId"])
    told = next(each for each in nodes(payload["findings"]) if each["code"] == code)
    assert f"{told['message']} ({told['article']})" in error["message"]
    with read_session(api.engine) as session:
        assert len(session.exec(select(tables.Filing)).all()) == before


ANSWER = {"answeredOn": "2023-02-20", "answer": {"applied": {}}}
NOW_AND_ALWAYS = "2999-01-01"


@pytest.mark.parametrize(
    ("mutation", "given", "code", "path", "words"),
    [
        ("draftAgreement", {"fileYear": 1999, "source": table(*SHARES)}, "INVALID_ARGUMENT",
         "fileYear", "fileYear 1999 is not between"),
        ("draftAgreement", {"source": table("0.5", "0.3", "0.1")}, "INVALID_ARGUMENT",
         "source.table.coefficients", "sums to 900000 millionths"),
        ("draftAgreement", {"source": {"table": {"coefficients": []}}}, "INVALID_ARGUMENT",
         "source.table", "exactly one of installationId and cau"),
        ("draftAgreement", {"source": {"proposalId": "x"}}, "NOT_FOUND", "source", "no such"),
        ("draftAgreement", {"source": {"hourlyProposalId": "x"}}, "NOT_FOUND", "source", "no such"),
        ("draftAgreement", {"source": {"table": {"cau": CAU, "coefficients": [
            {"cups": CUPS[0], "coefficient": 0.5}, {"cups": CUPS[0], "coefficient": 0.5}]}}},
         "INVALID_ARGUMENT", "source.table.coefficients", "stands twice"),
        ("publishAgreement", {"agreementId": "x"}, "NOT_FOUND", "agreementId", "no such agreement"),
        ("withdrawAgreement", {"reason": " "}, "INVALID_ARGUMENT", "reason", "a reason needs 1 to"),
        ("withdrawAgreement", {"reason": "x"}, "CONFLICT", "agreementId", "only one that is draft"),
        ("generateAgreementFile", {"kind": "DISTRIBUTOR_FILE", "profile": "x"}, "INVALID_ARGUMENT",
         "profile", "profile 'x' is none of default"),
        ("generateAgreementFile", {"kind": "SHARING_AGREEMENT"}, "CONFLICT", "agreementId",
         "the modality of"),
        ("fileAgreement", {"filedOn": NOW_AND_ALWAYS}, "INVALID_ARGUMENT", "filedOn",
         "has not come yet"),
        ("fileAgreement", {"filedOn": "2019-01-01"}, "INVALID_ARGUMENT", "filedOn", "is known for"),
        ("answerFiling", ANSWER | {"filingId": "x"}, "NOT_FOUND", "filingId", "no such filing"),
        ("answerFiling", ANSWER | {"answeredOn": "2023-02-01"}, "INVALID_ARGUMENT", "answeredOn",
         "is before the filing"),
        ("answerFiling", ANSWER | {"answer": {"refused": {"reason": ""}}}, "INVALID_ARGUMENT",
         "answer.refused.reason", "a reason needs"),
        ("recordApplication", {"validFrom": HOLDS, "cups": [make_cups(99)]}, "NOT_FOUND", "cups",
         f"there is no {make_cups(99)} here"),
        ("recordApplication", {"validFrom": HOLDS, "cups": [make_cups(4)]}, "INVALID_ARGUMENT",
         "cups", "have no coefficient in the agreement"),
        ("recordApplication", {"validFrom": HOLDS, "validUntil": HOLDS}, "INVALID_ARGUMENT",
         "validUntil", "is not after validFrom"),
        ("recordApplication", {"validFrom": HOLDS, "reason": ""}, "INVALID_ARGUMENT", "reason",
         "a reason needs"),
        ("correctApplication", {"appliedIds": ["x"], "validFrom": HOLDS, "reason": "x"},
         "NOT_FOUND", "appliedIds", "no such record"),
        ("setInstallationDetails", {"cau": CAU, "fileProfile": "x"}, "INVALID_ARGUMENT",
         "fileProfile", "is none of default"),
        ("setInstallationDetails", {"cau": CAU, "place": {"lat": 91, "lon": 0}},
         "INVALID_ARGUMENT", "place", "there is no place at latitude 91"),
        ("setInstallationDetails", {"installationId": "x"}, "NOT_FOUND", "installationId",
         "no such installation"),
        ("setInstallationDetails", {}, "INVALID_ARGUMENT", "", "exactly one of"),
        ("setMembershipModality", {"cau": CAU, "modality": None, "cups": [make_cups(4)]},
         "NOT_FOUND", "cups", "there is no"),
        ("allocateMonths", {"communityId": "x"}, "NOT_FOUND", "communityId", "no community"),
        ("allocateMonths", {"idempotencyKey": ""}, "INVALID_ARGUMENT", "idempotencyKey",
         "1 to 100"),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_place(api, mutation, given, code, path, words):
    agreement = publish(api, *SHARES)
    if "agreementId" not in given and mutation not in WITHOUT_AGREEMENT:
        given = {"agreementId": agreement} | given
    if mutation == "draftAgreement":
        given = {"fileYear": 2023} | given
    if mutation == "answerFiling" and "filingId" not in given:
        filed = do(api, "fileAgreement", agreementId=agreement, filedOn=FILED)
        given = {"filingId": filed["filing"]["id"]} | given
    if mutation == "allocateMonths" and "communityId" not in given:
        given = {"communityId": community_id(api, "test-1")} | given
    found = refuse(api, mutation, **given)
    assert (found[0], found[1]) == (code, f"input.{path}".rstrip("."))
    assert words in found[2]


WITHOUT_AGREEMENT = {
    "draftAgreement",
    "answerFiling",
    "correctApplication",
    "setInstallationDetails",
    "setMembershipModality",
    "allocateMonths",
}


def test_two_coefficients_on_a_day_are_refused(api):
    first, second = publish(api, *SHARES), publish(api, "0.2", "0.3", "0.5")
    do(api, "recordApplication", agreementId=first, validFrom=HOLDS, validUntil="2023-09-01")
    before = spans(applied(api, first))
    code, path, message = refuse(
        api, "recordApplication", agreementId=second, validFrom="2023-08-01"
    )
    assert (code, path) == ("CONFLICT", "input.validFrom")
    assert "would have two coefficients from 2023-08-01 on" in message
    assert (spans(applied(api, first)), applied(api, second)) == (before, [])


def test_a_filing_is_not_applied_where_another_is(api):
    first, second = publish(api, *SHARES), publish(api, "0.2", "0.3", "0.5")
    filed = do(api, "fileAgreement", agreementId=second, filedOn=FILED)["filing"]["id"]
    do(api, "recordApplication", agreementId=first, validFrom=HOLDS, validUntil="2023-09-01")
    code, path, _ = refuse(
        api, "answerFiling", filingId=filed, answeredOn="2023-02-20", answer={"applied": {}}
    )
    assert (code, path) == ("CONFLICT", "input.answer.applied.validFrom")
    assert applied(api, second) == []


def test_a_future_answer_is_refused(api):
    filed = do(api, "fileAgreement", agreementId=publish(api, *SHARES), filedOn=FILED)
    refused = refuse(
        api,
        "answerFiling",
        filingId=filed["filing"]["id"],
        answeredOn=NOW_AND_ALWAYS,
        answer={"applied": {}},
    )
    assert refused[:2] == ("INVALID_ARGUMENT", "input.answeredOn")
