"""What breaks each constraint of the messages to the tax agency and its answers."""

UNANSWERED = {"wait_seconds": None, "answer": None}

AGENCY_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_agency_submission_counted_positions": [
        ("agency_submission", {"first_position": 0}),
        ("agency_submission", {"last_position": 0}),
    ],
    "ck_agency_submission_sent_has_instant": [
        ("agency_submission", {"sent_at": None}),
        ("agency_submission", {"attempts": 0}),
    ],
    "ck_agency_submission_answered_says_when_next": [
        ("agency_submission", {"wait_seconds": None}),
        ("agency_submission", {"answer": None}),
    ],
    "ck_agency_submission_failure_says_why": [("agency_submission", {"reason": "x"})],
    "ck_agency_submission_receipt_length": [("agency_submission", {"receipt": ""})],
    "ck_agency_submission_reason_length": [
        ("agency_submission", UNANSWERED | {"state": "refused", "reason": ""})
    ],
    "ck_agency_submission_submissionstate": [
        ("agency_submission", UNANSWERED | {"state": "lost"}),
    ],
    "ck_agency_answer_error_text_length": [("agency_answer", {"error_text": ""})],
    "ck_agency_answer_agencystatus": [("agency_answer", {"status": "lost"})],
}
