"""A community on a public page, and people who sign up there."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from api.graphql.node import write_global_id
from api.services.accounts.mailed_links import LinkDesk
from api.services.sign_ups.publish_community import PageWish, publish_community
from api.services.sign_ups.sign_up import SignUpWish
from models import tables
from models.repositories.promoters import find_promoter
from models.session import read_session
from models.tables import Community, OutboxMessage, Promoter, SignUp
from models.values.access import Role
from models.values.language import Language
from models.values.tariff import Tariff
from tests.support.accounts_of_roles import COMMUNITY, OWNER, Caller, call_as
from tests.support.api import Api
from tests.support.community_folders import make_cups
from tests.support.keyrings import KEYRING
from tests.support.mail_servers import Mailbox, reach
from tests.support.outbox import Outbox
from tests.support.stored_records import add_community

SLUG = "la-pena"
NEAR = {"lat": 39.48, "lon": -0.38}
"""A kilometre and a bit north of the plant."""
FAR = {"lat": 39.57, "lon": -0.38}
"""Eleven kilometres north of it."""

PAGE = {
    "slug": SLUG,
    "municipality": "Peñíscola",
    "contactEmail": "sol@vila.example",
    "textEs": "Compartimos el sol.\nÚnase.",
    "isOpen": True,
    "needsApproval": False,
    "privacyNotice": "La cooperativa guarda sus datos para la lista de espera.",
}
PERSON = {
    "slug": SLUG,
    "name": "Ana Martí",
    "taxNumber": "12345678Z",
    "email": "ana@example.org",
    "phone": "+34 600 000 000",
    "cups": str(make_cups(77)),
    "tariff": "LOW_VOLTAGE_UP_TO_15_KW",
    "contractedPowerKw": 3.45,
    "place": NEAR,
    "yearlyConsumptionKwh": 2_500.5,
    "language": "ES",
    "privacyVersion": 1,
}
ERRORS = "userErrors { __typename code message path ... on TooFarUserError { distanceM limitM } }"
STATUS = """status { community state placeInList refusedBecause name maskedTaxNumber email phone
  cups tariff contractedPowerKw yearlyConsumptionKwh place { lat lon } distanceM }"""
PUBLISH = f"""mutation ($input: PublishCommunityInput!) {{ publishCommunity(input: $input) {{
  page {{ slug isPublished isOpen needsApproval textEs textCa freePlaces }} {ERRORS} }} }}"""
UNPUBLISH = f"""mutation ($input: UnpublishCommunityInput!) {{ unpublishCommunity(input: $input) {{
  page {{ slug isPublished }} {ERRORS} }} }}"""
SIGN_UP = f"mutation ($input: SignUpInput!) {{ signUp(input: $input) {{ isMailed {ERRORS} }} }}"
CONFIRM = f"""mutation ($input: SignUpLinkInput!) {{ confirmSignUp(input: $input) {{
  statusSecret {STATUS} {ERRORS} }} }}"""
WITHDRAW = f"""mutation ($input: SignUpLinkInput!) {{ withdrawSignUp(input: $input) {{
  {STATUS} {ERRORS} }} }}"""
FOLLOW = "query ($secret: String!) { signUpStatus(secret: $secret) { state placeInList name } }"
LIST = """query ($id: ID!, $filter: SignUpFilter) { community(id: $id) {
  signUps(filter: $filter) { totalCount edges { node { id state tariff contractedPowerKw
    yearlyConsumptionKwh distanceM language refusedBecause privacyNotice { version }
    application { position state supplyPoint { cups member { code } } }
    person { name taxNumber email phone cups place { lat lon }
      knownSupplyPoint { cups } } } } } } }"""

DESK = LinkDesk(KEYRING, "https://reparto.example", Language.SPANISH)


def publish_for_all(session: Session, promoter: Promoter, at: datetime) -> Community:
    """Publish a new community that lets everybody in."""
    stored = add_community(session, promoter.id)
    stored.installation.lat, stored.installation.lon = 39.47, -0.38
    wish = PageWish(
        SLUG, "Peñíscola", "sol@vila.example", "Sol.", is_open=True, needs_approval=False
    )
    publish_community(
        session,
        promoter_id=promoter.id,
        community_id=stored.community.id,
        wish=wish,
        privacy_notice="Datos.",
        now=at,
    )
    return stored.community


def make_wish(number: int, **typed: Any) -> SignUpWish:
    """Sign up as the person of a number."""
    given = {
        "slug": SLUG,
        "name": "Ana",
        "tax_number": "12345678Z",
        "email": f"ana{number}@example.org",
        "cups": make_cups(500 + number),
        "tariff": Tariff.LOW_VOLTAGE_UP_TO_15_KW,
        "contracted_kw": 3.45,
        "language": Language.SPANISH,
        "notice_version": 1,
        "place": (39.48, -0.38),
    }
    return SignUpWish(**(given | typed))


@dataclass(frozen=True)
class PublicPage:
    """A page in a test."""

    api: Api
    mailbox: Mailbox
    public: Caller

    @property
    def community_id(self) -> str:
        """Global id of the community."""
        with read_session(self.api.engine) as session:
            row = session.exec(select(Community).where(Community.code == COMMUNITY)).one()
        return write_global_id(tables.Community, row.id)

    def publish(self, **changes: Any) -> dict[str, Any]:
        """Publish it."""
        wish = {"communityId": self.community_id} | PAGE | changes
        return self.api.ask(PUBLISH, input=wish)["publishCommunity"]

    def sign_up(self, **changes: Any) -> dict[str, Any]:
        """Sign up as somebody whom nobody knows."""
        return self.public.ask(SIGN_UP, input=PERSON | changes)["signUp"]

    def confirm(self, secret: str) -> dict[str, Any]:
        """Follow the link that confirms."""
        return self.public.ask(CONFIRM, input={"secret": secret})["confirmSignUp"]

    def withdraw(self, secret: str) -> dict[str, Any]:
        """Withdraw."""
        return self.public.ask(WITHDRAW, input={"secret": secret})["withdrawSignUp"]

    def follow(self, secret: str) -> dict[str, Any] | None:
        """Follow the link that tells how it stands."""
        return self.public.ask(FOLLOW, secret=secret)["signUpStatus"]

    def see(self, **filter_: Any) -> list[dict[str, Any]]:
        """List the sign-ups as their promoter sees them."""
        found = self.api.ask(LIST, id=self.community_id, filter=filter_ or None)
        return [edge["node"] for edge in found["community"]["signUps"]["edges"]]

    def read_mails(self) -> list[str]:
        """Let the e-mails go that wait, and read the texts of all that went."""
        with read_session(self.api.engine) as session:
            promoter = find_promoter(session, name=OWNER)
            last = max((row.due_at for row in session.exec(select(OutboxMessage))), default=None)
        if last is not None:
            Outbox(self.api.engine, promoter.id, last).send(reach(self.mailbox))
        return [mail.get_content() for mail in self.mailbox.read()]

    def read_secret(self) -> str:
        """Read what the link of the last e-mail holds."""
        return re.findall(r"https://reparto\.example/sign-up/[a-z]+#(\S+)", self.read_mails()[-1])[
            0
        ]

    def join(self, **changes: Any) -> str:
        """Sign up and confirm; give the secret by which it is followed."""
        assert self.sign_up(**changes)["userErrors"] == []
        return self.confirm(self.read_secret())["statusSecret"]

    def rows(self) -> list[SignUp]:
        """Read what is stored, the earliest first."""
        with read_session(self.api.engine) as session:
            return list(session.exec(select(SignUp).order_by(SignUp.created_at)))


def open_page(api: Api, mailbox: Mailbox | None = None) -> PublicPage:
    """Give a page that is not published yet."""
    return PublicPage(api, mailbox or Mailbox(), call_as(api, Role.PUBLIC))
