"""Reading a community folder in sight of its user: half of a bar."""

from pathlib import Path

from api.services.jobs.progress import Progress
from loaders.community_folder import read_community_folder
from loaders.records import CommunityYear

_PARTS = 5
_SHARE_OF_THE_BAR = 0.5


def read_folder(folder: Path, report: Progress, *, accepts_gaps: bool = False) -> CommunityYear:
    """Read a community, telling each part that begins."""
    parts = iter(range(_PARTS))
    return read_community_folder(
        folder,
        accepts_gaps=accepts_gaps,
        progress=lambda part: report(_SHARE_OF_THE_BAR * next(parts) / _PARTS, f"reading {part}"),
    )
