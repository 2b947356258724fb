"""A mapping of columns to start from, and how tests change it."""

from copy import deepcopy

from loaders.meter_files.table_mapping import TableMapping, parse_table_mapping

MADRID = "Europe/Madrid"
CUPS = "ES0021000000000001RK0F"
OTHER = "ES0021000000000002RE"
CAU = "ES0021000000000001RK0FA000"
CIL = "ES0021000000000001RK0F001"

BASE: dict[str, object] = {
    "decimal": ",",
    "time": {
        "columns": ["Fecha", "Hora"],
        "format": "%d/%m/%Y %H:%M",
        "marks": "end",
        "zone": "local",
        "minutes": 60,
    },
    "meter": {"code": CUPS},
    "values": [{"column": "Energía", "channel": "consumption", "unit": "kWh"}],
}


def change(**changed: object) -> dict[str, object]:
    """Change fields of the base mapping; ``time__marks`` means the one inside ``time``."""
    content = deepcopy(BASE)
    for path, value in changed.items():
        section, _, key = path.partition("__")
        inner = content[section] if key else content
        assert isinstance(inner, dict)
        if value is None:
            inner.pop(key or path, None)
        else:
            inner[key or path] = value
    return content


def mapped(**changed: object) -> TableMapping:
    return parse_table_mapping(change(**changed))
