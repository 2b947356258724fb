"""Requests that a browser sends with its cookie come from our own pages, and say so."""

from starlette.datastructures import Headers

from models.values.errors import CommunityError, ErrorCode

HARMLESS_METHODS = frozenset({"GET", "HEAD"})
"""What changes nothing."""

MARK = "x-reparto-request"
"""A header that no other site's page can send without being asked for leave first."""


class ForeignPageError(CommunityError):
    """A request with a cookie does not say that it comes from our own page."""

    code = ErrorCode.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            f"with the cookie of a session send the header {MARK}: 1, from a page of this origin"
        )


def is_of_own_page(headers: Headers) -> bool:
    """Tell whether a browser sends this for a page of our own, as far as it says so.

    Only hosts are compared: behind a proxy the scheme is not known here.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    is_own_host = origin is None or origin.partition("://")[2] == headers.get("host")
    return is_own_host and site in (None, "same-origin")


def refuse_foreign_page(method: str, headers: Headers) -> None:
    """Refuse what another site's page may have made a browser send with its cookie."""
    is_marked = headers.get(MARK) == "1"
    if method not in HARMLESS_METHODS and not (is_marked and is_of_own_page(headers)):
        raise ForeignPageError
