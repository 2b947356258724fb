"""Headings and labels of the report, in the languages that promoters send it in."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """Language of a report, by its ISO 639-1 code."""

    ENGLISH = "en"
    SPANISH = "es"


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """Every fixed text of the workbook in one language."""

    title: str
    summary: str
    members: str
    months: str
    notes: str
    topic: str
    rule: str
    rules: dict[str, str]
    generation: str
    consumption: str
    allocated: str
    self_consumed: str
    surplus: str
    grid_import: str
    savings: str
    upper_bound: str
    gap: str
    self_consumption_share: str
    self_sufficiency_share: str
    proposal_gains_kwh: str
    proposal_gains_eur: str
    chart_of_rules: str
    chart_of_months: str
    member: str
    kind: str
    tariff: str
    contracted_power: str
    coefficient: str
    against_equal_kwh: str
    against_equal_eur: str
    against_consumption_kwh: str
    against_consumption_eur: str
    month: str
    cost_without: str
    cost_with: str
    compensation: str
    total: str


_ENGLISH = ReportTexts(
    title="Coefficient proposal",
    summary="Summary",
    members="Members",
    months="Months",
    notes="Notes",
    topic="Topic",
    rule="Way to share",
    rules={
        "proposal": "Proposal",
        "equal": "Equal shares",
        "contracted_power": "By contracted power",
        "consumption": "By consumption",
        "current": "Current agreement",
        "hourly_bound": "Bound of any coefficients, even hourly",
    },
    generation="Generation (kWh)",
    consumption="Consumption (kWh)",
    allocated="Allocated (kWh)",
    self_consumed="Self-consumed (kWh)",
    surplus="Surplus (kWh)",
    grid_import="From the grid (kWh)",
    savings="Savings (EUR)",
    upper_bound="Proven upper bound",
    gap="Gap to the bound",
    self_consumption_share="Self-consumed share",
    self_sufficiency_share="Self-sufficiency",
    proposal_gains_kwh="Proposal gains (kWh)",
    proposal_gains_eur="Proposal gains (EUR)",
    chart_of_rules="Self-consumed energy by way to share (kWh a year)",
    chart_of_months="Where the sun goes each month",
    member="Member",
    kind="Kind",
    tariff="Tariff",
    contracted_power="Contracted (kW)",
    coefficient="Coefficient",
    against_equal_kwh="Against equal (kWh)",
    against_equal_eur="Against equal (EUR)",
    against_consumption_kwh="Against by consumption (kWh)",
    against_consumption_eur="Against by consumption (EUR)",
    month="Month",
    cost_without="Cost without sharing (EUR)",
    cost_with="Cost with sharing (EUR)",
    compensation="Surplus compensation (EUR)",
    total="Total",
)

_SPANISH = ReportTexts(
    title="Propuesta de coeficientes",
    summary="Resumen",
    members="Participantes",
    months="Meses",
    notes="Notas",
    topic="Tema",
    rule="Forma de reparto",
    rules={
        "proposal": "Propuesta",
        "equal": "A partes iguales",
        "contracted_power": "Por potencia contratada",
        "consumption": "Por consumo",
        "current": "Acuerdo vigente",
        "hourly_bound": "Límite de cualquier coeficiente, incluso horario",
    },
    generation="Generación (kWh)",
    consumption="Consumo (kWh)",
    allocated="Energía individualizada (kWh)",
    self_consumed="Autoconsumida (kWh)",
    surplus="Excedente (kWh)",
    grid_import="De la red (kWh)",
    savings="Ahorro (EUR)",
    upper_bound="Cota superior demostrada",
    gap="Distancia a la cota",
    self_consumption_share="Tasa de autoconsumo",
    self_sufficiency_share="Autosuficiencia",
    proposal_gains_kwh="La propuesta gana (kWh)",
    proposal_gains_eur="La propuesta gana (EUR)",
    chart_of_rules="Energía autoconsumida según la forma de reparto (kWh al año)",
    chart_of_months="A dónde va el sol cada mes",
    member="Participante",
    kind="Tipo",
    tariff="Peaje",
    contracted_power="Contratada (kW)",
    coefficient="Coeficiente",
    against_equal_kwh="Frente a partes iguales (kWh)",
    against_equal_eur="Frente a partes iguales (EUR)",
    against_consumption_kwh="Frente a por consumo (kWh)",
    against_consumption_eur="Frente a por consumo (EUR)",
    month="Mes",
    cost_without="Coste sin compartir (EUR)",
    cost_with="Coste compartiendo (EUR)",
    compensation="Compensación de excedentes (EUR)",
    total="Total",
)


def texts_in(language: Language) -> ReportTexts:
    """Give the report's texts in a language.

    Parameters
    ----------
    language : Language
        Which one.

    Returns
    -------
    ReportTexts
        All of them.

    Examples
    --------
    >>> texts_in(Language.SPANISH).surplus
    'Excedente (kWh)'
    """
    return _SPANISH if language is Language.SPANISH else _ENGLISH
