"""Files that were made, for those who own them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from anyio import to_thread
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from api.secret_keys import load_keyring
from api.services.accounting.export_accounts import UnknownExportError, find_export
from api.services.agreements.find_agreement import UnknownAgreementError
from api.services.agreements.generate_agreement_files import (
    UnknownFileError,
    download_generated_file,
)
from api.services.collection.find_debit_run import UnknownDebitRunError, download_sepa_file
from api.services.exports.export_data import KeptExport, find_data_export
from api.services.invoices.find_invoices import UnknownRunError
from api.services.invoices.generate_invoice_files import download_invoice_file
from api.services.invoices.render_run import write_run_archive
from api.services.proposals.find_proposal import UnknownProposalError
from api.services.proposals.render_downloads import (
    Download,
    download_agreed_file,
    download_hourly_file,
    download_members,
    download_proposal,
    download_proposed_file,
    download_report,
)
from api.services.studies.render_study_files import (
    UnknownStudyError,
    download_admission,
    download_assigned_file,
    download_assignment,
    download_filling_file,
    download_growth_file,
)
from api.settings import Settings
from models.session import read_session

_PIECE_BYTES = 1 << 18

_UNKNOWN = {
    "proposal_id": UnknownProposalError,
    "agreement_id": UnknownAgreementError,
    "file_id": UnknownFileError,
    "run_id": UnknownRunError,
    "debit_run_id": UnknownDebitRunError,
    "study_id": UnknownStudyError,
    "export_id": UnknownExportError,
}


async def answer_proposal(request: Request) -> Response:
    """Send ``proposal.json``."""
    return await _send(request, download_proposal)


async def answer_members(request: Request) -> Response:
    """Send the members as CSV, for Spanish Excel unless ``?dialect=plain``."""
    dialect = request.query_params.get("dialect", "excel-es")
    return await _send(request, download_members, dialect=dialect)


async def answer_report(request: Request) -> Response:
    """Send the workbook, in the language of the settings unless ``?language=`` names another."""
    return await _send(request, download_report, language=_read_language(request))


async def answer_distributor_file(request: Request) -> Response:
    """Send the proposal's distributor file, of ``?year=`` if one is named."""
    return await _send(request, download_proposed_file, file_year=_read_year(request))


async def answer_hourly_file(request: Request) -> Response:
    """Send the proposal's hourly distributor file, of ``?year=`` if one is named."""
    return await _send(request, download_hourly_file, file_year=_read_year(request))


async def answer_agreement_file(request: Request) -> Response:
    """Send the agreement's distributor file."""
    return await _send(request, download_agreed_file)


async def answer_generated_file(request: Request) -> Response:
    """Send a file of an agreement as it was kept."""
    return await _send(request, download_generated_file)


async def answer_invoice_file(request: Request) -> Response:
    """Send a document of an invoice as it was kept."""
    keyring = load_keyring(request.app.state.settings)
    return await _send(request, download_invoice_file, keyring=keyring)


async def answer_sepa_file(request: Request) -> Response:
    """Send a file of direct debits as it was made."""
    keyring = load_keyring(request.app.state.settings)
    return await _send(request, download_sepa_file, keyring=keyring)


async def answer_run_archive(request: Request) -> Response:
    """Send the PDFs of a billing run as one ZIP, which may be larger than the memory."""
    run_id = _read_ids(request.path_params)["run_id"]
    archive = await to_thread.run_sync(
        partial(_write_archive, request, run_id), limiter=request.app.state.threads
    )
    headers = {"content-disposition": f'attachment; filename="invoices_{run_id}.zip"'}
    return StreamingResponse(
        iter(partial(archive.read, _PIECE_BYTES), b""),
        media_type="application/zip",
        headers=headers,
        background=BackgroundTask(archive.close),
    )


async def answer_account_export(request: Request) -> Response:
    """Send the archive of exported accounts."""
    job_id = _read_ids(request.path_params)["export_id"]
    path = await to_thread.run_sync(
        partial(_find_export, request, job_id), limiter=request.app.state.threads
    )
    return FileResponse(path, media_type="application/zip", filename="accounts.zip")


async def answer_data_export(request: Request) -> Response:
    """Send exported data to whoever may have them."""
    found = await to_thread.run_sync(
        partial(_find_data_export, request), limiter=request.app.state.threads
    )
    return FileResponse(found.path, media_type=found.media_type, filename=found.name)


async def answer_admission(request: Request) -> Response:
    """Send ``admission.json``, in the language of the settings unless another is named."""
    return await _send(request, download_admission, language=_read_language(request))


async def answer_filling_file(request: Request) -> Response:
    """Send the distributor file of a filling, of ``?year=`` if one is named."""
    return await _send(request, download_filling_file, file_year=_read_year(request))


async def answer_growth_file(request: Request) -> Response:
    """Send the distributor file of a grown plant, of ``?year=`` if one is named."""
    return await _send(request, download_growth_file, file_year=_read_year(request))


async def answer_assignment(request: Request) -> Response:
    """Send the ``proposal.json`` of several plants."""
    return await _send(request, download_assignment)


async def answer_assigned_file(request: Request) -> Response:
    """Send the distributor file of one of several plants, of ``?year=`` if one is named."""
    return await _send(request, download_assigned_file, file_year=_read_year(request))


async def _send(request: Request, render: Callable[..., Download], **arguments: Any) -> Response:
    """Render a file in a thread and send it under its name."""
    wanted = _read_ids(request.path_params) | arguments
    call = partial(_render, request, render, wanted)
    download = await to_thread.run_sync(call, limiter=request.app.state.threads)
    headers = {"content-disposition": f'attachment; filename="{download.name}"'}
    return Response(download.content, media_type=download.media_type, headers=headers)


def _read_language(request: Request) -> str:
    """Read which language is wanted."""
    settings: Settings = request.app.state.settings
    return request.query_params.get("language", settings.language.value)


def _read_year(request: Request) -> int | None:
    """Read the year of a file, if one is named."""
    year = request.query_params.get("year")
    if year is not None and not (year.isascii() and year.isdigit() and len(year) == 4):
        raise HTTPException(400, "year: not four digits")
    return None if year is None else int(year)


def _read_ids(path_params: dict[str, str]) -> dict[str, Any]:
    """Read the ids of an address; one that is none names nothing, as an unknown one does."""
    ids: dict[str, Any] = dict(path_params)
    for name in path_params.keys() & _UNKNOWN:
        try:
            ids[name] = UUID(path_params[name])
        except ValueError as error:
            raise _UNKNOWN[name](None) from error
    return ids


def _open_session(request: Request) -> AbstractContextManager[Session]:
    """Begin to read as far as the caller reaches."""
    return read_session(request.app.state.engine, request.scope["principal"].reach)


def _write_archive(request: Request, run_id: UUID) -> IO[bytes]:
    """Write the archive of a run into a nameless file, which whoever sends it closes."""
    with ExitStack() as held, _open_session(request) as session:
        target = held.enter_context(TemporaryFile())
        promoter_id = request.scope["principal"].promoter_id
        write_run_archive(session, promoter_id=promoter_id, run_id=run_id, target=target)
        target.seek(0)
        held.pop_all()
        return target


def _find_export(request: Request, job_id: UUID) -> Path:
    with _open_session(request) as session:
        return find_export(
            session,
            promoter_id=request.scope["principal"].promoter_id,
            job_id=job_id,
            data_dir=request.app.state.settings.data_dir,
        )


def _find_data_export(request: Request) -> KeptExport:
    wanted = _read_ids(request.path_params)
    principal = request.scope["principal"]
    with _open_session(request) as session:
        return find_data_export(
            session,
            promoter_id=principal.promoter_id,
            job_id=wanted["export_id"],
            file_name=wanted["file_name"],
            held=principal.capabilities,
            data_dir=request.app.state.settings.data_dir,
        )


def _render(
    request: Request, render: Callable[..., Download], arguments: dict[str, Any]
) -> Download:
    with _open_session(request) as session:
        principal = request.scope["principal"]
        return render(session, promoter_id=principal.promoter_id, **arguments)
