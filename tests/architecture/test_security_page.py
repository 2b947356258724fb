"""The page on security says what the code does: who may what, and for how long."""

import re
from datetime import timedelta

import pytest

from api.policies import CAPABILITIES, FEWEST_TOGETHER, LINK_LASTS, SESSION_IDLE, SESSION_LASTS
from api.services.accounting import export_accounts
from api.services.file_imports import remove_uploads
from api.services.jobs import clear_away_nightly
from api.services.sign_ups.judge_sign_up import CLOSED_KEPT
from api.services.sign_ups.space_mails import CONFIRMED_WITHIN
from api.settings import Settings
from models.tables import LinkPurpose
from models.values.access import Capability, Role
from tests.support.source_code import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
KEPT = {
    "session that is not used": SESSION_IDLE,
    "session": SESSION_LASTS,
    "ended session, as a row": clear_away_nightly._SESSIONS_KEPT,
    "invitation": LINK_LASTS[LinkPurpose.INVITATION],
    "link to another address": LINK_LASTS[LinkPurpose.EMAIL_CONFIRMATION],
    "expired link, as a row": clear_away_nightly._SESSIONS_KEPT,
    "sign-up that nobody confirmed, and its e-mail": CONFIRMED_WITHIN,
    "sign-up that was refused or withdrawn, and its e-mails": CLOSED_KEPT,
    "upload that nobody imported": remove_uploads._ABANDONED_AFTER,
    "archive of an export": export_accounts._KEPT,
    "job that ended, to which nothing refers": timedelta(
        days=Settings.model_fields["job_retention_days"].default
    ),
}


def read_table(heading: str) -> list[dict[str, str]]:
    """Read the first table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    whole = [row for row in rows if len(row) == len(head)]
    return [dict(zip(head, row, strict=True)) for row in whole]


def test_the_table_says_which_role_has_which_capability():
    table = read_table("Who may what")
    rows = {re.match(r"`([\w-]+)`", row.pop("Capability"))[1]: row for row in table}
    assert rows == {
        each.value: {role.value: "yes" if each in CAPABILITIES[role] else "no" for role in Role}
        for each in Capability
    }


@pytest.mark.parametrize("role", Role)
def test_the_page_says_how_far_each_role_reaches(role):
    reaching = PAGE.partition("How far each reaches:")[2].partition("\n## ")[0]
    assert len(re.findall(rf"^\|[^|]*\b{role.value}\b", reaching, re.MULTILINE)) == 1


def test_the_page_says_how_long_things_are_kept():
    rows = {row["What"]: float(row["Days"]) for row in read_table("What is kept, and for how long")}
    assert rows == {what: span / timedelta(days=1) for what, span in KEPT.items()}


def test_the_page_says_of_how_many_sums_are_told():
    assert FEWEST_TOGETHER == 5
    assert "where at least five members shared" in PAGE


def test_files_that_the_page_names_exist():
    named = re.findall(r"`((?:api|models|tests)/[\w/]+\.\w+)`", PAGE)
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []
