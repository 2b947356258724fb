"""Debts over GraphQL: what is late, what may be done, and who leaves or takes over."""

import pytest

from tests.support.databases import on_sqlite
from tests.support.invoice_calls import InvoicingApi, billed, invoicing

__all__ = ["billed", "invoicing"]

pytestmark = on_sqlite

DEBTS = """query ($community: ID!, $on: Date) { debts(communityId: $community, on: $on) {
  totalCount edges { node { overdueEur oldestDueOn stage nextStage nextFrom isEssential isVulnerable
    member { code } issuer { taxNumber }
    items { edges { node { dueOn openEur invoice { number } } } }
    steps { edges { node { stage takenOn oldestDueOn openEur isMailed because } } } } } } }"""
STEP = "step { stage openEur isMailed because }"


@pytest.fixture
def owing(invoicing: InvoicingApi) -> InvoicingApi:
    """Issue October's invoices in December 2023: all are long overdue."""
    invoicing.billed.issue()
    return invoicing


def debts(owing: InvoicingApi, on: str | None = None) -> list[dict]:
    found = owing.api.ask(DEBTS, community=owing.community, on=on)["debts"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


def who(owing: InvoicingApi, place: int = 0) -> dict[str, str]:
    issuers = owing.api.ask("{ invoiceIssuers { edges { node { id } } } }")["invoiceIssuers"]
    return {
        "issuerId": issuers["edges"][0]["node"]["id"],
        "memberId": owing.id_of(owing.billed.stored.members[place]),
    }


def test_what_is_late_and_what_may_be_done(owing):
    assert debts(owing, "2023-12-25") == []
    first = debts(owing, "2023-12-26")[0]
    assert (first["oldestDueOn"], first["stage"]) == ("2023-12-25", None)
    assert (first["nextStage"], first["nextFrom"]) == ("REMINDER", "2023-12-28")
    assert first["issuer"] == {"taxNumber": "F12345674"}
    (item,) = first["items"]["edges"]
    assert item["node"]["openEur"] == first["overdueEur"]
    assert len(debts(owing)) == 3


def test_debts_are_narrowed_by_what_is_done_and_may_be(owing):
    def count(on: str = "2023-12-28", **wanted: object) -> int:
        query = """query ($community: ID!, $on: Date, $filter: DebtFilter) {
          debts(communityId: $community, on: $on, filter: $filter) { totalCount } }"""
        given = {"community": owing.community, "on": on, "filter": wanted}
        return owing.api.ask(query, **given)["debts"]["totalCount"]

    mine = who(owing)
    reminded_on = owing.do("takeDebtStep", "step { takenOn }", stage="REMINDER", **mine)
    now = reminded_on["step"]["takenOn"]
    assert [count(now, **wanted) for wanted in ({}, {"memberId": mine["memberId"]})] == [3, 1]
    assert [count(now, memberId=key) for key in ("x", mine["issuerId"])] == [0, 0]
    assert [count(now, stage=stage) for stage in ("REMINDER", "DEMAND", None)] == [1, 0, 3]
    assert [count(now, nextStage=stage) for stage in ("REMINDER", "DEMAND")] == [2, 1]
    assert [count(now, isDue=is_due) for is_due in (True, False)] == [2, 1]
    assert [count(f"2023-12-{day}", isDue=True) for day in (27, 28)] == [0, 2]
    protection = {"cups": owing.billed.stored.points[0].cups, "protection": "VULNERABLE"}
    protection |= {"validFrom": "2023-01-01", "because": "certificate 7"}
    owing.do("protectSupply", "protected { validFrom }", **protection)
    assert [count(isProtected=is_protected) for is_protected in (True, False)] == [1, 2]


def test_letters_go_to_all_once(owing):
    owing.billed.pay(0, email="ana@vila.example")
    wish = {"issuerId": who(owing)["issuerId"], "communityId": owing.community}
    sent = owing.do("sendDebtLetters", "steps { edges { node { stage isMailed } } }", **wish)[
        "steps"
    ]["edges"]
    again = owing.do("sendDebtLetters", "steps { totalCount }", **wish)
    assert [edge["node"]["stage"] for edge in sent] == ["REMINDER"] * 3
    assert sorted(edge["node"]["isMailed"] for edge in sent) == [False, False, True]
    assert again["steps"] == {"totalCount": 0}
    assert {each["stage"] for each in debts(owing)} == {"REMINDER"}


def test_a_letter_waits_for_a_payment_of_nobody(owing):
    issuer = who(owing)["issuerId"]
    paid = {"issuerId": issuer, "amountEur": "7.00", "receivedOn": "2023-12-12"}
    paid |= {"method": "TRANSFER", "sourceKey": "1"}
    number = debts(owing)[0]["items"]["edges"][0]["node"]["invoice"]["number"]
    paid["reference"] = f"{number} thanks"
    receipt = owing.do("recordPayment", "payment { id }", **paid)["payment"]["id"]
    shown = """steps { totalCount } held { edges { node { stage openEur member { code }
      receipts { edges { node { leftEur payment { id }
        hasAmount namesInvoice isFromAccount hasName } } } } } }"""
    first = owing.do("sendDebtLetters", shown, issuerId=issuer)
    (held,) = (edge["node"] for edge in first["held"]["edges"])
    assert (first["steps"]["totalCount"], held["stage"]) == (2, "REMINDER")
    (shown,) = (edge["node"] for edge in held["receipts"]["edges"])
    clues = {"hasAmount": False, "namesInvoice": True, "isFromAccount": False, "hasName": False}
    assert shown == {"leftEur": "7.00", "payment": {"id": receipt}} | clues
    codes = [member.code for member in owing.billed.stored.members]
    wish = who(owing, codes.index(held["member"]["code"])) | {"stage": "REMINDER"}
    assert refuse(owing, "takeDebtStep", **wish)[:2] == ("CONFLICT", "input.despitePaymentIds")
    assert refuse(owing, "takeDebtStep", despitePaymentIds=["x"], **wish)[0] == "NOT_FOUND"
    done = owing.do("takeDebtStep", STEP, despitePaymentIds=[receipt], **wish)
    assert done["step"]["stage"] == "REMINDER"


def test_nobody_is_written_to_in_a_community_that_is_not_there(owing):
    issuer = who(owing)["issuerId"]
    for place in ("x", issuer):
        wish = {"issuerId": issuer, "communityId": place}
        refused = owing.call("sendDebtLetters", "steps { totalCount }", **wish)
        assert refused["steps"] == {"totalCount": 0}
        (error,) = refused["userErrors"]
        assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "communityId"])
    assert {each["stage"] for each in debts(owing)} == {None}


def test_steps_come_in_turn(owing):
    code, path, message = refuse(owing, "takeDebtStep", stage="DEMAND", **who(owing))
    assert (code, path) == ("CONFLICT", "input.stage")
    assert "reminder" in message
    done = owing.do("takeDebtStep", STEP, stage="REMINDER", **who(owing))["step"]
    assert (done["stage"], done["because"]) == ("REMINDER", None)
    assert refuse(owing, "takeDebtStep", stage="REMINDER", because="x", **who(owing))[1] == (
        "input.because"
    )


def test_protections_are_shown_and_end(owing):
    cups = owing.billed.stored.points[0].cups
    wish = {"cups": cups, "protection": "ESSENTIAL"}
    shown = "protected { protection validFrom validUntil because }"
    given = wish | {"validFrom": "2024-01-01", "because": "certificate 7"}
    row = owing.do("protectSupply", shown, **given)["protected"]
    assert (row["protection"], row["validUntil"]) == ("ESSENTIAL", None)
    assert [each["isEssential"] for each in debts(owing)].count(True) == 1
    assert not any(each["isVulnerable"] for each in debts(owing))
    assert refuse(owing, "protectSupply", **given)[:2] == ("CONFLICT", "input.protection")
    assert refuse(owing, "endProtection", validUntil="2024-01-01", **wish)[1] == (
        "input.validUntil"
    )
    ended = owing.do("endProtection", shown, validUntil="2024-02-01", **wish)["protected"]
    assert ended["validUntil"] == "2024-02-01"
    assert refuse(owing, "endProtection", validUntil="2024-02-01", **wish)[:2] == (
        "NOT_FOUND",
        "input.protection",
    )
    assert refuse(owing, "protectSupply", **(given | {"because": "\x07"}))[1] == "input.because"


def test_a_holder_changes_when_all_is_billed_and_paid(owing):
    cups = owing.billed.stored.points[0].cups
    wish = {"cups": cups, "memberCode": "new", "changedOn": "2023-11-01", "isSubrogated": True}
    assert refuse(owing, "changeHolder", **wish)[:2] == ("CONFLICT", "input.cups")
    assert refuse(owing, "changeHolder", **(wish | {"changedOn": "2023-11-02"}))[1] == (
        "input.changedOn"
    )
    assert refuse(owing, "changeHolder", **(wish | {"kind": ""}))[1] == "input.kind"
    assert refuse(owing, "changeHolder", **(wish | {"memberCode": ""}))[1] == "input.memberCode"
    own = owing.billed.stored.members[0].code
    assert refuse(owing, "changeHolder", **(wish | {"memberCode": own}))[1] == "input.memberCode"


def test_settling_needs_everything_billed(owing):
    cups = owing.billed.stored.points[0].cups
    assert refuse(owing, "settleMember", cups=cups, leftOn="2023-11-01")[:2] == (
        "CONFLICT",
        "input.cups",
    )
    assert refuse(owing, "settleMember", cups=cups, leftOn="2999-01-01")[1] == "input.leftOn"


def refuse(owing: InvoicingApi, mutation: str, **given: object) -> tuple[str, str, str]:
    (error,) = owing.call(mutation, "", **given)["userErrors"]
    return error["code"], ".".join(error["path"]), error["message"]
