"""Small writers of the exports that the readers of meter files read.

They take their times from ``zoneinfo``, instant by instant, and share nothing with the readers.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from stdnum.es import cups as cups_rules

from loaders.meter_files.records import MeterFile
from models.values.metering import Channel

MADRID = "Europe/Madrid"
CANARY = "Atlantic/Canary"


class Reading(NamedTuple):
    """One interval of one meter; energy [Wh] by channel."""

    code: str
    start: datetime
    step: timedelta
    energy_wh: Mapping[Channel, int]
    is_estimated: bool = False


def cups_of(number: int, ending: str = "") -> str:
    """Make a CUPS that passes its check."""
    digits = f"ES{21 * 10**12 + number:016d}"
    return digits + cups_rules.calc_check_digits(digits + "AA") + ending


def make_readings(
    first: datetime,
    n_intervals: int,
    *,
    codes: Sequence[str],
    step: timedelta = timedelta(hours=1),
    channels: Sequence[Channel] = (Channel.CONSUMPTION,),
    largest_wh: int = 5_000,
    seed: int = 4,
) -> list[Reading]:
    """Draw readings, meter after meter; about one in ten is estimated."""
    drawn = np.random.default_rng(seed).integers(
        0, largest_wh + 1, (len(codes), n_intervals, len(channels) + 1)
    )
    return [
        Reading(
            code,
            first + place * step,
            step,
            dict(zip(channels, energies[1:], strict=True)),
            energies[0] % 10 == 0,
        )
        for code, meter in zip(codes, drawn.tolist(), strict=True)
        for place, energies in enumerate(meter)
    ]


def year_of(year: int, timezone: str) -> tuple[datetime, int]:
    """Give the first instant of a local year, and its hours."""
    first, after = (datetime(each, 1, 1, tzinfo=ZoneInfo(timezone)) for each in (year, year + 1))
    hours = (after.astimezone(UTC) - first.astimezone(UTC)) // timedelta(hours=1)
    return first.astimezone(UTC), hours


def day_of(year: int, month: int, day: int, timezone: str) -> tuple[datetime, int]:
    """Give the first instant of a local day, and its hours."""
    first = datetime(year, month, day, tzinfo=ZoneInfo(timezone))
    after = (first + timedelta(days=1)).astimezone(UTC)
    return first.astimezone(UTC), (after - first.astimezone(UTC)) // timedelta(hours=1)


def write_datadis_csv(
    readings: Sequence[Reading], timezone: str, *, does_begin: bool = False
) -> bytes:
    """Write as Datadis's page does: quoted cells, decimal commas, no season."""
    energies = ("consumo", "energiaVertida", "energiaGenerada", "energiaAutoconsumida")
    names = [f"{name}_kWh" for name in energies]
    lines = [";".join(["cups", "fecha", "hora", names[0], "metodoObtencion", *names[1:]])]
    for reading in readings:
        day, time = _clock_stamp(reading, timezone, does_begin=does_begin)
        cells = [
            reading.code,
            day.strftime("%Y/%m/%d"),
            time,
            _kwh(reading, Channel.CONSUMPTION),
            "Estimada" if reading.is_estimated else "Real",
            _kwh(reading, Channel.SURPLUS),
            _kwh(reading, Channel.ALLOCATED),
            _kwh(reading, Channel.SELF_CONSUMED),
        ]
        lines.append(";".join(f'"{cell}"' for cell in cells))
    return ("\n".join(lines) + "\n").encode()


def write_datadis_json(readings: Sequence[Reading], timezone: str, *, version: int) -> bytes:
    """Write as Datadis's interface does, numbers as numbers."""
    rows = []
    for reading in readings:
        day, time = _clock_stamp(reading, timezone, does_begin=False)
        names = {
            "consumptionKWh": Channel.CONSUMPTION,
            "surplusEnergyKWh": Channel.SURPLUS,
            "generationEnergyKWh": Channel.ALLOCATED,
            "selfConsumptionEnergyKWh": Channel.SELF_CONSUMED,
        }
        energies = {
            name: reading.energy_wh[channel] / 1000 if channel in reading.energy_wh else None
            for name, channel in names.items()
        }
        rows.append(
            {
                "cups": reading.code,
                "date": day.strftime("%Y/%m/%d"),
                "time": time,
                "obtainMethod": "Estimada" if reading.is_estimated else "Real",
                **energies,
            }
        )
    body = rows if version == 1 else {"timeCurve": rows, "distributorError": []}
    return json.dumps(body).encode()


def write_edistribucion(readings: Sequence[Reading], timezone: str) -> bytes:
    """Write as e-distribución does: numbers of the hour within the local day, CRLF."""
    lines = ["CUPS;Fecha;Hora;AE_kWh;AS_KWh;AE_AUTOCONS_kWh;REAL/ESTIMADO"]
    for reading in readings:
        day, number = _position(reading, timezone)
        cells = [
            reading.code,
            day.strftime("%d/%m/%Y"),
            str(number),
            _kwh(reading, Channel.CONSUMPTION),
            _kwh(reading, Channel.SURPLUS),
            _kwh(reading, Channel.SELF_CONSUMED),
            "E" if reading.is_estimated else "R",
        ]
        lines.append(";".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode()


def write_ide(readings: Sequence[Reading], timezone: str) -> bytes:
    """Write as i-DE does: the end of the interval and its season, Wh, a last semicolon."""
    lines = ["CUPS;FECHA-HORA;INV / VER;PERIODO TARIFARIO;CONSUMO Wh;GENERACION Wh;"]
    for reading in readings:
        end = (reading.start + reading.step).astimezone(ZoneInfo(timezone))
        energies = [
            str(reading.energy_wh.get(channel, ""))
            for channel in (Channel.CONSUMPTION, Channel.SURPLUS)
        ]
        season = "1" if end.dst() else "0"
        cells = [reading.code, end.strftime("%Y/%m/%d %H:%M"), season, "VALLE", *energies, ""]
        lines.append(";".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode()


def write_ufd(readings: Sequence[Reading], timezone: str) -> bytes:
    """Write as UFD does: numbers of the hour, words where nothing was measured."""
    lines = ["CUPS;FECHA;HORA;EHCR (kWh);EHEX (kWh);EHAC (kWh)"]
    for reading in readings:
        day, number = _position(reading, timezone)
        energies = [
            _kwh(reading, channel) or "Sin dato"
            for channel in (Channel.CONSUMPTION, Channel.SURPLUS, Channel.SELF_CONSUMED)
        ]
        lines.append(";".join([reading.code, day.strftime("%d/%m/%Y"), str(number), *energies]))
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def list_readings(file: MeterFile) -> dict[tuple[str, Channel], list[tuple[datetime, int, bool]]]:
    """List what a reader delivered: start, energy [Wh] and whether it is estimated."""
    return {
        (series.code, series.channel): [
            (start.replace(tzinfo=UTC), energy, quality == 1)
            for start, energy, quality in zip(
                series.starts.tolist(),
                series.energy_wh.tolist(),
                series.quality.tolist(),
                strict=True,
            )
        ]
        for series in file.series
    }


def expect_readings(
    readings: Sequence[Reading], *, has_quality: bool = True
) -> dict[tuple[str, Channel], list[tuple[datetime, int, bool]]]:
    """List what a reader should deliver."""
    expected: dict[tuple[str, Channel], list[tuple[datetime, int, bool]]] = {}
    for reading in sorted(readings, key=lambda each: (each.code, each.start)):
        for channel in sorted(reading.energy_wh):
            energy, is_estimated = reading.energy_wh[channel], reading.is_estimated and has_quality
            expected.setdefault((reading.code, channel), []).append(
                (reading.start, energy, is_estimated)
            )
    return dict(sorted(expected.items()))


def _clock_stamp(reading: Reading, timezone: str, *, does_begin: bool) -> tuple[datetime, str]:
    """Name an interval by what the clock shows at its start, moved to the end by the step."""
    local = reading.start.astimezone(ZoneInfo(timezone))
    minutes = local.hour * 60 + local.minute
    if not does_begin:
        minutes += reading.step // timedelta(minutes=1)
    return local, f"{minutes // 60:02d}:{minutes % 60:02d}"


def _position(reading: Reading, timezone: str) -> tuple[datetime, int]:
    """Number an interval within its local day."""
    local = reading.start.astimezone(ZoneInfo(timezone))
    midnight = local.replace(hour=0, minute=0, fold=0).astimezone(UTC)
    return local, (reading.start - midnight) // reading.step + 1


def _kwh(reading: Reading, channel: Channel) -> str:
    energy = reading.energy_wh.get(channel)
    return "" if energy is None else f"{energy // 1000},{energy % 1000:03d}"
