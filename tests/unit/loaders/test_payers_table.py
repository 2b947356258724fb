"""Lists of payers as people keep them."""

import io

import pytest
from openpyxl import Workbook

from loaders.faults import FileFaults
from loaders.payers_table import read_payers_table
from tests.support.setup_files import payer_row, write_payers


def read(data: bytes):
    faults = FileFaults("payers.csv")
    return read_payers_table(data, faults), [(each.place, each.reason) for each in faults.all()]


def test_a_list_from_spanish_excel():
    payers, faults = read(write_payers(payer_row("M1", 10, "Català"), payer_row("M2", 11)))
    assert faults == []
    assert [(each.member, each.tax_number, each.language) for each in payers] == [
        ("M1", "00000010X", "ca"),
        ("M2", "00000011B", "es"),
    ]
    first = payers[0]
    assert (first.postal_code, first.email, first.offices, first.place) == (
        "46021",
        None,
        (),
        "line 2",
    )


def test_a_workbook_has_its_leading_zeros_back():
    book, file = Workbook(), io.BytesIO()
    book.active.append(["member", "nif", "name", "address", "cp", "town", "province", "email"])
    book.active.append(["M1", "00000010X", "A", "B", 8001, "C", "D", "a@x.org"])
    book.save(file)
    ((payer,), faults) = read(file.getvalue())
    assert (payer.postal_code, payer.email, payer.place, faults) == (
        "08001",
        "a@x.org",
        "row 2",
        [],
    )


@pytest.mark.parametrize(
    ("rows", "headings", "faults"),
    [
        (
            ["M1;1"],
            "Código;NIF",
            [
                ("line 1", f"no heading means {name}")
                for name in ("address", "name", "postal_code", "province", "town")
            ],
        ),
        ([], None, [(None, "lists nobody")]),
        (
            [payer_row("M1", 10, "klingon")],
            None,
            [("line 2", "'Idioma': 'klingon' is none of es, ca and en")],
        ),
        (
            [payer_row("M1", 10), payer_row("M1", 11)],
            None,
            [("line 3", "member 'M1' stands in line 2 too")],
        ),
        (
            [payer_row("M1", 10) + ";more"],
            None,
            [("line 2", "has 10 cells, the header has 9")],
        ),
        (
            [";;;;;;;x;"],
            None,
            [
                ("line 2", "'CP' is empty"),
                (
                    "line 2",
                    "'Correo electrónico': 'x' is not an e-mail address such as ana@example.org",
                ),
                *(
                    ("line 2", f"'{heading}' is empty")
                    for heading in (
                        *("Código", "Dirección"),
                        *("NIF", "Nombre", "Población", "Provincia"),
                    )
                ),
            ],
        ),
    ],
)
def test_every_fault_is_told_with_its_place(rows, headings, faults):
    more = {} if headings is None else {"headings": headings}
    assert read(write_payers(*rows, **more))[1] == faults


def test_a_heading_that_stands_twice_is_told():
    doubled = "Código;NIF;NIF;Nombre;Dirección;CP;Población;Provincia"
    _, faults = read(write_payers("M1;1;1;A;B;46001;C;D", headings=doubled))
    assert faults == [("line 1", "heading 'NIF' stands twice")]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no workbook"])
def test_what_cannot_be_read_is_a_fault(data):
    payers, faults = read(data)
    assert (payers, len(faults)) == ([], 1)
