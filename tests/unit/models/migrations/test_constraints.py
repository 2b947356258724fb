"""Every CHECK and UNIQUE of the database, by a row that breaks it and nothing else."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from psycopg.errors import StringDataRightTruncation
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import SQLModel

import models.tables  # noqa: F401  registers the tables
from models.session import is_postgres
from tests.support.account_rows import ACCOUNT_CHECKS, ACCOUNT_UNIQUES
from tests.support.agency_checks import AGENCY_CHECKS
from tests.support.audit_rows import AUDIT_CHECKS, AUDIT_UNIQUES
from tests.support.databases import DatabaseKind, Databases, acting_for_all, opened
from tests.support.debt_rows import DEBT_CHECKS, DEBT_UNIQUES
from tests.support.erasure_rows import ERASURE_CHECKS, ERASURE_UNIQUES
from tests.support.ledger_rows import LEDGER_CHECKS, LEDGER_UNIQUES
from tests.support.mandate_rows import MANDATE_CHECKS, MANDATE_UNIQUES
from tests.support.notification_rows import NOTIFICATION_CHECKS, NOTIFICATION_UNIQUES
from tests.support.outbox_rows import OUTBOX_CHECKS, OUTBOX_UNIQUES
from tests.support.sign_up_rows import SIGN_UP_CHECKS, SIGN_UP_UNIQUES
from tests.support.table_rows import IDS, NOW, ROWS

RECTIFYING = {
    "series_id": uuid4().hex,
    "kind": "R4",
    "rectifies_id": IDS["invoice"],
    "rectification": "difference",
    "rectified_because": "x",
}
"""What a rectifying invoice says, of a series of its own."""

REGISTERED = {"invoice_id": IDS["registered"]}

CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = (
    LEDGER_CHECKS
    | ACCOUNT_CHECKS
    | AGENCY_CHECKS
    | AUDIT_CHECKS
    | DEBT_CHECKS
    | MANDATE_CHECKS
    | OUTBOX_CHECKS
    | NOTIFICATION_CHECKS
    | ERASURE_CHECKS
    | SIGN_UP_CHECKS
    | {
        "ck_proposal_report_whole_digest": [("proposal_report", {"sha256": "0" * 63})],
        "ck_promoter_name_length": [("promoter", {"name": ""}), ("promoter", {"name": "x" * 201})],
        "ck_api_token_name_length": [("api_token", {"name": "x" * 201})],
        "ck_community_code_length": [
            ("community", {"code": ""}),
            ("community", {"code": "x" * 101}),
        ],
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
        "ck_membership_modality": [
            (
                "membership",
                {"modality": "none", "valid_from": "2022-01-01", "valid_until": "2022-02-01"},
            )
        ],
        "ck_self_consumption_installation_modality": [
            ("self_consumption_installation", {"modality": "none"})
        ],
        "ck_self_consumption_installation_file_profile_length": [
            ("self_consumption_installation", {"file_profile": ""})
        ],
        "ck_distribution_agreement_coefficientmode": [
            ("distribution_agreement", {"mode": "daily"})
        ],
        "ck_distribution_agreement_closed_has_reason": [
            ("distribution_agreement", {"closed_at": NOW, "closed_because": "x"}),
            ("distribution_agreement", {"closed_because": "x"}),
        ],
        "ck_hourly_coefficients_whole_year": [
            ("hourly_coefficients", {"millionths": bytes(35_036)})
        ],
        "ck_filing_filingstate": [("filing", {"state": "lost", "answered_on": "2024-03-02"})],
        "ck_filing_answer_has_day": [
            ("filing", {"answered_on": "2024-03-02"}),
            ("filing", {"state": "applied"}),
        ],
        "ck_filing_refusal_said": [
            ("filing", {"state": "refused", "answered_on": "2024-03-02"}),
            ("filing", {"refused_because": "x"}),
        ],
        "ck_filing_refused_because_length": [
            (
                "filing",
                {"state": "refused", "answered_on": "2024-03-02", "refused_because": ""},
            )
        ],
        "ck_applied_coefficient_period_forward": [
            ("applied_coefficient", {"valid_from": "2023-04-01", "valid_until": "2023-04-01"})
        ],
        "ck_applied_change_applicationact": [("applied_change", {"act": "guessed"})],
        "ck_applied_change_reason_length": [("applied_change", {"reason": ""})],
        "ck_generated_file_generatedkind": [("generated_file", {"kind": "poster"})],
        "ck_generated_file_whole_digest": [("generated_file", {"sha256": "0"})],
        "ck_generated_file_file_name_length": [("generated_file", {"file_name": ""})],
        "ck_file_import_importsubject": [("file_import", {"subject": "weather"})],
        "ck_file_import_whole_digest": [
            ("file_import", {"sha256": "0"}),
            ("file_import", {"options_sha256": "0"}),
        ],
        "ck_file_import_counted_rows": [
            ("file_import", {"accepted_count": -1}),
            ("file_import", {"rejected_count": -1}),
        ],
        "ck_file_import_file_name_length": [("file_import", {"file_name": ""})],
        "ck_month_allocation_counted_version": [("month_allocation", {"version": 0})],
        "ck_month_allocation_whole_digest": [("month_allocation", {"inputs_sha256": "0"})],
        "ck_allocated_energy_used_of_allocated": [
            ("allocated_energy", {"self_consumed_micro_wh": -1}),
            ("allocated_energy", {"self_consumed_micro_wh": 1_000_001}),
        ],
        "ck_price_pricekind": [("price", {"kind": "tax"})],
        "ck_price_known_step": [("price", {"step_seconds": 60})],
        "ck_price_counted_version": [("price", {"version": 0})],
        "ck_price_whole_intervals": [("price", {"price_nano_eur_per_kwh": bytes(8)})],
        "ck_invoice_issuer_name_length": [("invoice_issuer", {"name": ""})],
        "ck_invoice_issuer_address_length": [("invoice_issuer", {"address": ""})],
        "ck_invoice_issuer_town_length": [("invoice_issuer", {"town": ""})],
        "ck_invoice_issuer_province_length": [("invoice_issuer", {"province": ""})],
        "ck_invoice_issuer_whole_postal_code": [("invoice_issuer", {"postal_code": "4600"})],
        "ck_retail_contract_name_length": [("retail_contract", {"name": ""})],
        "ck_payer_name_length": [("payer", {"name": ""})],
        "ck_payer_address_length": [("payer", {"address": ""})],
        "ck_payer_town_length": [("payer", {"town": ""})],
        "ck_payer_province_length": [("payer", {"province": ""})],
        "ck_payer_whole_postal_code": [("payer", {"postal_code": "4600"})],
        "ck_payer_email_length": [("payer", {"email": ""})],
        "ck_payer_language": [("payer", {"language": "fr"})],
        "ck_payer_all_offices_or_none": [
            ("payer", {"accounting_office": "L01461230"}),
            ("payer", {"managing_body": "L01461230"}),
            ("payer", {"processing_unit": "L01461230"}),
        ],
        "ck_payment_plan_code_length": [("payment_plan", {"code": ""})],
        "ck_payment_plan_name_length": [("payment_plan", {"name": ""})],
        "ck_plan_term_period_forward": [("plan_term", {"valid_until": "2024-01-01"})],
        "ck_plan_term_counted_position": [("plan_term", {"position": -1})],
        "ck_plan_term_counted_instalments": [
            ("plan_term", {"basis": "entry-fee", "instalments": 0}),
        ],
        "ck_plan_term_only_entry_fees_in_instalments": [("plan_term", {"instalments": 2})],
        "ck_plan_term_exemption_said_at_zero": [
            ("plan_term", {"exemption": "E1"}),
            ("plan_term", {"exempt_because": "x"}),
            ("plan_term", {"exemption": "E1", "exempt_because": "x", "tax_percent": "21"}),
        ],
        "ck_plan_term_description_length": [("plan_term", {"description": ""})],
        "ck_plan_term_exempt_because_length": [
            ("plan_term", {"exemption": "E1", "exempt_because": ""})
        ],
        "ck_plan_term_billingbasis": [("plan_term", {"basis": "guess"})],
        "ck_plan_term_taxkind": [("plan_term", {"tax": "toll"})],
        "ck_plan_term_exemption": [("plan_term", {"exemption": "E9", "exempt_because": "x"})],
        "ck_plan_subscription_period_forward": [
            ("plan_subscription", {"valid_from": "2023-04-01", "valid_until": "2023-04-01"})
        ],
        "ck_invoice_series_code_length": [("invoice_series", {"code": ""})],
        "ck_billing_run_period_forward": [("billing_run", {"period_end": "2024-04-01"})],
        "ck_billing_run_counted_invoices": [("billing_run", {"invoice_count": -1})],
        "ck_billing_run_idempotency_key_length": [("billing_run", {"idempotency_key": ""})],
        "ck_invoice_counted_number": [("invoice", {"number": 0})],
        "ck_invoice_period_forward": [("invoice", {"period_end": "2024-04-01"})],
        "ck_invoice_sums_to_total": [("invoice", {"total_cents": 364})],
        "ck_invoice_rectifying_says_what_and_why": [
            ("invoice", {"rectification": "difference"}),
            ("invoice", {"rectified_because": "x"}),
            ("invoice", {"kind": "R4"}),
        ],
        "ck_invoice_full_number_length": [("invoice", {"full_number": ""})],
        "ck_invoice_rectified_because_length": [
            ("invoice", RECTIFYING | {"rectified_because": ""})
        ],
        "ck_invoice_invoicekind": [("invoice", RECTIFYING | {"kind": "R9"})],
        "ck_invoice_rectification": [("invoice", RECTIFYING | {"rectification": "guess"})],
        "ck_invoice_line_description_length": [("invoice_line", {"description": ""})],
        "ck_invoice_line_billingbasis": [("invoice_line", {"basis": "guess"})],
        "ck_invoice_line_taxkind": [("invoice_line", {"tax": "toll"})],
        "ck_invoice_tax_exemption_said_at_zero": [
            ("invoice_tax", {"exemption": "E1"}),
            ("invoice_tax", {"exempt_because": "x"}),
            ("invoice_tax", {"exemption": "E1", "exempt_because": "x"}),
        ],
        "ck_invoice_tax_exempt_because_length": [
            ("invoice_tax", {"exemption": "E1", "exempt_because": "", "quota_cents": 0})
        ],
        "ck_invoice_tax_taxkind": [("invoice_tax", {"tax": "toll"})],
        "ck_invoice_tax_exemption": [
            ("invoice_tax", {"exemption": "E9", "exempt_because": "x", "quota_cents": 0})
        ],
        "ck_billed_period_period_forward": [
            ("billed_period", {"valid_from": "2023-04-01", "valid_until": "2023-04-01"})
        ],
        "ck_billed_energy_at_least_zero": [
            ("billed_energy", {"self_consumed_wh": -1}),
            ("billed_energy", {"surplus_wh": -1}),
        ],
        "ck_fiscal_record_counted_position": [
            ("fiscal_record", {"position": 0, "previous_sha256": "0" * 64})
        ],
        "ck_fiscal_record_counted_attempt": [("fiscal_record", {"attempt": 0})],
        "ck_fiscal_record_whole_digest": [("fiscal_record", {"sha256": "0"})],
        "ck_fiscal_record_first_has_no_previous": [
            ("fiscal_record", {"previous_sha256": "0" * 64}),
        ],
        "ck_fiscal_record_cancellation_said": [
            ("fiscal_record", {"because": "x"}),
            ("fiscal_record", {"kind": "cancellation"}),
        ],
        "ck_fiscal_record_because_length": [
            ("fiscal_record", {"kind": "cancellation", "because": ""})
        ],
        "ck_fiscal_record_fiscalrecordkind": [("fiscal_record", {"kind": "guess"})],
        "ck_invoice_file_whole_digest": [("invoice_file", {"sha256": "0"})],
        "ck_invoice_file_file_name_length": [("invoice_file", {"file_name": ""})],
        "ck_invoice_file_invoicefilekind": [("invoice_file", {"kind": "poster"})],
        "ck_invoice_file_language": [("invoice_file", {"language": "fr"})],
    }
)

# What makes a second row differ everywhere but in the key that must be unique.
UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    *ACCOUNT_UNIQUES,
    *DEBT_UNIQUES,
    *LEDGER_UNIQUES,
    *MANDATE_UNIQUES,
    *OUTBOX_UNIQUES,
    *AUDIT_UNIQUES,
    *NOTIFICATION_UNIQUES,
    *ERASURE_UNIQUES,
    *SIGN_UP_UNIQUES,
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
    ("proposed_bill", "supply_point_id", {}),
    ("proposal_report", "language", {}),
    ("vacancy_filling", "job_run_id", {"id": uuid4().hex}),
    ("candidate_suitability", "job_run_id", {"id": uuid4().hex}),
    ("capacity_sharing", "job_run_id", {"id": uuid4().hex}),
    ("member_assignment", "job_run_id", {"id": uuid4().hex}),
    ("distribution_coefficient", "position", {"supply_point_id": IDS["other_point"]}),
    ("distribution_coefficient", "supply_point_id", {"position": 1}),
    ("hourly_coefficients", "supply_point_id", {}),
    ("filing", "installation_id", {"id": uuid4().hex}),
    ("applied_coefficient", "valid_from", {"id": uuid4().hex, "valid_until": "2024-04-02"}),
    ("generated_file", "sha256", {"id": uuid4().hex}),
    ("file_import", "options_sha256", {"id": uuid4().hex}),
    ("month_allocation", "version", {"id": uuid4().hex}),
    ("allocated_energy", "supply_point_id", {}),
    ("scheduled_slot", "due_at", {}),
    ("remote_query", "key_sha256", {}),
    ("reading", "version", {"id": uuid4().hex}),
    ("price", "version", {"id": uuid4().hex}),
    ("invoice_issuer", "tax_number", {"id": uuid4().hex}),
    ("payer", "member_id", {"id": uuid4().hex}),
    ("payment_plan", "code", {"id": uuid4().hex}),
    ("plan_term", "valid_from", {"id": uuid4().hex}),
    ("retail_contract", "recorded_at", {"id": uuid4().hex}),
    ("plan_subscription", "valid_from", {"id": uuid4().hex, "valid_until": "2024-04-02"}),
    ("invoice_series", "code", {"id": uuid4().hex}),
    ("billing_run", "idempotency_key", {"id": uuid4().hex}),
    ("invoice", "number", {"id": uuid4().hex}),
    ("invoice_line", "position", {}),
    ("invoice_tax", "tax_percent", {}),
    ("billed_period", "subscription_id", {}),
    ("billed_energy", "subscription_id", {}),
    ("fiscal_record", "attempt", {"id": uuid4().hex, "tax_number": "00000000T"} | REGISTERED),
    (
        "fiscal_record",
        "position",
        {"id": uuid4().hex, "kind": "cancellation", "because": "x"},
    ),
    ("invoice_file", "sha256", {"id": uuid4().hex}),
    ("agency_answer", "record_id", {}),
]


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Hold one row of every table."""
    _fill(engine)
    return engine


@pytest.fixture(scope="module")
def refusing(databases: Databases, database_kind: DatabaseKind) -> Iterator[Engine]:
    """Hold one row of every table, for tests whose every row is refused."""
    server = databases.server(database_kind)
    url = server.copy(databases.migrated(database_kind))
    with opened(url) as engine:
        _fill(engine)
        yield engine
    server.drop(url)


def _fill(engine: Engine) -> None:
    for table, row in ROWS.items():
        if table == "fiscal_record":
            # Its invoice would get no more parts, and theirs may have them.
            _insert(engine, "invoice", ROWS["invoice"] | {"id": IDS["registered"], "number": 2})
            _insert(engine, table, row | REGISTERED)
            continue
        _insert(engine, table, row)
    other_point = {"id": IDS["other_point"], "cups": "CUPS2"}
    _insert(engine, "supply_point", ROWS["supply_point"] | other_point)
    corrections = {"id": RECTIFYING["series_id"], "code": "R", "is_rectifying": True}
    _insert(engine, "invoice_series", ROWS["invoice_series"] | corrections)


def _insert(engine: Engine, table: str, row: dict[str, object]) -> None:
    columns = ", ".join(row)
    values = ", ".join(f":{column}" for column in row)
    with acting_for_all(engine) as connection:
        connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def test_every_table_has_its_row():
    assert sorted(ROWS) == sorted(SQLModel.metadata.tables)


def test_every_check_has_its_case(engine: Engine):
    checks = {
        check["name"]
        for table in SQLModel.metadata.tables
        for check in inspect(engine).get_check_constraints(table)
    }
    # An agreement begins as a draft: other states are refused before these are looked at.
    assert checks - CHECKS.keys() == {
        "ck_distribution_agreement_agreementstate",
        "ck_distribution_agreement_closed_because_length",
        # A series begins with no number and only counts up.
        "ck_invoice_series_counted_numbers",
    }


@pytest.mark.parametrize(
    ("name", "table", "broken"),
    [(name, table, broken) for name, cases in CHECKS.items() for table, broken in cases],
)
def test_checks(refusing: Engine, name, table, broken):
    fresh = {"id": uuid4().hex} if "id" in ROWS[table] else {}
    with pytest.raises((IntegrityError, DataError)) as caught:
        _insert(refusing, table, ROWS[table] | fresh | broken)
    error = caught.value.orig
    if isinstance(error, StringDataRightTruncation):
        # PostgreSQL bounds the column before it asks the check.
        assert name.endswith("_length")
    elif is_postgres(refusing):
        assert error.diag.constraint_name == name
    else:
        assert str(error) == f"CHECK constraint failed: {name}"


@pytest.mark.parametrize(("table", "column", "different"), UNIQUES)
def test_unique_keys(refusing: Engine, table, column, different):
    with pytest.raises(IntegrityError) as caught:
        _insert(refusing, table, ROWS[table] | different)
    error = caught.value.orig
    if is_postgres(refusing):
        assert error.diag.table_name == table
        assert column in _columns_of_index(refusing, error.diag.constraint_name)
    else:
        key = rf"UNIQUE constraint failed: .*{table}\.{column}\b"
        assert re.search(rf"{key}|two periods of {table} share a day", str(error))


def _columns_of_index(engine: Engine, name: str) -> list[str]:
    """Ask PostgreSQL, which does not quote the keys of rows that a policy holds apart."""
    query = "SELECT pg_get_indexdef(CAST(:name AS regclass))"
    with engine.connect() as connection:
        return re.findall(r"\w+", connection.scalar(text(query), {"name": name}))


@pytest.mark.parametrize("table", ["applied_coefficient", "membership", "plan_subscription"])
@pytest.mark.parametrize(
    ("since", "until", "is_apart"),
    [
        ("2024-05-01", "2024-06-01", False),
        ("2024-01-01", "2024-04-02", False),
        ("2024-01-01", None, False),
        ("2024-06-30", None, False),
        ("2024-01-01", "2024-04-01", True),
        ("2024-07-01", None, True),
    ],
)
def test_periods_of_one_supply_point_share_no_day(engine: Engine, table, since, until, is_apart):
    for name, row in ROWS.items():
        period = {"valid_from": "2024-04-01", "valid_until": "2024-07-01"} if name == table else {}
        _insert(engine, name, row | period)
    second = ROWS[table] | {"id": uuid4().hex, "valid_from": since, "valid_until": until}
    if is_apart:
        _insert(engine, table, second)
        return
    with pytest.raises(IntegrityError, match=r"share a day|periods_apart"):
        _insert(engine, table, second)


def test_unique_keys_are_the_promoters_own(filled: Engine):
    other = uuid4().hex
    _insert(filled, "promoter", {"id": other, "name": "Q", "created_at": NOW})
    for table in ("community", "self_consumption_installation", "supply_point", "job_run"):
        _insert(filled, table, ROWS[table] | {"id": uuid4().hex, "promoter_id": other})


def test_a_failed_job_gives_its_key_up(filled: Engine):
    with acting_for_all(filled) as connection:
        connection.execute(text("UPDATE job_run SET state = 'failed', finished_at = created_at"))
    _insert(filled, "job_run", ROWS["job_run"] | {"id": uuid4().hex})


def test_rows_refer_to_what_exists(engine: Engine):
    for table, row in ROWS.items():
        for reference in inspect(engine).get_foreign_keys(table):
            (column,) = reference["constrained_columns"]
            if row.get(column) is None:
                continue
            with pytest.raises(IntegrityError, match=r"(?i)foreign key|one promoter"):
                _insert(engine, table, row | {column: uuid4().hex})
        _insert(engine, table, row)
