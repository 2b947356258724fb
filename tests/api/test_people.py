"""People over the API: what is kept of one, handed out to her, and erased by who administers."""

import csv
import io
from typing import Any
from zipfile import ZipFile

import orjson
from sqlmodel import select

from api.graphql.node import write_global_id
from models.session import read_session
from models.tables import Erasure, JobRun, JobState, Member, SupplyPoint
from models.values.access import Role
from tests.support.accounts_of_roles import call_as
from tests.support.api import Api
from tests.support.databases import on_sqlite
from tests.support.whole_databases import everything_in

pytestmark = on_sqlite

LINK = "query ($id: ID!) { node(id: $id) { ... on Member { personalData } } }"
PREVIEW = """query ($id: ID!) { previewErasure(memberId: $id) { code fileCount
  tables { edges { node { name fate count law until } } }
  hindrances { edges { node { code message } } } } }"""
ERASE = """mutation ($input: ErasePersonInput!) { erasePerson(input: $input) {
  erasure { erasedAt clearedAt deletedCount blankedCount keptCount }
  userErrors { code message path } } }"""


def find(api: Api, code: str) -> Member:
    with read_session(api.engine) as session:
        return session.exec(select(Member).where(Member.code == code)).one()


def name(member: Member) -> str:
    return write_global_id(Member, member.id)


def cups_of(api: Api) -> dict[str, str]:
    with read_session(api.engine) as session:
        rows = select(Member.code, SupplyPoint.cups).join(
            SupplyPoint, SupplyPoint.member_id == Member.id
        )
        return dict(session.exec(rows).all())


def read_archive(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in connection["edges"]]


def test_a_member_has_all_that_is_kept_of_it_and_of_nobody_else(api: Api):
    caller, mine = call_as(api, Role.MEMBER), find(api, "M1")
    link = caller.ask(LINK, id=name(mine))["node"]["personalData"]
    answer = api.client.request("GET", link)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    files = read_archive(answer.content)
    told = orjson.loads(files["person.json"])
    cups = cups_of(api)
    (point,) = told["tables"]["supply_point"]
    assert (told["member_id"], point["cups"]) == (str(mine.id), cups["M1"])
    assert {"member", "membership", "reading", "user_account"} <= told["tables"].keys()
    (account,) = told["tables"]["user_account"]
    assert account["email"] == "member@vila.example"
    assert not {"password_hash", "totp_secret"} & account.keys()
    rows = list(csv.reader(io.StringIO(files["curves.csv"].decode())))
    assert rows[0][:3] == ["cups", "channel", "starts_at"]
    assert {row[0] for row in rows[1:]} == {cups["M1"]}
    assert len(rows) == 1 + 8760
    everything = b"".join(files.values())
    assert [code for code in cups if cups[code].encode() in everything] == ["M1"]


def test_nobody_else_has_it_but_who_administers(api: Api):
    mine, other = find(api, "M1"), find(api, "M2")
    path, query = f"/people/{other.id}/data.zip", {"id": name(other)}
    member = call_as(api, Role.MEMBER)
    assert member.ask(LINK, **query) == {"node": None}
    assert member.get(path).status_code == 404
    assert member.get(f"/people/{mine.id}/data.zip").status_code == 200
    assert call_as(api, Role.PROMOTER_ADMIN).get(path).status_code == 200
    for role in (Role.PROMOTER_STAFF, Role.COMMUNITY_MANAGER):
        caller = call_as(api, role)
        assert caller.error(LINK, **query)["extensions"]["code"] == "FORBIDDEN"
        assert caller.get(path).status_code == 403
    assert api.get(path, token=api.other).status_code == 404
    assert api.get("/people/none/data.zip").status_code == 404


def test_who_administers_looks_and_then_erases(api: Api):
    caller, waiting = call_as(api, Role.PROMOTER_ADMIN), find(api, "R1")
    preview = caller.ask(PREVIEW, id=name(waiting))["previewErasure"]
    assert (preview["code"], preview["fileCount"], nodes(preview["hindrances"])) == ("R1", 0, [])
    tables = {each.pop("name"): each for each in nodes(preview["tables"])}
    assert tables["reading"] == {"fate": "DELETED", "count": 12, "law": None, "until": None}
    assert tables["supply_point"]["fate"] == "BLANKED"
    wish = {"memberId": name(waiting), "confirmation": "R2"}
    (refused,) = caller.ask(ERASE, input=wish)["erasePerson"]["userErrors"]
    assert (refused["code"], refused["path"]) == ("INVALID_ARGUMENT", ["input", "confirmation"])
    done = caller.ask(ERASE, input=wish | {"confirmation": "R1"})["erasePerson"]
    assert (done["userErrors"], done["erasure"]["clearedAt"]) == ([], None)
    assert (done["erasure"]["deletedCount"], done["erasure"]["keptCount"]) == (13, 0)
    assert api.drain() == 1
    again = caller.ask(ERASE, input=wish)["erasePerson"]["erasure"]
    assert again["erasedAt"] == done["erasure"]["erasedAt"]
    assert again["clearedAt"] is not None
    with read_session(api.engine) as session:
        row = session.exec(select(Erasure)).one()
        job = session.exec(select(JobRun).where(JobRun.kind == "clear_erasure")).one()
    assert (row.account_id, row.member_id) == (caller.account_id, waiting.id)
    assert (job.state, job.arguments) == (JobState.SUCCEEDED, {"erasure_id": str(row.id)})


def test_what_cannot_be_is_refused_and_leaves_nothing(api: Api):
    before = everything_in(api.engine)["member"]
    sharing = {"memberId": name(find(api, "M1")), "confirmation": "M1"}
    (refused,) = api.ask(ERASE, input=sharing)["erasePerson"]["userErrors"]
    assert (refused["code"], refused["path"]) == ("CONFLICT", ["input", "memberId"])
    (hindrance,) = nodes(api.ask(PREVIEW, id=sharing["memberId"])["previewErasure"]["hindrances"])
    assert hindrance["code"] == "CONFLICT"
    for key in ("none", name(find(api, "M1"))):
        unknown = {"memberId": key, "confirmation": "M1"}
        (refused,) = api.ask(ERASE, token=api.other, input=unknown)["erasePerson"]["userErrors"]
        assert refused["code"] == "NOT_FOUND"
        assert api.ask(PREVIEW, token=api.other, id=key) == {"previewErasure": None}
    assert everything_in(api.engine)["member"] == before
