"""``reparto invoices``: what was issued, and whether it still holds together."""

import sys
from typing import Annotated

import typer

from api.services.accounts.ensure_promoter import require_promoter
from api.services.invoices.verify_invoices import IssuerReport, verify_invoices
from api.settings import read_settings
from models.session import read_session
from models.values.errors import InvalidDataError
from scripts.commands.database import ready_database
from scripts.commands.token import DEFAULT_PROMOTER

app = typer.Typer(add_completion=False, help="Community invoices.", no_args_is_help=True)


class BrokenInvoicesError(InvalidDataError):
    """Issued invoices are not what they were, or some are gone."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("the invoices are not sound:\n" + "\n".join(findings))
        self.findings = findings


@app.callback()
def invoices() -> None:
    """Community invoices."""


@app.command("verify")
def verify(
    promoter: Annotated[str, typer.Option(help="Whose invoices they are.")] = DEFAULT_PROMOTER,
) -> None:
    """Verify every chain of records, and that no number is missing."""
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        reports = verify_invoices(session, promoter_id=owner)
    for report in reports:
        state = "sound" if report.is_sound else "broken"
        sys.stdout.write(f"{report.issuer.tax_number} {report.chain.n_sound} records {state}\n")
    if findings := [finding for report in reports for finding in _list_findings(report)]:
        raise BrokenInvoicesError(findings)


def _list_findings(report: IssuerReport) -> list[str]:
    """Say what is wrong with the invoices of an issuer."""
    name, fault = report.issuer.tax_number, report.chain.fault
    findings = [f"{name}: series {code} has a gap or counts wrong" for code in report.broken_series]
    findings += [f"{name}: record {place} differs from its row" for place in report.altered]
    if fault is not None:
        found = f"expected {fault.expected}, found {fault.found}"
        findings.append(f"{name}: record {fault.position} is broken ({fault.code.value}): {found}")
    if report.n_unregistered:
        findings.append(f"{name}: {report.n_unregistered} invoices have no record")
    return findings
