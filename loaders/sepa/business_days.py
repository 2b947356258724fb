"""Days on which euros move between banks: the calendar of TARGET.

Closed on Saturdays, Sundays and six days more, everywhere alike, since 2002 (European Central
Bank, "Long-term calendar for TARGET closing days", press release of 14 December 2000).
"""

from datetime import date, timedelta

from models.values.errors import InvalidArgumentError

FIRST_YEAR = 2002
"""First year of the calendar."""

FIXED_CLOSING_DAYS = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
"""Month and day of those that do not move."""

EASTER_CLOSING_DAYS = (-2, 1)
"""The others, in days after Easter Sunday: Good Friday and Easter Monday."""

_SATURDAY = 5
_DAY = timedelta(days=1)


class ForeignYearError(InvalidArgumentError):
    """A day lies before the calendar begins or beyond what dates can hold.

    Attributes
    ----------
    day : date
        The day.
    first_year, last_year : int
        Years of the calendar.
    """

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} lies outside the TARGET calendar, {FIRST_YEAR} to {date.max.year}")
        self.day = day
        self.first_year = FIRST_YEAR
        self.last_year = date.max.year


def is_business_day(day: date) -> bool:
    """Tell whether banks settle euros on a day.

    Parameters
    ----------
    day : date
        Any day from 2002 on.

    Returns
    -------
    bool

    Raises
    ------
    ForeignYearError
        If the day lies before 2002.

    Examples
    --------
    >>> is_business_day(date(2026, 4, 3)), is_business_day(date(2026, 12, 8))
    (False, True)
    """
    if day.year < FIRST_YEAR:
        raise ForeignYearError(day)
    is_closed = (
        day.weekday() >= _SATURDAY
        or (day.month, day.day) in FIXED_CLOSING_DAYS
        or (day - find_easter(day.year)).days in EASTER_CLOSING_DAYS
    )
    return not is_closed


def add_business_days(day: date, count: int) -> date:
    """Go on by business days.

    Parameters
    ----------
    day : date
        Where to begin; it need not be a business day.
    count : int
        How many business days later, at least 0. What reaches a bank on a closed day counts as of
        the next business day (Directive (EU) 2015/2366, article 78).

    Returns
    -------
    date
        A business day.

    Raises
    ------
    ForeignYearError
        If a day on the way lies outside the calendar.
    InvalidArgumentError
        If the count is negative.

    Examples
    --------
    >>> add_business_days(date(2026, 4, 2), 1)
    datetime.date(2026, 4, 7)
    """
    if count < 0:
        raise InvalidArgumentError(f"{count} business days is no way onwards; give 0 or more")
    found = _roll_on(day)
    for _ in range(count):
        found = _roll_on(_next_day(found))
    return found


def find_collection_day(
    *,
    sent_on: date,
    lead_business_days: int,
    notified_on: date,
    notice_days: int,
    not_before: date | None = None,
) -> date:
    """Find the first day on which a debit can be collected.

    Parameters
    ----------
    sent_on : date
        Day on which the bank gets the file.
    lead_business_days : int
        Business days that the bank wants between that and the collection.
    notified_on : date
        Day on which the payer is told of amount and date.
    notice_days : int
        Calendar days that the payer has to know it ahead: 14 unless something else was agreed.
    not_before : date, optional
        Day before which it must not be, such as the term of an invoice.

    Returns
    -------
    date
        A business day.

    Raises
    ------
    ForeignYearError
        If a day lies outside the calendar.
    InvalidArgumentError
        If a number of days is negative.

    Examples
    --------
    >>> find_collection_day(sent_on=date(2026, 11, 20), lead_business_days=1,
    ...                     notified_on=date(2026, 11, 20), notice_days=14)
    datetime.date(2026, 12, 4)
    """
    if notice_days < 0:
        raise InvalidArgumentError(f"{notice_days} days of notice is no notice; give 0 or more")
    try:
        told = notified_on + timedelta(days=notice_days)
    except OverflowError as error:
        raise ForeignYearError(notified_on) from error
    reached = add_business_days(sent_on, lead_business_days)
    return add_business_days(max(reached, told, not_before or reached), 0)


def find_easter(year: int) -> date:
    """Find Easter Sunday of the Gregorian calendar.

    Parameters
    ----------
    year : int
        From 1583 on.

    Returns
    -------
    date

    Notes
    -----
    The anonymous algorithm of 1876 as Meeus gives it, Astronomical Algorithms, chapter 8.

    Examples
    --------
    >>> find_easter(2026)
    datetime.date(2026, 4, 5)
    """
    golden = year % 19
    century, of_century = divmod(year, 100)
    correction = (8 * century + 13) // 25
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _roll_on(day: date) -> date:
    """Give the day if it is a business day, else the next one that is."""
    while not is_business_day(day):
        day = _next_day(day)
    return day


def _next_day(day: date) -> date:
    if day == date.max:
        raise ForeignYearError(day)
    return day + _DAY
