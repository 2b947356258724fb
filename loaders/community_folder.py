"""A community folder: one community's members, energy and prices over one local year."""

from collections.abc import Callable, Sequence
from pathlib import Path

from loaders.community_properties import read_community_properties
from loaders.energy_series import read_energy
from loaders.faults import FaultLog, FaultyInputError
from loaders.input_paths import require_folder
from loaders.members_list import read_members_list
from loaders.price_series import read_prices
from loaders.records import CommunityYear, InstallationRecord

PROPERTIES_FILE = "community.json"
MEMBERS_FILE = "members.csv"


def read_community_folder(
    folder: Path,
    *,
    accepts_gaps: bool = False,
    progress: Callable[[str], None] | None = None,
) -> CommunityYear:
    """Read a community folder, or say everything that is wrong with it.

    Parameters
    ----------
    folder : Path
        Holds ``community.json``, ``members.csv``, ``consumption.*``, ``production.*`` and, if
        wanted, ``prices.*``.
    accepts_gaps : bool
        Whether cells of ``consumption.*`` may be empty, and members without a column there: what
        was not measured becomes NaN. Otherwise both are faults.
    progress : callable, optional
        Told the name of each part before it is read.

    Returns
    -------
    CommunityYear
        Every interval of the year, every member, in the order of the list; complete unless gaps
        are accepted.

    Raises
    ------
    MissingInputError
        If there is no such folder.
    FaultyInputError
        If anything in it is wrong; it carries the faults of all files.
    """
    require_folder(folder)
    tell = progress or (lambda _: None)
    log = FaultLog()
    tell(PROPERTIES_FILE)
    properties = read_community_properties(folder / PROPERTIES_FILE, log.of(PROPERTIES_FILE))
    identity, year, plants = properties.identity, properties.year, properties.installations
    tell(MEMBERS_FILE)
    caus = None if plants is None else [plant.cau for plant in plants]
    listed = read_members_list(folder / MEMBERS_FILE, log.of(MEMBERS_FILE), caus)
    ids = None if listed is None else listed.ids
    tell("consumption")
    consumption_kwh = read_energy(folder, "consumption", ids, year, log, accepts_gaps=accepts_gaps)
    tell("production")
    columns = None if plants is None else plant_columns(plants)
    generation_kwh = read_energy(folder, "production", columns, year, log)
    tell("prices")
    prices = read_prices(folder, year, log)
    faults = log.faults()
    if (
        faults
        or not (identity and year and plants and listed)
        or consumption_kwh is None
        or generation_kwh is None
    ):
        raise FaultyInputError(faults)
    return CommunityYear(
        identity.community_id,
        identity.name,
        year.timezone,
        identity.zone,
        year.year,
        year.step,
        plants,
        listed.members,
        consumption_kwh,
        generation_kwh,
        *prices,
    )


def plant_columns(plants: Sequence[InstallationRecord]) -> tuple[str, ...]:
    """Name the columns of ``production.*``.

    Parameters
    ----------
    plants : sequence of InstallationRecord
        The community's installations.

    Returns
    -------
    tuple of str
        ``kwh`` for one installation, each CAU for several.
    """
    return tuple(plant.cau for plant in plants) if len(plants) > 1 else ("kwh",)
