"""What a meter is, as far as its readings can be judged and mended by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from api.services.communities.community_meters import CommunityMeters
from models.tables import Channel, SelfConsumptionInstallation
from models.values.calendar import Step, Zone

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class MeteredPoint:
    """A supply point or an installation, and what can flow through it.

    Attributes
    ----------
    meter_id : UUID
        Its id.
    name : str
        CUPS or CAU.
    power_w : int
        Contracted power, or that of the inverters [W].
    zone : Zone
        Tariff zone.
    timezone : str
        IANA name of its community's clock.
    place : tuple of float or None
        Latitude and longitude [degrees], where they are known.
    """

    meter_id: UUID
    name: str
    power_w: int
    zone: Zone
    timezone: str
    place: tuple[float, float] | None

    def full_power_wh(self, step: Step) -> float:
        """Give the energy of an interval at full power [Wh]."""
        return self.power_w * step.seconds / _SECONDS_PER_HOUR


def list_metered_points(meters: CommunityMeters, channel: Channel) -> Iterator[MeteredPoint]:
    """List the meters of a community that a channel can be of.

    Parameters
    ----------
    meters : CommunityMeters
        The community and its meters.
    channel : Channel
        What is counted.

    Yields
    ------
    MeteredPoint
        Installations for generation, supply points for all else.
    """
    rows = meters.plants if channel is Channel.GENERATION else meters.points
    for row in rows:
        name, power_w = (
            (row.cau, row.inverter_power_w)
            if isinstance(row, SelfConsumptionInstallation)
            else (row.cups, row.contracted_power_w)
        )
        yield MeteredPoint(
            meter_id=row.id,
            name=name,
            power_w=power_w,
            zone=meters.community.zone,
            timezone=meters.community.timezone,
            place=None if row.lat is None or row.lon is None else (row.lat, row.lon),
        )
