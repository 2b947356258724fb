"""Files of prices as their sources write them, made up for tests."""

import json
from collections.abc import Iterable, Sequence


def marginalpdbc(day: str, prices: Iterable[tuple[str, str]]) -> bytes:
    """Write a ``marginalpdbc`` file: Portugal's price, then Spain's, period by period."""
    year, month, date = day.split("-")
    lines = [
        f"{year};{month};{date};{period};{portuguese};{spanish};"
        for period, (portuguese, spanish) in enumerate(prices, 1)
    ]
    return "\n".join(["MARGINALPDBC;", *lines, "*"]).encode()


def day_report(day: str, periods: Sequence[str], spanish: Sequence[str], unit: str) -> bytes:
    """Write OMIE's report of a day (dd/mm/yyyy) in ISO 8859-1."""
    cells = "".join(f"{price:>10};" for price in spanish)
    other = "".join(f"{'9,99':>10};" for _ in spanish)
    issued = "Fecha Emisión :01/01/2025 - 13:51"
    lines = [
        f"OMIE - Mercado de electricidad;{issued};;{day};Precio del mercado diario ({unit});;;;",
        "",
        ";" + "".join(f"{period};" for period in periods),
        f"Precio marginal en el sistema español ({unit});{cells}",
        f"Precio marginal en el sistema portugués ({unit});{other}",
        f"Potencia total de compra sistema español (MW);{other}",
        ";" * (len(periods) + 1),
        "",
    ]
    return "\n".join(lines).encode("latin-1")


def esios_json(indicator: int, values: Iterable[tuple[str, str, int]]) -> bytes:
    """Write ESIOS' answer of (price, datetime, geo_id); ``datetime_utc`` is wrong on purpose."""
    told = ",".join(
        f'{{"value": {price}, "datetime": "{stamp}", "datetime_utc": "2021-10-31T00:00:00Z",'
        f' "geo_id": {geo_id}, "geo_name": "x"}}'
        for price, stamp, geo_id in values
    )
    return f'{{"indicator": {{"id": {indicator}, "geos": [], "values": [{told}]}}}}'.encode()


def pvpc_archive(day: str, hours: Iterable[tuple[str, str, str]]) -> bytes:
    """Write archive 70 of (hour, PCB, CYM) for a day (dd/mm/yyyy)."""
    entries = [{"Dia": day, "Hora": hour, "PCB": pcb, "CYM": cym} for hour, pcb, cym in hours]
    return json.dumps({"PVPC": entries}).encode()


def pvpc_daily(day: str, hours: Iterable[int], price: str = "0.06762") -> bytes:
    """Write a daily file that names these hours."""
    told = ", ".join(f'"{hour}": {price}' for hour in hours)
    return f'{{"day": "{day}", "data": {{{told}}}}}'.encode()


def redata(parts: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> bytes:
    """Write REData's answer of (indicator, (value, datetime) pairs)."""
    told = ",".join(
        f'{{"type": "x", "id": "{code}", "attributes": {{"values": ['
        + ",".join(
            f'{{"value": {value}, "percentage": 1, "datetime": "{stamp}"}}'
            for value, stamp in values
        )
        + "]}}"
        for code, values in parts
    )
    return f'{{"data": {{"type": "x"}}, "included": [{told}]}}'.encode()
