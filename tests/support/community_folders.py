"""Small valid communities for tests: in memory, and as the folder that CONTRACT.md describes.

The folder is written with the standard library only, so that it can serve as an oracle for the
project's own writer and reader.
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import numpy as np

from loaders.records import (
    CommunityYear,
    Energy,
    InstallationRecord,
    MemberRecord,
    MemberRole,
)
from models.values.calendar import Step, Zone, local_times, year_steps
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.tariff import Tariff

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_ZONES = {
    "Europe/Madrid": Zone.PENINSULA,
    "Atlantic/Canary": Zone.CANARIAS,
    "Africa/Ceuta": Zone.CEUTA,
}


def make_cups(number: int) -> Cups:
    """Give the valid CUPS of a number, 22 characters."""
    digits = f"{31300000000000 + number:016d}"
    first, second = divmod(int(digits) % 529, 23)
    return Cups(f"ES{digits}{_LETTERS[first]}{_LETTERS[second]}0F")


def make_cau(number: int) -> Cau:
    """Give the valid CAU of a number."""
    return Cau(f"{make_cups(9_000_000 + number)}A000")


def build_community_year(
    *,
    n_members: int = 3,
    n_reserve: int = 1,
    n_installations: int = 1,
    year: int = 2023,
    step: Step = Step.HOUR,
    timezone: str = "Europe/Madrid",
    seed: int = 1,
    with_prices: bool = True,
) -> CommunityYear:
    """Build a community of plausible size whose energy is whole watt-hours.

    Members are ``M1``, ``M2`` ..., the reserve ``R1``, ``R2`` ...; the same arguments give the
    same community.
    """
    random = np.random.default_rng(seed)
    n_steps = year_steps(year, timezone, step).size
    n_people = n_members + n_reserve
    people = [f"M{i + 1}" for i in range(n_members)] + [f"R{i + 1}" for i in range(n_reserve)]
    base_kwh = random.uniform(0.1, 1.0, (n_people, 1)) / step.per_hour
    generation_kwh = np.tile(_sunny_kwh(year, timezone, step), (n_installations, 1))
    generation_kwh *= random.uniform(0.5, 1.0, generation_kwh.shape)
    energy_price = random.uniform(0.02, 0.3, n_steps).round(5)
    surplus_price = random.uniform(-0.01, 0.1, n_steps).round(5)
    return CommunityYear(
        community_id=f"test-{seed}",
        name="Comunidad de la Peña",
        timezone=timezone,
        zone=_ZONES[timezone],
        year=year,
        step=step,
        installations=tuple(
            InstallationRecord(make_cau(i + 1), 10.0, 39.47, -0.38) for i in range(n_installations)
        ),
        members=tuple(_member(i, member_id) for i, member_id in enumerate(people)),
        consumption_kwh=(base_kwh * random.gamma(2.0, 0.5, (n_people, n_steps))).round(3),
        generation_kwh=generation_kwh.round(3),
        energy_eur_per_kwh=energy_price if with_prices else None,
        surplus_eur_per_kwh=surplus_price if with_prices else None,
    )


def _sunny_kwh(year: int, timezone: str, step: Step) -> Energy:
    """Energy of a 10 kW plant under a sky that never changes."""
    local = local_times(year, timezone, step)
    hours = (local - local.astype("datetime64[D]")) / np.timedelta64(1, "h")
    return 10.0 / step.per_hour * np.clip(np.sin((hours - 6.5) / 12.0 * np.pi), 0.0, None)


def _member(position: int, member_id: str) -> MemberRecord:
    is_member = member_id.startswith("M")
    return MemberRecord(
        member_id=member_id,
        role=MemberRole.MEMBER if is_member else MemberRole.RESERVE,
        cups=make_cups(position + 1),
        tariff=Tariff.LOW_VOLTAGE_UP_TO_15_KW,
        contracted_kw=3.45 + position % 11,
        kind="home",
    )


def write_folder(community: CommunityYear, folder: Path) -> Path:
    """Write a community's folder as plain CSV and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "community.json").write_text(
        json.dumps(community_properties(community), ensure_ascii=False), encoding="utf-8"
    )
    _write_members(community, folder / "members.csv")
    ids = [member.member_id for member in community.members]
    write_series(community, folder / "consumption.csv", ids, community.consumption_kwh)
    caus = [str(installation.cau) for installation in community.installations]
    names = caus if len(caus) > 1 else ["kwh"]
    write_series(community, folder / "production.csv", names, community.generation_kwh)
    if community.energy_eur_per_kwh is not None:
        prices = np.vstack([community.energy_eur_per_kwh, community.surplus_eur_per_kwh])
        names = ["energy_eur_kwh", "surplus_eur_kwh"]
        write_series(community, folder / "prices.csv", names, prices)
    return folder


def community_properties(community: CommunityYear) -> dict[str, object]:
    """Give what ``community.json`` says of a community."""
    plants = [
        {"cau": plant.cau, "pv_kw": plant.pv_kw, "lat": plant.lat, "lon": plant.lon}
        for plant in community.installations
    ]
    properties: dict[str, object] = {
        "id": community.community_id,
        "name": community.name,
        "timezone": community.timezone,
        "zone": community.zone.value,
        "year": community.year,
        "step": community.step.value,
        **plants[0],
    }
    if len(plants) > 1:
        properties |= {"pv_kw": sum(plant.pv_kw for plant in community.installations)}
        properties |= {"caus": plants}
    return properties


def _write_members(community: CommunityYear, path: Path) -> None:
    rows = [
        (m.member_id, m.role.value, m.kind, m.cups, m.tariff.value, repr(m.contracted_kw))
        for m in community.members
    ]
    header = ("member_id", "role", "kind", "cups", "tariff", "contracted_kw")
    _write_csv(path, [header, *rows])


def write_series(community: CommunityYear, path: Path, names: list[str], values: Energy) -> None:
    """Write one line an interval of the year, numbers in their shortest exact form."""
    stamps = [f"{start}Z" for start in np.datetime_as_string(community.starts)]
    rows = zip(stamps, *(row.tolist() for row in values), strict=True)
    _write_csv(path, [("ts_utc", *names), *rows])


def _write_csv(path: Path, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def assert_same_community(actual: CommunityYear, expected: CommunityYear) -> None:
    """Assert that two communities agree in every field and every bit of every array."""
    for field in fields(CommunityYear):
        ours, theirs = getattr(actual, field.name), getattr(expected, field.name)
        if isinstance(theirs, np.ndarray):
            np.testing.assert_array_equal(ours, theirs, err_msg=field.name, strict=True)
        else:
            assert ours == theirs, field.name
