"""Begin a community from nothing: its plant, its list of members, their candidates."""

import io

import pytest
import xlsxwriter
from sqlmodel import select

from models import tables
from models.session import read_session
from tests.support.api import CAU
from tests.support.community_folders import make_cau, make_cups
from tests.support.databases import on_sqlite
from tests.support.file_imports import community_of, nodes_of, send

# No database can change what is said here.
pytestmark = on_sqlite

CREATE = """mutation ($input: CreateCommunityInput!) { createCommunity(input: $input) {
  community { id code name zone timezone installations { totalCount } }
  userErrors { code path message } } }"""
CREATE_PLANT = """mutation ($input: CreateInstallationInput!) { createInstallation(input: $input) {
  installation { cau inverterPowerKw lat lon community { code } memberships { totalCount } }
  userErrors { code path message } } }"""
IMPORT_MEMBERS = """mutation ($input: ImportMembersInput!) { importMembers(input: $input) {
  report { memberCount reserveCount unchanged isDryRun notes
    changedRecords(first: 100) { totalCount edges { node { name } } }
    standingChanges { edges { node { memberCode cups before after } } } }
  userErrors { __typename code path message
    ... on InvalidDataUserError { faults { edges { node { file place reason } } } } } } }"""
PEOPLE = """query ($id: ID!) { community(id: $id) {
  members { totalCount }
  reservePool { edges { node { supplyPoint { cups } } } }
  installations { edges { node { memberships { edges { node {
    position validFrom investmentEur supplyPoint { cups contractedPowerKw } } } } } } }
  fileImports { totalCount edges { node { subject format fileName acceptedCount
    report { format } membersReport { memberCount reserveCount } } } } } }"""
NEW = make_cau(5)


def create(api, **wish):
    given = {"code": "nueva", "name": "Calle Mayor", "zone": "CANARIAS"} | wish
    return api.ask(CREATE, input=given)["createCommunity"]


def add_plant(api, **wish):
    given = {"communityId": community_of(api, "nueva"), "cau": NEW, "inverterPowerKw": 10.5}
    return api.ask(CREATE_PLANT, input=given | wish)["createInstallation"]


def write_list(*people: tuple[str, ...], head: str = "Nombre;Rol;CUPS;Tarifa;Potencia") -> bytes:
    return "\r\n".join([head, *(";".join(row) for row in people)]).encode("utf-8-sig")


FIRST = write_list(
    ("Ana", "socia", make_cups(21), "2.0TD", "3,45"),
    ("Bea", "socia", make_cups(22), "2.0TD", "4,6"),
    ("Carles", "candidat", make_cups(23), "2.0TD", "5,75"),
)


def take(api, content: bytes, name: str = "vecinos.csv", **wish):
    given = {"communityId": community_of(api, "nueva"), "uploadId": send(api, content, name)}
    return api.ask(IMPORT_MEMBERS, input=given | wish)["importMembers"]


def people(api) -> dict:
    return api.ask(PEOPLE, id=community_of(api, "nueva"))["community"]


def sharing(api) -> list[str]:
    (plant,) = nodes_of(people(api)["installations"])
    return [node["supplyPoint"]["cups"] for node in nodes_of(plant["memberships"])]


def waiting(api) -> list[str]:
    return [node["supplyPoint"]["cups"] for node in nodes_of(people(api)["reservePool"])]


@pytest.fixture
def begun(api):
    assert create(api)["userErrors"] == []
    assert add_plant(api)["userErrors"] == []
    return api


def test_a_community_begins_with_nothing(api):
    payload = create(api)
    assert payload["userErrors"] == []
    payload["community"].pop("id")
    assert payload["community"] == {
        "code": "nueva",
        "name": "Calle Mayor",
        "zone": "CANARIAS",
        "timezone": "Atlantic/Canary",
        "installations": {"totalCount": 0},
    }


@pytest.mark.parametrize("cau", ["", NEW[:18] + "AA" + NEW[20:], NEW[:22] + "B000"])
def test_a_wrong_code_of_a_plant_is_told_where_it_stands(api, cau):
    create(api)
    payload = add_plant(api, cau=cau)
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_IDENTIFIER", ["input", "cau"])
    assert payload["installation"] is None


def test_plants_follow(api):
    create(api)
    payload = add_plant(api, place={"lat": 28.1, "lon": -15.4})
    assert payload["installation"] == {
        "cau": NEW,
        "inverterPowerKw": 10.5,
        "lat": 28.1,
        "lon": -15.4,
        "community": {"code": "nueva"},
        "memberships": {"totalCount": 0},
    }
    add_plant(api, cau=make_cau(6))
    with read_session(api.engine) as session:
        rows = session.exec(select(tables.SelfConsumptionInstallation)).all()
    assert {row.cau: row.position for row in rows} == {CAU: 0, NEW: 0, make_cau(6): 1}


@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"code": "test-1"}, "CONFLICT", "code"),
        ({"code": " "}, "INVALID_ARGUMENT", "code"),
        ({"code": "x" * 101}, "INVALID_ARGUMENT", "code"),
        ({"code": "a\u202eb"}, "INVALID_ARGUMENT", "code"),
        ({"name": ""}, "INVALID_ARGUMENT", "name"),
    ],
)
def test_communities_that_cannot_be_are_refused(api, wish, code, path):
    payload = create(api, **wish)
    assert payload["community"] is None
    assert [(error["code"], error["path"]) for error in payload["userErrors"]] == [
        (code, ["input", path])
    ]


@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"communityId": "x"}, "NOT_FOUND", "communityId"),
        ({"cau": CAU}, "CONFLICT", "cau"),
        ({"inverterPowerKw": 0}, "INVALID_DATA", "inverterPowerKw"),
        ({"place": {"lat": 91, "lon": 0}}, "INVALID_ARGUMENT", "place"),
        ({"place": {"lat": 0, "lon": -181}}, "INVALID_ARGUMENT", "place"),
    ],
)
def test_plants_that_cannot_be_are_refused(api, wish, code, path):
    create(api)
    payload = add_plant(api, **wish)
    assert payload["installation"] is None
    assert [(error["code"], error["path"]) for error in payload["userErrors"]] == [
        (code, ["input", path])
    ]


def test_a_list_makes_members_and_candidates(begun):
    payload = take(begun, FIRST)
    assert payload["userErrors"] == []
    report = payload["report"]
    assert (report["memberCount"], report["reserveCount"]) == (2, 1)
    assert (report["unchanged"], report["isDryRun"], report["notes"]) == (False, False, "")
    assert report["changedRecords"]["totalCount"] == 6
    changes = nodes_of(report["standingChanges"])
    assert [(each["memberCode"], each["before"], each["after"]) for each in changes] == [
        ("Ana", "ABSENT", "MEMBER"),
        ("Bea", "ABSENT", "MEMBER"),
        ("Carles", "ABSENT", "RESERVE"),
    ]
    assert sharing(begun) == [make_cups(21), make_cups(22)]
    assert waiting(begun) == [make_cups(23)]
    (kept,) = nodes_of(people(begun)["fileImports"])
    assert (kept["subject"], kept["format"], kept["acceptedCount"]) == (
        "MEMBERS",
        "members-list",
        3,
    )
    assert kept["membersReport"] == {"memberCount": 2, "reserveCount": 1}
    assert kept["report"] is None


def test_the_same_list_again_changes_nothing(begun):
    take(begun, FIRST)
    report = take(begun, FIRST)["report"]
    assert (report["unchanged"], report["changedRecords"]["totalCount"]) == (True, 0)
    assert people(begun)["fileImports"]["totalCount"] == 1


def test_a_dry_run_of_a_list_stores_nothing(begun):
    report = take(begun, FIRST, dryRun=True)["report"]
    assert (report["isDryRun"], report["changedRecords"]["totalCount"]) == (True, 6)
    assert (people(begun)["members"]["totalCount"], sharing(begun)) == (0, [])
    with read_session(begun.engine) as session:
        assert len(session.exec(select(tables.Upload)).all()) == 1


def test_an_upload_goes_when_its_list_is_taken(begun):
    take(begun, FIRST)
    with read_session(begun.engine) as session:
        assert session.exec(select(tables.Upload)).all() == []
    assert list((begun.settings.data_dir / "uploads").iterdir()) == []


def test_more_candidates_leave_the_others_as_they_are(begun):
    take(begun, FIRST)
    more = write_list(("Dolors", make_cups(24), "2.0TD", "2,3"), head="Nom;CUPS;Tarifa;Potència")
    report = take(begun, more, role="RESERVE")["report"]
    assert [each["memberCode"] for each in nodes_of(report["standingChanges"])] == ["Dolors"]
    assert sharing(begun) == [make_cups(21), make_cups(22)]
    assert waiting(begun) == [make_cups(23), make_cups(24)]


def test_a_candidate_becomes_a_member(begun):
    take(begun, FIRST)
    now = write_list(("Carles", "soci", make_cups(23), "2.0TD", "5,75"))
    changes = nodes_of(take(begun, now)["report"]["standingChanges"])
    assert [(each["before"], each["after"]) for each in changes] == [("RESERVE", "MEMBER")]
    assert (sharing(begun), waiting(begun)) == (
        [make_cups(21), make_cups(22), make_cups(23)],
        [],
    )


def test_who_is_not_in_a_complete_list_leaves(begun):
    take(begun, FIRST)
    rest = write_list(("Bea", make_cups(22), "2.0TD", "4,6"), head="Nom;CUPS;Tarifa;Potència")
    changes = nodes_of(
        take(begun, rest, role="MEMBER", isComplete=True)["report"]["standingChanges"]
    )
    assert [(each["memberCode"], each["before"], each["after"]) for each in changes] == [
        ("Ana", "MEMBER", "ABSENT")
    ]
    assert (sharing(begun), waiting(begun)) == ([make_cups(22)], [make_cups(23)])


def test_a_complete_list_of_all_orders_them_anew(begun):
    take(begun, FIRST)
    turned = write_list(
        ("Bea", "socia", make_cups(22), "2.0TD", "4,6"),
        ("Ana", "socia", make_cups(21), "2.0TD", "3,45"),
    )
    take(begun, turned, isComplete=True)
    assert (sharing(begun), waiting(begun)) == ([make_cups(22), make_cups(21)], [])


def test_workbooks_and_investments_are_taken(begun):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        head = ["Nombre", "Rol", "CUPS", "Tarifa", "Potencia", "Aportación (EUR)"]
        sheet.write_row(0, 0, head)
        sheet.write_row(1, 0, ["Ana", "socia", make_cups(21), "2.0TD", 3.45, 900.5])
    take(begun, buffer.getvalue(), "vecinos.xlsx")
    take(begun, write_list(("Bea", "socia", make_cups(22), "2.0TD", "4,6")))
    (plant,) = nodes_of(people(begun)["installations"])
    first, second = nodes_of(plant["memberships"])
    assert (first["investmentEur"], second["investmentEur"]) == ("900.50", None)
    assert (first["position"], second["position"]) == (0, 1)


def test_coefficients_of_a_list_are_not_taken_silently(begun):
    head = "Nombre;Rol;CUPS;Tarifa;Potencia;Coeficiente"
    content = write_list(("Ana", "socia", make_cups(21), "2.0TD", "3,45", "1,0"), head=head)
    assert "coefficients of the list were not taken" in take(begun, content)["report"]["notes"]


def test_members_of_a_community_without_plants_are_noted(api):
    create(api)
    assert "no installation yet" in take(api, FIRST)["report"]["notes"]


def test_every_fault_of_a_list_is_told_at_once(begun):
    content = write_list(
        ("Ana", "socia", "ES0021", "2.0TD", "3,45"),
        ("Ana", "jefa", make_cups(22), "9.9", "-1"),
    )
    (error,) = take(begun, content)["userErrors"]
    assert (error["__typename"], error["path"]) == ("InvalidDataUserError", ["input", "uploadId"])
    places = [each["place"] for each in nodes_of(error["faults"])]
    assert places == ["line 2", *["line 3"] * 4]
    assert people(begun)["members"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"communityId": "x"}, "NOT_FOUND", "communityId"),
        ({"uploadId": "x"}, "NOT_FOUND", "uploadId"),
    ],
)
def test_lists_of_nothing_are_refused(begun, wish, code, path):
    payload = take(begun, FIRST, **wish)
    assert [(error["code"], error["path"]) for error in payload["userErrors"]] == [
        (code, ["input", path])
    ]


def test_meters_of_another_community_are_not_taken_over(begun):
    content = write_list(("Ana", "socia", make_cups(1), "2.0TD", "3,45"))
    (error,) = take(begun, content)["userErrors"]
    assert (error["code"], make_cups(1) in error["message"]) == ("CONFLICT", True)
    assert people(begun)["members"]["totalCount"] == 0


def test_a_meter_is_known_with_and_without_its_measuring_point(begun):
    take(begun, FIRST)
    short = make_cups(21)[:20]
    report = take(begun, write_list(("Ana", "socia", short, "2.0TD", "4,6")))["report"]
    assert report["changedRecords"]["edges"] != []
    assert sharing(begun) == [make_cups(21), make_cups(22)]
    twice = write_list(
        ("Ana", "socia", short, "2.0TD", "4,6"), ("Eva", "socia", make_cups(21), "2.0TD", "4,6")
    )
    (error,) = take(begun, twice)["userErrors"]
    assert (error["code"], "write all 22 characters, once" in error["message"]) == (
        "CONFLICT",
        True,
    )
    two_points = write_list(
        ("Ana", "socia", f"{short}1P", "2.0TD", "4,6"), ("Eva", "socia", f"{short}2P", "2.0TD", "4")
    )
    assert take(begun, two_points)["userErrors"] == []
    assert len(sharing(begun)) == 4


def test_a_list_that_is_too_large_is_not_read(begun, monkeypatch):
    monkeypatch.setattr(
        "api.services.community_folders.import_members_upload.LARGEST_LIST_BYTES", 10
    )
    (error,) = take(begun, FIRST)["userErrors"]
    assert error["message"] == "a list has at most 10 bytes"


def test_a_list_that_was_lost_is_not_found(begun):
    upload = send(begun, FIRST)
    (begun.settings.data_dir / "uploads" / upload).unlink()
    (error,) = take(begun, FIRST, uploadId=upload)["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "uploadId"])
