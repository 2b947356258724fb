"""Consumption as Datadis hands it out on its page: one CSV with any number of supply points."""

from loaders.file_formats import FileFormat
from loaders.meter_files.records import MeterFile
from loaders.meter_files.supply_file import EnergyColumn, SupplyForm, read_supply_table
from loaders.meter_files.text_table import parse_text_table
from loaders.meter_files.watt_hours import EnergyUnit
from models.values.metering import Channel

DATADIS_CSV = SupplyForm(
    format=FileFormat.DATADIS_CSV,
    times=("fecha", "hora"),
    energies=(
        EnergyColumn("consumokwh", Channel.CONSUMPTION, EnergyUnit.KWH),
        EnergyColumn("energiavertidakwh", Channel.SURPLUS, EnergyUnit.KWH),
        EnergyColumn("energiageneradakwh", Channel.ALLOCATED, EnergyUnit.KWH),
        EnergyColumn("energiaautoconsumidakwh", Channel.SELF_CONSUMED, EnergyUnit.KWH),
    ),
    method="metodoobtencion",
)
"""Its columns, REGULATION 6.2."""


def read_datadis_csv(data: bytes, *, timezone: str) -> MeterFile:
    r"""Read the CSV that Datadis's page exports.

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
    >>> file = read_datadis_csv(
    ...     b"cups;fecha;hora;consumo_kWh;metodoObtencion\n"
    ...     b'ES0021000000000001RK;2023/07/01;"01:00";"0,459";Real\n',
    ...     timezone="Europe/Madrid",
    ... )
    >>> file.series[0].starts, file.series[0].energy_wh
    (array(['2023-06-30T22:00:00'], dtype='datetime64[s]'), array([459], dtype=int32))
    """
    table = parse_text_table(data, DATADIS_CSV.required, DATADIS_CSV.optional)
    return read_supply_table(table, DATADIS_CSV, timezone)
