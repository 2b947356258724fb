"""A sound row of every table of accounts, and what breaks each."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

LATER = "2024-03-02 09:30:00.000000"
_OF_ACCOUNT = TENANT | {"account_id": IDS["user"]}

ACCOUNT_ROWS: dict[str, dict[str, object]] = {
    "user_account": TENANT
    | {
        "id": IDS["user"],
        "email": "ana@vila.example",
        "name": "Ana",
        "role": "promoter-admin",
        "password_hash": "$argon2id$",
        "created_at": NOW,
    },
    "account_grant": _OF_ACCOUNT
    | {"id": uuid4().hex, "community_id": IDS["community"], "member_id": None, "created_at": NOW},
    "user_session": _OF_ACCOUNT
    | {
        "id": uuid4().hex,
        "sha256": "0" * 64,
        "awaits_second_factor": False,
        "created_at": NOW,
        "last_seen_at": NOW,
        "expires_at": LATER,
    },
    "one_time_link": _OF_ACCOUNT
    | {
        "id": uuid4().hex,
        "purpose": "invitation",
        "sha256": "0" * 64,
        "created_at": NOW,
        "expires_at": LATER,
    },
    "external_identity": _OF_ACCOUNT
    | {"id": uuid4().hex, "issuer": "https://id.example", "subject": "ana", "created_at": NOW},
}

ACCOUNT_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_user_account_role": [("user_account", {"role": "guest"})],
    "ck_user_account_role_signs_in": [
        ("user_account", {"role": "integrator"}),
        ("user_account", {"role": "public"}),
    ],
    "ck_user_account_language": [("user_account", {"language": "fr"})],
    "ck_user_account_email_length": [("user_account", {"email": ""})],
    "ck_user_account_name_length": [("user_account", {"name": ""})],
    "ck_user_account_email_in_small_letters": [("user_account", {"email": "Ana@vila.example"})],
    "ck_user_account_operator_has_no_promoter": [
        ("user_account", {"role": "operator"}),
        ("user_account", {"promoter_id": None}),
    ],
    "ck_user_account_counted_failures": [("user_account", {"failed_sign_ins": -1})],
    "ck_user_account_confirmed_secret": [("user_account", {"totp_confirmed_at": NOW})],
    "ck_api_token_scopes_length": [("api_token", {"scopes": ""})],
    "ck_account_grant_one_subject": [
        ("account_grant", {"community_id": None}),
        ("account_grant", {"member_id": IDS["member"]}),
    ],
    "ck_user_session_lasts_a_while": [("user_session", {"expires_at": NOW})],
    "ck_one_time_link_linkpurpose": [("one_time_link", {"purpose": "fun"})],
    "ck_one_time_link_lasts_a_while": [("one_time_link", {"expires_at": NOW})],
    "ck_one_time_link_confirms_an_address": [
        ("one_time_link", {"purpose": "email-confirmation"}),
        ("one_time_link", {"email": "ana@vila.example"}),
    ],
    "ck_one_time_link_email_length": [
        ("one_time_link", {"purpose": "email-confirmation", "email": ""})
    ],
    "ck_external_identity_issuer_length": [("external_identity", {"issuer": ""})],
    "ck_external_identity_subject_length": [("external_identity", {"subject": ""})],
}

ACCOUNT_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("user_account", "email", {"id": uuid4().hex}),
    ("account_grant", "community_id", {"id": uuid4().hex}),
    ("user_session", "sha256", {"id": uuid4().hex}),
    ("one_time_link", "sha256", {"id": uuid4().hex}),
    ("external_identity", "subject", {"id": uuid4().hex}),
]
