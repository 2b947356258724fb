"""One setting makes commands and reports speak a language; what programs read stays the same."""

import json
from pathlib import Path

import openpyxl
import pytest

from tests.support.access_invoices import write_invoice
from tests.support.agreements import shared
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year, write_folder
from tests.support.databases import on_sqlite
from tests.support.direct_debits import Collector, collector
from tests.support.stored_bills import homes
from tests.support.stored_records import StoredCommunity

__all__ = ["collector", "homes", "shared"]


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


MONEY = {
    "es": (
        "2023-000001 (F1), expedida el 2023-12-05, vence el 2023-12-25: ",
        "M1 Payer 0, ES0031300000000100AV0F\n",
        "ya facturado ES0031300000000100AV0F 2023-10-01 déjelo fuera o rectifique la factura",
        "F12345674: 3 registros, íntegros\n",
        "2023-000002 M2 Payer 1 2023-12-25 12,10 sin mandato",
        "impuesto repercutido 0,00 6,30 -6,30",
        (
            "F12345674 Comunitat de la Vall, SCCL, en espera=3, aceptados=0, "
            "aceptados con errores=0, rechazados=0\n"
            "el envío está desactivado: defina REPARTO_TAX_AGENCY_SENDS=true para enviar\n"
        ),
    ),
    "ca": (
        "2023-000001 (F1), expedida el 2023-12-05, venç el 2023-12-25: ",
        "M1 Payer 0, ES0031300000000100AV0F\n",
        "ja facturat ES0031300000000100AV0F 2023-10-01 deixeu-lo fora o rectifiqueu la factura",
        "F12345674: 3 registres, íntegres\n",
        "2023-000002 M2 Payer 1 2023-12-25 12,10 sense mandat",
        "impost repercutit 0,00 6,30 -6,30",
        (
            "F12345674 Comunitat de la Vall, SCCL, en espera=3, acceptats=0, "
            "acceptats amb errors=0, rebutjats=0\n"
            "l’enviament està desactivat: definiu REPARTO_TAX_AGENCY_SENDS=true per enviar\n"
        ),
    ),
}
REFUSALS = {
    "es": (
        "error: no hay ninguna factura '9'\n",
        "error: nombre el emisor con --issuer: F12345674\n",
        (
            "error: no hay nada que cobrar: hasta ese día vencen 0 importes, y la vista "
            "previa dice de cada uno por qué no se puede\n"
        ),
        (
            "error: no se conoce ningún servidor de correo: ponga REPARTO_SMTP_HOST y "
            "REPARTO_SMTP_FROM\n"
        ),
    ),
    "ca": (
        "error: no hi ha cap factura '9'\n",
        "error: anomeneu l’emissor amb --issuer: F12345674\n",
        (
            "error: no hi ha res a cobrar: fins a aquell dia vencen 0 imports, i la vista "
            "prèvia diu de cada un per què no es pot\n"
        ),
        "error: no es coneix cap servidor de correu: poseu REPARTO_SMTP_HOST i REPARTO_SMTP_FROM\n",
    ),
}


@on_sqlite
def test_money_is_told_of_in_the_language(
    collector: Collector,
    reparto: Reparto,
    promoter,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    code = collector.books.billed.stored.community.code
    told = (
        ("invoices", "show", "2023-000001"),
        ("invoices", "preview", code, "--month", "2023-10", "--lines"),
        ("invoices", "preview", code, "--month", "2023-10"),
        ("invoices", "verify"),
        ("collection", "preview-debits", "--due-until", "2023-12-31"),
        ("collection", "balance"),
        ("agency", "status"),
    )
    refused = (
        ("invoices", "show", "9"),
        ("collection", "balance", "--issuer", "x"),
        ("collection", "create-debits", "x.xml", "--due-until", "2020-12-31", "--key", "k"),
        ("outbox", "send"),
    )
    for language in ("es", "ca"):
        spoken = ("--language", language)
        for command, words in zip(told, MONEY[language], strict=True):
            run = reparto(*spoken, *command, "--promoter", promoter.name)
            assert words in run.out or words in " ".join(run.out.split()), (command, run.out)
        for command, words in zip(refused, REFUSALS[language], strict=True):
            assert reparto(*spoken, *command, "--promoter", promoter.name).err == words


@on_sqlite
@pytest.mark.parametrize(
    ("language", "head", "row", "remark"),
    [
        ("es", "del 2025-12-31 al 2026-01-31: 21,09 EUR", "total 20,09 21,09 EUR 1,00", "- lo que"),
        ("ca", "del 2025-12-31 al 2026-01-31: 21,09 EUR", "total 20,09 21,09 EUR 1,00", "- el que"),
    ],
)
def test_checks_are_told_of_in_the_language(
    homes: StoredCommunity,
    reparto: Reparto,
    promoter,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    head: str,
    row: str,
    remark: str,
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    file = tmp_path / "f1.xml"
    file.write_bytes(write_invoice(homes.points[0].cups, cau=homes.installation.cau, total="21.09"))
    command = ("check", "invoice", file, "--promoter", promoter.name)
    run = reparto("--language", language, *command)

    assert run.code == 3
    assert head in run.out
    assert row in " ".join(run.out.split())
    assert remark in run.out
