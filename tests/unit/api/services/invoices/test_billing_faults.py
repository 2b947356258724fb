from api.services.invoices.billing_faults import Missing, MissingKind, UnreadyRunError


def test_what_is_missing_says_what_to_do():
    missing = Missing(MissingKind.NO_PAYER, "M1")
    assert str(missing) == "no_payer M1: record who pays for the member"
    told = str(UnreadyRunError([missing] * 7))
    assert told.endswith("; and 2 more")
