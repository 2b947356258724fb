"""Prices of a community's year as its folder gave them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.price_series import ENERGY_COLUMN, MARKET_COLUMN, SURPLUS_COLUMN
from loaders.records import CommunityYear
from models.tables import PriceKind
from models.values.calendar import Step
from models.values.errors import NotFoundError

Prices = NDArray[np.float64]

_COLUMNS = {
    PriceKind.ENERGY: ENERGY_COLUMN,
    PriceKind.SURPLUS: SURPLUS_COLUMN,
    PriceKind.DAY_AHEAD: MARKET_COLUMN,
}


class NoFolderPricesError(NotFoundError):
    """A contract follows prices that the folder does not have.

    Attributes
    ----------
    column : str
        What is missing in ``prices.*``.
    """

    def __init__(self, column: str) -> None:
        super().__init__(f"a contract follows prices that are missing: add {column} to prices.*")
        self.column = column


@dataclass(frozen=True, slots=True, eq=False)
class FolderPrices:
    """The prices of a year that is not stored, or not as bills read them.

    Attributes
    ----------
    community : CommunityYear
        The year.
    """

    community: CommunityYear

    def curve(self, kind: PriceKind, step: Step) -> Prices:
        """Give the price of every interval.

        Parameters
        ----------
        kind : PriceKind
            What it is paid for.
        step : Step
            The folder's own.

        Returns
        -------
        ndarray, shape (n_steps,)
            Prices [EUR/kWh].

        Raises
        ------
        NoFolderPricesError
            If the folder has no such prices.
        """
        assert step is self.community.step, "bills of a folder are by its own step"
        prices = self._find(kind)
        if prices is None:
            raise NoFolderPricesError(_COLUMNS[kind])
        return prices

    def has(self, kind: PriceKind) -> bool:
        """Tell whether the folder has such prices."""
        return self._find(kind) is not None

    def _find(self, kind: PriceKind) -> Prices | None:
        found = {
            PriceKind.ENERGY: self.community.energy_eur_per_kwh,
            PriceKind.SURPLUS: self.community.surplus_eur_per_kwh,
            PriceKind.DAY_AHEAD: self.community.day_ahead_eur_per_kwh,
        }
        return found.get(kind)
