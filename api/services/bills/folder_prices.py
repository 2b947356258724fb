"""Prices of a community's year as its folder gave them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.records import CommunityYear
from models.repositories.prices import MissingPricesError
from models.tables import PriceKind
from models.values.calendar import Step

Prices = NDArray[np.float64]


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
        MissingPricesError
            If the folder has no such prices.
        """
        assert step is self.community.step, "bills of a folder are by its own step"
        prices = self._find(kind)
        if prices is None:
            raise MissingPricesError(kind, self.community.year, tuple(range(1, 13)))
        return prices

    def has(self, kind: PriceKind) -> bool:
        """Tell whether the folder has such prices."""
        return self._find(kind) is not None

    def _find(self, kind: PriceKind) -> Prices | None:
        found = {
            PriceKind.ENERGY: self.community.energy_eur_per_kwh,
            PriceKind.SURPLUS: self.community.surplus_eur_per_kwh,
        }
        return found.get(kind)
