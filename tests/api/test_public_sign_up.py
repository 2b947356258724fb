"""People sign up for a community over HTTP, without an account, by e-mails on a real socket."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from api.clock import now
from models.session import read_session, write_session
from models.tables import (
    ApplicationState,
    Community,
    Member,
    OutboxMessage,
    ReserveApplication,
    SignUpState,
    SupplyPoint,
)
from models.values.access import Role
from tests.support.accounts_of_roles import Caller, call_as
from tests.support.community_folders import make_cups
from tests.support.databases import on_sqlite
from tests.support.mail_servers import serving_mail
from tests.support.sign_ups import CONFIRM, FAR, PERSON, SIGN_UP, open_page
from tests.support.stored_bytes import read_stored
from tests.support.stored_records import add_community

pytestmark = on_sqlite

JUDGE = """mutation ($input: %s!) { %s(input: $input) {
  signUp { id state refusedBecause application { position } }
  userErrors { code message path } } }"""


@pytest.fixture(scope="module")
def mailbox():
    with serving_mail() as mailbox:
        yield mailbox


@pytest.fixture
def page(api, mailbox):
    mailbox.taken.clear()
    page = open_page(api, mailbox)
    page.publish()
    return page


def judge(page, name: str, kind: str = "SignUpInputById", **told):
    return page.api.ask(JUDGE % (kind, name), input=told)[name]


def test_whoever_confirms_waits_at_the_end_of_the_list(page):
    assert page.sign_up() == {"isMailed": True, "userErrors": []}
    (before,) = page.see()
    assert (before["state"], before["application"]) == ("UNCONFIRMED", None)
    (mail,) = page.read_mails()
    assert "Comunidad de la Peña" in mail
    assert "Ana" not in mail
    confirmed = page.confirm(page.read_secret())
    assert confirmed["userErrors"] == []
    assert confirmed["status"] == {
        "community": "Comunidad de la Peña",
        "state": "WAITING",
        "placeInList": 2,
        "refusedBecause": None,
        "name": "Ana Martí",
        "maskedTaxNumber": "*****678Z",
        "email": "ana@example.org",
        "phone": "+34 600 000 000",
        "cups": PERSON["cups"],
        "tariff": "LOW_VOLTAGE_UP_TO_15_KW",
        "contractedPowerKw": 3.45,
        "yearlyConsumptionKwh": 2500.5,
        "place": {"lat": 39.48, "lon": -0.38},
        "distanceM": 1110,
    }
    assert page.read_secret() == confirmed["statusSecret"]
    assert page.follow(confirmed["statusSecret"])["state"] == "WAITING"
    (after,) = page.see(state="ACCEPTED")
    assert after["person"]["taxNumber"] == "12345678Z"
    assert after["privacyNotice"] == {"version": 1}
    application = after["application"]
    assert (application["position"], application["state"]) == (4, "WAITING")
    assert application["supplyPoint"]["cups"] == PERSON["cups"]
    assert application["supplyPoint"]["member"]["code"].startswith("web-")
    assert page.see(state="UNCONFIRMED") == []


def test_who_it_is_stands_nowhere_in_the_clear(page):
    page.join(phone=None, yearlyConsumptionKwh=None)
    stored = read_stored(page.api.engine)
    for known in ("Ana Martí", "12345678Z", page.read_secret()):
        assert known.encode() not in stored
    with read_session(page.api.engine) as session:
        texts = [mail.body for mail in session.exec(select(OutboxMessage))]
    assert len(texts) == 2
    assert all("#[secret]" in text for text in texts)


@pytest.mark.parametrize("secret", ["", "x", "x" * 50_000, "ñ\0", "' OR 1=1 --"])
def test_a_forged_link_opens_nothing(page, secret):
    page.join()
    assert page.follow(secret) is None
    (error,) = page.confirm(secret)["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "secret"])
    assert page.withdraw(secret)["userErrors"][0]["code"] == "NOT_FOUND"


def test_a_link_confirms_once_and_tells_nothing_of_the_status(page):
    page.sign_up()
    secret = page.read_secret()
    assert page.follow(secret) is None
    page.confirm(secret)
    again = page.confirm(secret)
    assert (again["status"], again["userErrors"][0]["code"]) == (None, "NOT_FOUND")
    assert len(page.see()) == 1


def test_a_link_that_is_too_old_confirms_nothing(page):
    page.sign_up()
    secret = page.read_secret()
    (row,) = page.rows()
    with write_session(page.api.engine) as session:
        late = session.merge(row)
        late.created_at, late.expires_at = now() - timedelta(days=8), now()
    assert page.confirm(secret)["userErrors"][0]["code"] == "NOT_FOUND"


def test_too_far_is_told_in_metres(page):
    answer = page.sign_up(place=FAR)
    (error,) = answer["userErrors"]
    assert answer["isMailed"] is False
    assert (error["__typename"], error["code"]) == ("TooFarUserError", "TOO_FAR")
    assert (error["distanceM"], error["limitM"], error["path"]) == (11102, 5000, ["input", "place"])
    assert "11102 m" in error["message"]
    assert page.rows() == []


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"slug": "otra"}, "NOT_FOUND", "slug"),
        ({"slug": "\0'\""}, "NOT_FOUND", "slug"),
        ({"name": ""}, "INVALID_ARGUMENT", "name"),
        ({"name": "x" * 201}, "INVALID_ARGUMENT", "name"),
        ({"name": "Ana\nBcc: x@y.es"}, "INVALID_ARGUMENT", "name"),
        ({"taxNumber": "12345678A"}, "INVALID_IDENTIFIER", "taxNumber"),
        ({"cups": ""}, "INVALID_IDENTIFIER", "cups"),
        ({"cups": PERSON["cups"].replace("ES", "FR")}, "INVALID_IDENTIFIER", "cups"),
        ({"cups": PERSON["cups"][:18] + "AA0F"}, "INVALID_IDENTIFIER", "cups"),
        ({"cups": " ".join(PERSON["cups"])}, "INVALID_IDENTIFIER", "cups"),
        ({"cups": "9" * 50_000}, "INVALID_IDENTIFIER", "cups"),
        ({"email": "ana@example.org\nx"}, "INVALID_ARGUMENT", "email"),
        ({"phone": "<b>"}, "INVALID_ARGUMENT", "phone"),
        ({"contractedPowerKw": 0}, "INVALID_DATA", "contractedPowerKw"),
        ({"contractedPowerKw": 15.1}, "INVALID_DATA", "contractedPowerKw"),
        ({"yearlyConsumptionKwh": -1}, "INVALID_ARGUMENT", "yearlyConsumptionKwh"),
        ({"place": {"lat": 91, "lon": 0}}, "INVALID_ARGUMENT", "place"),
        ({"privacyVersion": 2}, "CONFLICT", "privacyVersion"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(page, wrong, code, path):
    answer = page.sign_up(**wrong)
    (error,) = answer["userErrors"]
    assert (answer["isMailed"], error["code"], error["path"]) == (False, code, ["input", path])
    assert page.rows() == []


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("es", "tiene letras de control AA, deberían ser WV"),
        ("ca", "té lletres de control AA, haurien de ser WV"),
        ("en", "has check letters AA, should be WV"),
    ],
)
def test_wrong_check_letters_are_told_with_those_that_are_right(page, language, told):
    wrong = "ES0031300000000077AA0F"
    answer = page.public.post(
        SIGN_UP, more={"accept-language": language}, input=PERSON | {"cups": wrong}
    )
    (error,) = answer.json()["data"]["signUp"]["userErrors"]
    assert error["__typename"] == "InvalidDataUserError"
    assert error["message"] == f"CUPS '{wrong}': {told}"


def test_little_is_repeated_of_what_is_no_code(page):
    (error,) = page.sign_up(cups="9" * 50_000)["userErrors"]
    assert error["message"] == f"CUPS '{'9' * 60}…': has 50000 characters, not 20 or 22"


def test_a_meter_that_is_known_is_answered_alike(page):
    known = str(make_cups(1))
    assert page.sign_up(cups=known) == page.sign_up(email="eva@example.org")
    page.api.engine.dispose()
    assert [mail.count("/confirmation#") for mail in page.read_mails()] == [1, 1]
    new, old = (re.findall(r"#(\S+)", mail)[0] for mail in page.read_mails())
    states = {page.confirm(secret)["status"]["state"] for secret in (new, old)}
    assert states == {"UNDER_REVIEW", "WAITING"}
    (held,) = page.see(state="CONFIRMED")
    assert held["person"]["knownSupplyPoint"] == {"cups": known}
    refused = judge(page, "approveSignUp", signUpId=held["id"])
    assert refused["userErrors"][0]["code"] == "CONFLICT"


def test_one_meter_twice_waits_for_its_promoter(page):
    first = page.join()
    second = page.join(email="eva@example.org")
    assert page.follow(first)["state"] == "WAITING"
    assert page.follow(second)["state"] == "UNDER_REVIEW"


def test_without_a_place_the_promoter_decides(page):
    secret = page.join(place=None)
    assert page.follow(secret) == {
        "state": "UNDER_REVIEW",
        "placeInList": None,
        "name": "Ana Martí",
    }
    (held,) = page.see(state="CONFIRMED")
    assert held["distanceM"] is None
    done = judge(page, "approveSignUp", signUpId=held["id"])
    assert done["signUp"]["application"] == {"position": 4}
    again = judge(page, "approveSignUp", signUpId=held["id"])
    assert (again["signUp"], again["userErrors"][0]["code"]) == (None, "CONFLICT")


def test_a_refusal_is_mailed_with_its_reason(page):
    page.publish(needsApproval=True)
    secret = page.join()
    (held,) = page.see(state="CONFIRMED")
    wish = {"signUpId": held["id"], "reason": "La línea está llena"}
    for reason in ("", "x" * 501, "a\nb"):
        told = wish | {"reason": reason}
        (error,) = judge(page, "refuseSignUp", "RefuseSignUpInput", **told)["userErrors"]
        assert error["path"] == ["input", "reason"]
    done = judge(page, "refuseSignUp", "RefuseSignUpInput", **wish)
    assert done["signUp"]["state"] == "REFUSED"
    assert "La línea está llena" in page.read_mails()[-1]
    assert page.follow(secret)["state"] == "REFUSED"
    assert page.withdraw(secret)["userErrors"][0]["code"] == "CONFLICT"


def test_who_withdraws_can_come_back_with_leave(page):
    secret = page.join()
    for _ in range(2):
        assert page.withdraw(secret)["status"]["state"] == "WITHDRAWN"
    again = page.join()
    assert page.follow(again)["state"] == "UNDER_REVIEW"
    (held,) = page.see(state="CONFIRMED")
    judge(page, "approveSignUp", signUpId=held["id"])
    assert page.follow(again) == {"state": "WAITING", "placeInList": 2, "name": "Ana Martí"}
    with read_session(page.api.engine) as session:
        assert len(session.exec(select(Member)).all()) == 5


def test_who_shares_does_not_withdraw(page):
    secret = page.join()
    (row,) = page.rows()
    with write_session(page.api.engine) as session:
        session.get_one(ReserveApplication, row.application_id).state = ApplicationState.ADMITTED
    assert page.follow(secret)["state"] == "ADMITTED"
    assert page.withdraw(secret)["userErrors"][0]["code"] == "CONFLICT"


def test_a_new_link_ends_the_old_one(page):
    old = page.join()
    (row,) = page.see()
    assert judge(page, "renewSignUpLink", signUpId=row["id"])["userErrors"] == []
    new = page.read_secret()
    assert (page.follow(old), page.follow(new)["state"]) == (None, "WAITING")


def test_a_mailbox_is_not_flooded(page):
    answers = [page.sign_up(cups=str(make_cups(80 + place))) for place in range(5)]
    answers.append(page.sign_up(email="ANA@example.org"))
    assert answers == [{"isMailed": True, "userErrors": []}] * 6
    assert len(page.read_mails()) == 4


def test_a_community_that_is_flooded_takes_in_whoever_comes(page, monkeypatch):
    monkeypatch.setattr("api.services.sign_ups.sign_up._MOST_UNCONFIRMED", 1)
    page.sign_up()
    assert page.sign_up(email="eva@example.org") == {"isMailed": True, "userErrors": []}
    assert len(page.rows()) == 1


def test_an_address_is_not_listened_to_for_ever(page):
    for _ in range(page.api.settings.sign_ups_per_hour):
        page.sign_up(website="https://spam.example")
    answer = page.public.post(SIGN_UP, input=PERSON)
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(answer.headers["retry-after"]) > 100
    assert page.rows() == []


def test_markup_stays_text(page):
    name = '=HYPERLINK("http://x")<script>alert(1)</script>'
    page.join(name=name)
    (row,) = page.see()
    assert row["person"]["name"] == name
    assert not any("script" in mail for mail in page.read_mails())
    code = row["application"]["supplyPoint"]["member"]["code"]
    assert re.fullmatch(r"web-[0-9a-f]{12}", code)


def test_nobody_signs_up_where_nobody_is_let_in(page):
    page.publish(isOpen=False)
    assert page.sign_up()["userErrors"][0]["code"] == "CONFLICT"


def test_closing_leaves_those_underway_to_the_promoter(page):
    page.sign_up()
    page.publish(isOpen=False)
    assert page.confirm(page.read_secret())["status"]["state"] == "UNDER_REVIEW"


def test_a_new_notice_is_to_be_read(page):
    page.publish(privacyNotice="Otra cosa.")
    (error,) = page.sign_up()["userErrors"]
    assert "version 2" in error["message"]
    page.join(privacyVersion=2)
    assert page.see()[0]["privacyNotice"] == {"version": 2}


def test_other_promoters_and_members_see_none_of_it(page):
    page.publish(needsApproval=True)
    page.join()
    (row,) = page.see()
    other = Caller(page.api, Role.INTEGRATOR, {"authorization": f"Bearer {page.api.other}"})
    node = "query ($id: ID!) { node(id: $id) { id } }"
    member = call_as(page.api, Role.MEMBER)
    for caller in (other, member):
        assert caller.ask(node, id=row["id"]) == {"node": None}
    told = JUDGE % ("SignUpInputById", "approveSignUp")
    answer = other.ask(told, input={"signUpId": row["id"]})["approveSignUp"]
    assert answer["userErrors"][0]["code"] == "NOT_FOUND"
    refused = member.post(told, input={"signUpId": row["id"]}).json()
    assert (refused["data"], refused["errors"][0]["extensions"]["code"]) == (None, "FORBIDDEN")
    manager = call_as(page.api, Role.COMMUNITY_MANAGER)
    assert manager.ask(told, input={"signUpId": row["id"]})["approveSignUp"]["userErrors"] == []


@pytest.mark.parametrize("cups", [PERSON["cups"], PERSON["cups"][:20] + "1P"])
def test_a_manager_takes_in_no_meter_of_a_community_that_it_does_not_see(page, cups):
    page.publish(needsApproval=True)
    page.join()
    (row,) = page.see()
    with write_session(page.api.engine) as session:
        owner = session.exec(select(Community.promoter_id).where(Community.code == "test-1")).one()
        session.merge(add_community(session, owner, number=9).points[0]).cups = cups
    manager = call_as(page.api, Role.COMMUNITY_MANAGER)
    told = JUDGE % ("SignUpInputById", "approveSignUp")
    answer = manager.ask(told, input={"signUpId": row["id"]})["approveSignUp"]
    (error,) = answer["userErrors"]
    assert (answer["signUp"], error["code"]) == (None, "CONFLICT")
    assert "in another community of yours" in error["message"]


def test_links_of_no_address_are_not_written(page, monkeypatch):
    settings = page.api.settings.model_copy(update={"public_url": None})
    monkeypatch.setattr(page.api.app.state, "settings", settings)
    (error,) = page.sign_up()["userErrors"]
    assert error["code"] == "UNAVAILABLE"
    answer = page.public.ask(CONFIRM, input={"secret": "x"})["confirmSignUp"]
    assert answer["userErrors"][0]["code"] == "UNAVAILABLE"


def test_the_state_in_the_database_is_what_is_told(page):
    page.join()
    (row,) = page.rows()
    assert row.state is SignUpState.ACCEPTED
    with read_session(page.api.engine) as session:
        point = session.exec(select(SupplyPoint).where(SupplyPoint.cups == PERSON["cups"])).one()
    assert (point.yearly_consumption_wh, point.contracted_power_w) == (2_500_500, 3_450)
