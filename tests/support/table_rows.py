"""One sound row of every table, as SQL takes it, in the order in which they refer to each other."""

from uuid import uuid4

from tests.support.account_rows import ACCOUNT_ROWS
from tests.support.audit_rows import AUDIT_ROWS
from tests.support.debt_rows import DEBT_ROWS
from tests.support.erasure_rows import ERASURE_ROWS
from tests.support.ledger_rows import LEDGER_ROWS
from tests.support.mandate_rows import MANDATE_ROWS
from tests.support.notification_rows import NOTIFICATION_ROWS
from tests.support.outbox_rows import OUTBOX_ROWS
from tests.support.row_keys import IDS, NOW, TENANT
from tests.support.sign_up_rows import SIGN_UP_ROWS

STUDY = TENANT | {
    "job_run_id": IDS["job"],
    "year": 2023,
    "request": "{}",
    "result": "{}",
    "created_at": NOW,
}
APPLIED = TENANT | {
    "installation_id": IDS["installation"],
    "supply_point_id": IDS["point"],
    "agreement_id": IDS["agreement"],
    "valid_from": "2024-04-01",
    "valid_until": None,
}
PARTY = TENANT | {
    "tax_number": "12345678Z",
    "name": "Ana",
    "address": "Major, 1",
    "postal_code": "46001",
    "town": "Valencia",
    "province": "Valencia",
}
MONTH = TENANT | {
    "starts_at": NOW,
    "step_seconds": 3600,
    "interval_count": 2,
    "version": 1,
    "crc32": 0,
    "recorded_at": NOW,
}

ROWS: dict[str, dict[str, object]] = (
    {
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
            "community_id": None,
            "asked_by": None,
            "correlation_id": None,
            "traceparent": None,
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
            "sent_by": None,
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
        "proposed_bill": TENANT
        | {
            "proposal_id": IDS["proposal"],
            "supply_point_id": IDS["point"],
            "without_cents": 1200,
            "after_cents": 900,
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
        "hourly_coefficients": TENANT
        | {
            "agreement_id": IDS["agreement"],
            "supply_point_id": IDS["point"],
            "millionths": bytes(35_040),
        },
        "filing": TENANT
        | {
            "id": uuid4().hex,
            "installation_id": IDS["installation"],
            "agreement_id": IDS["agreement"],
            "state": "in-flight",
            "filed_on": "2024-03-01",
            "answered_on": None,
            "refused_because": None,
            "created_at": NOW,
        },
        "applied_coefficient": APPLIED | {"id": uuid4().hex},
        "applied_change": APPLIED
        | {"id": uuid4().hex, "act": "recorded", "reason": "said so", "recorded_at": NOW},
        "generated_file": TENANT
        | {
            "id": uuid4().hex,
            "agreement_id": IDS["agreement"],
            "kind": "distributor-file",
            "variant": "default",
            "file_name": "f.txt",
            "sha256": "0" * 64,
            "content": b"x",
            "created_at": NOW,
        },
        "file_import": TENANT
        | {
            "id": uuid4().hex,
            "community_id": IDS["community"],
            "subject": "readings",
            "format": "f5d",
            "file_name": "F5D.zip",
            "sha256": "0" * 64,
            "options": "{}",
            "options_sha256": "0" * 64,
            "accepted_count": 0,
            "rejected_count": 0,
            "report": "{}",
            "created_at": NOW,
        },
        "month_allocation": TENANT
        | {
            "id": IDS["allocation"],
            "installation_id": IDS["installation"],
            "starts_at": NOW,
            "version": 1,
            "generation_wh": 1,
            "unallocated_micro_wh": 0,
            "inputs_sha256": "0" * 64,
            "recorded_at": NOW,
        },
        "allocated_energy": TENANT
        | {
            "allocation_id": IDS["allocation"],
            "supply_point_id": IDS["point"],
            "consumption_wh": 1,
            "allocated_micro_wh": 1_000_000,
            "self_consumed_micro_wh": 1_000_000,
        },
        "scheduled_slot": {"name": "allocate_months", "due_at": NOW, "asked_at": NOW},
        "remote_query": TENANT | {"key_sha256": "0" * 64, "asked_at": NOW},
        "invoice_issuer": PARTY | {"id": IDS["issuer"]},
        "payer": PARTY
        | {
            "id": uuid4().hex,
            "member_id": IDS["member"],
            "email": None,
            "language": "es",
            "accounting_office": None,
            "managing_body": None,
            "processing_unit": None,
        },
        "payment_plan": TENANT
        | {
            "id": IDS["plan"],
            "community_id": IDS["community"],
            "issuer_id": IDS["issuer"],
            "code": "p",
            "name": "Plan",
            "created_at": NOW,
        },
        "plan_term": TENANT
        | {
            "id": uuid4().hex,
            "plan_id": IDS["plan"],
            "position": 0,
            "basis": "fixed",
            "price": "3",
            "description": "Fee",
            "tax": "iva",
            "tax_percent": "0",
            "exemption": None,
            "exempt_because": None,
            "instalments": 1,
            "valid_from": "2024-01-01",
            "valid_until": None,
        },
        "plan_subscription": TENANT
        | {
            "id": IDS["subscription"],
            "plan_id": IDS["plan"],
            "supply_point_id": IDS["point"],
            "valid_from": "2024-04-01",
            "valid_until": None,
        },
        "invoice_series": TENANT
        | {
            "id": IDS["series"],
            "issuer_id": IDS["issuer"],
            "code": "2024",
            "is_rectifying": False,
            "last_number": 0,
        },
        "billing_run": TENANT
        | {
            "id": IDS["run"],
            "community_id": IDS["community"],
            "period_start": "2024-04-01",
            "period_end": "2024-05-01",
            "idempotency_key": "k",
            "request": "{}",
            "invoice_count": 0,
            "total_cents": 0,
            "issued_at": NOW,
        },
        "invoice": TENANT
        | {
            "id": IDS["invoice"],
            "series_id": IDS["series"],
            "number": 1,
            "full_number": "2024-000001",
            "run_id": IDS["run"],
            "issuer_id": IDS["issuer"],
            "member_id": IDS["member"],
            "supply_point_id": IDS["point"],
            "kind": "F1",
            "issued_on": "2024-05-02",
            "issued_at": NOW,
            "period_start": "2024-04-01",
            "period_end": "2024-05-01",
            "due_on": "2024-05-22",
            "net_cents": 300,
            "tax_cents": 63,
            "total_cents": 363,
            "rectifies_id": None,
            "rectification": None,
            "rectified_because": None,
            "parties": "{}",
            "facts": "{}",
        },
        "invoice_line": TENANT
        | {
            "invoice_id": IDS["invoice"],
            "position": 0,
            "basis": "fixed",
            "description": "Fee",
            "quantity": "1",
            "unit": "month",
            "price": "3",
            "net_cents": 300,
            "tax": "iva",
            "tax_percent": "21",
            "source": "{}",
        },
        "invoice_tax": TENANT
        | {
            "invoice_id": IDS["invoice"],
            "tax": "iva",
            "tax_percent": "21",
            "base_cents": 300,
            "quota_cents": 63,
            "exemption": None,
            "exempt_because": None,
        },
        "billed_period": TENANT
        | {
            "invoice_id": IDS["invoice"],
            "subscription_id": IDS["subscription"],
            "supply_point_id": IDS["point"],
            "valid_from": "2024-04-01",
            "valid_until": "2024-05-01",
            "released_at": None,
        },
        "billed_energy": TENANT
        | {
            "invoice_id": IDS["invoice"],
            "allocation_id": IDS["allocation"],
            "subscription_id": IDS["subscription"],
            "self_consumed_wh": 0,
            "surplus_wh": 0,
        },
        "fiscal_record": TENANT
        | {
            "id": IDS["record"],
            "invoice_id": IDS["invoice"],
            "tax_number": "12345678Z",
            "position": 1,
            "kind": "registration",
            "attempt": 1,
            "generated_at": "2024-05-02T09:30:00+02:00",
            "previous_sha256": None,
            "sha256": "0" * 64,
            "content": b"<x/>",
            "because": None,
        },
        "agency_submission": TENANT
        | {
            "id": IDS["submission"],
            "tax_number": "12345678Z",
            "created_at": NOW,
            "first_position": 1,
            "last_position": 1,
            "has_incident": False,
            "content": b"<x/>",
            "state": "answered",
            "attempts": 1,
            "sent_at": NOW,
            "answer": b"<y/>",
            "receipt": None,
            "wait_seconds": 60,
            "reason": None,
        },
        "agency_answer": TENANT
        | {
            "record_id": IDS["record"],
            "submission_id": IDS["submission"],
            "status": "accepted",
            "error_code": None,
            "error_text": None,
            "is_duplicate": False,
            "answered_at": NOW,
        },
        "retail_contract": TENANT
        | {
            "id": uuid4().hex,
            "supply_point_id": IDS["point"],
            "name": "home",
            "valid_from": "2024-01-01",
            "document": "{}",
            "recorded_at": NOW,
        },
        "invoice_file": TENANT
        | {
            "id": uuid4().hex,
            "invoice_id": IDS["invoice"],
            "kind": "pdf",
            "language": "es",
            "file_name": "f.pdf",
            "sha256": "0" * 64,
            "content": b"x",
            "created_at": NOW,
        },
    }
    | MANDATE_ROWS
    | OUTBOX_ROWS
    | NOTIFICATION_ROWS
    | AUDIT_ROWS
    | ERASURE_ROWS
    | SIGN_UP_ROWS
    | LEDGER_ROWS
    | DEBT_ROWS
    | ACCOUNT_ROWS
)
