"""Which use case does each kind of job."""

from collections.abc import Callable, Mapping
from functools import partial

from api.clients.datadis import DatadisAccount
from api.invoice_settings import choose_qr_target, find_agency_access
from api.mail_settings import find_mail_route
from api.secret_keys import load_keyring
from api.services.accounting.export_accounts import run_export
from api.services.agency.request_sending import run_record_sending
from api.services.collection.request_bank_file import run_bank_file
from api.services.community_folders.run_import import run_import
from api.services.energy.run_allocation import run_allocation
from api.services.exports.export_data import run_data_export
from api.services.fetching.run_price_fetch import PriceSource, run_price_fetch
from api.services.fetching.run_reading_fetch import run_reading_fetch
from api.services.file_imports.run_file_import import run_file_import
from api.services.invoices.render_run import run_rendering
from api.services.jobs.request_job import JobKind
from api.services.jobs.run_jobs import RunningJob
from api.services.outbox.run_sending import run_sending
from api.services.people.erase_person import run_clearing
from api.services.proposals.run_proposal import run_proposal
from api.services.readings.run_reading_check import run_reading_check
from api.services.studies.run_studies import (
    run_assignment,
    run_filling,
    run_growth,
    run_suitability,
)
from api.settings import Settings

Registry = Mapping[JobKind, Callable[[RunningJob], None]]


def build_registry(settings: Settings) -> Registry:
    """Give every kind its use case."""
    return {
        JobKind.IMPORT_COMMUNITY: partial(
            run_import, data_dir=settings.data_dir, import_root=settings.import_root
        ),
        JobKind.PROPOSE_COEFFICIENTS: run_proposal,
        JobKind.FILL_VACANCIES: run_filling,
        JobKind.ASSESS_SUITABILITY: run_suitability,
        JobKind.SHARE_CAPACITY: run_growth,
        JobKind.ASSIGN_MEMBERS: run_assignment,
        JobKind.IMPORT_FILE: partial(run_file_import, data_dir=settings.data_dir),
        JobKind.FETCH_READINGS: partial(
            run_reading_fetch, account=_find_account(settings), url=str(settings.datadis_url)
        ),
        JobKind.FETCH_PRICES: partial(
            run_price_fetch, source=PriceSource(str(settings.esios_url), settings.esios_token)
        ),
        JobKind.ALLOCATE_MONTHS: run_allocation,
        JobKind.CHECK_READINGS: run_reading_check,
        JobKind.SEND_MESSAGES: partial(run_sending, route=find_mail_route(settings)),
        JobKind.RENDER_INVOICES: partial(
            run_rendering, qr=choose_qr_target(settings), keyring=load_keyring(settings)
        ),
        JobKind.SEND_FISCAL_RECORDS: partial(
            run_record_sending, access=find_agency_access(settings)
        ),
        JobKind.EXPORT_ACCOUNTS: partial(run_export, data_dir=settings.data_dir),
        JobKind.EXPORT_DATA: partial(run_data_export, data_dir=settings.data_dir),
        JobKind.IMPORT_BANK_FILE: partial(
            run_bank_file, data_dir=settings.data_dir, keyring=load_keyring(settings)
        ),
        JobKind.CLEAR_ERASURE: partial(run_clearing, data_dir=settings.data_dir),
    }


def _find_account(settings: Settings) -> DatadisAccount | None:
    username, password = settings.datadis_username, settings.datadis_password
    if username is None or password is None:
        return None
    return DatadisAccount(username, password)
