"""An uploaded file of readings or prices, plain or packed, from the request to the job's report."""

import bz2
import io
import zipfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from api.services.communities.community_meters import UnknownCommunityError
from api.services.file_imports.file_import_wish import FileImportWish
from api.services.file_imports.prepare_series import ConsumptionMeaning, ReadingOptions
from api.services.file_imports.remove_uploads import sweep_uploads
from api.services.file_imports.request_file_import import request_file_import
from api.services.file_imports.run_file_import import run_file_import
from api.services.jobs.request_upload_job import UnknownUploadError
from loaders.file_formats import FileFormat
from loaders.meter_files.table_mapping import FaultyMappingError
from models.session import read_session, write_session
from models.tables import Channel, FileImport, JobState, Price, PriceKind, Reading, Upload
from tests.support.databases import RECORDED_AT
from tests.support.jobs import run_asked, send
from tests.support.meter_texts import MADRID, day_of, make_readings, write_datadis_csv, write_ide
from tests.support.price_texts import pvpc_archive
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

JULY = day_of(2023, 7, 1, MADRID)
OCTOBER = day_of(2023, 10, 29, MADRID)
SIMEL = b"%s;2023/07/01 01:00;1;459;0;\n"


@stored_once
def stored(engine, promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id)


@pytest.fixture
def codes(stored) -> list[str]:
    return [point.cups for point in stored.points]


@pytest.fixture
def take(engine, promoter, stored, tmp_path):
    """Send a file, ask for its import and run it."""

    def take(name: str, content: bytes, **wish):
        upload_id = send(engine, promoter.id, tmp_path, name, content)
        ask = partial(
            request_file_import,
            promoter_id=promoter.id,
            community_id=stored.community.id,
            upload_id=upload_id,
            wish=FileImportWish(**wish),
            idempotency_key=None,
            now=RECORDED_AT,
        )
        return run_asked(engine, ask, partial(run_file_import, data_dir=tmp_path))

    return take


def readings_of(engine) -> list[Reading]:
    with read_session(engine) as session:
        return list(session.exec(select(Reading)))


def day_file(codes, day=JULY) -> bytes:
    return write_datadis_csv(make_readings(*day, codes=codes), MADRID)


def zip_of(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_a_file_is_recognised_and_stored(engine, stored, codes, take):
    job = take("export.csv", day_file(codes))
    assert (job.state, job.result_id) == (JobState.SUCCEEDED, stored.community.id)
    assert {key: job.report[key] for key in ("row_count", "accepted_count", "rejected_count")} == {
        "row_count": 48,
        "accepted_count": 48,
        "rejected_count": 0,
    }
    (file,) = job.report["files"]
    assert (file["format"], file["subject"], file["file_name"]) == (
        "datadis-csv",
        "readings",
        "export.csv",
    )
    assert len(readings_of(engine)) == 2


def test_the_same_file_again_changes_nothing(engine, codes, take):
    take("export.csv", day_file(codes))
    again = take("export.csv", day_file(codes))
    assert again.report["files"][0]["is_repeat"]
    assert len(readings_of(engine)) == 2


def test_every_file_of_an_archive_is_taken(engine, codes, take):
    files = {
        "july/a.csv": day_file(codes[:1]),
        "july/b.csv": write_ide(make_readings(*JULY, codes=codes[1:]), MADRID),
        "october.csv": day_file(codes, OCTOBER),
    }
    job = take("all.zip", zip_of(files))
    assert [(each["file_name"], each["format"]) for each in job.report["files"]] == [
        ("july/a.csv", "datadis-csv"),
        ("july/b.csv", "i-de"),
        ("october.csv", "datadis-csv"),
    ]
    assert job.report["accepted_count"] == 24 + 24 + 2 * 25
    assert len(readings_of(engine)) == 4


def test_a_packed_file_is_expanded(engine, codes, take):
    name = "P5D_0021_0762_20230801.0"
    packed = bz2.compress(SIMEL % codes[0].encode())
    job = take(f"{name}.bz2", packed, consumption_is=ConsumptionMeaning.BOUNDARY)
    assert [each["file_name"] for each in job.report["files"]] == [name]
    assert {each.channel for each in readings_of(engine)} == {Channel.CONSUMPTION, Channel.SURPLUS}


def test_a_dry_run_tells_all_and_stores_nothing(engine, codes, take, tmp_path):
    job = take("export.csv", day_file(codes), is_dry_run=True)
    assert (job.state, job.report["is_dry_run"]) == (JobState.SUCCEEDED, True)
    assert job.report["accepted_count"] == 48
    assert readings_of(engine) == []
    with read_session(engine) as session:
        assert session.exec(select(FileImport)).all() == []


def test_an_upload_stays_after_a_dry_run_and_goes_after_a_week(engine, codes, take, tmp_path):
    take("export.csv", day_file(codes), is_dry_run=True)
    count = partial(_count_uploads, engine, tmp_path)
    assert count(RECORDED_AT + timedelta(days=7)) == 1
    assert count(RECORDED_AT + timedelta(days=7, seconds=1)) == 0


def test_an_upload_goes_after_its_import(engine, codes, take, tmp_path):
    take("export.csv", day_file(codes))
    assert _count_uploads(engine, tmp_path, RECORDED_AT) == 0


def _count_uploads(engine, folder: Path, at) -> int:
    sweep_uploads(engine, folder, now=at)
    with read_session(engine) as session:
        rows = len(session.exec(select(Upload)).all())
    assert rows == len(list((folder / "uploads").iterdir()))
    return rows


def test_all_faults_of_all_files_are_told_and_nothing_is_stored(engine, codes, take):
    foreign = day_file(["ES0021000000000001RK0F"])
    bad_row = day_file(codes[:1]).replace(b"2023/07/01", b"2023/07/99", 1)
    files = {
        "good.csv": day_file(codes),
        "foreign.csv": foreign,
        "row.csv": bad_row,
        "letter.txt": b"Estimado vecino:",
        "torn.json": b"{",
    }
    job = take("all.zip", zip_of(files))
    assert (job.state, job.error_code) == (JobState.FAILED, "invalid_data")
    told = [fault["file"] for fault in job.report["faults"]]
    assert list(dict.fromkeys(told)) == ["letter.txt", "torn.json", "foreign.csv", "row.csv"]
    (row,) = [fault for fault in job.report["faults"] if fault["file"] == "row.csv"]
    assert row["place"] == "line 2"
    assert [each["file_name"] for each in job.report["files"]] == ["foreign.csv", "row.csv"]
    assert readings_of(engine) == []


def test_what_is_good_is_taken_alone_on_request(engine, codes, take):
    files = {"good.csv": day_file(codes), "letter.txt": b"Estimado vecino:"}
    job = take("all.zip", zip_of(files), accepts_partial=True)
    assert job.state is JobState.SUCCEEDED
    assert [each["file"] for each in job.report["left_out"]] == ["letter.txt"]
    assert len(readings_of(engine)) == 2


def test_where_nothing_is_good_there_is_no_part_to_take(engine, take):
    job = take("letter.txt", b"Estimado vecino:", accepts_partial=True)
    assert (job.state, job.error_code) == (JobState.FAILED, "invalid_data")


def test_prices_are_prices(engine, take):
    hours = [(f"{hour:02d}-{(hour + 1) % 24:02d}", "131,04", "140,00") for hour in range(24)]
    job = take("pvpc.json", pvpc_archive("01/07/2023", hours))
    (file,) = job.report["files"]
    assert (file["subject"], file["accepted_count"]) == ("prices", 24)
    with read_session(engine) as session:
        assert session.exec(select(Price.kind)).one() is PriceKind.ENERGY


TABLE = b"Dia;kWh\n" + b"".join(b"01/07/2023 %02d:00;0,5\n" % hour for hour in range(24))


def mapping(code: str) -> dict:
    return {
        "decimal": ",",
        "time": {
            "columns": ["Dia"],
            "format": "%d/%m/%Y %H:%M",
            "marks": "begin",
            "zone": "local",
            "minutes": 60,
        },
        "meter": {"code": code},
        "values": [{"column": "kWh", "channel": "consumption", "unit": "kWh"}],
    }


def test_a_table_of_ones_own_needs_a_mapping(engine, codes, take):
    job = take("mine.csv", TABLE)
    assert (job.state, job.error_code) == (JobState.FAILED, "invalid_data")
    assert "mapping" in job.report["faults"][0]["reason"]
    assert take("mine.csv", TABLE, mapping=mapping(codes[0])).report["accepted_count"] == 24


def test_a_mapping_that_means_nothing_is_refused_at_once(engine, promoter, stored, tmp_path):
    upload_id = send(engine, promoter.id, tmp_path, "mine.csv", TABLE)
    with write_session(engine) as session, pytest.raises(FaultyMappingError):
        request_file_import(
            session,
            promoter_id=promoter.id,
            community_id=stored.community.id,
            upload_id=upload_id,
            wish=FileImportWish(mapping={"time": 3}),
            idempotency_key=None,
            now=RECORDED_AT,
        )


def test_a_file_that_may_be_several_things_asks_which(engine, codes, take):
    content = b"%s;2023/07/01 01:00;1;459;0;0;0;0;0;0;1;0;\n" % codes[0].encode()
    job = take("curve", content)
    assert job.state is JobState.FAILED
    assert "say which format" in job.report["faults"][0]["reason"]


def test_what_the_sender_says_it_is_counts(engine, codes, take):
    content = SIMEL % codes[0].encode()
    boundary = ConsumptionMeaning.BOUNDARY
    job = take("curve", content, format=FileFormat.SIMEL_P5D, consumption_is=boundary)
    assert job.report["files"][0]["format"] == "simel-p5d"


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (FileFormat.MEMBERS_LIST, "members-list"),
        (FileFormat.DISTRIBUTOR_CONSTANT, "distributor-constant"),
    ],
)
def test_a_file_of_something_else_is_refused_by_its_name(engine, take, form, reason):
    job = take("file", b"x", format=form)
    assert reason in job.report["faults"][0]["reason"]


PVGIS = (
    b"Latitude (decimal degrees):\t39.470\r\n"
    b"Longitude (decimal degrees):\t-0.376\r\n"
    b"Elevation (m):\t12\r\n"
    b"Radiation database:\tPVGIS-SARAH3\r\n"
    b"\r\n\r\n"
    b"time,P,G(i),H_sun,T2m,WS10m,Int\r\n"
    b"20230701:1010,1500.0,500.0,40.0,25.0,1.0,0.0\r\n"
    b"\r\n"
    b"P: PV system power (W)\r\nG(i): Global irradiance (W/m2)\r\nInt: 1 means reconstructed\r\n"
)


def test_a_file_of_generation_needs_its_plant(engine, stored, take):
    form = FileFormat.PVGIS_HOURLY_CSV
    job = take("pvgis.csv", PVGIS, format=form)
    assert "names no installation" in job.report["faults"][0]["reason"]
    job = take("pvgis.csv", PVGIS, format=form, plant_code=stored.installation.cau)
    assert job.report["accepted_count"] == 1
    (reading,) = readings_of(engine)
    assert reading.channel is Channel.GENERATION
    job = take("pvgis.csv", PVGIS, format=form, plant_code="ES123")
    assert (job.state, job.error_code) == (JobState.FAILED, "invalid_data")


def test_an_empty_file_is_said_to_be_empty(engine, take):
    job = take("nothing.csv", b"")
    assert [fault["reason"] for fault in job.report["faults"]] == ["is empty"]


def test_a_torn_archive_is_refused(engine, codes, take):
    job = take("all.zip", zip_of({"a.csv": day_file(codes)})[:-30])
    assert (job.state, job.error_code) == (JobState.FAILED, "invalid_data")


def test_a_file_that_is_gone_fails_its_job(engine, codes, take, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "api.services.file_imports.find_upload.upload_path", lambda *_: tmp_path / "no"
    )
    assert take("export.csv", day_file(codes)).error_code == "not_found"


def test_a_request_names_what_is_there(engine, promoter, other_promoter, stored, tmp_path):
    theirs = send(engine, other_promoter.id, tmp_path, "a.csv", b"x")
    mine = send(engine, promoter.id, tmp_path, "a.csv", b"x")
    ask = partial(
        request_file_import,
        promoter_id=promoter.id,
        wish=FileImportWish(),
        idempotency_key=None,
        now=RECORDED_AT,
    )
    with write_session(engine) as session:
        with pytest.raises(UnknownUploadError):
            ask(session, community_id=stored.community.id, upload_id=theirs)
        with pytest.raises(UnknownCommunityError):
            ask(session, community_id=uuid4(), upload_id=mine)


def test_a_wish_survives_the_queue():
    wish = FileImportWish(
        format=FileFormat.UFD_CSV,
        mapping={"a": [1]},
        plant_code="x",
        is_dry_run=True,
        accepts_partial=True,
        consumption_is=ConsumptionMeaning.NET,
        replaces_better=True,
        sums_quarters=True,
        other_prices_are=PriceKind.SURPLUS,
    )
    assert FileImportWish.from_json(wish.to_json()) == wish
    assert wish.reading_options == ReadingOptions(ConsumptionMeaning.NET, True, True, True)
    assert wish.price_options.other_is is PriceKind.SURPLUS
    assert wish.read_options == {"mapping": {"a": [1]}, "plant_code": "x"}
    assert FileImportWish().read_options == {}
