"""What a reader delivers and the use cases work with: one community over one local year."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, Step, Zone, year_steps
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.tariff import Tariff

Energy = NDArray[np.float64]


class MemberRole(StrEnum):
    """Whether somebody shares the energy or waits for a vacancy."""

    MEMBER = "member"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class InstallationRecord:
    """One plant: its code, inverter power [kW] and place [degrees]."""

    cau: Cau
    pv_kw: float
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One line of the members' list; optional columns are None where they are empty."""

    member_id: str
    role: MemberRole
    cups: Cups
    tariff: Tariff
    contracted_kw: float
    kind: str | None = None
    current_beta: float | None = None
    investment_eur: float | None = None
    lat: float | None = None
    lon: float | None = None
    joined_on: date | None = None
    yearly_kwh: float | None = None
    """What the member says that it consumes in a year, for where meters say nothing."""
    caus: tuple[Cau, ...] = ()
    """Installations that it shares in, in their order; none named for all of the community's."""


@dataclass(frozen=True, slots=True, eq=False)
class CommunityYear:
    """A community's installations, members, energy and prices over one local calendar year.

    Attributes
    ----------
    community_id, name : str
        The community's own id and its name.
    timezone : str
        IANA name of its clock.
    zone : Zone
        Tariff zone.
    year : int
        Local calendar year.
    step : Step
        Metering interval.
    installations : tuple of InstallationRecord, length n_installations
    members : tuple of MemberRecord, length n_members
        Members and reserve alike, in the order of the list.
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Energy that each boundary meter took in [kWh an interval]; NaN where nothing was measured,
        but only in a year that was read with gaps accepted.
    generation_kwh : ndarray, shape (n_installations, n_steps)
        Net generation [kWh an interval].
    energy_eur_per_kwh, surplus_eur_per_kwh : ndarray, shape (n_steps,), or None
        Prices of each interval [EUR/kWh]; both None without prices; a community whose surplus
        earns nothing has zeros. They may be negative.
    day_ahead_eur_per_kwh : ndarray, shape (n_steps,), or None
        Price of the market, which contracts may follow [EUR/kWh].
    """

    community_id: str
    name: str
    timezone: str
    zone: Zone
    year: int
    step: Step
    installations: tuple[InstallationRecord, ...]
    members: tuple[MemberRecord, ...]
    consumption_kwh: Energy
    generation_kwh: Energy
    energy_eur_per_kwh: Energy | None = None
    surplus_eur_per_kwh: Energy | None = None
    day_ahead_eur_per_kwh: Energy | None = None

    @property
    def starts(self) -> Instants:
        """Starts of the intervals in UTC, shape (n_steps,)."""
        return year_steps(self.year, self.timezone, self.step)

    def positions(self, role: MemberRole) -> NDArray[np.intp]:
        """List the rows of those who have a role, in the order of the list."""
        return np.flatnonzero([member.role is role for member in self.members])
