"""Sound rows of mandates and debits, and what breaks each of their constraints and nothing else."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

SEALED = {"sealed_iban": bytes(54), "iban_index": bytes(32), "masked_iban": "ES…1332"}


def list_seal_checks(
    table: str, columns: tuple[str, ...] = tuple(SEALED)
) -> dict[str, list[tuple[str, dict[str, object]]]]:
    """List what breaks each check of a sealed account."""
    sealed, index, masked = columns
    return {
        f"ck_{table}_whole_seal": [(table, {sealed: bytes(44)}), (table, {sealed: bytes(65)})],
        f"ck_{table}_whole_index": [(table, {index: bytes(31)})],
        f"ck_{table}_{masked}_length": [(table, {masked: ""})],
    }


MANDATE_ROWS: dict[str, dict[str, object]] = {
    "creditor_account": TENANT
    | {
        "id": uuid4().hex,
        "issuer_id": IDS["issuer"],
        "position": 0,
        "creditor_id": "ES23ZZZ47690558N",
        **SEALED,
        "bic": None,
        "notice_days": 14,
        "lead_days": 1,
        "pain_version": "pain.008.001.08",
    },
    "mandate": TENANT
    | {
        "id": IDS["mandate"],
        "issuer_id": IDS["issuer"],
        "member_id": IDS["member"],
        "reference": "M1",
        "kind": "recurrent",
        "signed_on": "2024-03-01",
        "last_used_on": None,
        "recorded_at": NOW,
        "ended_on": None,
        "ended_because": None,
        "ended_code": None,
    },
    "mandate_account": TENANT
    | {
        "id": IDS["account"],
        "mandate_id": IDS["mandate"],
        "position": 0,
        "holder": "Ana",
        **SEALED,
        "recorded_on": "2024-03-01",
        "usable_from": "2024-03-22",
        "closes_previous": False,
    },
    "debit_run": TENANT
    | {
        "id": IDS["debit_run"],
        "issuer_id": IDS["issuer"],
        "message_id": "m1",
        "pain_version": "pain.008.001.08",
        "idempotency_key": "k",
        "request": "{}",
        "debit_count": 1,
        "total_cents": 1,
        "sealed_content": bytes(40),
        "created_at": NOW,
    },
    "debit": TENANT
    | {
        "id": IDS["debit"],
        "run_id": IDS["debit_run"],
        "mandate_id": IDS["mandate"],
        "account_id": IDS["account"],
        "member_id": IDS["member"],
        "invoice_id": IDS["invoice"],
        "due_on": "2024-05-22",
        "attempt": 1,
        "end_to_end_id": "e1",
        "payment_information_id": "m1-1",
        "sequence": "FRST",
        "collect_on": "2024-05-22",
        "amount_cents": 1,
    },
    "debit_status": TENANT
    | {
        "id": uuid4().hex,
        "debit_id": IDS["debit"],
        "outcome": "accepted",
        "code": None,
        "source_key": "s1",
        "said_on": "2024-05-22",
        "recorded_at": NOW,
    },
}

_ENDED = {"ended_on": "2024-05-01", "ended_because": "returned"}

MANDATE_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_creditor_account_creditor_id_length": [("creditor_account", {"creditor_id": ""})],
    "ck_creditor_account_counted_position": [("creditor_account", {"position": -1})],
    **list_seal_checks("creditor_account"),
    "ck_creditor_account_whole_bic": [("creditor_account", {"bic": "CAIXESBB1"})],
    "ck_creditor_account_days_of_notice": [
        ("creditor_account", {"notice_days": 0}),
        ("creditor_account", {"notice_days": 61}),
    ],
    "ck_creditor_account_days_of_lead": [
        ("creditor_account", {"lead_days": 0}),
        ("creditor_account", {"lead_days": 11}),
    ],
    "ck_creditor_account_painversion": [("creditor_account", {"pain_version": "pain.001"})],
    "ck_mandate_reference_length": [("mandate", {"reference": ""})],
    "ck_mandate_signed_before_use": [("mandate", {"last_used_on": "2024-02-29"})],
    "ck_mandate_end_is_said": [
        ("mandate", {"ended_on": "2024-05-01"}),
        ("mandate", {"ended_because": "revoked"}),
        ("mandate", _ENDED | {"ended_because": "revoked", "ended_code": "MD01"}),
    ],
    "ck_mandate_ended_code_length": [("mandate", _ENDED | {"ended_code": ""})],
    "ck_mandate_mandatekind": [("mandate", {"kind": "guess"})],
    "ck_mandate_mandateend": [("mandate", _ENDED | {"ended_because": "guess"})],
    "ck_mandate_account_counted_position": [("mandate_account", {"position": -1})],
    "ck_mandate_account_first_closes_none": [("mandate_account", {"closes_previous": True})],
    "ck_mandate_account_holder_length": [("mandate_account", {"holder": ""})],
    **list_seal_checks("mandate_account"),
    "ck_debit_run_idempotency_key_length": [("debit_run", {"idempotency_key": ""})],
    "ck_debit_run_message_id_length": [("debit_run", {"message_id": ""})],
    "ck_debit_run_collects_something": [
        ("debit_run", {"debit_count": 0}),
        ("debit_run", {"total_cents": 0}),
    ],
    "ck_debit_run_painversion": [("debit_run", {"pain_version": "pain.001"})],
    "ck_debit_end_to_end_id_length": [("debit", {"end_to_end_id": ""})],
    "ck_debit_payment_information_id_length": [("debit", {"payment_information_id": ""})],
    "ck_debit_counted_attempt": [("debit", {"attempt": 0})],
    "ck_debit_collects_something": [("debit", {"amount_cents": 0})],
    "ck_debit_sequencetype": [("debit", {"sequence": "LAST"})],
    "ck_debit_status_source_key_length": [("debit_status", {"source_key": ""})],
    "ck_debit_status_code_length": [("debit_status", {"code": ""})],
    "ck_debit_status_debitoutcome": [("debit_status", {"outcome": "lost"})],
}

MANDATE_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("creditor_account", "position", {"id": uuid4().hex}),
    ("mandate", "reference", _ENDED | {"id": uuid4().hex}),
    ("mandate", "member_id", {"id": uuid4().hex, "reference": "M2"}),
    ("mandate_account", "position", {"id": uuid4().hex}),
    ("debit_run", "idempotency_key", {"id": uuid4().hex, "message_id": "m2"}),
    ("debit_run", "message_id", {"id": uuid4().hex, "idempotency_key": "l"}),
    ("debit", "end_to_end_id", {"id": uuid4().hex, "attempt": 2}),
    ("debit", "attempt", {"id": uuid4().hex, "end_to_end_id": "e2"}),
    ("debit_status", "source_key", {"id": uuid4().hex}),
]
