"""The plant: sun through clouds onto a tilted municipal roof, then the inverter."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib import atmosphere, clearsky, irradiance, pvsystem, solarposition

from loaders.plant_power import Plant, model_power_kw
from scripts.demo_community.clock import LocalClock
from scripts.demo_community.weather import Weather

LAT = 39.5008
LON = -0.3506
PV_KW = 60.0
"""Power of the inverter, at which its output is clipped."""
PEAK_KW = 63.0
"""Power of the modules under standard test conditions."""

_ALTITUDE_M = 15
_HORIZON_ZENITH = 89
_TILT = 20
_AZIMUTH = 165
_LINKE_TURBIDITY = np.array([2.6, 2.9, 3.2, 3.5, 3.6, 3.7, 3.8, 3.8, 3.6, 3.3, 2.9, 2.6])
"""Haze of each month on the coast."""
_LOSSES_PERCENT = {"soiling": 2, "shading": 2, "availability": 1}
_BREEZE_M_PER_S = 2.5


def simulate_plant(clock: LocalClock, weather: Weather) -> NDArray[np.float64]:
    """Work out the plant's net generation of every hour [kWh], shape (n_steps,)."""
    plant = Plant(PEAK_KW, PV_KW, pvsystem.pvwatts_losses(**_LOSSES_PERCENT))
    irradiance_w = _irradiate_roof(clock, weather)
    return model_power_kw(plant, irradiance_w, weather.temperature_c, _BREEZE_M_PER_S)


def _irradiate_roof(clock: LocalClock, weather: Weather) -> NDArray[np.float64]:
    """Send clouded sunlight onto the roof in the middle of every hour [W/m2]."""
    middles = pd.DatetimeIndex(clock.starts, tz="UTC") + pd.Timedelta(minutes=30)
    sun = solarposition.get_solarposition(middles, LAT, LON, _ALTITUDE_M)
    daylight = (sun["apparent_zenith"] < _HORIZON_ZENITH).to_numpy()
    zenith = sun["apparent_zenith"].to_numpy()[daylight]
    azimuth = sun["azimuth"].to_numpy()[daylight]
    beyond_air = irradiance.get_extra_radiation(clock.day_of_year[daylight])
    # Kasten and Czeplak (1980): what a cloud cover leaves of the global irradiance
    through_clouds = 1 - 0.75 * weather.cloud_cover[daylight] ** 3.4
    ghi = through_clouds * _clear_sky(zenith, beyond_air, clock.month[daylight])
    parts = irradiance.erbs_driesse(ghi, zenith, dni_extra=beyond_air)
    sunlight = (parts["dni"], ghi, parts["dhi"])
    on_roof = irradiance.get_total_irradiance(
        _TILT, _AZIMUTH, zenith, azimuth, *sunlight, dni_extra=beyond_air, model="haydavies"
    )
    irradiance_w = np.zeros(clock.hour.size)
    irradiance_w[daylight] = on_roof["poa_global"]
    return irradiance_w


def _clear_sky(
    zenith: NDArray[np.float64], beyond_air: NDArray[np.float64], month: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Work out the global irradiance under a cloudless sky (Ineichen) [W/m2]."""
    pressure = atmosphere.alt2pres(_ALTITUDE_M)
    air_mass = atmosphere.get_absolute_airmass(atmosphere.get_relative_airmass(zenith), pressure)
    turbidity = _LINKE_TURBIDITY[month - 1]
    clear = clearsky.ineichen(zenith, air_mass, turbidity, _ALTITUDE_M, beyond_air)
    return np.asarray(clear["ghi"], dtype=np.float64)
