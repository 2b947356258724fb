"""Triggers that keep the numbers, the chain and the billed days of invoices."""

from models.migrations.seals import refuse, stop_refusing

_PARTS = ("invoice_line", "invoice_tax", "billed_period", "billed_energy")


def seal_numbers() -> None:
    """Let a series have the numbers 1 and on, each once, and know the last of them."""
    refuse(
        "series_begins_at_zero",
        "INSERT ON invoice_series",
        "NEW.last_number <> 0",
        "a series has no number before its first invoice",
    )
    refuse(
        "series_counts_its_invoices",
        "UPDATE ON invoice_series",
        "NEW.last_number < OLD.last_number OR NEW.last_number <>"
        " coalesce((SELECT max(number) FROM invoice WHERE series_id = OLD.id), 0)",
        "the last number of a series is that of its newest invoice",
    )
    kept = " OR ".join(
        f"NEW.{column} <> OLD.{column}"
        for column in ("id", "promoter_id", "issuer_id", "code", "is_rectifying")
    )
    refuse(
        "series_is_sealed", "UPDATE ON invoice_series", kept, "a series changes nothing but counts"
    )
    refuse("series_is_kept", "DELETE ON invoice_series", "TRUE", "a series is kept")
    refuse(
        "invoice_leaves_no_gap",
        "INSERT ON invoice",
        "NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM invoice"
        " WHERE series_id = NEW.series_id AND number = NEW.number - 1)",
        "an invoice has the number after the last one of its series",
    )
    refuse(
        "invoice_is_of_its_series",
        "INSERT ON invoice",
        "(NEW.rectifies_id IS NOT NULL) <>"
        " (SELECT is_rectifying FROM invoice_series WHERE id = NEW.series_id)",
        "rectifying invoices have series of their own",
    )


def seal_chain() -> None:
    """Let a record follow only the one before it."""
    refuse(
        "record_follows_its_chain",
        "INSERT ON fiscal_record",
        "NEW.position > 1 AND NOT EXISTS (SELECT 1 FROM fiscal_record"
        " WHERE promoter_id = NEW.promoter_id AND tax_number = NEW.tax_number"
        " AND position = NEW.position - 1 AND sha256 = NEW.previous_sha256)",
        "a record names the one before it in its chain",
    )


def seal_parts() -> None:
    """Let an invoice get no more parts once a record tells the tax agency of it."""
    for table in _PARTS:
        refuse(
            _added_to(table),
            f"INSERT ON {table}",
            "EXISTS (SELECT 1 FROM fiscal_record WHERE invoice_id = NEW.invoice_id)",
            "an invoice that is registered gets no more parts",
        )


def unseal_parts() -> None:
    """Take back what ``seal_parts`` did, and nothing else."""
    for table in _PARTS:
        stop_refusing(_added_to(table))


def seal_billed_periods() -> None:
    """Let the days of an invoice only be released, once."""
    kept = " OR ".join(
        f"NEW.{column} <> OLD.{column}"
        for column in (
            "invoice_id",
            "subscription_id",
            "promoter_id",
            "supply_point_id",
            "valid_from",
            "valid_until",
        )
    )
    refuse(
        "billed_period_is_sealed",
        "UPDATE ON billed_period",
        f"{kept} OR OLD.released_at IS NOT NULL OR NEW.released_at IS NULL",
        "days that were billed can only be released, once",
    )
    refuse("billed_period_is_kept", "DELETE ON billed_period", "TRUE", "days billed are kept")


def _added_to(table: str) -> str:
    return f"{table}_is_whole"
