"""The commands around the database: upgrade, import, export, tokens, schema."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from loaders.community_folder import read_community_folder
from loaders.community_folder_writer import write_community_folder
from models.session import create_database_engine
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year, write_folder
from tests.support.databases import Databases


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")


@pytest.fixture
def upgraded(databases: Databases, tmp_path: Path) -> None:
    """Lay what ``reparto db upgrade`` makes of nothing; one test alone waits for it."""
    databases.lay(tmp_path / "own.db")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(build_community_year(), tmp_path / "community")


def test_upgrade_makes_the_database_and_may_be_repeated(reparto: Reparto, tmp_path: Path) -> None:
    runs = [reparto("db", "upgrade") for _ in range(2)]

    assert [run.code for run in runs] == [0, 0]
    assert runs[0].out == runs[1].out
    assert (tmp_path / "own.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"],
        ["token", "create"],
        ["serve"],
        ["export", "x", "--year", "2023"],
        ["db", "check"],
    ],
)
def test_a_database_that_is_not_there_yet_is_told(
    reparto: Reparto, folder: Path, tmp_path: Path, arguments: list[str]
) -> None:
    extra = {"import": [folder], "export": ["--output", tmp_path / "out"]}
    run = reparto(*arguments, *extra.get(arguments[0], []))

    assert run.code == 2
    assert run.err.endswith(
        f"there is no database {tmp_path / 'own.db'}; check REPARTO_DATABASE_URL, or create it:"
        " reparto db upgrade\n"
    )
    assert not (tmp_path / "own.db").exists()


def test_an_empty_database_is_told(
    reparto: Reparto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.db").touch()
    told = "error: the database is empty; run: reparto db upgrade\n"
    assert reparto("db", "check").err == told
    monkeypatch.setenv("REPARTO_DATABASE_URL", f"sqlite:///file:{tmp_path}/own.db?uri=true")
    assert reparto("db", "check").err == told


@pytest.mark.parametrize("arguments", [["db", "upgrade"], ["token", "create"], ["serve"]])
def test_what_is_no_database_is_told(
    reparto: Reparto, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "own.db").write_bytes(b"anything else " * 1000)
    run = reparto(*arguments)

    assert run.code == 2
    assert run.err == (
        f"error: cannot use the database {tmp_path / 'own.db'}: file is not a database\n"
    )


def test_a_database_that_cannot_be_opened_is_told(
    reparto: Reparto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", "sqlite:////nowhere/own.db")
    run = reparto("db", "upgrade")

    assert run.code == 2
    assert "unable to open database file" in run.err


@pytest.mark.usefixtures("upgraded")
@pytest.mark.parametrize("arguments", [["db", "upgrade"], ["token", "create"]])
def test_a_database_of_a_newer_version_is_left_alone(
    reparto: Reparto, tmp_path: Path, arguments: list[str]
) -> None:
    engine = create_database_engine(f"sqlite:///{tmp_path / 'own.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    run = reparto(*arguments)

    assert run.code == 2
    assert "made by another version of reparto" in run.err


def test_a_wrong_setting_is_told(reparto: Reparto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPARTO_PORT", "many")
    run = reparto("db", "upgrade")

    assert run.code == 2
    assert run.err.startswith("error: REPARTO_PORT: ")


def test_a_database_address_of_another_kind_is_told(
    reparto: Reparto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", "mysql://somebody:secret@host/name")
    run = reparto("db", "upgrade")

    assert run.code == 2
    assert "secret" not in run.err


@pytest.mark.usefixtures("upgraded")
def test_an_import_tells_what_it_did_and_the_second_changes_nothing(
    reparto: Reparto, folder: Path
) -> None:
    first, second = reparto("import", folder), reparto("import", folder)
    report = json.loads(reparto("import", folder, "--json").out)

    assert (first.code, second.code) == (0, 0)
    assert "2023: 3 members, 1 in reserve" in first.out
    assert "rounding to watt-hours moved consumption by +0.000000 kWh" in first.out
    assert "no agreement stored" in first.out
    assert second.out.endswith("everything was stored already\n")
    assert report["unchanged"] is True


@pytest.mark.usefixtures("upgraded")
def test_an_import_tells_corrected_months_and_the_agreement_it_found(
    reparto: Reparto, tmp_path: Path
) -> None:
    community = build_community_year()
    reparto("import", write_folder(community, tmp_path / "first"))
    consumption = community.consumption_kwh.copy()
    consumption[0, 0] += 1
    agreed = tuple(
        replace(member, current_beta=share)
        for member, share in zip(community.members, (0.5, 0.3, 0.2, None), strict=True)
    )
    corrected = replace(community, consumption_kwh=consumption, members=agreed)
    write_community_folder(corrected, tmp_path / "second")
    run = reparto("import", tmp_path / "second")

    assert f"{community.members[0].cups}: corrected 2023-01\n" in run.out
    assert "current coefficients stored as the published agreement" in run.out


@pytest.mark.usefixtures("upgraded")
def test_faulty_folders_are_not_stored(reparto: Reparto, folder: Path) -> None:
    (folder / "members.csv").write_text("member_id\n")
    run = reparto("import", folder)

    assert run.code == 3
    assert "members.csv" in run.err


@pytest.mark.usefixtures("upgraded")
def test_an_export_can_be_read_again(reparto: Reparto, folder: Path, tmp_path: Path) -> None:
    reparto("import", folder)
    code = read_community_folder(folder).community_id
    run = reparto("export", code, "--year", 2023, "--output", tmp_path / "out")
    again = read_community_folder(tmp_path / "out")
    original = read_community_folder(folder)

    assert run.code == 0
    assert (tmp_path / "out/consumption.csv.gz").exists()
    assert again.members[0].cups == original.members[0].cups
    assert (again.consumption_kwh == original.consumption_kwh).all()
    assert (again.generation_kwh == original.generation_kwh).all()


@pytest.mark.usefixtures("upgraded")
@pytest.mark.parametrize(("code", "year"), [("nobody", 2023), ("test-1", 2022)])
def test_what_is_not_stored_cannot_be_exported(
    reparto: Reparto, folder: Path, tmp_path: Path, code: str, year: int
) -> None:
    reparto("import", folder)
    run = reparto("export", code, "--year", year, "--output", tmp_path / "out")

    assert run.code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("upgraded")
def test_a_token_is_printed_once_and_can_be_revoked(reparto: Reparto) -> None:
    run = reparto("token", "create", "--promoter", "Ajuntament", "--days", 30)
    word, token = run.out.split()
    revoked = reparto("token", "revoke", token[:11])

    assert (run.code, word, token[:3]) == (0, "TOKEN", "rp_")
    assert revoked.code == 0
    assert reparto("token", "revoke", "rp_nothing0").code == 2
    whole = reparto("token", "revoke", token)
    assert (whole.code, whole.out) == (0, f"revoked {token[:11]}\n")


@pytest.mark.usefixtures("upgraded")
@pytest.mark.parametrize("option", ["--promoter", "--name"])
@pytest.mark.parametrize("name", ["", "x" * 500])
def test_names_of_tokens_and_promoters_are_checked(
    reparto: Reparto, option: str, name: str
) -> None:
    run = reparto("token", "create", option, name)

    assert (run.code, run.out) == (2, "")
    assert "needs 1 to 200 printable characters" in run.err


def test_the_schema_is_written_where_it_is_wanted(reparto: Reparto, tmp_path: Path) -> None:
    printed = reparto("schema", "export")
    run = reparto("schema", "export", "--output", tmp_path / "schema.graphql")

    assert (printed.code, run.code) == (0, 0)
    assert (tmp_path / "schema.graphql").read_text() == printed.out
    assert "type Query" in printed.out


def test_what_caches_of_clients_read_is_written_beside_it(reparto: Reparto, tmp_path: Path) -> None:
    possible, told = tmp_path / "possible.json", tmp_path / "told.json"
    run = reparto("schema", "export", "--possible-types", possible, "--introspection", told)

    assert (run.code, run.out) == (0, "")
    assert "JobRun" in json.loads(possible.read_text())["Node"]
    assert json.loads(told.read_text())["__schema"]["queryType"] == {"name": "Query"}


@pytest.mark.usefixtures("upgraded")
def test_a_promoter_is_not_made_by_looking_for_it(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    reparto("import", folder)
    asked = ["test-1", "--year", 2023, "--output", tmp_path / "out", "--promoter", "nobody"]
    runs = [reparto("export", *asked) for _ in range(2)]

    assert [run.code for run in runs] == [2, 2]
    assert all("there is no promoter 'nobody'" in run.err for run in runs)


def test_the_only_promoter_is_meant_where_none_is_named(
    reparto: Reparto, database_url: str, engine, promoter, monkeypatch
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    told = reparto("bill", "simulate", "nowhere", "--year", 2025).err
    assert told == "error: no community nowhere; its promoter has none\n"
