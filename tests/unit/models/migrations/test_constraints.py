"""Every CHECK and UNIQUE of the database, by a row that breaks it and nothing else."""

from uuid import uuid4

import pytest
from psycopg.errors import StringDataRightTruncation
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import SQLModel

import models.tables  # noqa: F401  registers the tables
from models.session import is_postgres

NOW = "2024-03-01 09:30:00.000000"
NAMES = (
    "promoter community installation member point other_point application job proposal agreement"
)
IDS = {name: uuid4().hex for name in NAMES.split()}
TENANT = {"promoter_id": IDS["promoter"]}
STUDY = TENANT | {
    "job_run_id": IDS["job"],
    "year": 2023,
    "request": "{}",
    "result": "{}",
    "created_at": NOW,
}
MONTH = TENANT | {
    "starts_at": NOW,
    "step_seconds": 3600,
    "interval_count": 2,
    "version": 1,
    "crc32": 0,
    "recorded_at": NOW,
}

# In the order in which they refer to each other.
ROWS: dict[str, dict[str, object]] = {
    "promoter": {"id": IDS["promoter"], "name": "P", "created_at": NOW},
    "api_token": TENANT
    | {"id": uuid4().hex, "name": "t", "prefix": "rp_1", "sha256": "0" * 64, "created_at": NOW},
    "community": TENANT
    | {
        "id": IDS["community"],
        "code": "c",
        "name": "C",
        "timezone": "Europe/Madrid",
        "zone": "peninsula",
        "created_at": NOW,
    },
    "self_consumption_installation": TENANT
    | {
        "id": IDS["installation"],
        "community_id": IDS["community"],
        "cau": "CAU1",
        "position": 0,
        "inverter_power_w": 1,
        "lat": 90.0,
        "lon": -180.0,
    },
    "member": TENANT
    | {"id": IDS["member"], "community_id": IDS["community"], "code": "M", "kind": "home"},
    "supply_point": TENANT
    | {
        "id": IDS["point"],
        "member_id": IDS["member"],
        "cups": "CUPS1",
        "tariff": "2.0TD",
        "contracted_power_w": 1,
        "lat": -90.0,
        "lon": 180.0,
        "yearly_consumption_wh": 0,
    },
    "membership": TENANT
    | {
        "id": uuid4().hex,
        "installation_id": IDS["installation"],
        "supply_point_id": IDS["point"],
        "position": 0,
        "valid_from": "2023-01-01",
        "valid_until": None,
    },
    "reserve_application": TENANT
    | {
        "id": IDS["application"],
        "community_id": IDS["community"],
        "supply_point_id": IDS["point"],
        "position": 0,
        "state": "waiting",
    },
    "job_run": TENANT
    | {
        "id": IDS["job"],
        "kind": "propose",
        "arguments": "{}",
        "deduplication_key": "k",
        "state": "queued",
        "progress_share": 0.0,
        "attempts": 0,
        "lease_until": None,
        "finished_at": None,
        "created_at": NOW,
    },
    "upload": TENANT
    | {
        "id": uuid4().hex,
        "file_name": "x.zip",
        "sha256": "0" * 64,
        "size_bytes": 1,
        "created_at": NOW,
    },
    "coefficient_proposal": TENANT
    | {
        "id": IDS["proposal"],
        "installation_id": IDS["installation"],
        "job_run_id": IDS["job"],
        "year": 2023,
        "state": "open",
        "request": "{}",
        "result": "{}",
        "created_at": NOW,
    },
    "proposed_coefficient": TENANT
    | {
        "proposal_id": IDS["proposal"],
        "supply_point_id": IDS["point"],
        "position": 0,
        "millionths": 1_000_000,
    },
    "class_coefficients": TENANT
    | {
        "proposal_id": IDS["proposal"],
        "supply_point_id": IDS["point"],
        "class_count": 2,
        "millionths": bytes(8),
    },
    "simulated_year": TENANT
    | {
        "proposal_id": IDS["proposal"],
        "supply_point_id": IDS["point"],
        "scenario": "proposal",
        "months": "{}",
    },
    "proposal_report": TENANT
    | {
        "proposal_id": IDS["proposal"],
        "language": "en",
        "sha256": "0" * 64,
        "content": b"PK",
    },
    "vacancy_filling": STUDY | {"id": uuid4().hex, "installation_id": IDS["installation"]},
    "candidate_suitability": STUDY
    | {
        "id": uuid4().hex,
        "installation_id": IDS["installation"],
        "reserve_application_id": IDS["application"],
    },
    "capacity_sharing": STUDY | {"id": uuid4().hex, "installation_id": IDS["installation"]},
    "member_assignment": STUDY | {"id": uuid4().hex, "community_id": IDS["community"]},
    "distribution_agreement": TENANT
    | {
        "id": IDS["agreement"],
        "installation_id": IDS["installation"],
        "state": "draft",
        "file_year": 2024,
        "created_at": NOW,
        "published_at": None,
    },
    "distribution_coefficient": TENANT
    | {
        "agreement_id": IDS["agreement"],
        "supply_point_id": IDS["point"],
        "position": 0,
        "millionths": 0,
    },
    "reading": MONTH
    | {
        "id": uuid4().hex,
        "supply_point_id": IDS["point"],
        "installation_id": None,
        "channel": "consumption",
        "energy_wh": bytes(8),
        "quality": bytes(2),
    },
    "price": MONTH
    | {
        "id": uuid4().hex,
        "community_id": IDS["community"],
        "kind": "energy",
        "price_nano_eur_per_kwh": bytes(16),
    },
}

CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_proposal_report_whole_digest": [("proposal_report", {"sha256": "0" * 63})],
    "ck_promoter_name_length": [("promoter", {"name": ""}), ("promoter", {"name": "x" * 201})],
    "ck_api_token_name_length": [("api_token", {"name": "x" * 201})],
    "ck_community_code_length": [("community", {"code": ""}), ("community", {"code": "x" * 101})],
    "ck_community_name_length": [("community", {"name": "x" * 201})],
    "ck_community_zone": [("community", {"zone": "andorra"})],
    "ck_self_consumption_installation_inverter_power_positive": [
        ("self_consumption_installation", {"inverter_power_w": 0})
    ],
    "ck_self_consumption_installation_place_on_earth": [
        ("self_consumption_installation", {"lat": 90.1}),
        ("self_consumption_installation", {"lon": -180.1}),
    ],
    "ck_member_code_length": [("member", {"code": ""})],
    "ck_member_kind_length": [("member", {"kind": ""})],
    "ck_supply_point_contracted_power_positive": [("supply_point", {"contracted_power_w": 0})],
    "ck_supply_point_place_on_earth": [("supply_point", {"lat": -90.1})],
    "ck_supply_point_yearly_consumption_at_least_zero": [
        ("supply_point", {"yearly_consumption_wh": -1})
    ],
    "ck_supply_point_tariff": [("supply_point", {"tariff": "2.1A"})],
    "ck_membership_period_forward": [("membership", {"valid_until": "2023-01-01"})],
    "ck_reserve_application_applicationstate": [("reserve_application", {"state": "lost"})],
    "ck_job_run_jobstate": [("job_run", {"state": "lost"})],
    "ck_job_run_progress_is_a_share": [("job_run", {"progress_share": 1.01})],
    "ck_job_run_running_has_lease": [
        ("job_run", {"state": "running"}),
        ("job_run", {"lease_until": NOW}),
    ],
    "ck_job_run_ended_has_instant": [
        ("job_run", {"state": "succeeded"}),
        ("job_run", {"finished_at": NOW}),
    ],
    "ck_upload_file_name_length": [("upload", {"file_name": ""})],
    "ck_coefficient_proposal_proposalstate": [("coefficient_proposal", {"state": "lost"})],
    "ck_proposed_coefficient_share_of_one": [
        ("proposed_coefficient", {"millionths": -1}),
        ("proposed_coefficient", {"millionths": 1_000_001}),
    ],
    "ck_class_coefficients_whole_classes": [
        ("class_coefficients", {"class_count": 3}),
        ("class_coefficients", {"class_count": 0, "millionths": b""}),
    ],
    "ck_distribution_agreement_published_has_instant": [
        ("distribution_agreement", {"published_at": NOW})
    ],
    "ck_distribution_coefficient_share_of_one": [
        ("distribution_coefficient", {"millionths": -1}),
        ("distribution_coefficient", {"millionths": 1_000_001}),
    ],
    "ck_reading_one_meter": [
        ("reading", {"installation_id": IDS["installation"]}),
        ("reading", {"channel": "generation"}),
        ("reading", {"supply_point_id": None}),
    ],
    "ck_reading_channel": [("reading", {"channel": "export"})],
    "ck_reading_known_step": [("reading", {"step_seconds": 60})],
    "ck_reading_counted_version": [("reading", {"version": 0})],
    "ck_reading_whole_intervals": [
        ("reading", {"energy_wh": bytes(4)}),
        ("reading", {"quality": bytes(3)}),
        ("reading", {"interval_count": 0, "energy_wh": b"", "quality": b""}),
    ],
    "ck_price_pricekind": [("price", {"kind": "tax"})],
    "ck_price_known_step": [("price", {"step_seconds": 60})],
    "ck_price_counted_version": [("price", {"version": 0})],
    "ck_price_whole_intervals": [("price", {"price_nano_eur_per_kwh": bytes(8)})],
}

# What makes a second row differ everywhere but in the key that must be unique.
UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("promoter", "name", {"id": uuid4().hex}),
    ("api_token", "sha256", {"id": uuid4().hex, "name": "u"}),
    ("community", "code", {"id": uuid4().hex, "name": "D"}),
    ("self_consumption_installation", "cau", {"id": uuid4().hex}),
    ("member", "code", {"id": uuid4().hex}),
    ("supply_point", "cups", {"id": uuid4().hex}),
    ("membership", "supply_point_id", {"id": uuid4().hex, "position": 1}),
    ("reserve_application", "supply_point_id", {"id": uuid4().hex, "position": 1}),
    ("job_run", "deduplication_key", {"id": uuid4().hex, "state": "queued"}),
    ("coefficient_proposal", "job_run_id", {"id": uuid4().hex}),
    ("proposed_coefficient", "position", {"supply_point_id": IDS["other_point"]}),
    ("proposed_coefficient", "supply_point_id", {"position": 1}),
    ("class_coefficients", "supply_point_id", {"class_count": 1, "millionths": bytes(4)}),
    ("simulated_year", "scenario", {}),
    ("proposal_report", "language", {}),
    ("vacancy_filling", "job_run_id", {"id": uuid4().hex}),
    ("candidate_suitability", "job_run_id", {"id": uuid4().hex}),
    ("capacity_sharing", "job_run_id", {"id": uuid4().hex}),
    ("member_assignment", "job_run_id", {"id": uuid4().hex}),
    ("distribution_coefficient", "position", {"supply_point_id": IDS["other_point"]}),
    ("distribution_coefficient", "supply_point_id", {"position": 1}),
    ("reading", "version", {"id": uuid4().hex}),
    ("price", "version", {"id": uuid4().hex}),
]


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Hold one row of every table."""
    for table, row in ROWS.items():
        _insert(engine, table, row)
    _insert(
        engine,
        "supply_point",
        ROWS["supply_point"] | {"id": IDS["other_point"], "cups": "CUPS2"},
    )
    return engine


def _insert(engine: Engine, table: str, row: dict[str, object]) -> None:
    columns = ", ".join(row)
    values = ", ".join(f":{column}" for column in row)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def test_every_table_has_its_row():
    assert sorted(ROWS) == sorted(SQLModel.metadata.tables)


def test_every_check_has_its_case(engine: Engine):
    checks = {
        check["name"]
        for table in SQLModel.metadata.tables
        for check in inspect(engine).get_check_constraints(table)
    }
    # An agreement in an unknown state is refused before, because it is no draft.
    assert checks - CHECKS.keys() == {"ck_distribution_agreement_agreementstate"}


@pytest.mark.parametrize(
    ("name", "table", "broken"),
    [(name, table, broken) for name, cases in CHECKS.items() for table, broken in cases],
)
def test_checks(filled: Engine, name, table, broken):
    fresh = {"id": uuid4().hex} if "id" in ROWS[table] else {}
    with pytest.raises((IntegrityError, DataError)) as caught:
        _insert(filled, table, ROWS[table] | fresh | broken)
    error = caught.value.orig
    if isinstance(error, StringDataRightTruncation):
        # PostgreSQL bounds the column before it asks the check.
        assert name.endswith("_length")
    elif is_postgres(filled):
        assert error.diag.constraint_name == name
    else:
        assert str(error) == f"CHECK constraint failed: {name}"


@pytest.mark.parametrize(("table", "column", "different"), UNIQUES)
def test_unique_keys(filled: Engine, table, column, different):
    reasons = (
        rf"UNIQUE constraint failed: .*{table}\.{column}\b",
        rf"Key \(.*\b{column}\b.*\) already exists",
        rf"two periods of {table} share a day",
    )
    with pytest.raises(IntegrityError, match="|".join(reasons)):
        _insert(filled, table, ROWS[table] | different)


def test_unique_keys_are_the_promoters_own(filled: Engine):
    other = uuid4().hex
    _insert(filled, "promoter", {"id": other, "name": "Q", "created_at": NOW})
    for table in ("community", "self_consumption_installation", "supply_point", "job_run"):
        _insert(filled, table, ROWS[table] | {"id": uuid4().hex, "promoter_id": other})


def test_a_failed_job_gives_its_key_up(filled: Engine):
    with filled.begin() as connection:
        connection.execute(text("UPDATE job_run SET state = 'failed', finished_at = created_at"))
    _insert(filled, "job_run", ROWS["job_run"] | {"id": uuid4().hex})


def test_rows_refer_to_what_exists(engine: Engine):
    for table, row in ROWS.items():
        for reference in inspect(engine).get_foreign_keys(table):
            (column,) = reference["constrained_columns"]
            if row.get(column) is None:
                continue
            with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
                _insert(engine, table, row | {column: uuid4().hex})
        _insert(engine, table, row)
