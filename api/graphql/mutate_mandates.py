"""Set with what issuers collect; record, change and revoke mandates."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.debit_runs import Debit
from api.graphql.errors import UserError, attempt
from api.graphql.mandates import CreditorAccount, Mandate
from api.graphql.node import require_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.collection.record_mandates import (
    AccountWish,
    EndedMandateError,
    MandateExistsError,
    MandateWish,
    SameAccountError,
    UnfitMandateError,
    UnknownMandateError,
    change_account,
    record_mandate,
    revoke_mandate,
)
from api.services.collection.set_creditor_account import (
    CreditorAccountWish,
    set_creditor_account,
)
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from models import tables
from models.values.creditor_id import CreditorId
from models.values.direct_debits import MandateKind, PainVersion
from models.values.errors import CommunityError, InvalidIdentifierError
from models.values.iban import Iban
from models.values.sepa_reference import SepaReference

_IDENTIFIERS = {
    "IBAN": "iban",
    "creditor identifier": "creditorId",
    "SEPA reference": "reference",
}
_FIELDS = {
    "holder": "holder",
    "signed_on": "signedOn",
    "last_used_on": "lastUsedOn",
    "revoked_on": "revokedOn",
    "iban": "iban",
}


@strawberry.input(description="With what an issuer collects by direct debit.")
class SetCreditorAccountInput:
    """An account and its rules."""

    issuer_id: strawberry.ID = strawberry.field(description="Global id of the issuer.")
    creditor_id: str = strawberry.field(description="Creditor identifier (AT-02).")
    iban: str = strawberry.field(description="Account that gets the money.")
    bic: str | None = strawberry.field(
        default=None, description="Code of its bank, which only the file of 2009 asks for."
    )
    notice_days: int = strawberry.field(
        default=14,
        description="Days that payers are told ahead, 1 to 60; fewer than 14 only where they "
        "agreed.",
    )
    lead_days: int = strawberry.field(
        default=1,
        description="Business days that the bank wants between a file and its collection, 1 to 10.",
    )
    pain_version: PainVersion = strawberry.field(
        default=PainVersion.V08, description="Form of the file that the bank takes."
    )


@strawberry.input(description="What a member signed.")
class RecordMandateInput:
    """A mandate."""

    issuer_id: strawberry.ID = strawberry.field(description="Global id of who may collect.")
    member_id: strawberry.ID = strawberry.field(description="Global id of who signed.")
    holder: str = strawberry.field(description="Holder of the account, 1 to 70 characters.")
    iban: str = strawberry.field(description="The account.")
    signed_on: date = strawberry.field(description="Day of the signature, today at the latest.")
    kind: MandateKind = strawberry.field(
        default=MandateKind.RECURRENT, description="For how many debits."
    )
    reference: str | None = strawberry.field(
        default=None, description="Reference that it bears, 1 to 35 characters; else one is made."
    )
    last_used_on: date | None = strawberry.field(
        default=None, description="Last collection with it, made elsewhere."
    )


@strawberry.input(description="Another account for a mandate.")
class ChangeMandateAccountInput:
    """The same mandate, a new account."""

    mandate_id: strawberry.ID = strawberry.field(description="Global id of the mandate.")
    holder: str = strawberry.field(description="Holder of the account, 1 to 70 characters.")
    iban: str = strawberry.field(description="The account.")
    closes_previous: bool = strawberry.field(
        default=False, description="Whether the account before it can be debited no more."
    )


@strawberry.input(description="Which mandate to take back.")
class RevokeMandateInput:
    """From a day on."""

    mandate_id: strawberry.ID = strawberry.field(description="Global id of the mandate.")
    revoked_on: date = strawberry.field(
        description="First day on which nothing is collected with it."
    )


@strawberry.type(description="With what the issuer collects now, or why it stays as it was.")
class SetCreditorAccountPayload:
    """Answer of ``setCreditorAccount``."""

    creditor_account: CreditorAccount | None = strawberry.field(description="The account.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being set.")


@strawberry.type(description="The mandate, or why nothing was done.")
class MandatePayload:
    """Answer of what is done to a mandate."""

    mandate: Mandate | None = strawberry.field(description="The mandate as it stands now.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="The mandate, and what a bank has to be asked to cancel.")
class RevokeMandatePayload:
    """Answer of ``revokeMandate``."""

    debits: strawberry.Private[list[Debit]]

    mandate: Mandate | None = strawberry.field(description="The mandate as it stands now.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being revoked.")

    @strawberry.field(
        description="Debits of that day or later that a bank has already: ask it to cancel them."
    )
    def underway(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[Debit]:
        """Page through them."""
        return paginate(self.debits, first, after)


@strawberry.type
class MandateMutations:
    """What can be done about mandates."""

    @strawberry.mutation(
        description="Set with what an issuer collects by direct debit; files that were made stay "
        "as they are."
    )
    async def set_creditor_account(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SetCreditorAccountInput, strawberry.argument(description="With what.")
        ],
    ) -> SetCreditorAccountPayload:
        """Set it."""
        account, errors = await attempt(_set(info, input), _find_fault)
        return SetCreditorAccountPayload(creditor_account=account, user_errors=errors)

    @strawberry.mutation(
        description="Record a mandate that a member signed; it can be collected with from the "
        "21st day after today on."
    )
    async def record_mandate(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RecordMandateInput, strawberry.argument(description="What was signed.")
        ],
    ) -> MandatePayload:
        """Record it."""
        mandate, errors = await attempt(_record(info, input), _find_fault)
        return MandatePayload(mandate=mandate, user_errors=errors)

    @strawberry.mutation(
        description="Let a mandate name another account; until that is 21 days old the one before "
        "it is collected from while it lives."
    )
    async def change_mandate_account(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ChangeMandateAccountInput, strawberry.argument(description="Which account.")
        ],
    ) -> MandatePayload:
        """Change it."""
        mandate, errors = await attempt(_change(info, input), _find_fault)
        return MandatePayload(mandate=mandate, user_errors=errors)

    @strawberry.mutation(description="Take a mandate back.")
    async def revoke_mandate(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RevokeMandateInput, strawberry.argument(description="Which, and from when on.")
        ],
    ) -> RevokeMandatePayload:
        """Revoke it."""
        done, errors = await attempt(_revoke(info, input), _find_fault)
        if done is None:
            return RevokeMandatePayload(debits=[], mandate=None, user_errors=errors)
        debits = [Debit(known=each) for each in done.underway]
        return RevokeMandatePayload(debits=debits, mandate=done.mandate, user_errors=[])


async def _set(info: Info, given: SetCreditorAccountInput) -> Any:
    wish = CreditorAccountWish(
        creditor_id=CreditorId(given.creditor_id),
        iban=Iban(given.iban),
        bic=given.bic,
        notice_days=given.notice_days,
        lead_days=given.lead_days,
        pain_version=given.pain_version,
    )
    issuer_id = _read_issuer(given.issuer_id)
    keyring = info.context.keyring
    return await info.context.write(
        set_creditor_account, issuer_id=issuer_id, wish=wish, keyring=keyring
    )


async def _record(info: Info, given: RecordMandateInput) -> Any:
    member_id = require_key(tables.Member, str(given.member_id), UnknownMemberError)
    wish = MandateWish(
        issuer_id=_read_issuer(given.issuer_id),
        member_id=member_id,
        account=AccountWish(given.holder, Iban(given.iban)),
        signed_on=given.signed_on,
        kind=given.kind,
        reference=None if given.reference is None else SepaReference(given.reference),
        last_used_on=given.last_used_on,
    )
    keyring = info.context.keyring
    return await info.context.write(record_mandate, wish=wish, keyring=keyring, now=now())


async def _change(info: Info, given: ChangeMandateAccountInput) -> Any:
    key = _read_mandate(given.mandate_id)
    await info.context.write(
        change_account,
        mandate_id=key,
        account=AccountWish(given.holder, Iban(given.iban)),
        closes_previous=given.closes_previous,
        keyring=info.context.keyring,
        now=now(),
    )
    return await info.context.loaders.record(tables.Mandate, key)


async def _revoke(info: Info, given: RevokeMandateInput) -> Any:
    return await info.context.write(
        revoke_mandate,
        mandate_id=_read_mandate(given.mandate_id),
        revoked_on=given.revoked_on,
        now=now(),
    )


def _read_issuer(text: strawberry.ID) -> UUID:
    return require_key(tables.InvoiceIssuer, str(text), UnknownIssuerError)


def _read_mandate(text: strawberry.ID) -> UUID:
    return require_key(tables.Mandate, str(text), UnknownMandateError)


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case InvalidIdentifierError(kind=kind):
            return [_IDENTIFIERS[kind]]
        case UnfitMandateError(field=field):
            return [_FIELDS[field]]
        case UnknownIssuerError():
            return ["issuerId"]
        case UnknownMemberError() | MandateExistsError():
            return ["memberId"]
        case UnknownMandateError() | EndedMandateError():
            return ["mandateId"]
        case SameAccountError():
            return ["iban"]
    return []
