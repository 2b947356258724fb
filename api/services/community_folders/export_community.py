"""Write a stored community's year back as a community folder."""

from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community_of_code
from api.services.communities.load_community_year import load_community_year
from loaders.community_folder_writer import write_community_folder
from loaders.series_files import SeriesFormat


def export_community(
    session: Session,
    *,
    promoter_id: UUID,
    community_code: str,
    year: int,
    folder: Path,
    energy_format: SeriesFormat = SeriesFormat.PARQUET,
) -> None:
    """Write a community's year as the folder that it could be imported from.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_code : str
        The promoter's own id of the community.
    year : int
        Local calendar year.
    folder : Path
        Where to; made if need be.
    energy_format : SeriesFormat
        Format of consumption, production and prices.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the stored year is not whole, as for ``load_community_year``.
    UnwritableFileError
        If the folder or a file cannot be written.
    """
    community = require_community_of_code(session, promoter_id=promoter_id, code=community_code)
    loaded = load_community_year(
        session, promoter_id=promoter_id, community_id=community.id, year=year
    )
    write_community_folder(loaded, folder, energy_format=energy_format)
