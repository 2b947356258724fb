"""A sound row of every table of public pages and sign-ups, and what breaks each."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

LATER = "2024-03-08 09:30:00.000000"
_OF_COMMUNITY = TENANT | {"community_id": IDS["community"]}

SIGN_UP_ROWS: dict[str, dict[str, object]] = {
    "public_page": _OF_COMMUNITY
    | {
        "id": uuid4().hex,
        "slug": "la-pena",
        "municipality": "Peñíscola",
        "text_es": "Vecinos.",
        "contact_email": "sol@vila.example",
        "free_places": 0,
        "is_open": True,
        "needs_approval": True,
        "is_published": True,
        "changed_at": NOW,
    },
    "privacy_notice": _OF_COMMUNITY
    | {"id": IDS["notice"], "version": 1, "text": "Datos.", "published_at": NOW},
    "sign_up": _OF_COMMUNITY
    | {
        "id": uuid4().hex,
        "notice_id": IDS["notice"],
        "state": "accepted",
        "sealed_details": b"sealed",
        "email_index": b"e" * 32,
        "meter_index": b"m" * 32,
        "network_index": None,
        "tariff": "2.0TD",
        "contracted_power_w": 1,
        "yearly_consumption_wh": 0,
        "distance_m": 0,
        "language": "es",
        "confirmation_sha256": None,
        "status_sha256": "0" * 64,
        "created_at": NOW,
        "expires_at": LATER,
        "confirmed_at": NOW,
        "decided_at": NOW,
        "refused_because": None,
        "application_id": IDS["application"],
    },
}

SIGN_UP_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_public_page_slug_in_small_letters": [("public_page", {"slug": "La-pena"})],
    "ck_public_page_slug_length": [("public_page", {"slug": ""})],
    "ck_public_page_municipality_length": [("public_page", {"municipality": ""})],
    "ck_public_page_text_es_length": [("public_page", {"text_es": ""})],
    "ck_public_page_text_ca_length": [("public_page", {"text_ca": ""})],
    "ck_public_page_text_en_length": [("public_page", {"text_en": ""})],
    "ck_public_page_contact_email_length": [("public_page", {"contact_email": ""})],
    "ck_public_page_counted_places": [("public_page", {"free_places": -1})],
    "ck_privacy_notice_counted_version": [("privacy_notice", {"version": 0})],
    "ck_privacy_notice_text_length": [("privacy_notice", {"text": ""})],
    "ck_sign_up_signupstate": [("sign_up", {"state": "lost"})],
    "ck_sign_up_tariff": [("sign_up", {"tariff": "2.1A"})],
    "ck_sign_up_language": [("sign_up", {"language": "fr"})],
    "ck_sign_up_contracted_power_positive": [("sign_up", {"contracted_power_w": 0})],
    "ck_sign_up_yearly_consumption_at_least_zero": [("sign_up", {"yearly_consumption_wh": -1})],
    "ck_sign_up_distance_at_least_zero": [("sign_up", {"distance_m": -1})],
    "ck_sign_up_lasts_a_while": [("sign_up", {"expires_at": NOW})],
    "ck_sign_up_whole_email_index": [("sign_up", {"email_index": b"e"})],
    "ck_sign_up_whole_meter_index": [("sign_up", {"meter_index": b"m"})],
    "ck_sign_up_network_until_confirmed": [("sign_up", {"network_index": b"n" * 32})],
    "ck_sign_up_unconfirmed_has_link": [("sign_up", {"confirmation_sha256": "1" * 64})],
    "ck_sign_up_confirmed_has_instant": [("sign_up", {"confirmed_at": None})],
    "ck_sign_up_decided_has_instant": [("sign_up", {"decided_at": None})],
    "ck_sign_up_refused_has_reason": [("sign_up", {"refused_because": "x"})],
    "ck_sign_up_refused_because_length": [("sign_up", {"state": "refused", "refused_because": ""})],
    "ck_sign_up_accepted_has_application": [("sign_up", {"application_id": None})],
}

SIGN_UP_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("public_page", "community_id", {"id": uuid4().hex, "slug": "otra"}),
    ("privacy_notice", "version", {"id": uuid4().hex}),
    ("sign_up", "status_sha256", {"id": uuid4().hex}),
]
