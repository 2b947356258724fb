"""JSON by the keys that it names first; a head is no whole document, so it is read as text."""

import re
from typing import NamedTuple

from loaders.file_formats import Confidence, Detection, FileFormat


class _Mark(NamedTuple):
    """Keys that together tell a format."""

    form: FileFormat
    keys: tuple[re.Pattern[str], ...]
    reason: str


def _key(name: str, opening: str = "") -> re.Pattern[str]:
    return re.compile(rf'"{re.escape(name)}"\s*:\s*{re.escape(opening)}')


_MARKS = (
    _Mark(
        FileFormat.ESIOS_JSON,
        (_key("indicator", "{"),),
        "is an indicator of ESIOS: it has the object indicator",
    ),
    _Mark(
        FileFormat.PVPC_ARCHIVE,
        (_key("PVPC", "["), _key("Dia")),
        "is archive 70 of ESIOS: it has the list PVPC by Dia and Hora",
    ),
    _Mark(
        FileFormat.REDATA_JSON,
        (_key("included", "["),),
        "is an answer of REData: it has the list included",
    ),
    _Mark(
        FileFormat.PVPC_DAILY,
        (_key("day", '"'), _key("data", "{")),
        "is a day of prices: it has day, and data by the hour",
    ),
    _Mark(
        FileFormat.DATADIS_JSON_V2,
        (_key("timeCurve"),),
        "is an answer of Datadis, version 2: it has timeCurve",
    ),
    _Mark(
        FileFormat.DATADIS_JSON_V1,
        (_key("cups"), _key("consumptionKWh")),
        "is an answer of Datadis, version 1: a list with cups and consumptionKWh",
    ),
    _Mark(
        FileFormat.PVGIS_TMY,
        (_key("tmy_hourly"),),
        "is a typical year of PVGIS, which is no real year; send its hourly series",
    ),
    _Mark(
        FileFormat.PVGIS_HOURLY_JSON,
        (_key("inputs", "{"), _key("hourly", "[")),
        "is an hourly series of PVGIS: it has inputs and outputs.hourly",
    ),
)
_BARE_LIST = re.compile(r"\[\s*-?[0-9]")
_COMMUNITY = (_key("cau"), _key("pv_kw"))


def detect_json(text: str) -> Detection:
    """Tell which JSON a text is.

    Parameters
    ----------
    text : str
        The beginning of it.

    Returns
    -------
    Detection
        By the keys that are named in it.
    """
    for mark in _MARKS:
        if all(key.search(text) for key in mark.keys):
            return Detection(mark.form, mark.reason)
    if _BARE_LIST.match(text):
        reason = "is a bare list of numbers, without a CUPS and without times"
        return Detection(FileFormat.BARE_CURVE, reason, Confidence.CERTAIN)
    if all(key.search(text) for key in _COMMUNITY):
        return Detection.none("is the community.json of a folder; send the whole folder as a zip")
    return Detection.none("is JSON without the keys of a format that is known")
