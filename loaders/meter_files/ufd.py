"""Load curves as UFD exports them: kWh, with words where nothing was measured."""

from loaders.file_formats import FileFormat
from loaders.meter_files.records import MeterFile
from loaders.meter_files.supply_file import EnergyColumn, SupplyForm, read_supply_table
from loaders.meter_files.text_table import parse_text_table
from loaders.meter_files.watt_hours import EnergyUnit
from models.values.metering import Channel

UFD = SupplyForm(
    format=FileFormat.UFD_CSV,
    times=("fecha", "hora"),
    energies=(
        EnergyColumn("ehcrkwh", Channel.CONSUMPTION, EnergyUnit.KWH),
        EnergyColumn("ehexkwh", Channel.SURPLUS, EnergyUnit.KWH),
        EnergyColumn("ehackwh", Channel.SELF_CONSUMED, EnergyUnit.KWH),
    ),
    unread=("ehccakwh",),
)
"""Its columns, REGULATION 6.2, by the terms of RD 244/2019: energy consumed from the grid (EHCR),
surplus (EHEX) and self-consumed (EHAC). EHCCA, what an associated consumer uses in all, follows
from the others."""


def read_ufd(data: bytes, *, timezone: str) -> MeterFile:
    r"""Read the CSV that UFD's page exports.

    Parameters
    ----------
    data : bytes
        Content of the file.
    timezone : str
        IANA name of the supply points' clock.

    Returns
    -------
    MeterFile
        Cells with ``Sin dato`` are counted in a note.

    Raises
    ------
    UnreadableFileError
        If it is too large, no text, or has no header of this form.

    Examples
    --------
    >>> file = read_ufd(
    ...     b"CUPS;FECHA;HORA;EHCR (kWh);EHEX (kWh)\n"
    ...     b"ES0021000000000001RK;01/07/2023;1;0,459;Sin dato\n",
    ...     timezone="Europe/Madrid",
    ... )
    >>> [(series.channel.value, series.energy_wh.tolist()) for series in file.series]
    [('consumption', [459])]
    """
    table = parse_text_table(data, UFD.required, UFD.optional)
    return read_supply_table(table, UFD, timezone)
