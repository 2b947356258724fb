"""``community.json``: whose community it is, which plants it shares, which year it covers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from loaders.decoding import (
    LARGEST_LIST_BYTES,
    UnreadableFileError,
    decode_text,
    read_bytes,
)
from loaders.faults import FileFaults
from loaders.json_text import parse_json_object
from loaders.number_text import excerpt_of
from loaders.records import InstallationRecord
from loaders.series_steps import LocalYear
from models.values.calendar import Step, Zone
from models.values.cau import Cau
from models.values.errors import InvalidIdentifierError

LARGEST_KW = 2_147_483.647
"""Largest power [kW]: what whole watts in 32 bits can hold."""

_ZONES_OF_CLOCK = {
    "Europe/Madrid": {Zone.PENINSULA, Zone.BALEARES, Zone.CEUTA, Zone.MELILLA},
    "Africa/Ceuta": {Zone.CEUTA, Zone.MELILLA},
    "Atlantic/Canary": {Zone.CANARIAS},
}
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_ID_LENGTH, _NAME_LENGTH = 100, 200

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose community it is."""

    community_id: str
    name: str
    zone: Zone


@dataclass(frozen=True, slots=True)
class CommunityProperties:
    """What ``community.json`` says; None where it is missing or faulty.

    Attributes
    ----------
    identity : Identity or None
    year : LocalYear or None
    installations : tuple of InstallationRecord, length n_installations, or None
        The one that ``cau`` names comes first.
    """

    identity: Identity | None = None
    year: LocalYear | None = None
    installations: tuple[InstallationRecord, ...] | None = None


def read_community_properties(path: Path, faults: FileFaults) -> CommunityProperties:
    """Read ``community.json``.

    Parameters
    ----------
    path : Path
        The file.
    faults : FileFaults
        Takes every fault.

    Returns
    -------
    CommunityProperties
        What could be read.
    """
    try:
        properties = parse_json_object(decode_text(read_bytes(path, LARGEST_LIST_BYTES)))
    except UnreadableFileError as error:
        faults.add(error.place, error.reason)
        return CommunityProperties()
    return _Fields(properties, None, faults).community()


@dataclass(frozen=True, slots=True)
class _Fields:
    """One JSON object whose fields are checked one by one."""

    content: dict[str, object]
    place: str | None
    faults: FileFaults

    def community(self) -> CommunityProperties:
        community_id = self.text("id", _ID_LENGTH)
        name = self.text("name", _NAME_LENGTH)
        timezone = self.choice("timezone", {name: name for name in _ZONES_OF_CLOCK})
        zone = self.choice("zone", {zone.value: zone for zone in Zone})
        if timezone and zone and zone not in _ZONES_OF_CLOCK[timezone]:
            self.fault("zone", f"is {zone.value}, which does not keep the time of {timezone}")
        year = self.year()
        step = self.choice("step", {step.value: step for step in Step})
        return CommunityProperties(
            Identity(community_id, name, zone) if community_id and name and zone else None,
            LocalYear(year, timezone, step) if year and timezone and step else None,
            self.installations(),
        )

    def installations(self) -> tuple[InstallationRecord, ...] | None:
        single = self.installation()
        listed = self.content.get("caus")
        if listed is None:
            return None if single is None else (single,)
        if not isinstance(listed, list) or not listed:
            self.fault("caus", "is not a list of installations; leave it out when there is one")
            return None
        plants = [self.listed_installation(number, item) for number, item in enumerate(listed, 1)]
        known = [plant for plant in plants if plant is not None]
        if single is None or len(known) < len(plants):
            return None
        return self.led_by(single.cau, known)

    def listed_installation(self, number: int, item: object) -> InstallationRecord | None:
        place = f"caus, item {number}"
        if isinstance(item, dict):
            return _Fields(item, place, self.faults).installation()
        self.faults.add(place, "is not an object")
        return None

    def led_by(
        self, cau: Cau, plants: list[InstallationRecord]
    ) -> tuple[InstallationRecord, ...] | None:
        """Put the community's own CAU first, the others in the order of the list."""
        caus = [plant.cau for plant in plants]
        repeated = sorted({other for other in caus if caus.count(other) > 1})
        for other in repeated:
            self.fault("caus", f"lists {other} twice")
        if cau not in caus:
            self.fault("caus", f"does not list {cau}, the community's own cau")
        if repeated or cau not in caus:
            return None
        return tuple(sorted(plants, key=lambda plant: plant.cau != cau))

    def installation(self) -> InstallationRecord | None:
        cau = self.cau()
        pv_kw = self.number("pv_kw", 0.0, LARGEST_KW)
        if pv_kw == 0.0:
            self.fault("pv_kw", "is 0, not above zero")
        lat = self.number("lat", -90.0, 90.0, optional=True)
        lon = self.number("lon", -180.0, 180.0, optional=True)
        if cau is None or pv_kw is None:
            return None
        return InstallationRecord(cau, pv_kw, lat, lon)

    def cau(self) -> Cau | None:
        text = self.text("cau", _ID_LENGTH)
        try:
            return None if text is None else Cau(text)
        except InvalidIdentifierError as error:
            self.fault("cau", f"is {excerpt_of(text or '')}, which {error.reason}")
            return None

    def year(self) -> int | None:
        year = self.content.get("year")
        if isinstance(year, int) and not isinstance(year, bool):
            if _FIRST_YEAR <= year <= _LAST_YEAR:
                return year
            self.fault("year", f"is {year}, not between {_FIRST_YEAR} and {_LAST_YEAR}")
        else:
            self.refuse("year", "a whole number")
        return None

    def text(self, key: str, longest: int) -> str | None:
        value = self.content.get(key)
        if not isinstance(value, str):
            self.refuse(key, "a text")
        elif not value.strip() or not value.isprintable():
            self.fault(key, f"is {excerpt_of(value)}; give a printable text")
        elif len(value) > longest:
            self.fault(key, f"has {len(value)} characters, more than {longest}")
        else:
            return value
        return None

    def choice(self, key: str, values: dict[str, Value]) -> Value | None:
        value = self.content.get(key)
        if isinstance(value, str) and value in values:
            return values[value]
        self.refuse(key, f"one of {', '.join(values)}")
        return None

    def number(
        self, key: str, least: float, most: float, *, optional: bool = False
    ) -> float | None:
        value = self.content.get(key)
        if value is None and optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, "a number")
        elif not least <= value <= most:
            self.fault(key, f"is {_describe(value)}, not between {least:g} and {most:.10g}")
        else:
            return float(value)
        return None

    def refuse(self, key: str, wanted: str) -> None:
        """Say that a field is missing or of another kind than wanted."""
        value = self.content.get(key)
        found = "is missing" if value is None else f"is {_describe(value)}"
        self.fault(key, f"{found}, should be {wanted}")

    def fault(self, key: str, reason: str) -> None:
        self.faults.add(self.place, f"{key} {reason}")


def _describe(value: object) -> str:
    if isinstance(value, str):
        return excerpt_of(value)
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return str(value) if len(str(value)) <= 20 else f"{str(value)[:20]}..."
