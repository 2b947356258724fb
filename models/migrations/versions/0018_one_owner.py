"""Let a row that invoices and their money are made of refer only to rows of its own promoter."""

from models.migrations.owners import keep_owner, release_owner, seal_owner, unseal_owner

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PARENTS = (
    "community",
    "member",
    "supply_point",
    "invoice_issuer",
    "payment_plan",
    "plan_subscription",
    "coefficient_proposal",
)
"""Tables whose rows others refer to, and whose own seals leave the owner free."""

_REFERENCES = {
    "payer": {"member_id": "member"},
    "payment_plan": {"community_id": "community", "issuer_id": "invoice_issuer"},
    "plan_term": {"plan_id": "payment_plan"},
    "plan_subscription": {"plan_id": "payment_plan", "supply_point_id": "supply_point"},
    "invoice_series": {"issuer_id": "invoice_issuer"},
    "billing_run": {"community_id": "community"},
    "invoice": {
        "series_id": "invoice_series",
        "run_id": "billing_run",
        "issuer_id": "invoice_issuer",
        "member_id": "member",
        "supply_point_id": "supply_point",
        "rectifies_id": "invoice",
    },
    "invoice_line": {"invoice_id": "invoice"},
    "invoice_tax": {"invoice_id": "invoice"},
    "billed_period": {
        "invoice_id": "invoice",
        "subscription_id": "plan_subscription",
        "supply_point_id": "supply_point",
    },
    "billed_energy": {
        "invoice_id": "invoice",
        "allocation_id": "month_allocation",
        "subscription_id": "plan_subscription",
    },
    "fiscal_record": {"invoice_id": "invoice"},
    "invoice_file": {"invoice_id": "invoice"},
    "creditor_account": {"issuer_id": "invoice_issuer"},
    "mandate": {"issuer_id": "invoice_issuer", "member_id": "member"},
    "mandate_account": {"mandate_id": "mandate"},
    "debit_run": {"issuer_id": "invoice_issuer"},
    "debit": {
        "run_id": "debit_run",
        "mandate_id": "mandate",
        "account_id": "mandate_account",
        "invoice_id": "invoice",
        "member_id": "member",
    },
    "debit_status": {"debit_id": "debit"},
    "outbox_attachment": {"message_id": "outbox_message", "invoice_id": "invoice"},
    "outbox_attempt": {"message_id": "outbox_message"},
    "agency_answer": {"record_id": "fiscal_record", "submission_id": "agency_submission"},
    "proposed_bill": {"proposal_id": "coefficient_proposal", "supply_point_id": "supply_point"},
    "payment": {"issuer_id": "invoice_issuer", "member_id": "member", "debit_id": "debit"},
    "payment_return": {"payment_id": "payment"},
    "payment_refund": {"payment_id": "payment"},
    "ledger_entry": {
        "issuer_id": "invoice_issuer",
        "member_id": "member",
        "invoice_id": "invoice",
        "document_id": "invoice",
        "payment_id": "payment",
    },
    "instalment": {"invoice_id": "invoice"},
    "debt_step": {
        "issuer_id": "invoice_issuer",
        "member_id": "member",
        "message_id": "outbox_message",
    },
    "protected_supply": {"supply_point_id": "supply_point"},
    "holder_change": {
        "supply_point_id": "supply_point",
        "from_member_id": "member",
        "to_member_id": "member",
    },
    "final_settlement": {
        "issuer_id": "invoice_issuer",
        "member_id": "member",
        "supply_point_id": "supply_point",
    },
    "retail_contract": {"supply_point_id": "supply_point"},
}

_ISSUED = {
    "invoice": {"series_id": "invoice_series", "rectifies_id": "invoice"},
    "ledger_entry": {"invoice_id": "invoice", "document_id": "invoice", "payment_id": "payment"},
}
"""References to what has an issuer, who must be the same."""


def upgrade() -> None:
    """Hold every row against the rows that it refers to, and these to their owner."""
    for table, parents in _REFERENCES.items():
        seal_owner(table, {"promoter_id": parents, "issuer_id": _ISSUED.get(table, {})})
    for table in _PARENTS:
        keep_owner(table)


def downgrade() -> None:
    """Take it back."""
    for table in _PARENTS:
        release_owner(table)
    for table in _REFERENCES:
        unseal_owner(table)
