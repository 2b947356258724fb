"""A sound entry of the audit trail, and what breaks each of its constraints and nothing else."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

AUDIT_ROWS: dict[str, dict[str, object]] = {
    "audit_entry": TENANT
    | {
        "id": uuid4().hex,
        "position": 1,
        "at": NOW,
        "channel": "graphql",
        "actor_role": "promoter-admin",
        "account_id": IDS["user"],
        "action": "publishAgreement",
        "outcome": "done",
        "subjects": "distribution_agreement:1",
        "subject_count": 1,
        "correlation_id": "0" * 32,
        "hash": "0" * 64,
    },
}

_NEXT = {"position": 2, "previous_hash": "0" * 64}

AUDIT_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_audit_entry_counted_position": [
        ("audit_entry", {"position": 0, "previous_hash": "0" * 64})
    ],
    "ck_audit_entry_first_has_no_previous": [("audit_entry", {"previous_hash": "0" * 64})],
    "ck_audit_entry_whole_hash": [("audit_entry", _NEXT | {"hash": "0" * 63})],
    "ck_audit_entry_one_actor": [("audit_entry", _NEXT | {"token_id": uuid4().hex})],
    "ck_audit_entry_refusal_said": [
        ("audit_entry", _NEXT | {"outcome": "refused"}),
        ("audit_entry", _NEXT | {"error_code": "forbidden"}),
    ],
    "ck_audit_entry_counted_subjects": [
        ("audit_entry", _NEXT | {"subject_count": 0}),
        ("audit_entry", _NEXT | {"subjects": None}),
    ],
    "ck_audit_entry_action_length": [("audit_entry", _NEXT | {"action": ""})],
    "ck_audit_entry_subjects_length": [("audit_entry", _NEXT | {"subjects": ""})],
    "ck_audit_entry_correlation_id_length": [("audit_entry", _NEXT | {"correlation_id": ""})],
    "ck_audit_entry_auditchannel": [("audit_entry", _NEXT | {"channel": "smoke"})],
    "ck_audit_entry_role": [("audit_entry", _NEXT | {"actor_role": "guest"})],
    "ck_audit_entry_auditoutcome": [("audit_entry", _NEXT | {"outcome": "luck"})],
    "ck_audit_entry_error_code_length": [
        ("audit_entry", _NEXT | {"outcome": "refused", "error_code": ""})
    ],
}

AUDIT_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("audit_entry", "position", {"id": uuid4().hex}),
]
