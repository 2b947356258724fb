"""Agreements drafted of a file that the caller sent, and what such a file may do wrong."""

import gzip

import pytest
from sqlmodel import select

from loaders.distributor_file import (
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from models import tables
from models.session import read_session
from tests.support.agreement_calls import CUPS, call, do, read, refuse
from tests.support.api import CAU
from tests.support.community_folders import make_cau
from tests.support.databases import on_sqlite
from tests.support.distributor_files import draw_shares
from tests.support.file_imports import nodes_of, send
from tests.support.workbooks import make_workbook

# No database can change what is said here.
pytestmark = on_sqlite

NAME = name_distributor_file(CAU, 2027)
MILLIONTHS = [500_000, 300_000, 200_000]
CONSTANT = format_constant_file(CAU, 2027, CUPS[::-1], MILLIONTHS[::-1])
HOURLY = format_hourly_file(CAU, 2027, CUPS, draw_shares(3, seed=1))
ROWS = list(zip(CUPS, MILLIONTHS, strict=True))
TABLE = "\n".join(
    ["CUPS;Coeficiente", *(f"{cups};{share / 10_000} %" for cups, share in ROWS)]
).encode()
BOOK = make_workbook([["CUPS", "Beta"], *([cups, share / 1e6] for cups, share in ROWS)])
FAULTS = """mutation ($input: DraftAgreementInput!) { draftAgreement(input: $input) {
  agreement { id }
  userErrors { code path ... on InvalidDataUserError {
    faults { totalCount edges { node { file place reason code } } } } }
} }"""


def draft_of(api, content: bytes, name: str = "upload", **plant: str) -> dict:
    """Send a file, and give the input of a draft of it."""
    upload = {"uploadId": send(api, content, name)}
    return {"fileYear": 2027, "source": {"uploadedFile": upload | plant}}


def coefficients_of(api, agreement: str) -> dict[str, str]:
    asked = "coefficients { edges { node { coefficient supplyPoint { cups } } } }"
    found = nodes_of(read(api, agreement, asked)["coefficients"])
    return {each["supplyPoint"]["cups"]: each["coefficient"] for each in found}


def plant_id(api) -> str:
    return api.ask(f'{{ installation(cau: "{CAU}") {{ id }} }}')["installation"]["id"]


def count(api, table) -> int:
    with read_session(api.engine) as session:
        return len(session.exec(select(table)).all())


@pytest.mark.parametrize(
    ("content", "name", "plant"),
    [
        (CONSTANT, NAME, {}),
        (CONSTANT, NAME, {"cau": CAU}),
        (gzip.compress(CONSTANT), f"{NAME}.gz", {}),
        (TABLE, "upload", {"cau": CAU}),
        (BOOK, "reparto.xlsx", {"cau": CAU}),
    ],
    ids=["file", "file of a named plant", "packed file", "table", "workbook"],
)
def test_a_file_is_drafted_and_the_upload_forgotten(api, content, name, plant):
    made = do(api, "draftAgreement", **draft_of(api, content, name, **plant))["agreement"]
    assert (made["state"], made["mode"], made["fileYear"]) == ("DRAFT", "CONSTANT", 2027)
    expected = dict(zip(CUPS, ("0.500000", "0.300000", "0.200000"), strict=True))
    assert list(coefficients_of(api, made["id"]).items()) == list(expected.items())
    assert count(api, tables.Upload) == 0
    assert list((api.settings.data_dir / "uploads").iterdir()) == []


def test_a_plant_may_be_named_by_its_id(api):
    given = draft_of(api, TABLE, installationId=plant_id(api))
    assert do(api, "draftAgreement", **given)["agreement"]["state"] == "DRAFT"


def test_an_hourly_file_comes_out_as_it_went_in(api):
    made = do(api, "draftAgreement", **draft_of(api, HOURLY, NAME))["agreement"]
    assert made["mode"] == "HOURLY"
    kind = "DISTRIBUTOR_FILE"
    do(api, "publishAgreement", agreementId=made["id"])
    file = do(api, "generateAgreementFile", agreementId=made["id"], kind=kind)["file"]
    assert (file["fileName"], api.get(file["download"]).content) == (NAME, HOURLY)


@pytest.mark.parametrize(
    ("content", "name", "plant", "code", "path", "words"),
    [
        (TABLE, "reparto", {}, "INVALID_ARGUMENT", "source.uploadedFile",
         "reparto is a table, which names no plant"),
        (TABLE, "x", {"cau": CAU, "installationId": "x"}, "INVALID_ARGUMENT",
         "source.uploadedFile", "exactly one of installationId and cau"),
        (TABLE, "x", {"cau": make_cau(7)}, "NOT_FOUND", "source.uploadedFile",
         "no such installation"),
        (TABLE, "x", {"installationId": "x"}, "NOT_FOUND", "source.uploadedFile",
         "no such installation"),
        (CONSTANT, name_distributor_file(make_cau(7), 2027), {}, "NOT_FOUND",
         "source.uploadedFile", "no such installation"),
        (CONSTANT, name_distributor_file(CAU, 2026), {}, "INVALID_ARGUMENT", "fileYear",
         f"{CAU}_2026.txt is the file of 2026, not of 2027"),
        (b"<Facturae/>", "factura.xml", {"cau": CAU}, "INVALID_DATA",
         "source.uploadedFile.uploadId", "factura.xml holds no coefficients: it is a Facturae"),
        (b"\x1f\x8b\x08", NAME, {}, "INVALID_DATA", "source.uploadedFile.uploadId",
         "is no complete .gz file"),
        (format_constant_file(CAU, 2027, CUPS[:2], [400_000, 600_000]), NAME, {},
         "INVALID_ARGUMENT", "source.uploadedFile.uploadId", f"no coefficient for {CUPS[2]}"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_and_the_upload_stays(
    api, content, name, plant, code, path, words
):
    found = refuse(api, "draftAgreement", **draft_of(api, content, name, **plant))
    assert (found[0], found[1]) == (code, f"input.{path}")
    assert words in found[2]
    assert (count(api, tables.DistributionAgreement), count(api, tables.Upload)) == (0, 1)


def test_a_year_that_no_file_is_written_for_is_refused(api):
    given = draft_of(api, TABLE, cau=CAU) | {"fileYear": 1999}
    assert refuse(api, "draftAgreement", **given)[:2] == ("INVALID_ARGUMENT", "input.fileYear")


def test_every_fault_of_a_file_is_told_with_its_code(api):
    content = CONSTANT.replace(b"0,5", b"0.5").replace(CUPS[0].encode(), CUPS[1].encode())
    given = draft_of(api, content, "reparto.txt")
    payload = api.ask(FAULTS, input=given)["draftAgreement"]
    (error,) = payload["userErrors"]
    assert (payload["agreement"], error["code"]) == (None, "INVALID_DATA")
    assert error["path"] == ["input", "source", "uploadedFile", "uploadId"]
    told = [(each["place"], each["code"]) for each in nodes_of(error["faults"])]
    assert told == [
        ("", "name_shape"),
        ("line 3", "decimal_separator"),
        ("line 3", "duplicate_cups"),
    ]
    assert {each["file"] for each in nodes_of(error["faults"])} == {"reparto.txt"}


def test_an_upload_that_is_not_there_is_refused(api):
    for upload in ("x", "0" * 32):
        source = {"uploadedFile": {"uploadId": upload}}
        assert refuse(api, "draftAgreement", fileYear=2027, source=source) == (
            "NOT_FOUND",
            "input.source.uploadedFile.uploadId",
            "there is no such upload: send the file to /uploads first",
        )


@pytest.mark.parametrize(
    ("content", "name", "plant"), [(CONSTANT, NAME, {}), (TABLE, "upload", {"cau": CAU})]
)
def test_files_of_anothers_plant_draft_nothing(api, content, name, plant):
    upload = {"uploadId": send(api, content, name, token=api.other)} | plant
    given = {"fileYear": 2027, "source": {"uploadedFile": upload}}
    payload = call(api, "draftAgreement", token=api.other, **given)
    assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]
    assert count(api, tables.DistributionAgreement) == 0


def test_an_upload_is_drafted_once(api):
    given = draft_of(api, CONSTANT, NAME)
    do(api, "draftAgreement", **given)
    assert refuse(api, "draftAgreement", **given)[0] == "NOT_FOUND"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_an_upload_that_is_too_large_is_refused(api, monkeypatch, pack):
    limit = len(HOURLY) - 1
    monkeypatch.setattr("api.services.agreements.draft_of_file.LARGEST_UPLOAD_BYTES", limit)
    code, path, message = refuse(api, "draftAgreement", **draft_of(api, pack(HOURLY), NAME))
    assert (code, path) == ("TOO_LARGE", "input.source.uploadedFile.uploadId")
    assert "bytes" in message
