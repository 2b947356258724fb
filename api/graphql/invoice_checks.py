"""Distributors' invoices of access held against ours."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import strawberry

from api.graphql.enums import describe
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.scalars import Euro
from api.services.checks.invoice_check import (
    INVOICE_REMARK_TEXTS,
    InvoiceCause,
    InvoiceCheck,
)
from models.values.money import round_to_cents

describe(
    InvoiceCause,
    "What of a distributor's invoice differs.",
    DAYS="The days that it says.",
    TARIFF="The tariff.",
    CAU="The installation.",
    CONTRACTED_POWER="The contracted power.",
    POWER_PRICE="A price of power.",
    ENERGY="Energy from the grid.",
    ENERGY_PRICE="A price of energy.",
    COEFFICIENT="The coefficient.",
    ALLOCATED="The share of the generation.",
    SELF_CONSUMED="Self-consumed energy.",
    SURPLUS="Surplus.",
    POWER_SUM="The sum of its power.",
    ENERGY_SUM="The sum of its energy.",
    REACTIVE_SUM="The sum of its reactive energy.",
    RENTAL_SUM="The sum of its rent.",
    TAX_BASE="What VAT is taken of.",
    TAX="A tax by its own rate.",
    TOTAL="The sum of everything.",
)


@strawberry.type(description="Something to know beside what differs.")
class CheckNote:
    """A remark and its text."""

    code: str = strawberry.field(description="Which.")
    text: str = strawberry.field(description="In a sentence.")


@strawberry.type(description="Something of an invoice that differs.")
class InvoiceDifferenceFound:
    """Ours beside theirs."""

    cause: InvoiceCause = strawberry.field(description="What.")
    tariff_period: int | None = strawberry.field(description="Which, from 1.")
    ours: str = strawberry.field(description="Ours.")
    theirs: str = strawberry.field(description="Theirs.")
    unit: str = strawberry.field(description="Unit of both; empty of codes.")
    eur: Euro | None = strawberry.field(
        description="By how much it raises the invoice before taxes [EUR], where that follows."
    )


@strawberry.type(description="A distributor's invoice of access held against ours.")
class AccessInvoiceCheck:
    """Shows what differs."""

    check: strawberry.Private[InvoiceCheck]

    cups: str = strawberry.field(description="Supply point, as the invoice writes it.")
    number: str = strawberry.field(description="Number of the invoice.")
    start: date = strawberry.field(description="Day of the first reading, which does not count.")
    end: date = strawberry.field(description="Last day.")
    total_eur: Euro = strawberry.field(description="What it says that it amounts to [EUR].")
    agrees: bool = strawberry.field(description="Whether nothing differs.")

    @strawberry.field(description="What to know beside it.")
    def remarks(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[CheckNote]:
        """Page through them."""
        listed = [
            CheckNote(code=each.value, text=INVOICE_REMARK_TEXTS[each])
            for each in self.check.remarks
        ]
        return paginate(listed, first, after)

    @strawberry.field(description="What differs.")
    def differences(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[InvoiceDifferenceFound]:
        """Page through them."""
        listed = [
            InvoiceDifferenceFound(
                cause=each.cause,
                tariff_period=each.tariff_period,
                ours=each.ours,
                theirs=each.theirs,
                unit=each.unit,
                eur=None if each.eur is None else Euro(each.eur),
            )
            for each in self.check.differences
        ]
        return paginate(listed, first, after)


def show_invoices(checks: Sequence[InvoiceCheck]) -> list[AccessInvoiceCheck]:
    """Show some invoices."""
    return [
        AccessInvoiceCheck(
            check=check,
            cups=check.invoice.cups,
            number=check.invoice.number,
            start=check.invoice.start,
            end=check.invoice.end,
            total_eur=Euro(round_to_cents(Decimal(check.invoice.stated_total))),
            agrees=check.agrees(),
        )
        for check in checks
    ]
