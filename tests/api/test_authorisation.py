"""Who may do what: every caller by every operation, and what a refusal leaves behind."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlmodel import select

from api.graphql.node import write_global_id
from models import tables
from models.repositories.promoters import find_promoter
from models.session import read_session, write_session
from tests.support.agreement_calls import call, do, table
from tests.support.api import (
    ACCEPT,
    CAU,
    IMPORT,
    NOW,
    PROPOSE,
    YEAR,
    FilledDatabase,
    bearer,
    serving,
)
from tests.support.community_folders import make_cau, make_cups
from tests.support.databases import DatabaseKind, on_sqlite
from tests.support.reserve_pools import ask_study, community_id
from tests.support.stored_records import add_community

# The tenant is a condition of every query, whichever database answers it.
pytestmark = on_sqlite

OTHER_CAU = make_cau(7)

NOTHING = UUID(int=1)
STUDIES = [
    tables.VacancyFilling,
    tables.CandidateSuitability,
    tables.CapacitySharing,
    tables.MemberAssignment,
]
STUDIED_FILES = [
    "vacancy-fillings/{0}/admission.json",
    "vacancy-fillings/{0}/distributor.txt",
    "capacity-sharings/{2}/distributor.txt",
    "member-assignments/{3}/proposal.json",
    f"member-assignments/{{3}}/{CAU}/distributor.txt",
]


def _mutation(name: str, kind: str) -> str:
    """Write a mutation that asks for its errors only."""
    return f"""mutation ($input: {kind}!) {{
      {name}(input: $input) {{ userErrors {{ __typename code message path }} }} }}"""


IMPORT_FILE = _mutation("importFile", "ImportFileInput")
IMPORT_LIST = _mutation("importMembers", "ImportMembersInput")
FILL_GAPS = _mutation("fillGaps", "FillGapsInput")
FETCH_READINGS = _mutation("fetchReadings", "FetchReadingsInput")
FETCH_PRICES = _mutation("fetchPrices", "FetchPricesInput")
CREATE_PLANT = _mutation("createInstallation", "CreateInstallationInput")

BILL = 'simulateBill(start: "2023-07-01", end: "2023-08-01", lawYear: 2026) { contract }'
SHOWN = [("Community", "id"), ("JobRun", "id"), ("SupplyPoint", BILL)]
QUERIES = {
    "communities": "{ communities { totalCount } }",
    "introspection": "{ __schema { queryType { name } } }",
}


@dataclass(frozen=True)
class Belongings:
    """Global ids of one of everything that the owner has, and the files of some of them."""

    ids: dict[str, str]
    proposal: str
    agreement: str
    file: str
    upload: str
    studies: list[UUID]


@pytest.fixture(scope="session")
def owned(databases, filled_databases, tmp_path_factory) -> tuple[FilledDatabase, Belongings]:
    """Give the owner one of everything, once; every test has a copy of the database."""
    filled, server = filled_databases(DatabaseKind.SQLITE), databases.server(DatabaseKind.SQLITE)
    url = databases.keep(DatabaseKind.SQLITE, server.copy(filled.url))
    folder = tmp_path_factory.mktemp("owned")
    with serving(filled, url, folder) as api:
        belongings = add_belongings(api)
    return replace(filled, url=url, data_dir=folder / "data"), belongings


@pytest.fixture(scope="session")
def filled_database(owned) -> FilledDatabase:
    """Begin every test of this file with what the owner has."""
    return owned[0]


@pytest.fixture(scope="session")
def belongings(owned) -> Belongings:
    """Name what the owner has."""
    return owned[1]


def add_belongings(api) -> Belongings:
    """Give the owner a proposal, an agreement, studies, an upload and a job; list what it has."""
    proposal = api.propose(classes="MONTH")
    file = add_agreement(api, proposal)
    upload = api.client.request(
        "POST",
        "/uploads",
        content=b"PK",
        headers=bearer(api.own) | {"content-type": "application/zip"},
    ).json()["id"]
    add_studies(api)
    add_file_import(api)
    kinds = [
        tables.Community,
        tables.SelfConsumptionInstallation,
        tables.Member,
        tables.SupplyPoint,
        tables.ReserveApplication,
        tables.DistributionAgreement,
        tables.Filing,
        tables.AppliedCoefficient,
        tables.CoefficientProposal,
        tables.JobRun,
        tables.FileImport,
        *STUDIES,
    ]
    with read_session(api.engine) as session:
        rows = {kind: session.exec(select(kind)).first() for kind in kinds}
    return Belongings(
        ids={kind.__name__: write_global_id(kind, row.id) for kind, row in rows.items()},
        proposal=str(rows[tables.CoefficientProposal].id),
        agreement=str(rows[tables.DistributionAgreement].id),
        file=file,
        upload=upload,
        studies=[rows[kind].id for kind in STUDIES],
    )


def add_agreement(api, proposal: str) -> str:
    """Accept the proposal, file the agreement, apply it to one, and make a file of it."""
    accepted = api.ask(ACCEPT, input={"proposalId": proposal, "fileYear": 2024})
    agreement = accepted["acceptProposal"]["agreement"]["id"]
    do(api, "fileAgreement", agreementId=agreement, filedOn="2023-12-01")
    do(
        api,
        "recordApplication",
        agreementId=agreement,
        validFrom="2024-01-01",
        cups=[make_cups(1)],
    )
    kind = "DISTRIBUTOR_FILE"
    made = do(api, "generateAgreementFile", agreementId=agreement, kind=kind)
    return made["file"]["download"]


def add_studies(api) -> None:
    """Ask for one study of each kind, and run them."""
    reserve = {"cups": make_cups(4)}
    plant = {"cau": CAU, "onDay": "2026-04-01"}
    for mutation, wish in {
        "fillVacancies": plant | {"what": {"vacancies": 1}},
        "candidateSuitability": plant | {"candidate": reserve},
        "shareExtraCapacity": plant | {"newKw": 12.0},
        "assignMembers": {"communityId": community_id(api, "test-1"), "onDay": "2026-04-01"},
    }.items():
        assert ask_study(api, mutation, **wish)["userErrors"] == []
    assert api.drain() == len(STUDIES)


def add_file_import(api) -> None:
    """Note that a community took in a file."""
    with write_session(api.engine) as session:
        community = session.exec(select(tables.Community)).first()
        session.add(
            tables.FileImport(
                promoter_id=community.promoter_id,
                community_id=community.id,
                subject=tables.ImportSubject.PRICES,
                format="price-table",
                file_name="prices.csv",
                sha256="0" * 64,
                options={},
                options_sha256="0" * 64,
                accepted_count=0,
                rejected_count=0,
                report={},
                created_at=NOW,
            )
        )


def count_rows(api) -> dict[str, int]:
    """Count what is stored, table by table."""
    with read_session(api.engine) as session:
        return {
            table.name: len(session.exec(table.select()).all())
            for table in tables.Community.metadata.sorted_tables
        }


def add_rows_for_other(api) -> None:
    """Give the other promoter a community of its own."""
    with write_session(api.engine) as session:
        promoter = find_promoter(session, name="Cooperativa del Ebro")
        add_community(session, promoter.id, number=7)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_any_promoter_may_ask(api, query):
    assert api.ask(query, token=api.other)
    assert api.ask(query)


@pytest.mark.parametrize(
    "query",
    [
        "{ communities { totalCount edges { node { id } } } }",
        f'{{ installation(cau: "{CAU}") {{ id }} }}',
    ],
)
def test_lists_of_another_promoter_are_empty(api, query):
    found = api.ask(query, token=api.other)
    assert found in ({"communities": {"totalCount": 0, "edges": []}}, {"installation": None})


def test_every_kind_is_found_by_its_owner_and_by_nobody_else(api, belongings):
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    ids = list(belongings.ids.values())
    expected = [{"__typename": name, "id": text} for name, text in belongings.ids.items()]
    assert api.ask(query, ids=ids)["nodes"] == expected
    assert api.ask(query, ids=ids, token=api.other)["nodes"] == [None] * len(ids)


@pytest.mark.parametrize(("kind", "shown"), SHOWN)
def test_node_of_another_promoter_is_null(api, belongings, kind, shown):
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {shown} }} }} }}"
    assert api.ask(query, id=belongings.ids[kind], token=api.other) == {"node": None}


def test_uploads_of_another_promoter_are_not_told(api, belongings):
    query = "query ($id: ID!) { detectFile(uploadId: $id) { nextStep } }"
    assert api.ask(query, id=belongings.upload)["detectFile"]["nextStep"] == "NOTHING"
    error = api.error(query, id=belongings.upload, token=api.other)
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_community_of_another_promoter_is_null(api, belongings):
    query = "query ($id: ID!) { community(id: $id) { name } }"
    key = belongings.ids["Community"]
    assert api.ask(query, id=key)["community"] == {"name": "Comunidad de la Peña"}
    assert api.ask(query, id=key, token=api.other) == {"community": None}


@pytest.mark.parametrize(
    ("mutation", "wish"),
    [
        (PROPOSE, lambda _: {"cau": CAU, "year": YEAR}),
        (
            PROPOSE,
            lambda own: {"installationId": own.ids["SelfConsumptionInstallation"], "year": YEAR},
        ),
        (ACCEPT, lambda own: {"proposalId": own.ids["CoefficientProposal"], "fileYear": 2024}),
        (IMPORT, lambda own: {"uploadId": own.upload}),
        (IMPORT_FILE, lambda own: {"communityId": own.ids["Community"], "uploadId": own.upload}),
        (IMPORT_LIST, lambda own: {"communityId": own.ids["Community"], "uploadId": own.upload}),
        (
            FILL_GAPS,
            lambda own: {"communityId": own.ids["Community"], "year": YEAR, "rules": ["LINEAR"]},
        ),
        (
            FETCH_READINGS,
            lambda own: {
                "communityId": own.ids["Community"],
                "firstMonth": "2024-01",
                "lastMonth": "2024-01",
            },
        ),
        (FETCH_PRICES, lambda own: {"communityId": own.ids["Community"]}),
        (
            CREATE_PLANT,
            lambda own: {
                "communityId": own.ids["Community"],
                "cau": OTHER_CAU,
                "inverterPowerKw": 5,
            },
        ),
    ],
    ids=[
        *("propose by CAU", "propose by id", "accept", "import", "import a file"),
        *("import a list", "fill gaps", "fetch readings", "fetch prices", "create a plant"),
    ],
)
def test_mutations_of_another_promoters_things_find_nothing(api, belongings, mutation, wish):
    before = count_rows(api)
    (payload,) = api.ask(mutation, input=wish(belongings), token=api.other).values()
    assert [error["__typename"] for error in payload["userErrors"]] == ["NotFoundUserError"]
    assert count_rows(api) == before


@pytest.mark.parametrize(
    "file", ["report.xlsx", "distributor.txt", "hourly.txt", "members.csv", "proposal.json"]
)
def test_files_of_another_promoters_proposal_are_not_found(api, belongings, file):
    path = f"/proposals/{belongings.proposal}/{file}"
    assert api.get(path).status_code == 200
    answer = api.get(path, token=api.other)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        404,
        "NOT_FOUND",
    )


@pytest.mark.parametrize(
    ("mutation", "wish"),
    [
        ("fillVacancies", lambda _: {"cau": CAU, "what": {"vacancies": 1}}),
        (
            "fillVacancies",
            lambda own: {
                "installationId": own.ids["SelfConsumptionInstallation"],
                "what": {"vacancies": 1},
            },
        ),
        (
            "fillVacancies",
            lambda own: {
                "cau": OTHER_CAU,
                "what": {"vacancies": 1},
                "pinned": [{"applicationId": own.ids["ReserveApplication"]}],
            },
        ),
        ("candidateSuitability", lambda _: {"cau": CAU, "candidate": {"cups": make_cups(4)}}),
        (
            "candidateSuitability",
            lambda _: {"cau": OTHER_CAU, "candidate": {"cups": make_cups(4)}},
        ),
        (
            "candidateSuitability",
            lambda own: {
                "cau": OTHER_CAU,
                "candidate": {"applicationId": own.ids["ReserveApplication"]},
            },
        ),
        ("shareExtraCapacity", lambda _: {"cau": CAU, "newKw": 12.0}),
        (
            "shareExtraCapacity",
            lambda _: {"cau": OTHER_CAU, "newKw": 12.0, "candidates": [{"cups": make_cups(4)}]},
        ),
        ("assignMembers", lambda own: {"communityId": own.ids["Community"]}),
    ],
)
def test_studies_of_another_promoters_things_find_nothing(api, belongings, mutation, wish):
    add_rows_for_other(api)
    before = count_rows(api)
    payload = ask_study(api, mutation, token=api.other, **wish(belongings))
    assert payload["job"] is None
    assert [error["__typename"] for error in payload["userErrors"]] == ["NotFoundUserError"]
    assert count_rows(api) == before


@pytest.mark.parametrize("file", STUDIED_FILES)
def test_files_of_another_promoters_studies_are_not_found(api, belongings, file):
    path = f"/{file.format(*belongings.studies)}"
    assert api.get(path).status_code == 200
    answer = api.get(path, token=api.other)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        404,
        "NOT_FOUND",
    )


@pytest.mark.parametrize("file", STUDIED_FILES)
@pytest.mark.parametrize("key", [str(NOTHING), "x"])
def test_files_of_no_study_are_not_found(api, file, key):
    assert api.get(f"/{file.format(*[key] * len(STUDIES))}").status_code == 404


def test_files_of_another_promoters_agreement_are_not_found(api, belongings):
    path = f"/agreements/{belongings.agreement}/distributor.txt"
    assert api.get(path).status_code == 200
    assert api.get(path, token=api.other).status_code == 404


@pytest.mark.parametrize(
    ("mutation", "wish"),
    [
        ("draftAgreement", {"source": {"proposalId": "CoefficientProposal"}, "fileYear": 2024}),
        ("draftAgreement", {"source": table("0.5", "0.3", "0.2"), "fileYear": 2024}),
        ("draftAgreement", {"source": {"uploadedFile": {"uploadId": "Upload"}}, "fileYear": 2024}),
        ("publishAgreement", {"agreementId": "DistributionAgreement"}),
        ("withdrawAgreement", {"agreementId": "DistributionAgreement", "reason": "x"}),
        ("rejectAgreement", {"agreementId": "DistributionAgreement", "reason": "x"}),
        (
            "generateAgreementFile",
            {"agreementId": "DistributionAgreement", "kind": "DISTRIBUTOR_FILE"},
        ),
        (
            "generateAgreementFile",
            {"agreementId": "DistributionAgreement", "kind": "SHARING_AGREEMENT"},
        ),
        ("fileAgreement", {"agreementId": "DistributionAgreement", "filedOn": "2023-12-01"}),
        (
            "answerFiling",
            {"filingId": "Filing", "answeredOn": "2023-12-02", "answer": {"applied": {}}},
        ),
        (
            "answerFiling",
            {
                "filingId": "Filing",
                "answeredOn": "2023-12-02",
                "answer": {"refused": {"reason": "x"}},
            },
        ),
        ("recordApplication", {"agreementId": "DistributionAgreement", "validFrom": "2024-01-01"}),
        (
            "correctApplication",
            {"appliedIds": ["AppliedCoefficient"], "validFrom": "2024-02-01", "reason": "x"},
        ),
        (
            "endApplication",
            {"appliedIds": ["AppliedCoefficient"], "validUntil": "2024-02-01", "reason": "x"},
        ),
        ("removeApplication", {"appliedIds": ["AppliedCoefficient"], "reason": "x"}),
        ("setInstallationDetails", {"cau": CAU, "modality": "SOLD_SURPLUS"}),
        (
            "setInstallationDetails",
            {"installationId": "SelfConsumptionInstallation", "isInternal": True},
        ),
        ("setMembershipModality", {"cau": CAU, "modality": "SOLD_SURPLUS"}),
        ("allocateMonths", {"communityId": "Community"}),
    ],
)
def test_what_is_agreed_by_another_promoter_is_not_touched(api, belongings, mutation, wish):
    add_rows_for_other(api)
    before = read_rows(api)
    ids = belongings.ids | {"Upload": belongings.upload}
    payload = call(api, mutation, token=api.other, **name_ids(wish, ids))
    assert [error["__typename"] for error in payload["userErrors"]] == ["NotFoundUserError"]
    assert read_rows(api) == before


def name_ids(wish, ids):
    """Put the owner's global ids where a wish names the kind of a record."""
    if isinstance(wish, dict):
        return {name: name_ids(value, ids) for name, value in wish.items()}
    if isinstance(wish, list):
        return [name_ids(value, ids) for value in wish]
    return ids.get(wish, wish)


def read_rows(api) -> dict[str, set[str]]:
    """Read everything that is stored, table by table, but for when tokens were last used."""
    with read_session(api.engine) as session:
        return {
            each.name: {repr(row) for row in session.exec(each.select())}
            for each in tables.Community.metadata.sorted_tables
            if each.name != "api_token"
        }


def test_a_file_of_another_promoters_agreement_is_not_found(api, belongings):
    assert api.get(belongings.file).status_code == 200
    answer = api.get(belongings.file, token=api.other)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        404,
        "there is no such file",
    )


@pytest.mark.parametrize("key", [str(NOTHING), "x"])
def test_a_file_that_was_never_made_is_not_found(api, key):
    assert api.get(f"/files/{key}").status_code == 404


def test_energy_under_another_promoters_agreement_is_not_found(api, belongings):
    add_rows_for_other(api)
    query = """query ($cau: Cau!, $agreement: ID!) { installation(cau: $cau) {
      energy(measure: SURPLUS, year: 2023, agreementId: $agreement) { unit }
    } }"""
    foreign = {"cau": OTHER_CAU, "agreement": belongings.ids["DistributionAgreement"]}
    error = api.error(query, token=api.other, **foreign)
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_energy_under_another_promoters_proposal_is_not_found(api, belongings):
    add_rows_for_other(api)
    query = """query ($cau: Cau!, $proposal: ID!) { installation(cau: $cau) {
      energy(measure: SURPLUS, year: 2023, proposalId: $proposal) { unit }
    } }"""
    foreign = {"cau": OTHER_CAU, "proposal": belongings.ids["CoefficientProposal"]}
    own = foreign | {"cau": CAU}
    assert api.ask(query, **own) == {"installation": {"energy": {"unit": "kWh"}}}
    error = api.error(query, token=api.other, **foreign)
    assert error["extensions"]["code"] == "NOT_FOUND"
