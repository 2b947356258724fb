"""Reads a distributor's invoices of access out of a market message F1.

Names of elements: the message reader and its samples in gisce/gestionatr [V]; those of
self-consumption and of charges are of its newest version, without a sample here.
"""

from collections.abc import Iterator
from decimal import Decimal

from loaders.distributor_invoice.invoice_nodes import InvoiceNode
from loaders.distributor_invoice.records import (
    DistributorInvoice,
    InvoicedReading,
    InvoicedRow,
    InvoicedTax,
    InvoicedTerm,
)
from loaders.number_text import excerpt_of
from loaders.xml_documents import parse_xml
from models.values.errors import InvalidDataError

_PROCESS = "F1"


class ForeignMessageError(InvalidDataError):
    """A document is no invoice of a distributor, or its invoices are not of access."""


class FaultyInvoiceError(InvalidDataError):
    """An invoice of a distributor says what cannot be understood.

    Attributes
    ----------
    faults : tuple of str
        Where, and why, each.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def read_distributor_invoices(content: bytes) -> list[DistributorInvoice]:
    """Read the invoices of access in a message F1.

    Parameters
    ----------
    content : bytes
        The document.

    Returns
    -------
    list of DistributorInvoice
        At least one.

    Raises
    ------
    UnreadableFileError
        If it is no XML that is read.
    ForeignMessageError
        If it is another message, or holds no invoice of access.
    FaultyInvoiceError
        With every fault of every invoice.

    Notes
    -----
    Elements are found by their names, whatever their namespace: its address has changed with the
    versions of the message [V, samples].
    """
    root = InvoiceNode(parse_xml(content), [])
    process = root.text("Cabecera", "CodigoDelProceso")
    if process != _PROCESS:
        raise ForeignMessageError(
            f"is a message {excerpt_of(process) if process else 'without a process'}, not F1, "
            "the invoice of a distributor"
        )
    faults: list[str] = []
    cups = root.text("Cabecera", "CUPS")
    nodes = list(root.all("Facturas", "FacturaATR", faults=faults))
    if not nodes:
        raise ForeignMessageError("holds no invoice of access, only of other items")
    invoices = [_read_invoice(node, cups) for node in nodes]
    if faults:
        raise FaultyInvoiceError(faults)
    return invoices


def _read_invoice(node: InvoiceNode, cups: str) -> DistributorInvoice:
    general = node.one("DatosGeneralesFacturaATR", "DatosGeneralesFactura")
    access = node.one("DatosGeneralesFacturaATR", "DatosFacturaATR")
    own = node.one("Autoconsumo")
    tax = node.one("ImpuestoElectrico")
    return DistributorInvoice(
        cups=cups,
        number=general.text("CodigoFiscalFactura"),
        kind=general.text("TipoFactura"),
        reason=general.text("MotivoFacturacion"),
        rectifies=general.text("CodigoFacturaRectificadaAnulada") or None,
        issued_on=general.day("FechaFactura"),
        start=access.day("Periodo", "FechaDesdeFactura"),
        end=access.day("Periodo", "FechaHastaFactura"),
        n_days=int(access.number("Periodo", "NumeroDias", missing=None)),
        tariff_code=access.text("TarifaATRFact"),
        self_consumption_code=access.text("TipoAutoconsumo"),
        cau=access.text("CAU") or None,
        power=_read_power(node.one("Potencia")),
        energy=_read_term(node.one("EnergiaActiva"), "EnergiaActiva", "PrecioEnergia"),
        reactive=_read_term(
            node.one("EnergiaReactiva"), "EnergiaReactiva", "PrecioEnergiaReactiva"
        ),
        charges=_read_charges(node.one("Cargos")),
        excess_total=node.number("ExcesoPotencia", "ImporteTotalExcesos"),
        rental_total=node.number("Alquileres", "ImporteFacturacionAlquileres"),
        rental_rows=_read_rental_rows(node),
        electricity_tax=_read_tax(tax) if tax.is_there else None,
        vat=tuple(_read_tax(each) for name in ("IVA", "IVAReducido") for each in node.all(name)),
        others_total=_sum_others(node),
        stated_total=general.number("ImporteTotalFactura", missing=None),
        generated=_read_shared(own, "EnergiaNetaGen", "TotalEnergiaNetaGenBeta"),
        self_consumed=_read_shared(own, "EnergiaAutoconsumida", ""),
        surplus=_read_surplus(own),
        readings=tuple(_read_readings(node)),
    )


def _read_rental_rows(node: InvoiceNode) -> tuple[tuple[Decimal, Decimal], ...]:
    rows = node.all("Alquileres", "PrecioDiarioAlquiler")
    return tuple((each.number("PrecioDia"), each.number("NumeroDias")) for each in rows)


def _sum_others(node: InvoiceNode) -> Decimal:
    rows = node.all("ConceptoRepercutible")
    amounts = (each.number("ImporteTotalConceptoRepercutible") for each in rows)
    return sum(amounts, Decimal(0))


def _read_power(node: InvoiceNode) -> InvoicedTerm | None:
    if not node.is_there:
        return None
    rows = [
        InvoicedRow(
            start=term.optional_day("FechaDesde"),
            end=term.optional_day("FechaHasta"),
            tariff_period=number,
            quantity=each.number("PotenciaAFacturar", missing=None),
            price=each.number("PrecioPotencia", missing=None),
            contracted_w=each.optional_number("PotenciaContratada"),
            demanded_w=each.optional_number("PotenciaMaxDemandada"),
        )
        for term in node.all("TerminoPotencia")
        for number, each in enumerate(term.all("Periodo"), start=1)
    ]
    return InvoicedTerm(tuple(rows), node.number("ImporteTotalTerminoPotencia", missing=None))


def _read_term(node: InvoiceNode, name: str, price: str) -> InvoicedTerm | None:
    if not node.is_there:
        return None
    rows = _read_rows(node, f"Termino{name}", f"Valor{name}", price)
    return InvoicedTerm(tuple(rows), node.number(f"ImporteTotal{name}", missing=None))


def _read_rows(node: InvoiceNode, term: str, value: str, price: str) -> Iterator[InvoicedRow]:
    for each in node.all(term):
        start, end = each.optional_day("FechaDesde"), each.optional_day("FechaHasta")
        for number, period in enumerate(each.all("Periodo"), start=1):
            yield InvoicedRow(
                start=start,
                end=end,
                tariff_period=number,
                quantity=period.number(value),
                price=period.number(price) if price else Decimal(0),
                beta=period.optional_number("Beta"),
            )


def _read_charges(node: InvoiceNode) -> InvoicedTerm | None:
    """Read charges, which stand apart from tolls since 2021; power is told from energy by name."""
    if not node.is_there:
        return None
    rows = [
        InvoicedRow(
            start=term.optional_day("FechaDesde"),
            end=term.optional_day("FechaHasta"),
            tariff_period=number,
            quantity=each.number("Energia"),
            price=each.number("PrecioCargo"),
            contracted_w=each.optional_number("Potencia"),
        )
        for charge in node.all("Cargo")
        for term in charge.all("TerminoCargo")
        for number, each in enumerate(term.all("Periodo"), start=1)
    ]
    return InvoicedTerm(tuple(rows), node.number("TotalImporteCargos"))


def _read_shared(own: InvoiceNode, name: str, total: str) -> InvoicedTerm | None:
    """Read an energy of self-consumption, summed over the installations."""
    nodes = [each.one(name) for each in own.all("InstalacionGenAutoconsumo")]
    nodes = [each for each in nodes if each.is_there]
    if not nodes:
        return None
    rows = tuple(
        row for each in nodes for row in _read_rows(each, f"Termino{name}", f"Valor{name}", "")
    )
    summed = sum((row.quantity for row in rows), Decimal(0))
    stated = sum((each.number(total) for each in nodes if total), Decimal(0))
    return InvoicedTerm(rows, stated or summed)


def _read_surplus(own: InvoiceNode) -> InvoicedTerm | None:
    node = own.one("EnergiaExcedentaria")
    if not node.is_there:
        return None
    rows = tuple(_read_rows(node, "TerminoEnergiaExcedentaria", "ValorEnergiaExcedentaria", ""))
    return InvoicedTerm(rows, node.number("ValorTotalEnergiaExcedentaria"))


def _read_tax(node: InvoiceNode) -> InvoicedTax:
    return InvoicedTax(
        base=node.number("BaseImponible", missing=None),
        percent=node.number("Porcentaje", missing=None),
        amount=node.number("Importe", missing=None),
    )


def _read_readings(node: InvoiceNode) -> Iterator[InvoicedReading]:
    for each in node.all("Medidas", "ModeloAparato", "Integrador"):
        yield InvoicedReading(
            magnitude=each.text("Magnitud"),
            period_code=each.text("CodigoPeriodo"),
            consumed=each.number("ConsumoCalculado"),
            from_source=each.text("LecturaDesde", "Procedencia"),
            to_source=each.text("LecturaHasta", "Procedencia"),
        )
