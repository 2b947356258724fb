"""An application with a community that is ready to be billed, and what tests ask of it."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import select

from api.graphql.node import write_global_id
from models import tables
from models.repositories.promoters import find_promoter
from models.session import read_session
from tests.support.api import Api
from tests.support.billing import BilledCommunity, add_billed_community
from tests.support.guarded_calls import input_kind
from tests.support.stored_once import stored_once

ERRORS = "userErrors { __typename code message path }"
OCTOBER_DAYS = {"start": "2023-10-01", "end": "2023-11-01"}


@dataclass(frozen=True, slots=True)
class InvoicingApi:
    """An application, and the community whose October 2023 it can bill."""

    api: Api
    billed: BilledCommunity

    def id_of(self, row: Any) -> str:
        """Give the global id of a record."""
        return write_global_id(type(row), row.id)

    @property
    def community(self) -> str:
        """The community's global id."""
        return self.id_of(self.billed.stored.community)

    def call(self, mutation: str, selection: str, **given: Any) -> dict[str, Any]:
        """Call a mutation and give its payload."""
        query = f"""mutation ($input: {input_kind(mutation)}!) {{
          {mutation}(input: $input) {{ {selection} {ERRORS} }} }}"""
        return self.api.ask(query, input=given)[mutation]

    def do(self, mutation: str, selection: str, **given: Any) -> dict[str, Any]:
        """Call a mutation that must succeed."""
        payload = self.call(mutation, selection, **given)
        assert payload["userErrors"] == []
        return payload

    def refuse(self, mutation: str, selection: str, **given: Any) -> tuple[str, str, str]:
        """Call a mutation that must fail once, and give code, path and message of its error."""
        payload = self.call(mutation, f"{selection} {{ id }}", **given)
        (error,) = payload["userErrors"]
        assert payload[selection] is None
        return error["code"], ".".join(error["path"]), error["message"]

    def issue(self, selection: str = "run { id invoiceCount totalEur }", **more: Any) -> Any:
        """Issue October."""
        wish = {"communityId": self.community, "series": "2023", "idempotencyKey": "k"}
        return self.call("issueBillingRun", selection, **(wish | OCTOBER_DAYS | more))

    def list_invoices(self) -> list[tables.Invoice]:
        """Read the invoices, by number."""
        with read_session(self.api.engine) as session:
            return list(session.exec(select(tables.Invoice).order_by(tables.Invoice.full_number)))


@stored_once
def billed(api: Api) -> BilledCommunity:
    """Store a community of the owner that is ready to be billed."""
    with read_session(api.engine) as session:
        promoter = find_promoter(session, name="Ajuntament de la Peña")
    return add_billed_community(api.engine, promoter, number=2)


@pytest.fixture
def invoicing(api: Api, billed: BilledCommunity) -> InvoicingApi:
    """Serve that community."""
    return InvoicingApi(api, billed)
