"""Sound rows of the outbox, and what breaks each of their constraints and nothing else."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

OUTBOX_ROWS: dict[str, dict[str, object]] = {
    "outbox_message": TENANT
    | {
        "id": IDS["message"],
        "kind": "invoice",
        "idempotency_key": "k",
        "recipient": "ana@vila.example",
        "language": "es",
        "subject": "s",
        "body": "b",
        "message_id": "<m@vila.example>",
        "created_at": NOW,
        "requested_at": NOW,
        "due_at": NOW,
        "state": "waiting",
        "attempts": 0,
        "worker": None,
        "lease_until": None,
        "sent_at": None,
        "failed_because": None,
    },
    "outbox_attachment": TENANT
    | {"message_id": IDS["message"], "position": 0, "invoice_id": IDS["invoice"]},
    "outbox_attempt": TENANT
    | {
        "id": uuid4().hex,
        "message_id": IDS["message"],
        "number": 1,
        "outcome": "accepted",
        "reply_code": 250,
        "answer": "OK",
        "content_sha256": "0" * 64,
        "ended_at": NOW,
    },
}

OUTBOX_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    f"ck_outbox_message_{column}_length": [("outbox_message", {column: ""})]
    for column in ("kind", "idempotency_key", "recipient", "subject", "body", "message_id")
} | {
    "ck_outbox_message_failed_because_length": [
        ("outbox_message", {"state": "failed", "failed_because": ""})
    ],
    "ck_outbox_message_counted_attempts": [("outbox_message", {"attempts": -1})],
    "ck_outbox_message_lease_has_worker": [
        ("outbox_message", {"lease_until": NOW}),
        ("outbox_message", {"worker": "w"}),
    ],
    "ck_outbox_message_ended_has_no_lease": [
        ("outbox_message", {"state": "uncertain", "lease_until": NOW, "worker": "w"})
    ],
    "ck_outbox_message_sending_has_lease": [("outbox_message", {"state": "sending"})],
    "ck_outbox_message_sent_has_instant": [
        ("outbox_message", {"state": "sent"}),
        ("outbox_message", {"sent_at": NOW}),
    ],
    "ck_outbox_message_failed_has_reason": [
        ("outbox_message", {"state": "failed"}),
        ("outbox_message", {"failed_because": "x"}),
    ],
    "ck_outbox_message_language": [("outbox_message", {"language": "fr"})],
    "ck_outbox_message_messagestate": [("outbox_message", {"state": "lost"})],
    "ck_outbox_attachment_counted_position": [("outbox_attachment", {"position": -1})],
    "ck_outbox_attempt_counted_number": [("outbox_attempt", {"number": 0})],
    "ck_outbox_attempt_three_digits": [("outbox_attempt", {"reply_code": 600})],
    "ck_outbox_attempt_whole_digest": [("outbox_attempt", {"content_sha256": "0"})],
    "ck_outbox_attempt_answer_length": [("outbox_attempt", {"answer": ""})],
    "ck_outbox_attempt_attemptoutcome": [("outbox_attempt", {"outcome": "lost"})],
}

OUTBOX_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("outbox_message", "idempotency_key", {"id": uuid4().hex, "message_id": "<n@vila.example>"}),
    ("outbox_message", "message_id", {"id": uuid4().hex, "idempotency_key": "other"}),
    ("outbox_attachment", "invoice_id", {"position": 1}),
    ("outbox_attempt", "outcome", {"id": uuid4().hex}),
]
