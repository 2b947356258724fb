"""When e-mails go to an address that others name: the first at once, further ones hours apart."""

from collections.abc import Collection
from datetime import datetime, timedelta

COUNTED = timedelta(days=1)
"""How long an e-mail counts, from when it goes."""

AT_ONCE = 3
"""How many of one asker go at once."""

_WAITS = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))


def space_message(moments: Collection[datetime], *, at_once: int, now: datetime) -> datetime:
    """Find when the next e-mail to an address may go, by when those that count go, or went.

    Parameters
    ----------
    moments : collection of datetime
        Of the last day and to come.
    at_once : int
        How many go at once; the next one goes an hour after the last, then two, then four.
    now : datetime
        The present instant.

    Returns
    -------
    datetime
        ``now`` at the earliest.

    Examples
    --------
    >>> nine, ten = datetime(2026, 6, 1, 9), datetime(2026, 6, 1, 10)
    >>> space_message([nine], at_once=1, now=nine) == ten
    True
    """
    if len(moments) < at_once:
        return now
    wait = _WAITS[min(len(moments) - at_once, len(_WAITS) - 1)]
    return max(now, max(moments) + wait)
