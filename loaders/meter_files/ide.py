"""Load curves as i-DE exports them: the end of the hour with a season flag, Wh."""

from loaders.file_formats import FileFormat
from loaders.meter_files.records import MeterFile
from loaders.meter_files.supply_file import EnergyColumn, SupplyForm, read_supply_table
from loaders.meter_files.text_table import parse_text_table
from loaders.meter_files.watt_hours import EnergyUnit
from models.values.metering import Channel

IDE = SupplyForm(
    format=FileFormat.I_DE_CSV,
    times=("fechahora", "invver"),
    has_season=True,
    energies=(
        EnergyColumn("consumowh", Channel.CONSUMPTION, EnergyUnit.WH),
        EnergyColumn("generacionwh", Channel.SURPLUS, EnergyUnit.WH),
    ),
)
"""Its columns, REGULATION 6.2. What it calls generation is the energy that left the supply point
for the grid, field ``ae`` of the F5D file that the export mirrors: the surplus."""


def read_ide(data: bytes, *, timezone: str) -> MeterFile:
    r"""Read the CSV that i-DE's page exports.

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
    >>> file = read_ide(
    ...     b"CUPS;FECHA-HORA;INV / VER;PERIODO TARIFARIO;CONSUMO Wh;GENERACION Wh;\n"
    ...     b"ES0021000000000001RK;2023/10/29 02:00;0;3;459;;\n",
    ...     timezone="Europe/Madrid",
    ... )
    >>> file.series[0].starts, file.series[0].energy_wh
    (array(['2023-10-29T00:00:00'], dtype='datetime64[s]'), array([459], dtype=int32))
    """
    table = parse_text_table(data, IDE.required, IDE.optional)
    return read_supply_table(table, IDE, timezone)
