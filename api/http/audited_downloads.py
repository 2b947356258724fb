"""The audit trail of files: each one that is handed out is told before it is sent."""

from functools import partial
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.acts import describe_act
from api.http.caller_guard import Endpoint
from api.services.audit.keep_trail import Subject, record_alone
from models.values.audit import AuditChannel

_TABLES = {
    "proposals": "coefficient_proposal",
    "agreements": "distribution_agreement",
    "files": "generated_file",
    "invoice-files": "invoice_file",
    "debit-runs": "debit_run",
    "billing-runs": "billing_run",
    "account-exports": "job_run",
    "data-exports": "job_run",
    "people": "member",
    "vacancy-fillings": "vacancy_filling",
    "capacity-sharings": "capacity_sharing",
    "member-assignments": "member_assignment",
}
"""Where that lies of which a file tells, by the beginning of its address."""


def recorded(path: str, endpoint: Endpoint) -> Endpoint:
    """Let the files of an address be told in the audit trail."""
    table = _TABLES[path.split("/")[1]]

    async def answer(request: Request) -> Response:
        response = await endpoint(request)
        if request.method == "GET":
            recording = partial(_record, request, path, table)
            await to_thread.run_sync(recording, limiter=request.app.state.threads)
        return response

    return answer


def _record(request: Request, path: str, table: str) -> None:
    """Tell who gets what."""
    principal, state = request.scope["principal"], request.app.state
    act = describe_act(principal, AuditChannel.FILE, f"GET {path}", request.scope["request_id"])
    key = next(value for name, value in request.path_params.items() if name.endswith("_id"))
    record_alone(state.engine, act, subjects=[Subject(table, UUID(key), principal.promoter_id)])
