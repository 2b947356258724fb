"""Sound rows of debts and holders, and what breaks each of their constraints and nothing else."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

DEBT_ROWS: dict[str, dict[str, object]] = {
    "debt_step": TENANT
    | {
        "id": uuid4().hex,
        "issuer_id": IDS["issuer"],
        "member_id": IDS["member"],
        "stage": "reminder",
        "taken_on": "2024-06-04",
        "oldest_due_on": "2024-06-01",
        "open_cents": 363,
        "because": None,
        "message_id": IDS["message"],
        "recorded_at": NOW,
    },
    "protected_supply": TENANT
    | {
        "id": uuid4().hex,
        "supply_point_id": IDS["point"],
        "protection": "essential",
        "valid_from": "2024-01-01",
        "valid_until": None,
        "because": "certificate of 2024-01-01",
        "recorded_at": NOW,
    },
    "holder_change": TENANT
    | {
        "id": uuid4().hex,
        "supply_point_id": IDS["point"],
        "from_member_id": IDS["member"],
        "to_member_id": IDS["member"],
        "changed_on": "2024-03-01",
        "is_subrogated": False,
        "recorded_at": NOW,
    },
    "final_settlement": TENANT
    | {
        "id": uuid4().hex,
        "issuer_id": IDS["issuer"],
        "supply_point_id": IDS["point"],
        "member_id": IDS["member"],
        "left_on": "2024-05-01",
        "owed_cents": 363,
        "prepaid_cents": 0,
        "settled_at": NOW,
    },
}

DEBT_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_debt_step_of_something": [("debt_step", {"open_cents": 0})],
    "ck_debt_step_after_due_day": [("debt_step", {"taken_on": "2024-06-01"})],
    "ck_debt_step_decisions_said": [
        ("debt_step", {"because": "x"}),
        ("debt_step", {"stage": "suspension", "message_id": None}),
    ],
    "ck_debt_step_letters_sent": [("debt_step", {"stage": "suspension", "because": "x"})],
    "ck_debt_step_because_length": [
        ("debt_step", {"stage": "suspension", "message_id": None, "because": ""})
    ],
    "ck_debt_step_debtstage": [("debt_step", {"stage": "guess", "message_id": None})],
    "ck_protected_supply_period_forward": [("protected_supply", {"valid_until": "2024-01-01"})],
    "ck_protected_supply_because_length": [("protected_supply", {"because": ""})],
    "ck_protected_supply_supplyprotection": [("protected_supply", {"protection": "guess"})],
    "ck_final_settlement_at_least_zero": [
        ("final_settlement", {"owed_cents": -1}),
        ("final_settlement", {"owed_cents": 0, "prepaid_cents": -1}),
    ],
    "ck_final_settlement_set_against_each_other": [("final_settlement", {"prepaid_cents": 1})],
}

DEBT_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("debt_step", "oldest_due_on", {"id": uuid4().hex}),
    ("holder_change", "changed_on", {"id": uuid4().hex}),
    ("final_settlement", "left_on", {"id": uuid4().hex}),
]
