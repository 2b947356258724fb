import bz2
import gzip
import io
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.detection import HEAD_BYTES, detect_file
from loaders.file_formats import Confidence, Detection, FileFormat
from tests.support.community_folders import make_cau, make_cups
from tests.support.price_texts import (
    day_report,
    esios_json,
    marginalpdbc,
    pvpc_archive,
    pvpc_daily,
    redata,
)
from tests.support.workbooks import make_workbook

CUPS = make_cups(1)
STAMP = "2026/06/01 01:00"
F5_FIELDS = f"{CUPS};{STAMP};1;120;0;1;2;3;4;1;1;F0001;"
P1_FIELDS = f"{CUPS};11;{STAMP};1;" + "1.000;128;" * 8 + "1;1;"
MEMBERS = "member_id,role,cups,tariff,contracted_kw\nM1,member,x,2.0TD,4.6"


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def _message(kind: str) -> str:
    return f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}">'


TEXTS = [
    (
        "consumptions.csv",
        "cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh\n",
        FileFormat.DATADIS_CSV,
    ),
    (
        "curva.csv",
        "Export\n\nCUPS;Fecha;Hora;AE_kWh;AS_KWh;AE_AUTOCONS_kWh;REAL/ESTIMADO\n",
        FileFormat.EDISTRIBUCION_CSV,
    ),
    (
        "curva.csv",
        "CUPS;FECHA-HORA;INV / VER;PERIODO TARIFARIO;CONSUMO Wh;GENERACION Wh;\n",
        FileFormat.I_DE_CSV,
    ),
    ("curva.csv", '"CUPS";"FECHA";"HORA";"EHCR (kWh)";"EHEX (kWh)"\n', FileFormat.UFD_CSV),
    (
        "v1.json",
        f'[{{"cups":"{CUPS}","date":"2026/06/01","time":"01:00","consumptionKWh":0.1}}]',
        FileFormat.DATADIS_JSON_V1,
    ),
    (
        "v2.json",
        f'{{"timeCurve":[{{"cups":"{CUPS}","consumptionKWh":0.1}}],"distributorError":[]}}',
        FileFormat.DATADIS_JSON_V2,
    ),
    ("x", f"{CUPS};11;{STAMP};1;" + "1;" * 10, FileFormat.SIMEL_F1),
    ("P1_0021_20260601.0", P1_FIELDS, FileFormat.SIMEL_P1),
    ("P1D_0021_20260601.0", P1_FIELDS, FileFormat.SIMEL_P1D),
    ("P2D_0021_20260601.0", P1_FIELDS, FileFormat.SIMEL_P2D),
    ("x", P1_FIELDS.replace("01:00", "01:15"), FileFormat.SIMEL_P2D),
    ("x", f"{CUPS};{STAMP}:00;1;120;0;", FileFormat.SIMEL_P5D),
    ("in/F5_0021_20260601.0", F5_FIELDS, FileFormat.SIMEL_F5),
    ("F5D_0021_20260601.0", F5_FIELDS, FileFormat.SIMEL_F5D),
    ("A5D_0021_20260601.0", F5_FIELDS, FileFormat.SIMEL_A5D),
    ("b5d_0021_20260601.0", F5_FIELDS, FileFormat.SIMEL_B5D),
    ("x", f"{CUPS}001;{STAMP};1;1.000;0;0;1;1;R;", FileFormat.SIMEL_MEDIDAS),
    ("pv.csv", "Latitude (decimal degrees):\t39.4\n\ntime,P,G(i)\n", FileFormat.PVGIS_HOURLY_CSV),
    (
        "pv.csv",
        '"Latitude (decimal degrees):\t39.4"\n\n"time(UTC),T2m"\n',
        FileFormat.PVGIS_TMY,
    ),
    ("pv.json", '{"inputs": {}, "outputs": {"hourly": [', FileFormat.PVGIS_HOURLY_JSON),
    ("pv.json", '{"inputs": {}, "outputs": {"tmy_hourly": [', FileFormat.PVGIS_TMY),
    ("x", esios_json(1001, []).decode(), FileFormat.ESIOS_JSON),
    ("x", "id;name;geoid;geoname;value;datetime\n", FileFormat.ESIOS_CSV),
    ("x", pvpc_archive("01/06/2026", [("00-01", "1", "1")]).decode(), FileFormat.PVPC_ARCHIVE),
    ("x", pvpc_daily("2026-06-01", [0]).decode(), FileFormat.PVPC_DAILY),
    ("x", redata([]).decode(), FileFormat.REDATA_JSON),
    ("x", marginalpdbc("2026-06-01", []).decode(), FileFormat.OMIE_MARGINALPDBC),
    ("x", "ts_utc,energy_eur_kwh\n", FileFormat.PRICE_TABLE),
    ("x.txt", f"{CUPS};0,500000\r\n{make_cups(2)};0,500000", FileFormat.DISTRIBUTOR_CONSTANT),
    ("x.txt", f"{CUPS};0001;0,500000\r\n", FileFormat.DISTRIBUTOR_HOURLY),
    ("x.csv", MEMBERS, FileFormat.MEMBERS_LIST),
    ("x.csv", "Nombre;CUPS;Tarifa;Potencia\n", FileFormat.MEMBERS_LIST),
    ("x.csv", "CUPS;Coeficiente (%)\n", FileFormat.COEFFICIENT_TABLE),
    ("x.csv", "a;b\n1;2\n", FileFormat.TABLE_CSV),
    ("x.json", "[1.5, 2]", FileFormat.BARE_CURVE),
    ("x.xml", "<MensajeAlta><CodigoDelProceso>A3</CodigoDelProceso>", FileFormat.ATR_XML),
    (
        "x.xml",
        "<?xml version='1.0'?><!-- <a> --><fe:Facturae xmlns:fe='x'>",
        FileFormat.FACTURAE_XML,
    ),
    (
        "x.xml",
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">',
        FileFormat.SEPA_XML,
    ),
    ("x.xml", _message("camt.053.001.08"), FileFormat.CAMT_053),
    ("x.xml", _message("camt.054.001.02"), FileFormat.CAMT_054),
    ("x.xml", _message("pain.002.001.10"), FileFormat.PAIN_002),
    ("x.xml", _message("camt.052.001.08"), FileFormat.SEPA_XML),
    ("x.xsd", "<xs:schema>", FileFormat.XML_SCHEMA),
]


@pytest.mark.parametrize(("name", "text", "form"), TEXTS)
def test_content_tells_the_format(name: str, text: str, form: FileFormat) -> None:
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode()):
        detection = detect_file(name, data)
        assert (detection.format, detection.alternatives) == (form, ())
        assert detection.confidence is not Confidence.NONE
        assert detection.reason


@pytest.mark.parametrize(
    ("fields", "form", "alternatives"),
    [
        (F5_FIELDS, FileFormat.SIMEL_F5D, ["simel-f5", "simel-a5d", "simel-b5d"]),
        (P1_FIELDS, FileFormat.SIMEL_P1D, ["simel-p1", "simel-p2d"]),
    ],
)
def test_layouts_that_are_alike_need_the_name(
    fields: str, form: FileFormat, alternatives: list[str]
) -> None:
    for name in ("x", "F1_0021.0"):
        detection = detect_file(name, fields.encode())
        assert (detection.format, detection.confidence) == (form, Confidence.AMBIGUOUS)
        assert [each.value for each in detection.alternatives] == alternatives
        assert "its name begins with none of them" in detection.reason


def test_reports_of_omie_in_latin_1() -> None:
    detection = detect_file("x", day_report("01/06/2026", ["1"], ["1"], "EUR/MWh"))
    assert detection.format is FileFormat.OMIE_DAY_REPORT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\xff\xfea\0", "is UTF-16 text; save it as UTF-8"),
        (b"%PDF\0", "is not text, and no archive or workbook that is known"),
        (b"hola", "is text that is no table and no format that is known"),
        (b'a;"b\nc', "is text that is no table and no format that is known"),
        (b"< 3", "begins with < and has no root element"),
        (b"<!DOCTYPE html><html>", "is a web page, perhaps an error or a login"),
        (b"<gpx>", "is XML whose root element is 'gpx'"),
        (b'{"a": 1}', "is JSON without the keys of a format that is known"),
        (b'{"cau": "x", "pv_kw": 1}', "is the community.json of a folder"),
        (b"Latitude (decimal degrees): 1\nx", "its head has no table of hours"),
        (f"{CUPS};{STAMP};1;2;3;4;5;".encode(), "7 fields are none of its layouts"),
        (b"\x1f\x8bx", "begins like gzip and cannot be expanded; send it anew"),
        (b"BZhola", "is text that is no table and no format that is known"),
    ],
)
def test_what_is_not_known_says_why(data: bytes, reason: str) -> None:
    detection = detect_file("x", data)
    assert (detection.format, detection.confidence) == (FileFormat.UNKNOWN, Confidence.NONE)
    assert reason in detection.reason
    assert detection.format.is_refused


def test_entities_of_xml_are_never_expanded() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "xxxxxxxxxx">'
        b'<!ENTITY b "&a;&a;&a;&a;&a;&a;">]><MensajeAlta>&b;</MensajeAlta>'
    )
    assert detect_file("x", bomb).reason == (
        "is a message of the electricity market ('MensajeAlta'); not imported"
    )
    assert detect_file("x", b"<!-- x -->" * 1000).format is FileFormat.UNKNOWN


@pytest.mark.parametrize(
    "piece", [b"<!DOCTYPE ", b"<!--", b"<?", b"<!a [", b";", b'"', b'"day"', b"PK\x03\x04", b"<a "]
)
def test_heads_that_repeat_themselves_are_answered_at_once(piece: bytes) -> None:
    began = time.process_time()
    assert detect_file("x", piece * 200_000).reason
    assert time.process_time() - began < 2.0


def test_messages_of_the_market_name_their_process() -> None:
    text = "<MensajeX><CodigoDelProceso>Z9</CodigoDelProceso><CodigoDePaso>02</CodigoDePaso>"
    assert detect_file("x", text.encode()).reason == (
        "is a message of the electricity market: Z9 step 02 (MensajeX); not imported"
    )


def inside(detection: Detection) -> Detection:
    assert detection.inside is not None
    return detection.inside


def test_packed_files_tell_what_is_inside() -> None:
    text = F5_FIELDS.encode()
    for form, data in (
        (FileFormat.GZIP, gzip.compress(text)),
        (FileFormat.BZIP2, bz2.compress(text)),
    ):
        for name in ("A5D_0021.0", "A5D_0021.0.gz", "A5D_0021.0.BZ2"):
            detection = detect_file(name, data)
            assert (detection.format, detection.format.is_wrapper) == (form, True)
            assert inside(detection).format is FileFormat.SIMEL_A5D
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        files = {"__MACOSX/x": b"x", "d/": b"", "d/B5D_0021.0": text, "b": b"", "c": b"", "e": b""}
        detection = detect_file("x.zip", zipped(files, method))
        assert (detection.format, inside(detection).format) == (
            FileFormat.ZIP,
            FileFormat.SIMEL_B5D,
        )
        assert "holds 'd/B5D_0021.0', 'b', 'c', and 1 more" in detection.reason


def test_bombs_expand_no_further_than_a_head() -> None:
    for packed in (gzip.compress, bz2.compress):
        detection = detect_file("x", packed(b"a;b\n1;2\n" * 200_000)[:HEAD_BYTES])
        assert inside(detection).format is FileFormat.TABLE_CSV


def test_a_zip_of_a_community_folder() -> None:
    for files in (
        {"sol/consumption.csv": b"x" * 100, "sol/community.json": b"{}"},
        {"members.csv": b"", "production.csv.gz": b""},
    ):
        assert detect_file("x.zip", zipped(files)).format is FileFormat.COMMUNITY_ARCHIVE
    assert detect_file("x.zip", zipped({"members.csv": MEMBERS.encode()})).format is FileFormat.ZIP


def test_zips_that_show_nothing() -> None:
    detection = detect_file("x.zip", b"PK\x03\x04")
    assert (detection.format, detection.confidence) == (FileFormat.ZIP, Confidence.LIKELY)
    assert detection.reason == "is a zip file that shows no file in its head"
    encrypted = zipped({"x": b"x"}).replace(b"\x08\x00", b"\x63\x00", 1)
    assert inside(detect_file("x", encrypted)).format is FileFormat.UNKNOWN


def test_workbooks_by_their_headings() -> None:
    people = make_workbook(
        [["Lista"], ["Nombre", "CUPS", "Tarifa", "Potencia"], ["a", "b", "c", 1]]
    )
    assert detect_file("x.xlsx", people).format is FileFormat.MEMBERS_LIST
    shares = make_workbook([["CUPS", "%"], ["a", 1]])
    assert detect_file("x.xlsx", shares).format is FileFormat.COEFFICIENT_TABLE
    other = detect_file("x.xlsx", make_workbook([["a", "b"]]))
    assert (other.format, "map its columns" in other.reason) == (FileFormat.TABLE_XLSX, True)
    torn = detect_file("x.xlsx", people[:-100])
    assert (torn.format, torn.confidence) == (FileFormat.TABLE_XLSX, Confidence.LIKELY)


def test_a_head_may_end_inside_a_character() -> None:
    detection = detect_file("x", "ts_utc,energy_eur_kwh,año".encode()[:-2])
    assert detection.format is FileFormat.PRICE_TABLE


def test_a_coefficient_file_is_told_with_faults_in_it() -> None:
    lines = [f"{CUPS};0.5", f"{CUPS[:-1]};0,500000", "x", f"{make_cau(1)};0,5"]
    detection = detect_file("x", "\n".join(lines).encode())
    assert detection.format is FileFormat.DISTRIBUTOR_CONSTANT


def test_refused_formats_have_names() -> None:
    refused = {form.value for form in FileFormat if form.is_refused}
    assert refused == {
        "atr-xml",
        "facturae-xml",
        "sepa-xml",
        "xml-schema",
        "pvgis-tmy",
        "bare-curve",
        "unknown",
    }


@settings(max_examples=200)
@given(
    start=st.sampled_from([b"", b"<", b"{", b"[", b"PK\x03\x04", b"\x1f\x8b", b"BZh9", b"ES00;"]),
    data=st.binary(max_size=400),
)
def test_any_bytes_get_an_answer(start: bytes, data: bytes) -> None:
    assert detect_file("x", start + data).reason


@settings(max_examples=200)
@given(
    sample=st.sampled_from([text.encode() for _, text, _ in TEXTS] + [make_workbook([["CUPS"]])]),
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=8),
    part=st.integers(0, 64),
)
def test_damaged_files_get_an_answer(
    sample: bytes, flips: list[tuple[int, int]], part: int
) -> None:
    damaged = bytearray(sample)
    for position, mask in flips:
        damaged[position % len(damaged)] ^= mask
    for data in (bytes(damaged), sample[: len(sample) * part // 64]):
        assert detect_file("x", data).reason


SAMPLES = {
    "atr_xml/*.xml": FileFormat.ATR_XML,
    "coeficientes/[!h]*/*.txt": FileFormat.DISTRIBUTOR_CONSTANT,
    "coeficientes/hourly-*/*.txt": FileFormat.DISTRIBUTOR_HOURLY,
    "coeficientes/members.csv": FileFormat.MEMBERS_LIST,
    "datadis/gisce_curve.json": FileFormat.BARE_CURVE,
    "esios/PRICES_*.json": FileFormat.ESIOS_JSON,
    "esios/PVPC_*.json": FileFormat.PVPC_ARCHIVE,
    "facturae/*.xml": FileFormat.FACTURAE_XML,
    "facturae/schema/*.xsd": FileFormat.XML_SCHEMA,
    "omie/P*.txt": FileFormat.OMIE_DAY_REPORT,
    "omie/conluz*.txt": FileFormat.OMIE_MARGINALPDBC,
    "pvgis/*.csv": FileFormat.PVGIS_HOURLY_CSV,
    "pvgis/pvgis_hourly*.json": FileFormat.PVGIS_HOURLY_JSON,
    "pvgis/pvgis_tmy*.json": FileFormat.PVGIS_TMY,
    "pvpc_daily/*.json": FileFormat.PVPC_DAILY,
    "sepa/*.xml": FileFormat.SEPA_XML,
    "sepa/*.xsd": FileFormat.XML_SCHEMA,
}
PACKED_SAMPLES = {
    "formats/pvgis/tmy*.gz": FileFormat.PVGIS_TMY,
    "prices/esios*.gz": FileFormat.ESIOS_CSV,
    "prices/pvpc*.gz": FileFormat.PRICE_TABLE,
    "pv/*.gz": FileFormat.PVGIS_HOURLY_CSV,
}


@pytest.mark.parametrize("pattern", SAMPLES)
def test_samples(shared_data: Path, pattern: str) -> None:
    paths = list((shared_data / "formats").glob(pattern))
    assert paths
    for path in paths:
        assert detect_file(path.name, path.read_bytes()[:HEAD_BYTES]).format is SAMPLES[pattern]


@pytest.mark.parametrize("pattern", PACKED_SAMPLES)
def test_packed_samples(shared_data: Path, pattern: str) -> None:
    paths = list(shared_data.glob(pattern))
    assert paths
    for path in paths:
        detection = detect_file(path.name, path.read_bytes()[:HEAD_BYTES])
        assert detection.format is FileFormat.GZIP
        assert inside(detection).format is PACKED_SAMPLES[pattern]


def test_the_samples_of_market_messages_name_their_kind(shared_data: Path) -> None:
    for name, process in (
        ("a301", "A3"),
        ("d101", "D1"),
        ("f101_factura_atr", "F1"),
        ("m101", "M1"),
    ):
        path = shared_data / "formats" / "atr_xml" / f"{name}.xml"
        reason = detect_file(path.name, path.read_bytes()).reason
        assert f"market: {process}," in reason
        assert "step 01" in reason
