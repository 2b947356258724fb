"""``reparto`` from files alone: begin, detect, import, look after; and the shared samples."""

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import select

from loaders.distributor_file import format_constant_file
from models.session import read_session
from models.tables import CoefficientMode, DistributionAgreement, HourlyCoefficients, Reading
from tests.support.community_folders import build_community_year, make_cau, make_cups, write_folder
from tests.support.databases import on_sqlite, opened
from tests.support.meter_texts import (
    MADRID,
    make_readings,
    write_datadis_csv,
    write_edistribucion,
)
from tests.support.sepa_messages import statement

# No database can change what is said here.
pytestmark = on_sqlite

CAU = make_cau(5)
CUPS = [make_cups(number) for number in (21, 22)]
MAY = datetime(2024, 4, 30, 22, tzinfo=UTC)
HOURS = 31 * 24


@pytest.fixture
def store(database_url, monkeypatch, tmp_path):
    """Use a migrated database, and work in an empty folder."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    return database_url


@pytest.fixture
def begun(reparto, store):
    """Begin a community with two members."""
    ran = reparto("community", "create", "mayor", "--name", "Calle Mayor", "--cau", CAU, "--kw", 10)
    assert (ran.code, ran.out) == (0, f"COMMUNITY mayor\nCAU {CAU}\n")
    rows = [f"V{number};socio;{cups};2.0TD;4,6" for number, cups in enumerate(CUPS)]
    lines = ["Nombre;Rol;CUPS;Tarifa;Potencia", *rows]
    write("vecinos.csv", "\r\n".join(lines).encode("utf-8-sig"))
    assert reparto("import", "vecinos.csv", "--community", "mayor").code == 0
    return store


def write(path: str, content: bytes) -> str:
    Path(path).write_bytes(content)
    return path


def datadis(*, without: int | None = None, name: str = "datadis.csv") -> str:
    readings = make_readings(MAY, HOURS, codes=CUPS, largest_wh=900)
    kept = [each for place, each in enumerate(readings) if place != without]
    return write(name, write_datadis_csv(kept, MADRID))


def n_months(url: str) -> int:
    with opened(url) as engine, read_session(engine) as session:
        return len(session.exec(select(Reading)).all())


def test_a_list_and_readings_come_in_together(reparto, store):
    reparto("community", "create", "mayor", "--name", "Calle Mayor", "--cau", CAU, "--kw", 10)
    people = [f"Ana;socia;{CUPS[0]};2.0TD;4,6", f"Bea;candidata;{CUPS[1]};2.0TD;3,45"]
    listed = "\n".join(["Nombre;Rol;CUPS;Tarifa;Potencia", *people])
    files = [write("vecinos.csv", listed.encode()), datadis()]
    dry = reparto("import", *files, "--community", "mayor", "--dry-run", "--json")
    told = json.loads(dry.out)
    assert (told["is_dry_run"], told["lists"][0]["is_dry_run"]) == (True, True)
    assert (told["accepted_count"], n_months(store)) == (2 * HOURS, 0)
    ran = reparto("import", *files, "--community", "mayor")
    assert ran.code == 0
    assert "vecinos.csv: 1 who share, 1 who wait" in ran.out
    assert "datadis.csv   datadis-csv   1,488        2   1,488" in ran.out
    assert n_months(store) == 2
    again = json.loads(reparto("import", *files, "--community", "mayor", "--json").out)
    assert (again["unchanged"], again["lists"][0]["unchanged"]) == (True, True)
    assert (again["files"][0]["is_repeat"], n_months(store)) == (True, 2)


def test_a_community_folder_comes_in_as_before(reparto, store, tmp_path):
    folder = write_folder(build_community_year(), tmp_path / "folder")
    ran = reparto("import", folder)
    assert (ran.code, ran.out.splitlines()[0]) == (
        0,
        "Comunidad de la Peña, 2023: 3 members, 1 in reserve",
    )
    assert json.loads(reparto("import", folder, "--json").out)["unchanged"] is True


@pytest.mark.parametrize("ending", ["txt", "txt.gz"])
def test_a_distributors_file_is_drafted_beside_readings(reparto, begun, ending):
    content = format_constant_file(CAU, 2027, CUPS, [600_000, 400_000])
    packed = gzip.compress(content) if ending.endswith("gz") else content
    file = write(f"{CAU}_2027.{ending}", packed)
    dry = json.loads(reparto("import", file, "--community", "mayor", "--dry-run", "--json").out)
    ran = json.loads(reparto("import", file, datadis(), "--community", "mayor", "--json").out)
    for told in (dry, ran):
        (draft,) = told["drafts"]
        assert (draft["file_name"], draft["mode"], draft["file_year"]) == (
            f"{CAU}_2027.txt",
            "constant",
            2027,
        )
    assert n_months(begun) == 2
    with opened(begun) as engine, read_session(engine) as session:
        assert len(session.exec(select(DistributionAgreement)).all()) == 1


def test_faulty_files_are_told_whole_and_store_nothing(reparto, begun):
    content = write_datadis_csv(make_readings(MAY, HOURS, codes=CUPS), MADRID)
    write("bad.csv", content.replace(b'"2024/05/01"', b'"2024/13/01"', 2))
    write("bill.xml", b"<Facturae/>")
    before = n_months(begun)
    ran = reparto("import", "bad.csv", "bill.xml", "--community", "mayor")
    assert ran.code == 3
    assert [line.split(":")[0] for line in ran.err.splitlines()] == [
        "bill.xml",
        "bad.csv, line 2",
        "bad.csv, line 3",
    ]
    assert n_months(begun) == before
    dry = reparto("import", "bad.csv", "--community", "mayor", "--dry-run")
    assert (dry.code, "bad.csv: not taken: 2 time" in dry.out) == (3, True)
    assert "nothing is stored: mend the file, or accept it in part" in dry.err
    ran = reparto("import", "bad.csv", "bill.xml", "--community", "mayor", "--accept-partial")
    assert ran.code == 0
    assert "bad.csv: not taken: 2 time" in ran.out
    assert "left out: bill.xml: holds no readings and no prices" in ran.out
    assert n_months(begun) == before + 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.csv"], "say with --community CODE whose files these are"),
        (["nowhere.csv", "--community", "mayor"], "there is no file nowhere.csv"),
        ([".", "--community", "mayor"], "is a folder: a community folder is imported alone"),
        (["vecinos.csv", "--community", "menor"], "no community menor; its promoter has mayor"),
        (["vecinos.csv", "--community", "mayor", "--promoter", "x"], "there is no promoter 'x'"),
        (["vecinos.csv", "--community", "mayor", "--format", "pdf"], "'pdf' is no format"),
        (["vecinos.csv", "--community", "mayor", "--cau", "ES1"], "CAU"),
        (["vecinos.csv", "--community", "mayor", "--mapping", "vecinos.csv"], "is no TOML"),
    ],
)
def test_bad_arguments_are_told_as_such(reparto, begun, arguments, message):
    ran = reparto("import", *arguments)
    assert ran.code == 2
    assert message in " ".join(ran.err.replace("│", " ").split())


def test_a_table_of_ones_own_needs_its_mapping(reparto, begun):
    rows = ["Fecha;kW", *(f"0{day}/05/2024 12:00;6,5" for day in range(1, 8))]
    write("inversor.csv", "\n".join(rows).encode())
    ran = reparto("import", "inversor.csv", "--community", "mayor")
    assert (ran.code, "give a mapping" in ran.err) == (3, True)
    mapping = f"""decimal = ","
    [time]
    columns = ["Fecha"]
    format = "%d/%m/%Y %H:%M"
    marks = "begin"
    zone = "utc"
    minutes = 60
    [meter]
    code = "{CAU}"
    [[values]]
    column = "kW"
    channel = "generation"
    unit = "kW"
    """
    write("inversor.toml", mapping.encode())
    ran = reparto("import", "inversor.csv", "--mapping", "inversor.toml", "--community", "mayor")
    assert (ran.code, "inversor.csv   table-csv      7        1     7" in ran.out) == (0, True)


def test_corrections_and_rejections_are_told(reparto, begun):
    reparto("import", datadis(), "--community", "mayor")
    readings = make_readings(MAY, 24, codes=CUPS[:1], seed=9)
    readings = [each._replace(is_estimated=False) for each in readings]
    other = make_readings(MAY, 2, codes=[make_cups(99)])
    write("edis.csv", write_edistribucion([*readings, *other], MADRID))
    ran = reparto("import", "edis.csv", "--community", "mayor", "--accept-partial")
    assert f"corrected {CUPS[0]} consumption: 2024-05" in ran.out
    assert "edis.csv: not taken: 2 unknown_meter" in ran.out


def test_detection_says_what_and_why(reparto, store):
    files = [datadis(), write("bill.xml", b"<Facturae/>"), write("bank.xml", statement([]))]
    ran = reparto("detect", *files)
    assert ran.code == 0
    assert all(text in ran.out for text in ("datadis.csv", "import file", "Facturae", "book"))
    found = json.loads(reparto("detect", *files, "--json").out)
    assert [(each["file"], each["format"], each["next_step"]) for each in found] == [
        ("datadis.csv", "datadis-csv", "import-file"),
        ("bill.xml", "facturae-xml", "nothing"),
        ("bank.xml", "camt-053", "book-bank-file"),
    ]
    assert (found[0]["confidence"], found[0]["inside"]) == ("certain", None)
    assert reparto("detect", "nowhere").code == 2


def test_detection_names_a_folder_and_goes_on(reparto, store, tmp_path):
    (tmp_path / "lecturas").mkdir()
    ran = reparto("detect", "lecturas", datadis())
    assert (ran.code, ran.err) == (0, "")
    assert all(text in ran.out for text in ("lecturas", "is a folder", "datadis.csv"))
    found = json.loads(reparto("detect", "lecturas", datadis(), "--json").out)
    assert [(each["file"], each["format"]) for each in found] == [
        ("lecturas", "unknown"),
        ("datadis.csv", "datadis-csv"),
    ]


def test_long_names_are_shown_whole(reparto, store):
    name = f"{'lecturas-' * 12}enero.csv"
    Path(datadis()).rename(name)
    out = reparto("detect", name).out
    column = "".join(line.split("  ")[0].strip() for line in out.splitlines()[3:])
    assert name in column
    assert "…" not in out


def test_completeness_gaps_and_versions(reparto, begun):
    reparto("import", datadis(without=5), "--community", "mayor")
    table = reparto("completeness", "mayor", "--year", 2024).out
    line = next(line for line in table.splitlines() if CUPS[0] in line)
    assert "1- " in line
    assert "missing (-)" in table
    whole = json.loads(reparto("completeness", "mayor", "--year", 2024, "--json").out)
    assert [(each["name"], each["channel"]) for each in whole] == [
        *((cups, "consumption") for cups in CUPS),
        (CAU, "generation"),
    ]
    may = whole[0]["months"][4]
    assert (may["month"], may["step"], may["missing"], may["present"]) == (
        "2024-05",
        "PT1H",
        1,
        HOURS - 1,
    )
    dry = reparto("fill-gaps", "mayor", "--year", 2024, "--rule", "linear", "--dry-run")
    assert "1 intervals would be filled" in dry.out
    ran = reparto("fill-gaps", "mayor", "--year", 2024, "--rule", "linear")
    assert "1 intervals filled" in ran.out
    told = json.loads(reparto("fill-gaps", "mayor", "--year", 2024, "--json").out)
    assert told["filled_count"] == 0
    versions = json.loads(reparto("versions", CUPS[0], "--year", 2024, "--json").out)
    assert [(each["version"], each["is_newest"]) for each in versions] == [(1, False), (2, True)]
    assert versions[1]["qualities"]["filled"] == 1
    assert "1 (replaced)" in reparto("versions", CUPS[0], "--year", 2024).out
    assert reparto("versions", CAU, "--year", 2024).out == "nothing is stored of that year\n"
    assert reparto("versions", "ES1", "--year", 2024).code == 2


def test_communities_that_cannot_be_are_refused(reparto, begun):
    create = ("community", "create", "mayor", "--name", "x", "--cau", make_cau(6), "--kw")
    assert reparto(*create, 10).code == 2
    for kw, told in (
        (-3, "a power of -3.0 kW is not between 0.001 kW and 2147483 kW"),
        ("nan", "a power of nan kW is not"),
        ("ten", "is not a number of kW such as 4.6"),
    ):
        ran = reparto(*create, kw)
        assert ran.code == 2
        assert told in " ".join(ran.err.replace("│", " ").split())
    assert reparto("community", "create", "x", "--name", "x", "--cau", CAU, "--kw", 1).code == 2
    half = ("community", "add-plant", "mayor", "--cau", make_cau(6), "--kw", 5, "--lat")
    assert (reparto(*half, 40).code, "both --lat and --lon" in reparto(*half, 40).err) == (2, True)
    ran = reparto(*half, 40, "--lon", -3)
    assert (ran.code, ran.out) == (0, f"CAU {make_cau(6)}\n")
    assert reparto(*half[:-1]).code == 2


@pytest.mark.usefixtures("begun")
class TestSharedSamples:
    """Files as others publish them."""

    @pytest.mark.parametrize(
        ("folder", "expected"),
        [
            (
                "esios",
                {
                    "PRICES_ESIOS_1001_2021_06_01.json": 24,
                    "PRICES_ESIOS_1001_2021_10_30.json": 24,
                    "PRICES_ESIOS_1739_2021_10_30.json": 24,
                    "PRICES_ESIOS_1739_2024_03_09.json": 24,
                    "PVPC_CURV_DD_2021_10_30.json": 24,
                    "PVPC_CURV_DD_2022_03_27.json": 23,
                },
            ),
            ("pvpc_daily", {"2025-03-30.json": 23, "2025-06-01.json": 24}),
            (
                "omie",
                {
                    "PMD_20090601.txt": 24,
                    "PrecioMD_OMIE_20201022.txt": 24,
                    "conluz_omie_hour_prices.txt": 24,
                    "conluz_omie_quarter_prices.txt": 96,
                },
            ),
        ],
    )
    def test_market_files_import(self, reparto, shared_data, folder, expected):
        paths = sorted((shared_data / "formats" / folder).iterdir())
        taken = {}
        for path in paths:
            ran = reparto("import", path, "--community", "mayor", "--json")
            assert ran.code == 0, ran.err
            (report,) = json.loads(ran.out)["files"]
            taken[path.name] = report["accepted_count"]
        assert taken == expected

    def test_price_files_import(self, reparto, shared_data):
        taken = {}
        for path in sorted((shared_data / "prices").iterdir()):
            ran = reparto("import", path, "--community", "mayor", "--json")
            assert ran.code == 0, ran.err
            (report,) = json.loads(ran.out)["files"]
            taken[path.name] = report["accepted_count"]
        assert taken == {
            "esios_1001_pvpc_2023_2024-04.csv.gz": 11_039,
            "esios_1739_excedentes_2023.csv.gz": 8_761,
            "pvpc_pcb_hourly_2021-06_2026-08.csv.gz": 45_384,
        }

    def test_hours_of_sun_import(self, reparto, shared_data):
        folder = shared_data / "formats" / "pvgis"
        files = sorted(folder.glob("pvgis_hourly_*"))
        ran = reparto("import", *files, "--community", "mayor")
        assert (ran.code, ran.err.count("say by its CAU which one is meant")) == (3, 2)
        ran = reparto("import", files[1], "--community", "mayor", "--cau", CAU)
        assert (ran.code, "say which plant it shines on" in ran.err) == (3, True)
        told = reparto(
            "import", *files, "--community", "mayor", "--cau", CAU, "--peak-kw", 12, "--json"
        )
        reports = json.loads(told.out)["files"]
        assert [(each["format"], each["accepted_count"]) for each in reports] == [
            ("pvgis-hourly-json", 10),
            ("pvgis-hourly-csv", 14),
        ]
        ran = reparto("import", *folder.glob("*tmy*"), "--community", "mayor", "--cau", CAU)
        assert (ran.code, ran.err.count("is a typical year of PVGIS")) == (3, 2)

    @pytest.mark.parametrize(
        ("folder", "name"),
        [
            ("atr_xml", "is a message of the electricity market"),
            ("facturae", "is a Facturae invoice"),
            ("sepa", "is a SEPA message pain.008.001"),
            ("datadis", "is a bare list of numbers"),
        ],
    )
    def test_other_files_are_refused_by_name(self, reparto, shared_data, folder, name):
        for path in sorted((shared_data / "formats" / folder).glob("*.[xj]*[ml]*")):
            if path.suffix == ".xsd":
                continue
            ran = reparto("import", path, "--community", "mayor")
            assert (ran.code, name in ran.err) == (3, True), path

    def test_coefficient_files_are_drafted_or_refused_with_their_codes(
        self, reparto, shared_data, begun
    ):
        folder = shared_data / "formats" / "coeficientes"
        plant = "ES0031399999999001CK0FA000"
        reparto("community", "create", "coef", "--name", "C", "--cau", plant, "--kw", 10)
        assert reparto("import", folder / "members.csv", "--community", "coef").code == 0
        with (folder / "expected.csv").open() as file:
            expected = {row["folder"]: row["codes"].split() for row in csv.DictReader(file)}
        for name, codes in expected.items():
            (path,) = (folder / name).iterdir()
            ran = reparto("import", path, "--community", "coef", "--json")
            # Who shares is known to the store only: a list that does not fit is a wrong argument.
            wrong = 2 if name in ("unknown", "missing") else 3
            assert ran.code == (wrong if codes else 0), (name, ran)
        with opened(begun) as engine, read_session(engine) as session:
            drafts = session.exec(select(DistributionAgreement)).all()
            hours = session.exec(select(HourlyCoefficients)).all()
        assert sorted(draft.mode for draft in drafts) == [
            CoefficientMode.CONSTANT,
            CoefficientMode.CONSTANT,
            CoefficientMode.HOURLY,
        ]
        totals = sum(np.frombuffer(row.millionths, "<i4").astype(np.int64) for row in hours)
        assert np.unique(totals).tolist() == [1_000_000]


def test_what_a_file_lacks_is_named_with_its_option(reparto, begun):
    hour = {"time": "20240701:1110", "G(i)": 8.0, "H_sun": 6.0, "T2m": 2.0, "WS10m": 2.0, "Int": 0}
    content = {"inputs": {}, "outputs": {"hourly": [hour]}, "meta": {"inputs": {}}}
    sun = ("import", write("sun.json", json.dumps(content).encode()), "--community", "mayor")
    assert reparto(*sun).err.endswith("which one is meant: --cau CAU\n")
    told = reparto(*sun, "--cau", CAU).err
    assert told.endswith("--peak-kw KW, with the --cau of a plant of the community\n")
    assert reparto(*sun, "--cau", CAU, "--peak-kw", 10).code == 0
    table = reparto("import", write("own.csv", b"t;kWh\n1;2\n"), "--community", "mayor")
    assert "--mapping FILE.toml" in table.err
