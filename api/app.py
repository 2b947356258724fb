"""The composition root: one application out of GraphQL, files and health checks."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from anyio import CapacityLimiter
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route, WebSocketRoute

from api.graphql.change_feed import ChangeFeed
from api.graphql.kept_readings import KeptReadings
from api.graphql.known_documents import read_documents
from api.graphql.operations import Operations
from api.graphql.schema import build_schema
from api.graphql.sockets import answer_socket
from api.graphql.view import answer_graphql
from api.http.audited_downloads import recorded
from api.http.body_deadline import BodyDeadline
from api.http.caller_guard import CallerGuard, open_to
from api.http.caller_language import CallerLanguage
from api.http.downloads import (
    answer_account_export,
    answer_admission,
    answer_agreement_file,
    answer_assigned_file,
    answer_assignment,
    answer_data_export,
    answer_distributor_file,
    answer_filling_file,
    answer_generated_file,
    answer_growth_file,
    answer_hourly_file,
    answer_invoice_file,
    answer_members,
    answer_proposal,
    answer_report,
    answer_run_archive,
    answer_sepa_file,
)
from api.http.errors import handle_disconnect, handle_expected, handle_http, handle_unexpected
from api.http.health import answer_alive, answer_ready
from api.http.host_guard import HostGuard
from api.http.metrics import answer_metrics
from api.http.openid import answer_openid_callback, answer_openid_start, set_up_openid
from api.http.person_data import answer_person
from api.http.request_log import RequestLog
from api.http.spending import Spending
from api.http.traced_requests import TracedRequests
from api.http.uploads import answer_upload
from api.metrics import Metrics
from api.openid_flow import CALLBACK_PATH, START_PATH
from api.settings import Settings
from api.telemetry import start_telemetry
from models.change_mark import ChangeMark
from models.session import create_database_engine
from models.values.access import Capability
from models.values.errors import CommunityError

_DATABASE_THREADS = 8
_HASHING_THREADS = 2
_EXPORTERS = (Capability.READ, Capability.READ_MONEY, Capability.OWN)
_UPLOADERS = (Capability.RECORD, Capability.PLAN, Capability.AGREE, Capability.COLLECT)

_HANDLERS: dict[Any, Any] = {
    CommunityError: handle_expected,
    HTTPException: handle_http,
    ClientDisconnect: handle_disconnect,
    Exception: handle_unexpected,
}


def create_app(settings: Settings) -> Starlette:
    """Put the application together; it opens the database at ``settings.database_url``."""
    engine = create_database_engine(settings.database_url)
    mark = ChangeMark(engine)
    documents = read_documents(settings.documents_dir)
    metrics = Metrics(documents.operations)
    openid = set_up_openid(settings)
    readers = ThreadPoolExecutor(_DATABASE_THREADS, thread_name_prefix="reading")
    telemetry = start_telemetry(settings)
    if telemetry is not None:
        telemetry.watch(engine)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        readers.shutdown()
        mark.close()
        engine.dispose()
        if telemetry is not None:
            telemetry.close()

    app = Starlette(
        routes=_list_routes(),
        middleware=[
            *([Middleware(TracedRequests, telemetry=telemetry)] if telemetry else []),
            *_list_middleware(settings, engine, mark, metrics),
        ],
        exception_handlers=_HANDLERS,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.documents = documents
    app.state.engine = engine
    app.state.openid = openid
    app.state.changes = ChangeFeed(engine)
    app.state.kept = KeptReadings(mark)
    app.state.operations = Operations(build_schema(), telemetry)
    app.state.readers = readers
    app.state.threads = CapacityLimiter(_DATABASE_THREADS)
    app.state.hashing = CapacityLimiter(_HASHING_THREADS)
    return app


def _list_middleware(
    settings: Settings, engine: Engine, mark: ChangeMark, metrics: Metrics
) -> list[Middleware]:
    """List what every request passes, from the outside in."""
    return [
        Middleware(RequestLog, metrics=metrics),
        Middleware(CallerLanguage, default=settings.language),
        Middleware(HostGuard, hosts=settings.trusted_hosts.split()),
        Middleware(
            Spending,
            known=settings.cost_per_minute,
            public=settings.public_cost_per_minute,
            sign_ups_an_hour=settings.sign_ups_per_hour,
            sign_ins_an_hour=settings.sign_ins_per_hour,
        ),
        Middleware(CallerGuard, engine=engine, mark=mark, settings=settings),
        Middleware(BodyDeadline),
    ]


def _list_routes() -> list[BaseRoute]:
    return [
        Route("/healthz", answer_alive, methods=["GET"]),
        Route("/readyz", answer_ready, methods=["GET"]),
        Route("/metrics", answer_metrics, methods=["GET"]),
        Route("/graphql", answer_graphql, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", answer_socket),
        Route(START_PATH, answer_openid_start, methods=["GET"]),
        Route(CALLBACK_PATH, answer_openid_callback, methods=["GET"]),
        Route("/uploads", open_to(answer_upload, *_UPLOADERS), methods=["POST"]),
        *(
            Route(path, open_to(recorded(path, endpoint), *openers), methods=["GET"])
            for path, (endpoint, *openers) in _list_downloads().items()
        ),
    ]


def _list_downloads() -> dict[str, tuple[Any, ...]]:
    """Name every file that can be had, what answers, and who may have it."""
    proposal, agreement = "/proposals/{proposal_id}", "/agreements/{agreement_id}"
    filling, growth = "/vacancy-fillings/{study_id}", "/capacity-sharings/{study_id}"
    assignment = "/member-assignments/{study_id}"
    return {
        f"{proposal}/report.xlsx": (answer_report, Capability.PERSONAL),
        f"{proposal}/distributor.txt": (answer_distributor_file, Capability.PERSONAL),
        f"{proposal}/hourly.txt": (answer_hourly_file, Capability.PERSONAL),
        f"{proposal}/members.csv": (answer_members, Capability.PERSONAL),
        f"{proposal}/proposal.json": (answer_proposal, Capability.PERSONAL),
        f"{agreement}/distributor.txt": (answer_agreement_file, Capability.PERSONAL),
        "/files/{file_id}": (answer_generated_file, Capability.PERSONAL),
        "/invoice-files/{file_id}": (answer_invoice_file, Capability.READ_MONEY, Capability.OWN),
        "/debit-runs/{debit_run_id}/pain008.xml": (answer_sepa_file, Capability.COLLECT),
        "/billing-runs/{run_id}/invoices.zip": (answer_run_archive, Capability.READ_MONEY),
        "/account-exports/{export_id}/accounts.zip": (answer_account_export, Capability.READ_MONEY),
        "/data-exports/{export_id}/{file_name}": (answer_data_export, *_EXPORTERS),
        "/people/{member_id}/data.zip": (answer_person, Capability.ADMINISTER, Capability.OWN),
        f"{filling}/admission.json": (answer_admission, Capability.PERSONAL),
        f"{filling}/distributor.txt": (answer_filling_file, Capability.PERSONAL),
        f"{growth}/distributor.txt": (answer_growth_file, Capability.PERSONAL),
        f"{assignment}/proposal.json": (answer_assignment, Capability.PERSONAL),
        f"{assignment}/{{cau}}/distributor.txt": (answer_assigned_file, Capability.PERSONAL),
    }
