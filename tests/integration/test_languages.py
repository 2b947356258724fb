"""One setting makes commands and reports speak a language; what programs read stays the same."""

import json
from pathlib import Path

import openpyxl
import pytest

from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year, write_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("REPARTO_LANGUAGE", raising=False)
    monkeypatch.setenv("REPARTO_DATABASE_URL", f"sqlite:///{tmp_path / 'reparto.db'}")
    return write_folder(build_community_year(n_members=3, n_reserve=1), tmp_path / "community")


def sheets_of(path: Path) -> list[str]:
    return openpyxl.load_workbook(path).sheetnames


@pytest.mark.parametrize(
    ("language", "told", "wrote", "sheet"),
    [
        ("en", "Proven: no coefficients within the limits", "wrote ", "Members"),
        ("es", "Demostrado: ningún coeficiente dentro de", "escrito ", "Quién gana y quién pierde"),
        (
            "ca",
            "Demostrat: cap coeficient dins dels límits",
            "escrit ",
            "Qui hi guanya i qui hi perd",
        ),
    ],
)
def test_a_plan_and_its_report_speak_the_language_of_the_setting(
    folder: Path,
    tmp_path: Path,
    reparto: Reparto,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    told: str,
    wrote: str,
    sheet: str,
) -> None:
    monkeypatch.setenv("REPARTO_LANGUAGE", language)
    run = reparto("plan", folder, "--output", tmp_path / "out")

    assert run.code == 0
    assert told in run.out
    assert run.err.splitlines()[0].startswith(wrote)
    assert sheet in sheets_of(tmp_path / "out" / "report.xlsx")
    stated = json.loads((tmp_path / "out" / "proposal.json").read_text())
    assert (
        f"{stated['self_consumed_kwh']:,.3f}".translate(
            {} if language == "en" else str.maketrans(",.", ".,")
        )
        in run.out
    )


def test_a_report_may_speak_another_language_than_the_command(
    folder: Path, tmp_path: Path, reparto: Reparto
) -> None:
    spoken = ("--language", "es", "plan", folder, "--language", "ca")
    run = reparto(*spoken, "--output", tmp_path / "out")

    assert "Forma de reparto" in run.out
    assert "Resum" in sheets_of(tmp_path / "out" / "report.xlsx")


def test_programs_read_the_same_in_every_language(
    folder: Path, tmp_path: Path, reparto: Reparto
) -> None:
    printed = [
        json.loads(reparto("--language", each, "plan", folder, "--output", tmp_path, "--json").out)
        for each in ("es", "ca", "en")
    ]
    for each in printed:
        del each["solver"]["seconds"]
    assert printed[0] == printed[1] == printed[2]


def test_faults_and_errors_are_told_in_the_language(
    folder: Path, tmp_path: Path, reparto: Reparto
) -> None:
    members = folder / "members.csv"
    members.write_text(members.read_text().replace(",2.0TD,", ",9.9TD,", 1))
    faulty = reparto("--language", "ca", "plan", folder, "--output", tmp_path / "out")
    lost = reparto("--language", "es", "plan", tmp_path / "nowhere", "--output", tmp_path / "out")
    unmade = reparto("--language", "es", "completeness", "vila", "--year", 2025)

    assert (faulty.code, lost.code, unmade.code) == (3, 2, 2)
    assert faulty.err == ("members.csv, línia 2: tariff és '9.9TD', cap de 2.0TD, 3.0TD, 6.1TD\n")
    path = tmp_path / "nowhere"
    assert lost.err == f"error: no hay ninguna carpeta {path}; revise la ruta\n"
    assert unmade.err.startswith("error: no hay ninguna base de datos ")


def test_a_stored_community_is_told_of_in_the_language(folder: Path, reparto: Reparto) -> None:
    said = [
        reparto("--language", "ca", *command).out
        for command in (
            ("db", "upgrade"),
            ("import", folder),
            ("agreement", "list"),
            ("agreement", "profiles"),
            ("detect", folder / "members.csv"),
            ("db", "check"),
        )
    ]
    heads = ("la base de dades és a la revisió", "3 participants, 1 a la borsa", "no hi ha acords")
    heads += ("fi de línia", "importar participants", "la base de dades és íntegra")
    for head, text in zip(heads, said, strict=True):
        assert head in text


def test_a_language_that_is_not_spoken_is_refused(folder: Path, reparto: Reparto) -> None:
    assert reparto("--language", "fr", "plan", folder).code == 2
