"""Sound rows of the ledger, and what breaks each of their constraints and nothing else."""

from uuid import uuid4

from tests.support.mandate_rows import list_seal_checks
from tests.support.row_keys import IDS, NOW, TENANT

_PAYMENT = uuid4().hex

SEALED_PAYER = {
    "sealed_payer_iban": bytes(54),
    "payer_iban_index": bytes(32),
    "masked_payer_iban": "ES…1332",
}

LEDGER_ROWS: dict[str, dict[str, object]] = {
    "payment": TENANT
    | {
        "id": _PAYMENT,
        "issuer_id": IDS["issuer"],
        "member_id": IDS["member"],
        "amount_cents": 1,
        "received_on": "2024-05-22",
        "method": "direct-debit",
        "reference": None,
        "payer_name": None,
        **SEALED_PAYER,
        "source_key": "s1",
        "debit_id": IDS["debit"],
        "recorded_at": NOW,
    },
    "payment_return": TENANT
    | {
        "id": uuid4().hex,
        "payment_id": _PAYMENT,
        "returned_on": "2024-05-25",
        "reason_code": "AM04",
        "charge_cents": 0,
        "recorded_at": NOW,
    },
    "payment_refund": TENANT
    | {
        "id": uuid4().hex,
        "payment_id": _PAYMENT,
        "amount_cents": 1,
        "refunded_on": "2024-05-25",
        "because": "paid twice",
        "source_key": "s1",
        "recorded_at": NOW,
    },
    "ledger_entry": TENANT
    | {
        "id": uuid4().hex,
        "issuer_id": IDS["issuer"],
        "member_id": IDS["member"],
        "invoice_id": IDS["invoice"],
        "document_id": None,
        "payment_id": _PAYMENT,
        "event": "paid",
        "debit": "bank",
        "credit": "receivable",
        "amount_cents": 1,
        "because": None,
        "posted_on": "2024-05-22",
        "posted_at": NOW,
    },
    "instalment": TENANT
    | {
        "id": uuid4().hex,
        "invoice_id": IDS["invoice"],
        "agreement": 1,
        "position": 1,
        "due_on": "2024-06-01",
        "amount_cents": 1,
        "agreed_on": "2024-05-22",
        "recorded_at": NOW,
    },
}

_WITHOUT_DEBIT = {"debit_id": None}

LEDGER_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_payment_pays_something": [("payment", {"amount_cents": 0})],
    "ck_payment_debit_of_member": [
        ("payment", {"method": "transfer"}),
        ("payment", {"member_id": None}),
    ],
    **list_seal_checks("payment", tuple(SEALED_PAYER)),
    "ck_payment_whole_account": [("payment", {column: None}) for column in SEALED_PAYER],
    "ck_payment_source_key_length": [("payment", {"source_key": ""})],
    "ck_payment_reference_length": [("payment", {"reference": ""})],
    "ck_payment_payer_name_length": [("payment", {"payer_name": ""})],
    "ck_payment_paymentmethod": [("payment", {"method": "barter"} | _WITHOUT_DEBIT)],
    "ck_payment_return_charge_at_least_zero": [("payment_return", {"charge_cents": -1})],
    "ck_payment_return_reason_code_length": [("payment_return", {"reason_code": ""})],
    "ck_payment_refund_pays_something": [("payment_refund", {"amount_cents": 0})],
    "ck_payment_refund_because_length": [("payment_refund", {"because": ""})],
    "ck_payment_refund_source_key_length": [("payment_refund", {"source_key": ""})],
    "ck_ledger_entry_moves_something": [("ledger_entry", {"amount_cents": 0})],
    "ck_ledger_entry_two_accounts": [("ledger_entry", {"debit": "receivable"})],
    "ck_ledger_entry_receivable_of_invoice": [
        ("ledger_entry", {"invoice_id": None}),
        ("ledger_entry", {"member_id": None, "debit": "receivable", "credit": "revenue"}),
    ],
    "ck_ledger_entry_prepayment_of_payment": [
        ("ledger_entry", {"credit": "prepayment", "member_id": None}),
        ("ledger_entry", {"debit": "prepayment", "payment_id": None}),
    ],
    "ck_ledger_entry_money_of_payment": [
        ("ledger_entry", {"payment_id": None}),
        ("ledger_entry", {"debit": "revenue", "credit": "unknown-receipts", "payment_id": None}),
    ],
    "ck_ledger_entry_documents_named": [
        ("ledger_entry", {"event": "issued"}),
        ("ledger_entry", {"document_id": IDS["invoice"]}),
    ],
    "ck_ledger_entry_write_off_said": [
        ("ledger_entry", {"event": "written-off"}),
        ("ledger_entry", {"because": "x"}),
    ],
    "ck_ledger_entry_because_length": [
        ("ledger_entry", {"event": "written-off", "because": ""}),
    ],
    "ck_ledger_entry_ledgerevent": [("ledger_entry", {"event": "lost"})],
    "ck_ledger_entry_debit_account": [("ledger_entry", {"debit": "till"})],
    "ck_ledger_entry_credit_account": [("ledger_entry", {"credit": "till"})],
    "ck_instalment_counted_positions": [
        ("instalment", {"agreement": 0}),
        ("instalment", {"position": 0}),
    ],
    "ck_instalment_pays_something": [("instalment", {"amount_cents": 0})],
}

LEDGER_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("payment", "source_key", {"id": uuid4().hex} | _WITHOUT_DEBIT),
    ("payment", "debit_id", {"id": uuid4().hex, "source_key": "s2"}),
    ("payment_return", "payment_id", {"id": uuid4().hex}),
    ("payment_refund", "source_key", {"id": uuid4().hex}),
    ("instalment", "position", {"id": uuid4().hex, "due_on": "2024-07-01"}),
    ("instalment", "due_on", {"id": uuid4().hex, "position": 2}),
]
