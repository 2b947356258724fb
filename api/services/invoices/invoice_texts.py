"""The few words that an invoice takes from us, not from its plan."""

from datetime import date, timedelta

from api.services.invoices.billing_scope import end_of
from loaders.invoice_pdf.number_forms import show_day
from loaders.typst_pages import read_texts
from models.values.language import Language
from models.values.period import Period

_UNITS = {
    "month": {Language.SPANISH: "mes", Language.CATALAN: "mes", Language.ENGLISH: "month"},
    "kW·month": {
        Language.SPANISH: "kW·mes",
        Language.CATALAN: "kW·mes",
        Language.ENGLISH: "kW·month",
    },
    "instalment": {
        Language.SPANISH: "plazo",
        Language.CATALAN: "termini",
        Language.ENGLISH: "instalment",
    },
}
_OPERATION = {
    Language.SPANISH: "Autoconsumo colectivo, {}",
    Language.CATALAN: "Autoconsum col·lectiu, {}",
    Language.ENGLISH: "Collective self-consumption, {}",
}
_DUE = {
    Language.SPANISH: "Vencimiento: {}",
    Language.CATALAN: "Venciment: {}",
    Language.ENGLISH: "Due on: {}",
}


def name_unit(unit: str, language: Language) -> str:
    """Give the unit of a quantity in a language; symbols are the same in all.

    Parameters
    ----------
    unit : str
        As the charges name it.
    language : Language
        Of the invoice.

    Returns
    -------
    str
        The unit.
    """
    return _UNITS.get(unit, {}).get(language, unit)


def name_days(days: Period) -> str:
    """Give the first and the last of closed days.

    Parameters
    ----------
    days : Period
        Closed.

    Returns
    -------
    str
        Both days.
    """
    last = end_of(days) - timedelta(days=1)
    return f"{days.start:%d/%m/%Y} - {last:%d/%m/%Y}"


def describe_operation(days: Period, language: Language) -> str:
    """Say what an invoice is for.

    Parameters
    ----------
    days : Period
        Closed.
    language : Language
        Of the invoice.

    Returns
    -------
    str
        One line.
    """
    return _OPERATION[language].format(name_days(days))


def describe_due_day(day: date, language: Language) -> str:
    """Say until when an invoice is paid.

    Parameters
    ----------
    day : date
        The day, written as on the page of the invoice.
    language : Language
        Of the invoice.

    Returns
    -------
    str
        One line.
    """
    shown = show_day(day, read_texts("loaders.invoice_pdf", language))
    return _DUE[language].format(shown.replace("\u00a0", " "))
