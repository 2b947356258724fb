"""Triggers that seal rows; a migration that rebuilds a sealed table calls them again."""

from alembic import op


def seal_agreements() -> None:
    """Let an agreement only go from draft to published to superseded, and keep it."""
    unchanged = " AND ".join(
        f"NEW.{column} IS OLD.{column}"
        for column in (
            "id",
            "promoter_id",
            "installation_id",
            "proposal_id",
            "file_year",
            "created_at",
            "published_at",
        )
    )
    _refuse(
        "agreement_begins_as_draft",
        "INSERT ON distribution_agreement",
        "NEW.state <> 'draft'",
        "an agreement begins as a draft",
    )
    _refuse(
        "agreement_draft_is_published",
        "UPDATE ON distribution_agreement",
        "OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'published')",
        "a draft agreement can only be published",
    )
    _refuse(
        "agreement_sums_to_one",
        "UPDATE ON distribution_agreement",
        "OLD.state = 'draft' AND NEW.state = 'published' AND 1000000 <> coalesce("
        "(SELECT sum(millionths) FROM distribution_coefficient WHERE agreement_id = OLD.id), 0)",
        "the coefficients of an agreement must sum to one before it is published",
    )
    _refuse(
        "agreement_is_sealed",
        "UPDATE ON distribution_agreement",
        "OLD.state <> 'draft' AND NOT "
        f"(OLD.state = 'published' AND NEW.state = 'superseded' AND {unchanged})",
        "a published agreement is sealed and can only be superseded",
    )
    _refuse(
        "agreement_is_kept",
        "DELETE ON distribution_agreement",
        "OLD.state <> 'draft'",
        "a published agreement is kept",
    )


def seal_coefficients() -> None:
    """Let coefficients change only while their agreement is a draft."""
    sealed = "SELECT id FROM distribution_agreement WHERE state <> 'draft'"
    for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
        _refuse(
            f"coefficient_is_sealed_on_{event.lower()}",
            f"{event} ON distribution_coefficient",
            " OR ".join(f"{row}.agreement_id IN ({sealed})" for row in rows),
            "the coefficients of a published agreement are sealed",
        )


def append_only(table: str) -> None:
    """Let rows of a table come, never change or go."""
    for event in ("UPDATE", "DELETE"):
        _refuse(
            f"{table}_is_kept_on_{event.lower()}",
            f"{event} ON {table}",
            "TRUE",
            f"a {table} is never changed: append a version",
        )


def _refuse(name: str, event: str, condition: str, reason: str) -> None:
    """Refuse a change of a row; the name says what holds, the reason what to do."""
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
    )
