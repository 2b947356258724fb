"""Files of proposals and agreements."""

import csv
import io
from calendar import monthrange
from uuid import UUID

import orjson
import pytest
from openpyxl import load_workbook
from sqlmodel import select

from api.services.community_folders.import_community import import_community
from models import tables
from models.session import write_session
from tests.support.api import ACCEPT, CAU, NOW
from tests.support.community_folders import build_community_year
from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite

NOBODY = str(UUID(int=7))
DOWNLOADS = """query ($id: ID!) { node(id: $id) {
  ... on CoefficientProposal { downloads { report distributorFile hourlyFile members proposal } }
  ... on DistributionAgreement { downloads { distributorFile } }
} }"""


def links(api, node) -> dict[str, str]:
    """Read the addresses of a node's files, without what signs them."""
    found = api.ask(DOWNLOADS, id=node)["node"]["downloads"]
    return {name: link and link.partition("?")[0] for name, link in found.items()}


def expected_lines(api, proposal):
    """Read the coefficients that every file should carry."""
    query = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
      coefficients { edges { node { coefficient supplyPoint { cups } } } } } } }"""
    edges = api.ask(query, id=proposal)["node"]["coefficients"]["edges"]
    return [(edge["node"]["supplyPoint"]["cups"], edge["node"]["coefficient"]) for edge in edges]


def test_the_distributors_file(api, proposal):
    answer = api.get(links(api, proposal)["distributorFile"])
    assert answer.headers["content-type"] == "text/plain; charset=us-ascii"
    assert answer.headers["content-disposition"] == f'attachment; filename="{CAU}_2023.txt"'
    lines = [f"{cups};{beta.replace('.', ',')}\r\n" for cups, beta in expected_lines(api, proposal)]
    assert answer.text == "".join(lines)


def test_the_distributors_file_of_another_year(api, proposal):
    answer = api.get(links(api, proposal)["distributorFile"] + "?year=2031")
    assert f"{CAU}_2031.txt" in answer.headers["content-disposition"]


def by_class(api, node) -> list[list[str]]:
    """Read the coefficients of each month in the order of the file."""
    query = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal { classes { classes {
      edges { node { coefficients { edges { node { coefficient } } } } } } } } } }"""
    months = api.ask(query, id=node)["node"]["classes"]["classes"]["edges"]
    return [
        [edge["node"]["coefficient"] for edge in month["node"]["coefficients"]["edges"]]
        for month in months
    ]


@pytest.mark.parametrize(("asked", "year"), [("", 2023), ("?year=2028", 2028)])
def test_the_hourly_file_holds_the_class_of_every_hour(api, asked, year):
    proposal = api.propose(classes="MONTH")
    answer = api.get(links(api, proposal)["hourlyFile"] + asked)
    assert answer.headers["content-type"] == "text/plain; charset=us-ascii"
    assert answer.headers["content-disposition"] == f'attachment; filename="{CAU}_{year}.txt"'
    cups, months = [cups for cups, _ in expected_lines(api, proposal)], by_class(api, proposal)
    # The file has no 29 February: every year of it has the same months.
    hours = [month for month in range(12) for _ in range(24 * monthrange(2023, month + 1)[1])]
    lines = [
        f"{of};{hour + 1:04d};{beta.replace('.', ',')}"
        for hour, month in enumerate(hours)
        for of, beta in zip(cups, months[month], strict=True)
    ]
    assert answer.text.split("\r\n") == [*lines, ""]


def test_hours_of_their_own_are_the_same_in_every_years_file(api):
    path = links(api, api.propose(classes="HOURLY"))["hourlyFile"]
    assert api.get(path).content == api.get(path + "?year=2024").content


def test_working_days_are_those_of_the_files_year(api):
    path = links(api, api.propose(classes="SEASON_DAY"))["hourlyFile"]
    first = [api.get(f"{path}?year={year}").text.splitlines()[3 * 24] for year in (2023, 2025)]
    # 2 January: a Monday in 2023, a Thursday in 2025; both work. The 7th is a Saturday in 2023.
    assert first[0] == first[1]
    later = [api.get(f"{path}?year={year}").text.splitlines()[3 * 144] for year in (2023, 2025)]
    assert later[0] != later[1]


def test_constant_coefficients_have_no_hourly_file(api, proposal):
    paths = links(api, proposal)
    assert paths["hourlyFile"] is None
    answer = api.get(paths["proposal"].replace("proposal.json", "hourly.txt"))
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["message"] == (
        "the proposal has constant coefficients only; ask for one with classes of hours"
    )


@pytest.mark.parametrize("year", ["31", "0999"])
def test_hourly_files_of_years_that_are_none_are_refused(api, year):
    path = links(api, api.propose(classes="MONTH"))["hourlyFile"]
    assert api.get(f"{path}?year={year}").status_code == 400


@pytest.mark.parametrize("year", ["", "31", "20311", "-203", "2o31", "٢٠٣١"])
def test_years_that_are_none_are_refused(api, proposal, year):
    assert api.get(links(api, proposal)["distributorFile"] + f"?year={year}").status_code == 400


def test_the_year_0_is_refused(api, proposal):
    assert api.get(links(api, proposal)["distributorFile"] + "?year=0000").status_code == 400


def test_an_agreements_file_is_its_proposals_of_its_own_year(api, proposal):
    accepted = api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": 2024})
    agreement = accepted["acceptProposal"]["agreement"]["id"]
    answer = api.get(links(api, agreement)["distributorFile"])
    assert f"{CAU}_2024.txt" in answer.headers["content-disposition"]
    assert answer.content == api.get(links(api, proposal)["distributorFile"]).content


def test_proposal_json_is_what_the_command_line_hands_out(api, proposal):
    answer = api.get(links(api, proposal)["proposal"])
    assert answer.headers["content-type"] == "application/json"
    stated = orjson.loads(answer.content)
    assert list(stated)[:6] == ["cau", "year", "objective", "n_members", "n_steps", "betas"]
    assert stated["betas"] == dict(expected_lines(api, proposal))
    assert answer.text.endswith("}\n")


def test_members_for_spanish_excel(api, proposal):
    answer = api.get(links(api, proposal)["members"])
    assert answer.content.startswith(b"\xef\xbb\xbfmember_id;cups;beta;")
    assert answer.content.count(b"\r\n") == 4
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [(row["cups"], row["beta"]) for row in rows] == [
        (cups, f"{float(beta)}".replace(".", ",")) for cups, beta in expected_lines(api, proposal)
    ]


def test_members_for_programs(api, proposal):
    paths = links(api, proposal)
    answer = api.get(paths["members"] + "?dialect=plain")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    stated = orjson.loads(api.get(paths["proposal"]).content)["members"]
    assert [row["member_id"] for row in rows] == ["M1", "M2", "M3"]
    for row, member in zip(rows, stated, strict=True):
        assert float(row["self_consumed_kwh"]) == member["self_consumed_kwh"]
        assert float(row["savings_eur"]) == float(member["savings_eur"])


@pytest.mark.parametrize(
    ("query", "title"), [("", "Summary"), ("?language=es", "Resumen"), ("?language=ca", "Resum")]
)
def test_the_report_is_a_workbook_in_the_language_asked_for(api, proposal, query, title):
    answer = api.get(links(api, proposal)["report"] + query)
    assert answer.status_code == 200
    assert f"report_{CAU}_2023.xlsx" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[0] == title


def test_a_report_that_was_not_drawn_in_a_language_is_not_found(api, proposal):
    with write_session(api.engine) as session:
        reports = select(tables.ProposalReport).where(tables.ProposalReport.language == "ca")
        session.delete(session.exec(reports).one())
    answer = api.get(links(api, proposal)["report"] + "?language=ca")
    assert answer.status_code == 404
    assert "was not drawn in ca: ask for another language" in answer.text


def test_the_report_stays_the_same_after_the_proposal_is_accepted(api, proposal):
    path = links(api, proposal)["report"]
    before = api.get(path).content
    api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": 2024})
    other = api.propose(minBeta=0.3)
    assert cells(api.get(path).content) == cells(before)
    api.ask(ACCEPT, input={"proposalId": other, "fileYear": 2025})
    assert cells(api.get(links(api, other)["report"]).content)


def cells(content: bytes) -> list[list[tuple]]:
    """Read every cell but those that tell how long the planner took."""
    book = load_workbook(io.BytesIO(content))
    return [
        [row for row in sheet.iter_rows(values_only=True) if "seconds" not in str(row).lower()]
        for sheet in book.worksheets
        if sheet.title != "Notes"
    ]


def test_a_report_stays_as_it_was_drawn_when_readings_are_corrected(api, proposal):
    path = links(api, proposal)["report"]
    drawn = api.get(path).content
    corrected = build_community_year()
    corrected.consumption_kwh[0] *= 3
    with write_session(api.engine) as session:
        community = session.exec(select(tables.Community)).one()
        import_community(
            session, promoter_id=community.promoter_id, community=corrected, imported_at=NOW
        )
    assert api.get(path).content == drawn


@pytest.mark.parametrize(
    ("file", "query"), [("report", "?language=fr"), ("members", "?dialect=excel")]
)
def test_forms_that_do_not_exist_are_refused(api, proposal, file, query):
    answer = api.get(links(api, proposal)[file] + query)
    assert answer.status_code == 400
    assert "is none of" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/proposals/{}/proposal.json", "there is no such proposal"),
        ("/proposals/{}/members.csv", "there is no such proposal"),
        ("/proposals/{}/report.xlsx", "there is no such proposal"),
        ("/proposals/{}/distributor.txt", "there is no such proposal"),
        ("/agreements/{}/distributor.txt", "there is no such agreement"),
    ],
)
@pytest.mark.parametrize("key", [NOBODY, "x", "0", f"{NOBODY}0", "%00", "é", "%2e%2e%2e"])
def test_files_of_nothing_are_not_found(api, path, message, key):
    answer = api.get(path.format(key))
    assert answer.status_code == 404
    assert answer.json() == {"errors": [{"message": message, "extensions": {"code": "NOT_FOUND"}}]}


@pytest.mark.parametrize("path", ["/proposals/{}/proposal.json", "/agreements/{}/distributor.txt"])
@pytest.mark.parametrize("key", ["", ".", "..", "%2e%2e", "a%2fb"])
def test_paths_that_lead_elsewhere_are_not_found(api, path, key):
    assert api.get(path.format(key)).status_code == 404


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("proposal", f"proposal_{CAU}_2023.json"),
        ("members", f"members_{CAU}_2023.csv"),
        ("report", f"report_{CAU}_2023.xlsx"),
        ("distributorFile", f"{CAU}_2023.txt"),
    ],
)
def test_files_are_named_by_plant_and_year(api, proposal, file, name):
    answer = api.get(links(api, proposal)[file])
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
