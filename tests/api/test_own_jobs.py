"""Jobs, files and news of those who reach some of a promoter: their own, and nobody else's."""

import csv
import io

import pytest
from sqlmodel import select

from api.graphql.node import write_global_id
from api.services.notifications.read_notifications import read_notifications
from models.repositories.notifications import add_notification
from models.session import read_session, write_session
from models.tables import Community, Invoice, JobRun, NotificationKind
from models.values.access import Capability, Reach, Role
from tests.support.accounts_of_roles import Caller, add_account, call_as, sign_in_as
from tests.support.api import CAU, NOW, PROPOSE, YEAR
from tests.support.community_folders import build_community_year
from tests.support.data_exports import EXPORT, JOB, WISH, fetch
from tests.support.databases import on_sqlite
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community

pytestmark = on_sqlite

ALLOCATE = """mutation ($id: ID!, $key: String) {
  allocateMonths(input: {communityId: $id, idempotencyKey: $key}) {
    job { id } userErrors { code message } } }"""
IMPORT = """mutation ($input: ImportFileInput!) { importFile(input: $input) {
  job { id } userErrors { code message } } }"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"


@stored_once
def place(api):
    """Store a second community of the promoter, and tell both."""
    with write_session(api.engine) as session:
        first = session.exec(select(Community)).one()
        return first, add_community(session, first.promoter_id, number=7).community


def manage(api, community, *, email="manager@vila.example") -> Caller:
    account = add_account(api.engine, Role.COMMUNITY_MANAGER, community=community.code, email=email)
    return sign_in_as(api, account)


def allocate(caller, community, key=None):
    community_id = write_global_id(Community, community.id)
    payload = caller.ask(ALLOCATE, id=community_id, key=key)["allocateMonths"]
    assert payload["userErrors"] == []
    return payload["job"]["id"]


def sees(caller, *jobs):
    return [caller.ask(NODE, id=job)["node"] is not None for job in jobs]


def test_managers_see_the_jobs_of_their_communities(api, place):
    first, second = place
    one, other = manage(api, first), manage(api, second, email="other@vila.example")
    admin = sign_in_as(api, add_account(api.engine, Role.PROMOTER_ADMIN))
    of_plant = admin.ask(PROPOSE, input={"cau": CAU, "year": YEAR})["proposeCoefficients"]["job"]
    of_all = admin.ask(EXPORT, input=WISH)["exportData"]["job"]
    mine, theirs = allocate(one, first), allocate(other, second)
    by_admin = allocate(admin, second)
    jobs = (mine, of_plant["id"], theirs, by_admin, of_all["id"])
    assert sees(one, *jobs) == [True, True, False, False, False]
    assert sees(other, *jobs) == [False, False, True, True, False]
    assert sees(admin, *jobs) == [True] * 5


def test_the_same_key_of_two_managers_stands_for_two_jobs(api, place):
    first, second = place
    one, other = manage(api, first), manage(api, second, email="other@vila.example")
    mine, theirs = allocate(one, first, "nightly"), allocate(other, second, "nightly")
    assert mine != theirs
    assert allocate(one, first, "nightly") == mine


def test_a_file_is_taken_from_who_sent_it_alone(api, place):
    first, second = place
    one, other = manage(api, first), manage(api, second, email="other@vila.example")
    answer = api.client.request(
        "POST",
        "/uploads?fileName=readings.csv",
        content=b"x;y\n1;2\n",
        headers=one.headers | {"content-type": "text/csv"},
    )
    upload = answer.json()["id"]
    wish = {"uploadId": upload, "communityId": write_global_id(Community, second.id)}
    (error,) = other.ask(IMPORT, input=wish)["importFile"]["userErrors"]
    assert (error["code"], "no such upload" in error["message"]) == ("NOT_FOUND", True)
    wish["communityId"] = write_global_id(Community, first.id)
    assert one.ask(IMPORT, input=wish)["importFile"]["userErrors"] == []


def test_news_reach_those_who_see_what_they_are_about(api, place):
    first, second = place
    one = manage(api, first)
    mine = allocate(one, first)
    with write_session(api.engine) as session:
        keys = [row.id for row in session.exec(select(JobRun))]
        for subject in (*keys, first.id):
            add_notification(
                session,
                promoter_id=first.promoter_id,
                kind=NotificationKind.JOB_FAILED,
                subject_id=subject,
                at=NOW,
            )

    def told(reach, *held):
        with read_session(api.engine, reach) as session:
            rows = read_notifications(
                session,
                promoter_id=first.promoter_id,
                capabilities=held,
                after=0,
                at_most=9,
            )
        return [write_global_id(JobRun, row.subject_id) for row in rows]

    owner, manager = first.promoter_id, one.account_id
    assert len(told(Reach(owner), Capability.READ)) == 2
    assert told(Reach(owner, frozenset({first.id})), Capability.READ) == [mine]
    elsewhere = frozenset({second.id})
    assert told(Reach(owner, elsewhere), Capability.READ) == []
    assert told(Reach(owner, elsewhere, frozenset(), manager), Capability.OWN) == [mine]
    assert told(Reach(owner, elsewhere, frozenset()), Capability.OWN) == []
    assert told(Reach(owner), Capability.READ_MONEY) == []


def export_own(api, caller, **wish):
    """Have a member's export made, and give the link to its file."""
    payload = caller.ask(EXPORT, input=WISH | {"perMember": True} | wish)["exportData"]
    assert payload["userErrors"] == []
    assert api.drain() == 1
    done = caller.ask(JOB, id=payload["job"]["id"])["node"]
    assert done["state"] == "SUCCEEDED", done
    return payload["job"]["id"], done["download"]


def test_a_member_exports_its_own_months(api):
    member = call_as(api, Role.MEMBER)
    job, link = export_own(api, member)
    rows = list(csv.DictReader(io.StringIO(fetch(api, link).text)))
    assert {row["member"] for row in rows} == {"M1"}
    consumed = sum(float(row["consumption_kwh"]) for row in rows)
    assert consumed == pytest.approx(build_community_year().consumption_kwh[0].sum())
    _, link = export_own(api, member, subject="MEMBERS")
    assert [row["member"] for row in csv.DictReader(io.StringIO(fetch(api, link).text))] == ["M1"]
    neighbour = sign_in_as(
        api, add_account(api.engine, Role.MEMBER, members=["M2"], email="m2@vila.example")
    )
    assert sees(neighbour, job) == [False]
    path, _, _ = link.partition("?")
    assert (member.get(path).status_code, neighbour.get(path).status_code) == (200, 404)


def test_a_member_exports_its_own_invoices_and_no_sums(api):
    member = call_as(api, Role.MEMBER)
    _, link = export_own(api, member, subject="INVOICES", format="JSON")
    with read_session(api.engine) as session:
        assert session.exec(select(Invoice)).all() == []
    assert fetch(api, link).json()["tables"][0]["rows"] == []
    for wish in ({}, {"subject": "ECONOMY"}, {"subject": "INVOICES"}):
        (error,) = member.ask(EXPORT, input=WISH | wish)["exportData"]["userErrors"]
        assert (error["code"], error["path"]) == ("FORBIDDEN", ["input", "perMember"])
        assert "set perMember" in error["message"]
