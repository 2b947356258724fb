from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.faults import FileFaults
from loaders.list_columns import find_list_columns, find_role, simplify_name
from loaders.members_list import MembersList
from loaders.members_table import read_members_table
from loaders.records import MemberRole
from models.values.tariff import Tariff
from tests.support.community_folders import make_cups
from tests.support.workbooks import make_workbook

HEADER = "Código;Estado;CUPS;Tarifa;Potencia contratada (kW)"


def read(data: bytes, role: MemberRole | None = None) -> tuple[MembersList | None, list[str]]:
    faults = FileFaults("lista")
    listed = read_members_table(data, faults, role)
    return listed, [str(fault).removeprefix("lista, ") for fault in faults.all()]


def test_a_list_as_spanish_excel_saves_it() -> None:
    text = (
        "Comunidad Sol de Barrio;;;;;;;;\r\n"
        "\r\n"
        "Código;Estado;CUPS;Tarifa de acceso;Potencia contratada (kW);Inversión (€);"
        "Fecha de alta;Consumo anual (kWh);Observaciones\r\n"
        f"M1;Socio;{make_cups(1)};2.0TD;4,6;1.500,50;01/07/2026;2450;piña\r\n"
        f" C1 ;Lista de espera;{make_cups(2)};2.0 td;3,45;;;;\r\n"
        ";;;;;;;;\r\n"
    )
    for encoding in ("utf-8-sig", "latin-1"):
        data = text.replace("€", "EUR").encode(encoding)
        listed, faults = read(data)
        assert faults == []
        assert listed is not None
        first, second = listed.members
        assert (first.member_id, first.role, first.contracted_kw) == ("M1", MemberRole.MEMBER, 4.6)
        assert (first.investment_eur, first.joined_on) == (1500.5, date(2026, 7, 1))
        assert (first.yearly_kwh, first.tariff) == (2450.0, Tariff.LOW_VOLTAGE_UP_TO_15_KW)
        assert (second.member_id, second.role, second.contracted_kw) == (
            "C1",
            MemberRole.RESERVE,
            3.45,
        )


def test_a_workbook_of_catalan_candidates() -> None:
    rows = [
        ["Candidats", None, None, None, None],
        ["Nom", "CUPS", "Peatge", "Potència", "Data d'alta"],
        ["Núria", make_cups(1), "2.0TD", 4.6, date(2026, 7, 1)],
        ["Pau", make_cups(2), "3.0TD", 20, None],
    ]
    listed, faults = read(make_workbook(rows), MemberRole.RESERVE)
    assert faults == []
    assert listed is not None
    assert listed.ids == ("Núria", "Pau")
    assert [member.role for member in listed.members] == [MemberRole.RESERVE] * 2
    assert (listed.members[0].joined_on, listed.members[1].contracted_kw) == (
        date(2026, 7, 1),
        20.0,
    )


def test_a_role_that_the_caller_fixes_outweighs_the_column() -> None:
    listed, faults = read(
        f"{HEADER}\nM1;socio;{make_cups(1)};2.0TD;4,6".encode(), MemberRole.RESERVE
    )
    assert faults == []
    assert listed is not None
    assert listed.members[0].role is MemberRole.RESERVE


def test_every_fault_is_told_by_the_headings_of_the_file() -> None:
    text = (
        f"{HEADER};Inversión\n"
        f"M1;jefe;{make_cups(1)};2.0TD;4,6;\n"
        f"M1;socio;{make_cups(1).lower()};2.0A;0;3.500\n"
        f"M3;socio;{make_cups(1)};2.0TD;cinco\n"
        f"M4;socio;{make_cups(1)};2.0TD;4,6;1,5;extra\n"
    )
    listed, faults = read(text.encode())
    assert listed is not None
    assert listed.members == ()
    assert sorted(faults) == [
        "line 2: Estado is 'jefe', neither member nor reserve",
        (
            f"line 3: CUPS is '{make_cups(1).lower()}', which is not ES, 16 digits and 2 letters;"
            f" write {make_cups(1)}"
        ),
        "line 3: Código 'M1' stands already in line 2",
        (
            "line 3: Inversión is '3.500', which may be 3500; write it without points, or with a"
            " decimal comma"
        ),
        "line 3: Potencia contratada (kW) is 0, not above zero",
        "line 3: Tarifa is '2.0A', not one of 2.0TD, 3.0TD, 6.1TD",
        f"line 4: CUPS '{make_cups(1)}' stands already in line 2",
        "line 4: has 5 cells, the header has 6",
        f"line 5: CUPS '{make_cups(1)}' stands already in line 2",
        "line 5: has 7 cells, the header has 6",
    ]


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b"", ["lista: is empty"]),
        (b"\0", ["line 1: holds a NUL character"]),
        (b"PK\x03\x04", ["lista: is no sound zip file (File is not a zip file)"]),
        (b"x" * ((1 << 21) + 1), ["lista: is larger than 2097152 bytes"]),
        (
            b"Potencia;CUPS",
            [
                "line 1: no heading means member_id",
                "line 1: no heading means role",
                "line 1: no heading means tariff",
            ],
        ),
        (f"{HEADER};cups".encode(), ["line 1: heading 'CUPS' stands twice"]),
        (HEADER.encode(), ["lista: lists nobody"]),
        (b'a;"b\n', ["line 1: is not CSV (unexpected end of data)"]),
    ],
)
def test_files_that_are_no_lists(data: bytes, faults: list[str]) -> None:
    assert read(data)[1] == faults


def test_rows_of_workbooks_are_called_rows() -> None:
    rows = [
        ["Título"],
        ["id", "rol", "cups", "tarifa", "potencia"],
        ["M1", "socio", "ES1", "2.0TD", 0],
    ]
    assert read(make_workbook(rows))[1] == [
        "row 3: cups is 'ES1', which has 3 characters, not 20 or 22",
        "row 3: potencia is 0, not above zero",
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [("31/02/2026", None), ("1-7-2026", date(2026, 7, 1)), ("2026-07-01", date(2026, 7, 1))],
)
def test_days_may_be_written_the_spanish_way(text: str, day: date | None) -> None:
    data = f"{HEADER};Alta\nM1;socio;{make_cups(1)};2.0TD;4,6;{text}".encode()
    listed, faults = read(data)
    assert listed is not None
    if day is None:
        assert faults == ["line 2: Alta is '31/02/2026', not a date such as 2023-07-01"]
    else:
        assert listed.members[0].joined_on == day


def test_headings_and_roles_have_many_names() -> None:
    assert simplify_name("  Potència (kW) ") == "potenciakw"
    assert find_list_columns(["Nombre", "Id", "Id"], "columns") == {"member_id": [1, 2]}
    assert find_list_columns(["%"], "coefficient_columns") == {"coefficient": [0]}
    assert (find_role("Sòcia"), find_role("BOLSA DE RESERVA"), find_role("")) == (
        "member",
        "reserve",
        None,
    )


@settings(max_examples=200)
@given(data=st.binary(max_size=300), prefix=st.sampled_from([b"", HEADER.encode() + b"\n"]))
def test_any_bytes_give_a_list_or_faults(data: bytes, prefix: bytes) -> None:
    listed, faults = read(prefix + data)
    assert faults or (listed is not None and listed.members)
