"""Files that set a community up for invoices, as a manager would type them."""

from pathlib import Path

from tests.support.billing import make_nif

PLANS = """
[[issuer]]
tax_number = "F12345674"
name = "Comunitat de la Vall, SCCL"
address = "Carrer Major, 12"
postal_code = "46001"
town = "València"
province = "València"

[[plan]]
code = "standard"
name = "Autoconsumo"

[[plan.term]]
charges = "self-consumed"
price_eur = "0.08"
description = "Energía autoconsumida"
tax_percent = 21
valid_from = 2023-01-01

[[plan.term]]
charges = "fixed"
price_eur = 3
description = "Cuota"
tax_percent = 21
valid_from = 2023-01-01

[[subscription]]
plan = "standard"
valid_from = 2023-01-01
"""
HEADINGS = "Código;NIF;Nombre;Dirección;CP;Población;Provincia;Correo electrónico;Idioma"
_OFFICES = "Oficina contable;Órgano gestor;Unidad tramitadora"


def write_payers(*rows: str, headings: str = HEADINGS) -> bytes:
    """Write a list of payers as Spanish Excel does."""
    return "\r\n".join([headings, *rows, ""]).encode("utf-8-sig")


def payer_row(member: str, number: int, language: str = "", code: str = "46021") -> str:
    """Write one payer."""
    return (
        f"{member};{make_nif(number)};Payer {number};Port, 7;{code};València;València;;{language}"
    )


def write_setup(folder: Path) -> Path:
    """Write a folder for three members, the second of whom is a public body."""
    folder.mkdir()
    (folder / "plans.toml").write_text(PLANS, encoding="utf-8")
    rows = [f"{payer_row(f'M{place}', 10 + place)};;;" for place in (1, 3)]
    public = f"{payer_row('M2', 12, 'català')};L01461471;L01461471;L01461471"
    content = write_payers(rows[0], public, rows[1], headings=f"{HEADINGS};{_OFFICES}")
    (folder / "payers.csv").write_bytes(content)
    return folder
