"""What a photovoltaic plant makes of the sun on its modules."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Plant:
    """Modules and inverter of a plant.

    Attributes
    ----------
    peak_kw : float
        Power of the modules under standard test conditions [kW].
    inverter_kw : float
        Power at which the inverter's output is clipped [kW].
    losses_percent : float
        What dirt, shade, wiring and standstill take together [%]; PVGIS assumes 14, too.
    power_per_degree : float
        Change of the modules' power for each degree above 25 degrees Celsius [1/K].
    inverter_efficiency : float
        Of the inverter at full load.
    """

    peak_kw: float
    inverter_kw: float
    losses_percent: float = 14.0
    power_per_degree: float = -0.0037
    inverter_efficiency: float = 0.96


def model_power_kw(
    plant: Plant,
    irradiance_w_per_m2: NDArray[np.float64],
    air_c: NDArray[np.float64],
    wind_m_per_s: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Work out the power that a plant feeds in.

    Parameters
    ----------
    plant : Plant
        Modules and inverter.
    irradiance_w_per_m2 : ndarray, shape (n_steps,)
        Global irradiance in the plane of the modules [W/m2].
    air_c : ndarray, shape (n_steps,)
        Temperature of the air [degrees Celsius].
    wind_m_per_s : ndarray, shape (n_steps,), or float
        Speed of the wind at 10 m [m/s].

    Returns
    -------
    ndarray, shape (n_steps,)
        Net power [kW], between zero and ``inverter_kw``.

    Notes
    -----
    PVWatts (Dobos 2014) with the Sandia temperature model of an open rack, as pvlib has them.

    Examples
    --------
    >>> noon = np.array([1000.0]), np.array([25.0]), 5.0
    >>> float(model_power_kw(Plant(peak_kw=100.0, inverter_kw=60.0), *noon)[0])
    60.0
    """
    # Loaded for those who model a plant, not for every worker: it brings all of SciPy along.
    from pvlib import inverter, pvsystem, temperature  # noqa: PLC0415

    rack = temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"]["open_rack_glass_polymer"]
    cell_c = temperature.sapm_cell(irradiance_w_per_m2, air_c, wind_m_per_s, **rack)
    dc_kw = pvsystem.pvwatts_dc(irradiance_w_per_m2, cell_c, plant.peak_kw, plant.power_per_degree)
    dc_kw *= 1 - plant.losses_percent / 100
    dc_limit_kw = plant.inverter_kw / plant.inverter_efficiency
    ac_kw = inverter.pvwatts(dc_kw, dc_limit_kw, plant.inverter_efficiency)
    return np.asarray(np.clip(ac_kw, 0, plant.inverter_kw), dtype=np.float64)
