"""Load curves as e-distribución exports them: hours numbered within the local day, kWh."""

from loaders.file_formats import FileFormat
from loaders.meter_files.records import MeterFile
from loaders.meter_files.supply_file import EnergyColumn, SupplyForm, read_supply_table
from loaders.meter_files.text_table import parse_text_table
from loaders.meter_files.watt_hours import EnergyUnit
from models.values.metering import Channel

EDISTRIBUCION = SupplyForm(
    format=FileFormat.EDISTRIBUCION_CSV,
    times=("fecha", "hora"),
    energies=(
        EnergyColumn("aekwh", Channel.CONSUMPTION, EnergyUnit.KWH),
        EnergyColumn("askwh", Channel.SURPLUS, EnergyUnit.KWH),
        EnergyColumn("aeautoconskwh", Channel.SELF_CONSUMED, EnergyUnit.KWH),
    ),
    method="realestimado",
)
"""Its columns, REGULATION 6.2; the reactive ones, ``R1_kVARh`` to ``R4_kVARh``, are not read."""


def read_edistribucion(data: bytes, *, timezone: str) -> MeterFile:
    r"""Read the CSV that e-distribución's page exports.

    Parameters
    ----------
    data : bytes
        Content of the file.
    timezone : str
        IANA name of the supply points' clock.

    Returns
    -------
    MeterFile

    Raises
    ------
    UnreadableFileError
        If it is too large, no text, or has no header of this form.

    Examples
    --------
    >>> file = read_edistribucion(
    ...     b"CUPS;Fecha;Hora;AE_kWh;REAL/ESTIMADO\nES0021000000000001RK;29/10/2023;25;0,1;E\n",
    ...     timezone="Europe/Madrid",
    ... )
    >>> file.series[0].starts, file.series[0].quality
    (array(['2023-10-29T22:00:00'], dtype='datetime64[s]'), array([1], dtype=uint8))
    """
    table = parse_text_table(data, EDISTRIBUCION.required, EDISTRIBUCION.optional)
    return read_supply_table(table, EDISTRIBUCION, timezone)
