"""What each export says beside sound rows: faults, notes, gaps, variants of its columns."""

import pytest

from loaders.decoding import UnreadableFileError
from loaders.meter_files.datadis_csv import read_datadis_csv
from loaders.meter_files.edistribucion import read_edistribucion
from loaders.meter_files.ide import read_ide
from loaders.meter_files.records import MeterFile, RowCode
from loaders.meter_files.stamps import StampFault
from loaders.meter_files.ufd import read_ufd
from models.values.calendar import Step
from models.values.metering import Channel
from tests.support.meter_texts import MADRID, cups_of

CUPS = "ES0021000000000001RK"
DATADIS = "cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh"
BEGUN = (
    "days of a meter with 00:00 and without 24:00, whose stamps were read as the "
    "beginnings of their intervals: 1"
)
NET = (
    "the file states self-consumed energy beside the consumption; "
    "say at import whether the consumption is net of it"
)


def datadis(*rows: str) -> MeterFile:
    text = "\n".join([DATADIS, *rows])
    return read_datadis_csv(text.encode(), timezone=MADRID)


def told(file: MeterFile) -> list[tuple[int | None, RowCode, str]]:
    return [(row.line, row.code, row.reason) for row in file.rejections.told]


def energies(file: MeterFile) -> dict[Channel, list[int]]:
    return {series.channel: series.energy_wh.tolist() for series in file.series}


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        (
            "ES0021000000000001RX;2023/07/01;01:00;1;Real;",
            RowCode.METER_CODE,
            "CUPS 'ES0021000000000001RX': has check letters RX, should be RK",
        ),
        (
            ";2023/07/01;01:00;1;Real;",
            RowCode.METER_CODE,
            "CUPS '': has 0 characters, not 20 or 22",
        ),
        (
            f"{CUPS};2023/02/29;01:00;1;Real;",
            RowCode.TIME,
            f"'2023/02/29 01:00': {StampFault.DATE.reason}",
        ),
        (
            f"{CUPS};2023/07/01;24:30;1;Real;",
            RowCode.TIME,
            f"'2023/07/01 24:30': {StampFault.TIME.reason}",
        ),
        (
            f"{CUPS};2023/03/26;03:00;1;Real;",
            RowCode.CLOCK,
            "'2023/03/26 03:00': the clock skips this hour: it was set forward on that day",
        ),
        (
            f"{CUPS};2023/07/01;01:00;abc;Real;",
            RowCode.NUMBER,
            "consumokwh is 'abc', not a number with at most one decimal comma or point",
        ),
        (
            f"{CUPS};2023/07/01;01:00;1;Real;-0,5",
            RowCode.NEGATIVE,
            "energiavertidakwh is '-0,5', below zero; a meter counts up only",
        ),
        (
            f"{CUPS};2023/07/01;01:00;2147483,648;Real;",
            RowCode.TOO_LARGE,
            "consumokwh is '2147483,648', more than 2147483647 Wh in one interval",
        ),
        (
            f"{CUPS};2023/07/01;01:00",
            RowCode.MALFORMED,
            "has 3 cells, the header has 6",
        ),
    ],
)
def test_a_row_at_fault_is_rejected_with_line_code_excerpt_and_reason(
    row: str, code: RowCode, reason: str
) -> None:
    sound = f"{CUPS};2023/07/02;01:00;0,1;Real;0,2"
    file = datadis(sound, row)
    assert told(file) == [(3, code, reason)]
    assert file.rejections.told[0].excerpt.strip("'.") == row[:40]
    assert energies(file) == {Channel.CONSUMPTION: [100], Channel.SURPLUS: [200]}
    assert file.n_rows == 2


def test_a_row_is_rejected_once_for_its_first_fault() -> None:
    file = datadis("x;y;z;-1;Real;abc", f"{CUPS};y;01:00;-1;Real;abc")
    assert [row.code for row in file.rejections.told] == [RowCode.METER_CODE, RowCode.TIME]
    assert file.series == ()


def test_a_repeated_row_is_noted_and_a_contradicting_one_rejected() -> None:
    rows = [f"{CUPS};2023/07/01;0{hour}:00;1;Real;" for hour in (1, 2, 1, 2)]
    rows[3] = rows[3].replace(";1;", ";3;")
    file = datadis(*rows)
    assert [row[:2] for row in told(file)] == [
        (3, RowCode.CONTRADICTION),
        (5, RowCode.CONTRADICTION),
    ]
    assert file.rejections.told[0].reason.startswith("line 5 states other energy")
    assert energies(file) == {Channel.CONSUMPTION: [1000]}
    assert file.notes == ("rows that repeat what another row says, taken once: 1",)


def test_what_was_decided_is_noted() -> None:
    file = datadis(
        f"{CUPS};2023/07/01;00:00;0,4594;Real;",
        f"{CUPS};2023/07/01;01:00;;Estimada;1",
        f"{CUPS};2023/07/01;02:00;0,0005;Perfilado;",
        ";;;;;",
    )
    assert file.notes == (
        BEGUN,
        "rows that say neither real nor estimated but 'perfilado', taken as real: 1",
        "cells of consumokwh without data: 1",
        "values of consumokwh rounded to whole Wh: 2",
        "cells of energiavertidakwh without data: 2",
    )
    assert energies(file) == {Channel.CONSUMPTION: [459, 0], Channel.SURPLUS: [1000]}
    assert [series.quality.tolist() for series in file.series] == [[0, 0], [1]]
    assert (file.n_rows, file.format) == (3, "datadis-csv")


def test_cups_of_20_and_22_characters_are_meters_of_their_own() -> None:
    codes = [cups_of(1), cups_of(1, "0F"), cups_of(7, "1P")]
    file = datadis(*(f"{code};2023/07/01;01:00;1;Real;" for code in codes))
    assert [series.code for series in file.series] == codes


def test_hours_and_quarter_hours_are_told_apart_meter_by_meter() -> None:
    file = datadis(
        *(f"{cups_of(1)};2023/07/01;{time};1;Real;" for time in ("00:15", "01:00")),
        *(f"{cups_of(2)};2023/07/01;{time};1;Real;" for time in ("01:00", "02:00")),
    )
    assert [series.step for series in file.series] == [Step.QUARTER_HOUR, Step.HOUR]
    assert [str(series.starts[1]) for series in file.series] == [
        "2023-06-30T22:45:00",
        "2023-06-30T23:00:00",
    ]


def test_edistribucion_varies_its_header_and_numbers_quarter_hours() -> None:
    header = "CUPS;Fecha;Hora;AE_KWH;AS_kWh;R1_kVARh;R2_kVARh;R3_kVARh;R4_kVARh;Real/Estimado"
    rows = [f"{CUPS};29/10/2023;{number};0,5;;1;2;3;4;R" for number in (1, 97, 100)]
    file = read_edistribucion("\r\n".join(["", header, *rows]).encode(), timezone=MADRID)
    (series,) = file.series
    assert series.step is Step.QUARTER_HOUR
    assert [str(start)[8:16] for start in series.starts] == ["28T22:00", "29T22:00", "29T22:45"]
    assert file.rejections.told == []


def test_edistribucion_refuses_hour_25_on_any_other_day() -> None:
    text = f"CUPS;Fecha;Hora;AE_kWh\n{CUPS};28/10/2023;25;0,5\n{CUPS};28/10/2023;x;0,5\n"
    file = read_edistribucion(text.encode(), timezone=MADRID)
    assert [(row.line, row.code) for row in file.rejections.told] == [
        (2, RowCode.CLOCK),
        (3, RowCode.TIME),
    ]
    assert file.rejections.told[0].reason == (
        "'28/10/2023 25': its local day has fewer intervals than this number"
    )


def test_ide_needs_a_flag_that_the_clock_showed() -> None:
    header = "CUPS;FECHA-HORA;INV / VER;PERIODO TARIFARIO;CONSUMO Wh;GENERACION Wh;"
    rows = ["29/10/2023 02:00;1;3;5;7;", "29/10/2023 02:00;0;3;6;8;", "01/07/2023 24:00;0;1;5;;"]
    text = "\n".join([header, *(f"{CUPS};{row}" for row in rows)])
    file = read_ide(text.encode(), timezone=MADRID)
    assert energies(file) == {Channel.CONSUMPTION: [5, 6], Channel.SURPLUS: [7, 8]}
    assert [str(start)[8:16] for start in file.series[0].starts] == ["28T23:00", "29T00:00"]
    assert told(file) == [
        (
            4,
            RowCode.CLOCK,
            f"'01/07/2023 24:00 0': {StampFault.SEASON.reason}",
        )
    ]


def test_ufd_counts_cells_without_data_and_tells_of_what_it_does_not_read() -> None:
    header = "CUPS;FECHA;HORA;EHCR (kWh);EHEX (kWh);EHAC (kWh);EHCCA (kWh)"
    rows = ["1;0,5;Sin dato;0,1;0,6", "2;Sin dato;Sin dato;0,2;Sin dato"]
    text = "\n".join([header, *(f"{CUPS};01/07/2023;{row}" for row in rows)])
    file = read_ufd(text.encode("latin-1"), timezone=MADRID)
    assert energies(file) == {Channel.CONSUMPTION: [500], Channel.SELF_CONSUMED: [100, 200]}
    assert file.rejections.told == []
    assert file.notes == (
        "cells of ehcrkwh without data: 1",
        NET,
        "column ehccakwh was not read: no channel stands for it",
    )


def test_a_column_that_is_not_read_and_holds_nothing_is_not_worth_a_note() -> None:
    header = "CUPS;FECHA;HORA;EHCR (kWh);EHCCA (kWh)"
    text = f"{header}\n{CUPS};01/07/2023;1;0,5;Sin dato\n"
    assert read_ufd(text.encode(), timezone=MADRID).notes == ()


def test_a_file_of_another_form_is_refused_by_what_is_missing() -> None:
    with pytest.raises(UnreadableFileError, match="columns cups, fechahora, invver, consumowh,"):
        read_ide(DATADIS.encode(), timezone=MADRID)
