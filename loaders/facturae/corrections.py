"""What a rectifying Facturae invoice says of the one that it corrects."""

from loaders.facturae.parties import UnfitFacturaeError
from loaders.invoice_record import CorrectionReason, InvoiceRecord
from loaders.xml_documents import XmlNode
from models.values.invoicing import Rectification

_METHODS = {
    Rectification.SUBSTITUTION: ("01", "Rectificación íntegra"),
    Rectification.DIFFERENCE: ("02", "Rectificación por diferencias"),
}

_REASONS = {
    CorrectionReason.NUMBER: "Número de la factura",
    CorrectionReason.SERIES: "Serie de la factura",
    CorrectionReason.ISSUE_DATE: "Fecha expedición",
    CorrectionReason.ISSUER_NAME: "Nombre y apellidos/Razón Social-Emisor",
    CorrectionReason.RECIPIENT_NAME: "Nombre y apellidos/Razón Social-Receptor",
    CorrectionReason.ISSUER_NIF: "Identificación fiscal Emisor/obligado",
    CorrectionReason.RECIPIENT_NIF: "Identificación fiscal Receptor",
    CorrectionReason.ISSUER_ADDRESS: "Domicilio Emisor/Obligado",
    CorrectionReason.RECIPIENT_ADDRESS: "Domicilio Receptor",
    CorrectionReason.LINES: "Detalle Operación",
    CorrectionReason.TAX_RATE: "Porcentaje impositivo a aplicar",
    CorrectionReason.TAX_QUOTA: "Cuota tributaria a aplicar",
    CorrectionReason.PERIOD: "Fecha/Periodo a aplicar",
    CorrectionReason.INVOICE_CLASS: "Clase de factura",
    CorrectionReason.LEGAL_TEXTS: "Literales legales",
    CorrectionReason.TAXABLE_BASE: "Base imponible",
    CorrectionReason.TAX_CALCULATION: "Cálculo de cuotas repercutidas",
    CorrectionReason.DISCOUNT: "Base imponible modificada por descuentos y bonificaciones",
    CorrectionReason.FIRM_DECISION: (
        "Base imponible modificada por resolución firme, judicial o administrativa"
    ),
    CorrectionReason.INSOLVENCY: (
        "Base imponible modificada cuotas repercutidas no satisfechas. "
        "Auto de declaración de concurso"
    ),
}


def list_correction(record: InvoiceRecord) -> list[XmlNode] | None:
    """List what the format says of the corrected invoice.

    Parameters
    ----------
    record : InvoiceRecord
        The rectifying invoice, or another one.

    Returns
    -------
    list of XmlNode or None
        Content of ``Corrective``; None when the invoice corrects nothing.

    Raises
    ------
    UnfitFacturaeError
        If it corrects several: the format has room for one.
    """
    correction = record.correction
    if correction is None:
        return None
    if len(correction.invoices) > 1:
        reason = f"corrects {len(correction.invoices)} invoices; issue one for each"
        raise UnfitFacturaeError(f"invoice {record.number}", reason)
    (corrected,) = correction.invoices
    code, description = _METHODS[correction.method]
    period: list[XmlNode] = [
        ("StartDate", record.period.start.isoformat()),
        ("EndDate", record.last_day.isoformat()),
    ]
    return [
        ("InvoiceNumber", corrected.number.number),
        ("InvoiceSeriesCode", corrected.number.series),
        ("ReasonCode", correction.reason),
        ("ReasonDescription", _REASONS[correction.reason]),
        ("TaxPeriod", period),
        ("CorrectionMethod", code),
        ("CorrectionMethodDescription", description),
        ("AdditionalReasonDescription", correction.cause),
        ("InvoiceIssueDate", corrected.issued_on.isoformat()),
    ]
