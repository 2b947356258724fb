"""Find those who wait for a vacancy, as callers name them: by application or by CUPS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from models.repositories.members import map_members
from models.repositories.reserve_pool import list_reserve_applications
from models.repositories.supply_points import map_supply_points
from models.tables import ApplicationState, SelfConsumptionInstallation
from models.values.errors import NotFoundError

CandidateName = UUID | str | None
"""Id of an application, a CUPS, or None where a caller's id was none at all."""


class NotWaitingError(NotFoundError):
    """Somebody is named as a candidate who does not wait for a vacancy.

    Attributes
    ----------
    path : tuple of str
        Where in the wish.
    """

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(
            "nobody of that name waits for a vacancy here: name one of the community's "
            "reservePool; those who share already do not wait"
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class WaitingCandidate:
    """Somebody who waits: the application, and the promoter's own key of the member."""

    application_id: UUID
    member_id: str


def find_waiting(
    session: Session,
    *,
    plant: SelfConsumptionInstallation,
    names: Mapping[tuple[str, ...], CandidateName],
) -> list[WaitingCandidate]:
    """Find those who wait in the community of a plant.

    Parameters
    ----------
    session : Session
        Open transaction.
    plant : SelfConsumptionInstallation
        In which they would share.
    names : mapping of tuple of str to UUID, str or None, length n_named
        Applications or CUPS, by where in the wish they are named.

    Returns
    -------
    list of WaitingCandidate, length n_named
        In the order of the names.

    Raises
    ------
    NotWaitingError
        At the first who does not wait.
    """
    if not names:
        return []
    owner = plant.promoter_id
    applications = [
        row
        for row in list_reserve_applications(
            session, promoter_id=owner, community_id=plant.community_id
        )
        if row.state is ApplicationState.WAITING
    ]
    points = map_supply_points(
        session, promoter_id=owner, supply_point_ids={row.supply_point_id for row in applications}
    )
    people = map_members(
        session, promoter_id=owner, member_ids={point.member_id for point in points.values()}
    )
    waiting: dict[CandidateName, WaitingCandidate] = {}
    for row in applications:
        point = points[row.supply_point_id]
        found = WaitingCandidate(row.id, people[point.member_id].code)
        waiting |= {row.id: found, point.cups: found}
    for path, name in names.items():
        if name not in waiting:
            raise NotWaitingError(path)
    return [waiting[name] for name in names.values()]


def list_names(part: str, names: Sequence[CandidateName]) -> dict[tuple[str, ...], CandidateName]:
    """Say of each name in a list where in the wish it stands.

    Parameters
    ----------
    part : str
        Part of the wish that is the list.
    names : sequence of UUID, str or None
        The list.

    Returns
    -------
    dict of tuple of str to UUID, str or None
        Names by path.

    Examples
    --------
    >>> list_names("pinned", ["ES1"])
    {('pinned', '0'): 'ES1'}
    """
    return {(part, str(place)): name for place, name in enumerate(names)}
