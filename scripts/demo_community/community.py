"""The community as a whole: who takes part, with which codes, shares and coordinates."""

from datetime import date, timedelta

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from stdnum.es import cups as cups_rules

from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.values.calendar import Step, Zone
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.tariff import Tariff
from scripts.demo_community.clock import TIMEZONE, read_clock
from scripts.demo_community.neighbours import MEMBERS, RESERVE, Neighbour
from scripts.demo_community.plant import LAT, LON, PV_KW, simulate_plant
from scripts.demo_community.prices import draw_prices
from scripts.demo_community.uses import Scene
from scripts.demo_community.weather import draw_weather

SEED = 20_250_101
_INVESTMENT_EUR = 66_000
_SUBSIDY_SHARE = 0.4
_PLANT_NUMBER = 1
_FIRST_NEIGHBOUR_NUMBER = 101


def generate_demo_community(year: int = 2025, seed: int = SEED) -> CommunityYear:
    """Invent a community over a local calendar year; the same seed gives the same bits.

    Parameters
    ----------
    year : int
        Local calendar year.
    seed : int
        Start of every chance in it.

    Returns
    -------
    CommunityYear
        Twenty members and a reserve list of eight, one plant, hourly energy and prices.
    """
    for_weather, for_prices, for_places, *for_neighbours = (
        default_rng(child) for child in SeedSequence(seed).spawn(3 + len(MEMBERS) + len(RESERVE))
    )
    clock = read_clock(year)
    scene = Scene(clock, draw_weather(clock, for_weather))
    energy_eur_per_kwh, surplus_eur_per_kwh = draw_prices(clock, for_prices)
    consumption_kwh = [
        neighbour.habit.consume(scene, neighbour.contracted_kw, rng)
        for neighbour, rng in zip(MEMBERS + RESERVE, for_neighbours, strict=True)
    ]
    return CommunityYear(
        community_id="demo",
        name="Horta Nord energy community (demonstration)",
        timezone=TIMEZONE,
        zone=Zone.PENINSULA,
        year=year,
        step=Step.HOUR,
        installations=(
            InstallationRecord(Cau(f"{invent_cups(_PLANT_NUMBER)}A000"), PV_KW, LAT, LON),
        ),
        members=_list_members(year, for_places),
        consumption_kwh=np.round(consumption_kwh, 3),
        generation_kwh=np.round(simulate_plant(clock, scene.weather), 3)[np.newaxis, :],
        energy_eur_per_kwh=energy_eur_per_kwh,
        surplus_eur_per_kwh=surplus_eur_per_kwh,
    )


def _list_members(year: int, rng: Generator) -> tuple[MemberRecord, ...]:
    """Give everybody a code, a place and a day; members also a share and what they paid."""
    millionths = _share_by_contracted_power()
    places = _scatter_around_plant(rng, len(MEMBERS) + len(RESERVE))
    records = []
    for position, (neighbour, (lat, lon)) in enumerate(zip(MEMBERS + RESERVE, places, strict=True)):
        shares = position < len(MEMBERS)
        beta = millionths[position] / MILLIONTHS if shares else None
        records.append(
            MemberRecord(
                member_id=_name(position),
                role=MemberRole.MEMBER if shares else MemberRole.RESERVE,
                cups=invent_cups(_FIRST_NEIGHBOUR_NUMBER + position),
                tariff=tariff_of(neighbour),
                contracted_kw=neighbour.contracted_kw,
                kind=neighbour.kind,
                current_beta=beta,
                investment_eur=_invest(beta),
                lat=lat,
                lon=lon,
                joined_on=date(year - 1, 2, 1) + timedelta(days=9 * position),
            )
        )
    return tuple(records)


def _name(position: int) -> str:
    if position < len(MEMBERS):
        return f"M{position + 1:02}"
    return f"R{position - len(MEMBERS) + 1:02}"


def tariff_of(neighbour: Neighbour) -> Tariff:
    """Choose the access tariff by contracted power (Circular 3/2020, article 7)."""
    if neighbour.contracted_kw > 15:
        return Tariff.LOW_VOLTAGE_ABOVE_15_KW
    return Tariff.LOW_VOLTAGE_UP_TO_15_KW


def _share_by_contracted_power() -> list[int]:
    """Share one among the members by contracted power, as most communities start, in millionths."""
    power = np.cumsum([neighbour.contracted_kw for neighbour in MEMBERS])
    borders = np.rint(power / power[-1] * MILLIONTHS)
    return [int(share) for share in np.diff(borders, prepend=0)]


def _invest(beta: float | None) -> float | None:
    """Pay for one's share of the plant, less the public grant."""
    return None if beta is None else round(beta * _INVESTMENT_EUR * (1 - _SUBSIDY_SHARE), 2)


def _scatter_around_plant(rng: Generator, n_places: int) -> list[tuple[float, float]]:
    """Place the neighbours within about a kilometre of the plant, by latitude and longitude."""
    steps = rng.uniform(-0.006, 0.006, (n_places, 2)).tolist()
    return [(round(LAT + north, 5), round(LON + east, 5)) for north, east in steps]


def invent_cups(number: int) -> Cups:
    """Make up a supply code of distributor 0000, which does not exist, with true check letters."""
    digits = f"ES{number:016}"
    return Cups(f"{digits}{cups_rules.calc_check_digits(digits)}0F")
