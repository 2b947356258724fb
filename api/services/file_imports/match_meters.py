"""Find the supply point or installation of a community that each series of a file belongs to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from api.services.file_imports.file_report import reject_values
from loaders.meter_files.records import MeterSeries, Rejections, RowCode
from models.tables import Channel, SelfConsumptionInstallation, SupplyPoint

_SHORT, _LONG = 20, 22


@dataclass(frozen=True, slots=True, eq=False)
class MatchedSeries:
    """A series of a file and the meter that it belongs to.

    Attributes
    ----------
    meter_id : UUID
        Supply point; of generation, installation.
    name : str
        Its CUPS or CAU as stored.
    series : MeterSeries
        What it counted.
    """

    meter_id: UUID
    name: str
    series: MeterSeries


def match_meters(
    series: Iterable[MeterSeries],
    points: Sequence[SupplyPoint],
    plants: Sequence[SelfConsumptionInstallation],
    rejections: Rejections,
) -> list[MatchedSeries]:
    """Match every series with a meter of the community.

    A CUPS is found by its 22 characters, or by the first 20 where either side has no more and one
    supply point alone begins with them: two endings are two measuring points. Generation is found
    by its CAU, or by the CUPS of 22 characters that a CAU or CIL begins with, where it is of one
    installation alone.

    Parameters
    ----------
    series : iterable of MeterSeries
        What a reader delivered.
    points : sequence of SupplyPoint
        Those of the community.
    plants : sequence of SelfConsumptionInstallation
        Those of the community.
    rejections : Rejections
        Takes the values of meters that are not the community's, and of series that claim to be the
        same channel of the same meter.

    Returns
    -------
    list of MatchedSeries
        The others, in their order.
    """
    points_by_code, plants_by_code = _index_points(points), _index_plants(plants)
    matched: list[MatchedSeries] = []
    for each in series:
        is_plant = each.channel is Channel.GENERATION
        found = (
            _find_plant(each.code, plants_by_code)
            if is_plant
            else _find_point(each.code, points_by_code)
        )
        if len(found) == 1:
            matched.append(MatchedSeries(*found[0], each))
        else:
            reason = _say_unknown(is_plant=is_plant, count=len(found))
            reject_values(rejections, RowCode.UNKNOWN_METER, each.code, reason, each.starts.size)
    return _drop_doubles(matched, rejections)


_Meters = list[tuple[UUID, str]]


def _index_points(points: Sequence[SupplyPoint]) -> dict[str, _Meters]:
    """List supply points under their whole CUPS and under its first 20 characters."""
    index: defaultdict[str, _Meters] = defaultdict(list)
    for point in points:
        for code in {point.cups, point.cups[:_SHORT]}:
            index[code].append((point.id, point.cups))
    return index


def _find_point(code: str, index: dict[str, _Meters]) -> _Meters:
    if len(code) not in (_SHORT, _LONG):
        return []
    if found := index.get(code):
        return found
    return [meter for meter in index.get(code[:_SHORT], []) if len(meter[1]) == _SHORT]


def _index_plants(plants: Sequence[SelfConsumptionInstallation]) -> dict[str, _Meters]:
    """List installations under their CAU and under the CUPS that it begins with."""
    index: defaultdict[str, _Meters] = defaultdict(list)
    for plant in plants:
        for code in (plant.cau, plant.cau[:_LONG]):
            index[code].append((plant.id, plant.cau))
    return index


def _find_plant(code: str, index: dict[str, _Meters]) -> _Meters:
    is_cau = len(code) > _LONG and code[_LONG] == "A"
    return index.get(code if is_cau else code[:_LONG], [])


def _say_unknown(*, is_plant: bool, count: int) -> str:
    kind = "installation" if is_plant else "supply point"
    if count:
        return f"{count} {kind}s of the community share this code; state the whole one"
    return f"no {kind} of the community has this code; add it first, or leave it out of the file"


def _drop_doubles(matched: list[MatchedSeries], rejections: Rejections) -> list[MatchedSeries]:
    """Reject series that claim to be the same channel of the same meter, all of them."""
    claims: defaultdict[tuple[UUID, Channel], list[MatchedSeries]] = defaultdict(list)
    for each in matched:
        claims[each.meter_id, each.series.channel].append(each)
    for doubles in claims.values():
        if len(doubles) > 1:
            for each in doubles:
                codes = ", ".join(other.series.code for other in doubles)
                reason = f"{codes} are all {each.series.channel} of {each.name}; keep one of them"
                reject_values(
                    rejections,
                    RowCode.CONTRADICTION,
                    each.series.code,
                    reason,
                    each.series.starts.size,
                )
    return [group[0] for group in claims.values() if len(group) == 1]
