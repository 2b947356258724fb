"""The files in which a January arrives: Datadis' CSV of supply points, MEDIDAS of a plant."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, Step, local_times
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.energy import WH_PER_KWH, round_to_wh

_HEADER = "cups;fecha;hora;consumo_kWh;metodoObtencion"
_CUPS_LENGTH = 22
_FIRST_UNIT = "001"


def write_consumption(
    cups: Sequence[Cups], energy_kwh: NDArray[np.float64], year: int, timezone: str
) -> bytes:
    """Write what supply points took in, shape (n_points, n_steps), as Datadis' page exports it."""
    starts = _january(year, timezone, energy_kwh.shape[1])
    stamps = [
        f";{start:%Y/%m/%d};{start.hour + 1:02}:00;" for start in starts.astype(object).tolist()
    ]
    lines = [_HEADER]
    for code, values in zip(cups, round_to_wh(energy_kwh).tolist(), strict=True):
        lines += [
            f"{code}{stamp}{value // WH_PER_KWH},{value % WH_PER_KWH:03};Real"
            for stamp, value in zip(stamps, values, strict=True)
        ]
    return _join(lines)


def write_generation(cau: Cau, energy_kwh: NDArray[np.float64], year: int, timezone: str) -> bytes:
    """Write what a plant generated, shape (n_steps,), as MEDIDAS of its production unit."""
    cil = cau[:_CUPS_LENGTH] + _FIRST_UNIT
    ends = _january(year, timezone, energy_kwh.size) + np.timedelta64(Step.HOUR.seconds, "s")
    values = (round_to_wh(energy_kwh) / WH_PER_KWH).tolist()
    return _join(
        [
            f"{cil};{end:%Y/%m/%d %H:%M:%S};0;{value:.3f};0;0;1.000;1;R;"
            for end, value in zip(ends.astype(object).tolist(), values, strict=True)
        ]
    )


def _january(year: int, timezone: str, n_steps: int) -> Instants:
    """Tell what a clock on the wall shows at the beginning of every hour."""
    return local_times(year, timezone, Step.HOUR)[:n_steps]


def _join(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("ascii")
