"""How a use case tells how far it is."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Told how much of the work is done, 0 to 1, and what comes next."""


def tell_nobody(share: float, stage: str) -> None:
    """Take a report that nobody asked for.

    Parameters
    ----------
    share : float
        Share of the work that is done.
    stage : str
        What comes next.
    """
