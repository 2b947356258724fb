"""The right lines of an invoice as somebody states them: a TOML file, or an input."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.services.invoices.invoice_history import BasedLine
from loaders.invoice_parts import InvoiceLine
from loaders.invoice_record import CorrectionReason
from loaders.typed_document import describe_faults, name_some, read_toml_file
from models.values.errors import InvalidArgumentError
from models.values.invoicing import BillingBasis, TaxKind
from models.values.money import round_to_cents

__all__ = [
    "CorrectedLine",
    "CorrectedLinesError",
    "CorrectionReason",
    "check_lines",
    "read_lines_file",
]

_LARGEST = 10**9

Number = Annotated[Decimal, Field(gt=-_LARGEST, lt=_LARGEST, allow_inf_nan=False, decimal_places=8)]


class CorrectedLinesError(InvalidArgumentError):
    """A document of lines says what cannot be understood.

    Attributes
    ----------
    faults : tuple of str
        Where, and why, each.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"lines: {name_some(faults, '; ')}")
        self.faults = tuple(faults)


class CorrectedLine(BaseModel):
    """One line as it should have been."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    charges: BillingBasis
    description: str
    quantity: Number
    unit: str
    price_eur: Number
    tax: TaxKind = TaxKind.VAT
    tax_percent: Annotated[Decimal, Field(ge=0, le=100, allow_inf_nan=False, decimal_places=2)]


class _Lines(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    line: tuple[CorrectedLine, ...] = Field(min_length=1, max_length=1_000)


def read_lines_file(path: Path) -> tuple[BasedLine, ...]:
    """Read the right lines of an invoice.

    Parameters
    ----------
    path : Path
        TOML file with a ``[[line]]`` for each.

    Returns
    -------
    tuple of BasedLine
        In their order.

    Raises
    ------
    UnreadableDocumentError
        If it cannot be read, or is not TOML.
    CorrectedLinesError
        If it says what cannot be understood, with every place.
    UnfitInvoiceError
        If a text could not stand on an invoice.
    """
    return check_lines(read_toml_file(path).get("line", ()))


def check_lines(lines: Iterable[Any]) -> tuple[BasedLine, ...]:
    """Check stated lines, and multiply them out.

    Parameters
    ----------
    lines : iterable of dict
        With the fields of ``CorrectedLine``.

    Returns
    -------
    tuple of BasedLine
        Each with its base, quantity times price, halves away from zero.

    Raises
    ------
    CorrectedLinesError
        If one says what cannot be understood, with every place.
    UnfitInvoiceError
        If a text could not stand on an invoice.

    Examples
    --------
    >>> fee = {"charges": "fixed", "description": "Cuota", "quantity": 1, "unit": "mes"}
    >>> ((basis, line),) = check_lines([fee | {"price_eur": "3.005", "tax_percent": 21}])
    >>> str(line.base_eur)
    '3.01'
    """
    try:
        stated = _Lines.model_validate({"line": tuple(lines)})
    except ValidationError as error:
        raise CorrectedLinesError(describe_faults(error)) from error
    return tuple((each.charges, _multiply_out(each)) for each in stated.line)


def _multiply_out(stated: CorrectedLine) -> InvoiceLine:
    return InvoiceLine(
        description=stated.description,
        quantity=stated.quantity,
        unit=stated.unit,
        unit_price_eur=stated.price_eur,
        base_eur=round_to_cents(stated.quantity * stated.price_eur),
        tax=stated.tax,
        rate_percent=stated.tax_percent,
    )
