"""Collects the prices of one file, and everything that is wrong with it."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from loaders.decoding import UnreadableFileError, decode_text
from loaders.faults import Fault, FaultyInputError, FileFaults
from loaders.file_formats import FileFormat
from loaders.price_files.price_numbers import PriceUnit, parse_price
from loaders.price_files.records import PriceFile, PriceSeries, PriceSubject
from models.values.calendar import Step, Zone

LARGEST_PRICE_FILE_BYTES = 1 << 25
"""Bytes of a file; a year of five zones in ESIOS' JSON needs a third."""

SeriesKey = tuple[PriceSubject, Zone | None]

_SteppedKey = tuple[PriceSubject, Zone | None, Step | None]


class FaultyPricesError(UnreadableFileError):
    """A file of prices contradicts its form.

    Attributes
    ----------
    faults : tuple of Fault
        All of them, in order.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(str(FaultyInputError(faults)))
        self.faults = faults


def decode_prices(data: bytes, fallback: str | None = None) -> str:
    """Decode a file of prices.

    Parameters
    ----------
    data : bytes
        Its content.
    fallback : str, optional
        Encoding of what is not UTF-8.

    Returns
    -------
    str
        The text without a byte order mark.

    Raises
    ------
    UnreadableFileError
        If it is larger than ``LARGEST_PRICE_FILE_BYTES``, holds a NUL character, or is not UTF-8
        and there is no other encoding to try.
    """
    if len(data) > LARGEST_PRICE_FILE_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_PRICE_FILE_BYTES} bytes")
    return decode_text(data, fallback)


class PriceRows:
    """Takes the prices of one file in any order; every fault is noted, not raised."""

    def __init__(self, form: FileFormat) -> None:
        self._form = form
        self._faults = FileFaults(form)
        self._prices: defaultdict[_SteppedKey, dict[int, int]] = defaultdict(dict)
        self._n_rounded = 0
        self._n_repeated = 0

    def refuse(self, place: str | None, reason: str) -> None:
        """Note a fault."""
        self._faults.add(place, reason)

    def add(
        self,
        place: str,
        series: Iterable[SeriesKey],
        second: int,
        text: str | Decimal,
        unit: PriceUnit,
        step: Step | None = None,
    ) -> None:
        """Take the price of the interval that starts at a second since 1970.

        Prices of each step become a series of their own; without a step the instants of the whole
        series tell it.
        """
        try:
            price = parse_price(text, unit)
        except UnreadableFileError as error:
            self.refuse(place, error.reason)
            return
        self._n_rounded += price.is_rounded
        for key in series:
            known = self._prices[*key, step]
            if second not in known:
                known[second] = price.nano_eur_per_kwh
            elif known[second] == price.nano_eur_per_kwh:
                self._n_repeated += 1
            else:
                start = np.datetime64(second, "s")
                self.refuse(place, f"{key[0]} of {start}Z has another price already")

    def file(self, *notes: str) -> PriceFile:
        """Give what was taken.

        Raises
        ------
        FaultyPricesError
            If anything was wrong.
        UnreadableFileError
            If there is no price.
        """
        faults = self._faults.all()
        if faults:
            raise FaultyPricesError(tuple(faults))
        if not self._prices:
            raise UnreadableFileError("holds no price")
        if self._n_rounded:
            rounded = f"{self._n_rounded} prices had more than nine decimals of EUR/kWh"
            notes = (*notes, f"{rounded} and were rounded to them")
        if self._n_repeated:
            notes = (*notes, f"{self._n_repeated} prices stand twice and say the same")
        in_order = sorted(self._prices, key=_sort_key)
        return PriceFile(self._form, tuple(map(self._series, in_order)), notes)

    def _series(self, key: _SteppedKey) -> PriceSeries:
        subject, zone, step = key
        prices = self._prices[key]
        seconds = np.array(sorted(prices), dtype=np.int64)
        is_hourly = bool((seconds % Step.HOUR.seconds == 0).all())
        return PriceSeries(
            subject=subject,
            zone=zone,
            step=step or (Step.HOUR if is_hourly else Step.QUARTER_HOUR),
            starts=seconds.astype("datetime64[s]"),
            nano_eur_per_kwh=np.array([prices[second] for second in seconds.tolist()], np.int64),
        )


def _sort_key(key: _SteppedKey) -> tuple[str, str, int]:
    """Order by subject and zone, hours before quarter-hours."""
    subject, zone, step = key
    return subject, zone or "", -step.seconds if step else 0
