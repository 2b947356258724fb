"""Ways to write a distributor's file: list them, and make sure that one is known."""

from api.services.proposals.render_downloads import UnknownChoiceError
from loaders.file_profile import FileProfile, read_profiles


def list_file_profiles() -> list[FileProfile]:
    """List the ways to write a distributor's file that are known.

    Returns
    -------
    list of FileProfile
        The recommended one first.
    """
    return list(read_profiles().values())


def check_profile(name: str | None) -> None:
    """Make sure that a distributor's file can be written in a way.

    Parameters
    ----------
    name : str or None
        Name of a profile; None leaves the choice to others.

    Raises
    ------
    UnknownChoiceError
        If there is no such profile.
    """
    if name is not None and name not in read_profiles():
        raise UnknownChoiceError("profile", name, list(read_profiles()))
