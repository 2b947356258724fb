"""Exports of data over GraphQL: a job makes a file, a signed link opens it for a while."""

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pandas as pd
import pytest
from sqlmodel import select

from api.clock import now
from api.graphql.node import read_global_id, write_global_id
from api.services.accounting.export_accounts import sweep_exports
from models.session import read_session, write_session
from models.tables import Community, Promoter
from models.values.access import Capability, Role
from tests.support.accounts_of_roles import call_as
from tests.support.api import YEAR, add_token
from tests.support.community_folders import build_community_year
from tests.support.data_exports import EXPORT, JOB, WISH, ask, fetch, make
from tests.support.databases import on_sqlite
from tests.support.stored_records import add_community

pytestmark = on_sqlite

OWNER = "Ajuntament de la Peña"


def community_id(api):
    with read_session(api.engine) as session:
        return write_global_id(Community, session.exec(select(Community)).one().id)


def test_the_months_of_a_community(api):
    link = make(api, communityId=community_id(api))
    answer = fetch(api, link)
    name = "energy_2023-01-01_2023-12-31.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    year = build_community_year()
    assert len(rows) == 12
    generated = [float(row["generation_kwh"]) for row in rows]
    assert generated[0] == pytest.approx(year.generation_kwh[0, :744].sum(), abs=1e-9)
    assert sum(generated) == pytest.approx(year.generation_kwh.sum(), abs=1e-8)
    consumed = sum(float(row["consumption_kwh"]) for row in rows)
    assert consumed == pytest.approx(year.consumption_kwh[:3].sum(), abs=1e-8)


def test_files_of_single_members_are_named_so(api):
    answer = fetch(api, make(api, perMember=True))
    assert (
        'filename="energy_per_member_2023-01-01_2023-12-31.csv"'
        in (answer.headers["content-disposition"])
    )


@pytest.mark.parametrize(
    ("form", "media", "read"),
    [
        ("XLSX", "spreadsheetml.sheet", lambda data: openpyxl.load_workbook(data).active.max_row),
        ("JSON", "application/json", lambda data: len(json.load(data)["tables"][0]["rows"]) + 1),
        ("PARQUET", "parquet", lambda data: len(pd.read_parquet(data)) + 1),
        ("CSV_EXCEL_ES", "text/csv", lambda data: data.read().count(b"\r\n")),
    ],
)
def test_every_form_opens(api, form, media, read):
    wish = {"resolution": "DAY", "perMember": True, "end": "2023-01-11", "language": "CA"}
    answer = fetch(api, make(api, format=form, **wish))
    assert media in answer.headers["content-type"]
    assert read(io.BytesIO(answer.content)) == 1 + 3 * 10


def test_an_export_is_of_who_asked_for_it_and_is_removed_in_time(api):
    link = make(api, idempotencyKey="once")
    again = ask(api, idempotencyKey="once")["job"]
    assert (again["kind"], again["state"]) == ("EXPORT_DATA", "SUCCEEDED")
    path, _, _ = link.partition("?")
    assert api.get(path).status_code == 200
    assert api.get(path, token=api.other).status_code == 404
    assert api.client.request("GET", path).status_code == 401
    assert api.get(path.replace("energy_", "members_")).status_code == 404
    assert api.get("/data-exports/x/energy.csv").status_code == 404
    _, key = read_global_id(again["id"])
    assert api.get(f"/account-exports/{key}/accounts.zip").status_code == 404
    sweep_exports(api.settings.data_dir, now=now() + timedelta(days=6))
    assert fetch(api, link).content
    sweep_exports(api.settings.data_dir, now=now() + timedelta(days=8))
    answer = api.client.request("GET", link)
    assert (answer.status_code, "export it again" in answer.text) == (404, True)


def test_an_export_that_is_not_made_yet(api):
    job = ask(api)["job"]
    assert (job["state"], job["download"]) == ("QUEUED", None)
    _, key = read_global_id(job["id"])
    answer = api.get(f"/data-exports/{key}/energy_2023-01-01_2023-12-31.csv")
    assert answer.status_code == 409


def test_who_may_read_gets_sums_of_five_or_more(api):
    reader = add_token(api.engine, OWNER, scopes=[Capability.READ]).text
    answer = fetch(api, make(api, reader))
    (first, *_) = csv.DictReader(io.StringIO(answer.text))
    assert first["generation_kwh"] != ""
    assert {first[key] for key in first if key.endswith("_kwh")} == {first["generation_kwh"], ""}
    for wish, at in (
        ({"perMember": True}, "perMember"),
        ({"subject": "MEMBERS"}, "subject"),
        ({"subject": "INVOICES"}, "subject"),
    ):
        (error,) = ask(api, reader, **wish)["userErrors"]
        assert (error["__typename"], error["code"]) == ("ForbiddenUserError", "FORBIDDEN")
        assert error["path"] == ["input", at]
    assert api.drain() == 0


def test_a_colleague_may_not_fetch_what_it_may_not_ask_for(api):
    reader = add_token(api.engine, OWNER, scopes=[Capability.READ]).text
    accountant = add_token(api.engine, OWNER, scopes=[Capability.READ_MONEY]).text
    for wish in ({"perMember": True}, {}, {"subject": "INVOICES"}):
        path, _, _ = make(api, **wish).partition("?")
        is_invoices = wish.get("subject") == "INVOICES"
        assert api.get(path, token=reader).status_code == 403
        assert api.get(path, token=accountant).status_code == (200 if is_invoices else 403)
    # What the link of a job opens is what its asker may have.
    job = ask(api, perMember=True)["job"]["id"]
    api.drain()
    link = api.ask(JOB, token=reader, id=job)["node"]["download"]
    assert api.client.request("GET", link).status_code == 403


def test_an_export_that_fails_says_why(api):
    job = ask(api, resolution="QUARTER_HOUR")["job"]["id"]
    assert api.drain() == 1
    found = api.ask(JOB, id=job)["node"]
    assert (found["state"], found["download"]) == ("FAILED", None)
    assert "the meters count by the hour" in found["error"]["message"]


@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"communityId": "x"}, "NOT_FOUND", "communityId"),
        ({"end": f"{YEAR}-01-01"}, "INVALID_DATA", "end"),
        ({"end": f"{YEAR + 11}-01-01"}, "INVALID_ARGUMENT", "end"),
        ({"subject": "ECONOMY", "resolution": "DAY"}, "INVALID_ARGUMENT", "resolution"),
        ({"idempotencyKey": ""}, "INVALID_ARGUMENT", "idempotencyKey"),
    ],
)
def test_refusals(api, wish, code, path):
    (error,) = ask(api, **wish)["userErrors"]
    assert (error["code"], error["path"]) == (code, ["input", path])
    assert api.drain() == 0


def test_who_reaches_no_community_exports_none(api):
    (error,) = ask(api, api.other)["userErrors"]
    assert error["code"] == "NOT_FOUND"
    (error,) = ask(api, api.other, communityId=community_id(api))["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "communityId"])


def test_a_manager_exports_its_own_communities_alone(api):
    with write_session(api.engine) as session:
        owner = session.exec(select(Promoter).where(Promoter.name == OWNER)).one()
        add_community(session, owner.id, number=2)
    everywhere, wish = make(api, subject="MEMBERS"), {"subject": "MEMBERS"}
    manager = call_as(api, Role.COMMUNITY_MANAGER)
    job = manager.ask(EXPORT, input=WISH | wish)["exportData"]["job"]["id"]
    assert api.drain() == 1
    link = manager.ask(JOB, id=job)["node"]["download"]
    told = {row["community"] for row in csv.DictReader(io.StringIO(fetch(api, link).text))}
    assert told == {"test-1"}
    rows = csv.DictReader(io.StringIO(fetch(api, everywhere).text))
    assert {row["community"] for row in rows} == {"c2", "test-1"}
    # What is of other communities too does not exist for the manager.
    assert manager.get(everywhere.partition("?")[0]).status_code == 404
    member = call_as(api, Role.MEMBER)
    assert member.get(link.partition("?")[0]).status_code == 404
