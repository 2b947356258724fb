"""Bring a community in: by upload or from a folder of the server."""

import hashlib
import io
import zipfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from api.clock import now
from api.services.community_folders import run_import
from api.services.file_imports.remove_uploads import sweep_uploads
from api.services.jobs.run_jobs import claim_job
from models import tables
from models.repositories.jobs import MAX_ATTEMPTS
from models.session import read_session, write_session
from tests.support.api import IMPORT, bearer, build_newcomers
from tests.support.community_folders import write_folder
from tests.support.databases import on_sqlite

# Use cases run on both databases in tests/integration/test_import_community.py.
pytestmark = on_sqlite

ZIP = {"content-type": "application/zip"}
JOB = """query ($id: ID!) { node(id: $id) { ... on JobRun { kind state
  error { __typename code message path ... on InvalidDataUserError {
    faults(first: 2) { totalCount pageInfo { hasNextPage } edges { node { file place reason } } }
  } }
  result { __typename ... on Community { code members { totalCount } } }
  importReport { year unchanged memberCount reserveCount firstVersions noAgreementBecause
    changedRecords(first: 1) { totalCount edges { node { name } } }
    standingChanges { edges { node { memberCode cups before after } } }
    rounding { edges { node { channel totalKwh largestKwh } } }
    correctedMonths { edges { node { name months } } }
  }
} } }"""


def zip_folder(folder: Path) -> bytes:
    """Pack a community folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return buffer.getvalue()


def upload(api, content: bytes, *, query="", headers=ZIP):
    """Send an archive as the owner."""
    return api.client.request(
        "POST", f"/uploads{query}", content=content, headers=bearer(api.own) | headers
    )


def request_import(api, **source):
    """Ask for an import and give the payload."""
    return api.ask(IMPORT, input=source)["importCommunity"]


def run(api, **source):
    """Import and give the job as it ended."""
    payload = request_import(api, **source)
    assert payload["userErrors"] == []
    api.drain()
    return api.ask(JOB, id=payload["job"]["id"])["node"]


@pytest.fixture
def allowed_folder(api, community_folder) -> str:
    """Put a community folder below the root that the operator allows, and name it."""
    (api.settings.import_root / "spring").symlink_to(api.settings.import_root / "folders")
    (api.settings.import_root / "folders").mkdir()
    write_folder(build_newcomers(), api.settings.import_root / "folders" / "c2")
    return "folders/c2"


def test_an_uploaded_archive_becomes_a_community(api, community_folder):
    content = zip_folder(community_folder)
    answer = upload(api, content, query="?fileName=pe%C3%B1a/comunidad.zip")
    assert answer.status_code == 201
    sent = answer.json()
    assert sent["sizeBytes"] == len(content)
    assert sent["sha256"] == hashlib.sha256(content).hexdigest()
    with read_session(api.engine) as session:
        stored = session.exec(select(tables.Upload)).one()
    assert (str(stored.id), stored.file_name) == (sent["id"], "comunidad.zip")
    job = run(api, uploadId=sent["id"])
    assert (job["kind"], job["state"], job["error"]) == ("IMPORT_COMMUNITY", "SUCCEEDED", None)
    assert job["result"] == {
        "__typename": "Community",
        "code": "test-2",
        "members": {"totalCount": 4},
    }


def test_an_import_reports_what_it_did(api, allowed_folder):
    report = run(api, folder=allowed_folder)["importReport"]
    assert (report["year"], report["memberCount"], report["reserveCount"]) == (2023, 3, 1)
    assert report["unchanged"] is False
    # Five meters and two kinds of price, twelve months of each.
    assert report["firstVersions"] == (4 + 1 + 2) * 12
    assert report["changedRecords"]["totalCount"] > len(report["changedRecords"]["edges"]) == 1
    assert [edge["node"] for edge in report["rounding"]["edges"]] == [
        {"channel": "CONSUMPTION", "totalKwh": 0, "largestKwh": 0},
        {"channel": "GENERATION", "totalKwh": 0, "largestKwh": 0},
    ]
    assert report["noAgreementBecause"]
    assert [edge["node"]["before"] for edge in report["standingChanges"]["edges"]] == ["ABSENT"] * 4
    assert [edge["node"]["after"] for edge in report["standingChanges"]["edges"]] == [
        *(["MEMBER"] * 3),
        "RESERVE",
    ]
    assert report["correctedMonths"] == {"edges": []}
    again = run(api, folder="spring/c2")["importReport"]
    assert (again["unchanged"], again["firstVersions"]) == (True, 0)
    assert again["standingChanges"] == {"edges": []}


def test_a_correction_and_a_new_member_are_reported(api, allowed_folder):
    run(api, folder=allowed_folder)
    folder = api.settings.import_root / "folders" / "c2"
    members = (folder / "members.csv").read_text()
    (folder / "members.csv").write_text(members.replace("R1,reserve", "R1,member"))
    lines = (folder / "production.csv").read_text().splitlines()
    lines[13] = f"{lines[13].split(',')[0]},0.001"
    (folder / "production.csv").write_text("\n".join(lines) + "\n")
    report = run(api, folder=allowed_folder)["importReport"]
    (change,) = report["standingChanges"]["edges"]
    assert change["node"] == {
        "memberCode": "R1",
        "cups": build_newcomers().members[3].cups,
        "before": "RESERVE",
        "after": "MEMBER",
    }
    (corrected,) = report["correctedMonths"]["edges"]
    assert corrected["node"]["months"] == "1"


def test_faults_of_a_folder_are_listed(api, allowed_folder):
    folder = api.settings.import_root / "folders" / "c2"
    members = (folder / "members.csv").read_text()
    (folder / "members.csv").write_text(members.replace("2.0TD", "9.9TD"))
    job = run(api, folder=allowed_folder)
    assert (job["state"], job["result"], job["importReport"]) == ("FAILED", None, None)
    error = job["error"]
    assert (error["__typename"], error["code"]) == ("InvalidDataUserError", "INVALID_DATA")
    assert error["message"].startswith("4 faults in the input")
    assert (error["faults"]["totalCount"], error["faults"]["pageInfo"]["hasNextPage"]) == (4, True)
    first = error["faults"]["edges"][0]["node"]
    assert (first["file"], first["place"]) == ("members.csv", "line 2")
    assert "9.9TD" in first["reason"]
    assert len(api.ask("{ communities { edges { node { id } } } }")["communities"]["edges"]) == 1


@pytest.mark.parametrize("content", [b"PK", b"no archive", zip_folder(Path(__file__).parent)[:900]])
def test_broken_archives_fail_with_a_typed_error(api, content):
    job = run(api, uploadId=upload(api, content).json()["id"])
    assert (job["state"], job["error"]["__typename"]) == ("FAILED", "InvalidDataUserError")
    (edge,) = job["error"]["faults"]["edges"]
    assert (edge["node"]["file"], edge["node"]["place"]) == ("archive", "")
    assert edge["node"]["reason"].startswith("is no sound zip file (")


@pytest.mark.parametrize(
    ("source", "kind", "path"),
    [
        ({}, "InvalidArgument", []),
        ({"uploadId": "x", "folder": "y"}, "InvalidArgument", []),
        ({"uploadId": "x"}, "NotFound", ["uploadId"]),
        ({"uploadId": str(uuid4())}, "NotFound", ["uploadId"]),
        ({"folder": "folders/c2", "idempotencyKey": ""}, "InvalidArgument", ["idempotencyKey"]),
    ],
)
def test_sources_that_make_no_sense_are_refused(api, allowed_folder, source, kind, path):
    payload = request_import(api, **source)
    (error,) = payload["userErrors"]
    assert payload["job"] is None
    assert (error["__typename"], error["path"]) == (f"{kind}UserError", ["input", *path])


@pytest.mark.parametrize(
    "folder",
    [
        "",
        ".",
        "..",
        "../outside",
        "nowhere",
        "/etc",
        "folders/../../outside",
        "escape",
        "a.txt",
        "folders\0",
        "x" * 5_000,
        "escape/../outside",
        "loop",
    ],
)
def test_folders_outside_the_root_are_refused_alike(api, allowed_folder, folder):
    root = api.settings.import_root
    outside = write_folder(build_newcomers(), root.parent / "outside")
    (root / "escape").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    (root / "a.txt").write_text("")
    payload = request_import(api, folder=folder)
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_ARGUMENT", ["input", "folder"])
    assert error["message"] == (
        "folder: not a folder below the one from which the operator allows imports"
    )
    assert api.drain() == 0


def test_a_folder_that_is_swapped_after_the_request_is_refused_by_the_job(api, allowed_folder):
    payload = request_import(api, folder="spring/c2")
    outside = write_folder(build_newcomers(), api.settings.import_root.parent / "out")
    link = api.settings.import_root / "spring"
    link.unlink()
    link.symlink_to(outside.parent)
    outside.rename(outside.parent / "c2")
    api.drain()
    job = api.ask(JOB, id=payload["job"]["id"])["node"]
    assert (job["state"], job["error"]["__typename"]) == ("FAILED", "InvalidArgumentUserError")


def test_an_upload_that_was_lost_fails_its_job(api, community_folder):
    sent = upload(api, zip_folder(community_folder)).json()["id"]
    (api.settings.data_dir / "uploads" / sent).unlink()
    error = run(api, uploadId=sent)["error"]
    assert (error["code"], str(api.settings.data_dir) in error["message"]) == ("NOT_FOUND", False)


def archives(api) -> list[str]:
    """Name the archives on disk, which are those on record."""
    with read_session(api.engine) as session:
        recorded = {str(upload.id) for upload in session.exec(select(tables.Upload))}
    found = {path.name for path in (api.settings.data_dir / "uploads").iterdir()}
    assert found == recorded
    return sorted(found)


def test_an_upload_goes_when_its_import_has_succeeded(api, community_folder):
    sent = upload(api, zip_folder(community_folder)).json()["id"]
    assert archives(api) == [sent]
    assert run(api, uploadId=sent)["state"] == "SUCCEEDED"
    assert archives(api) == []
    (error,) = request_import(api, uploadId=sent)["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "uploadId"])


def test_an_upload_stays_for_another_try_when_its_import_fails(api):
    sent = upload(api, b"no archive").json()["id"]
    for _ in range(2):
        assert run(api, uploadId=sent)["state"] == "FAILED"
        assert archives(api) == [sent]


def test_an_upload_stays_when_its_import_breaks_down(api, monkeypatch):
    def break_down(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(run_import, "unpack_community_archive", break_down)
    sent = upload(api, b"PK").json()["id"]
    assert run(api, uploadId=sent)["error"]["code"] == "UNEXPECTED"
    assert archives(api) == [sent]


def test_an_upload_that_nobody_imported_stays(api, community_folder):
    content = zip_folder(community_folder)
    kept, other = (upload(api, content).json()["id"] for _ in range(2))
    assert run(api, uploadId=other)["state"] == "SUCCEEDED"
    assert archives(api) == [kept]


def test_an_upload_stays_while_its_import_may_be_tried_again(api):
    sent = upload(api, b"no archive").json()["id"]
    request_import(api, uploadId=sent)
    second = timedelta(seconds=1)
    for attempt in range(MAX_ATTEMPTS):
        later = now() - timedelta(hours=MAX_ATTEMPTS - attempt)
        claim_job(engine=api.engine, worker="w", lease=second, clock=partial(_same, later))
        sweep_uploads(api.engine, api.settings.data_dir, now=later)
        assert archives(api) == [sent]
    assert api.drain() == 0
    assert archives(api) == [sent]


def _same(instant):
    """Stop the clock."""
    return instant


def test_an_archive_that_cannot_be_removed_is_told_once(api, community_folder, monkeypatch):
    sent = upload(api, zip_folder(community_folder)).json()["id"]
    path = api.settings.data_dir / "uploads" / sent
    unpack = run_import.unpack_community_archive

    def unpack_and_stand_in_the_way(*arguments):
        done = unpack(*arguments)
        path.unlink()
        (path / "in the way").mkdir(parents=True)
        return done

    monkeypatch.setattr(run_import, "unpack_community_archive", unpack_and_stand_in_the_way)
    request_import(api, uploadId=sent)
    with capture_logs() as log:
        api.drain()
        api.drain()
    told = [entry["upload"] for entry in log if entry["event"] == "archive not removed"]
    assert told == [sent]


def test_an_upload_that_was_forgotten_fails_its_job(api, community_folder):
    sent = upload(api, zip_folder(community_folder)).json()["id"]
    payload = request_import(api, uploadId=sent)
    with write_session(api.engine) as session:
        session.delete(session.exec(select(tables.Upload)).one())
    api.drain()
    error = api.ask(JOB, id=payload["job"]["id"])["node"]["error"]
    assert (error["__typename"], error["code"]) == ("NotFoundUserError", "NOT_FOUND")


@pytest.mark.parametrize(
    ("content", "headers", "query", "status"),
    [
        (b"PK", {"content-type": "multipart/form-data; boundary=x"}, "", 415),
        (b"PK", {"content-type": ""}, "", 415),
        (b"", ZIP, "", 400),
        (b"PK", ZIP, "?fileName=", 400),
        (b"PK", ZIP, "?fileName=" + "x" * 201, 400),
        (b"PK", ZIP, "?fileName=%00", 400),
        (b"PK", ZIP, "?fileName=a%0Ab.zip", 400),
        (b"PK", ZIP, "?fileName=a%E2%80%AEb.zip", 400),
        (b"PK", ZIP, "?fileName=%20", 400),
        (b"x" * 1_000_001, ZIP, "", 413),
    ],
)
def test_uploads_of_the_wrong_form_leave_nothing(api, content, headers, query, status):
    answer = upload(api, content, headers=headers, query=query)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"]
    folder = api.settings.data_dir / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []
    with read_session(api.engine) as session:
        assert session.exec(select(tables.Upload)).all() == []


def test_an_upload_of_unknown_length_is_stopped_at_the_limit(api):
    async def pieces():
        for _ in range(1_100):
            yield b"x" * 1_000

    assert upload(api, pieces()).status_code == 413
    assert list((api.settings.data_dir / "uploads").iterdir()) == []


def test_an_upload_of_the_largest_size_is_taken(api):
    answer = upload(api, b"x" * 1_000_000)
    assert answer.status_code == 201
    assert UUID(answer.json()["id"])
