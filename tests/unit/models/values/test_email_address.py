"""Addresses of electronic mail that are taken, and texts that are not."""

import pytest

from models.values.email_address import UnfitEmailError, check_email


@pytest.mark.parametrize(
    "address",
    [
        "ana@vila.example",
        "a.b+c_d'e@sub.vila-2.example",
        "x" * 64 + "@" + "y" * 63 + ".example",
        "a@xn--pea-6ma.example",
        "a@1.es",
    ],
)
def test_addresses_are_taken(address):
    check_email(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@vila.example",
        "ana@vila",
        "ana@vila.",
        "ana@.example",
        "ana@-vila.example",
        "ana@vila..example",
        ".ana@vila.example",
        "an..a@vila.example",
        "ana@peña.example",
        "añá@vila.example",
        "a b@vila.example",
        "ana@vila.example\n",
        "ana@vila.example\r\nBcc: all@vila.example",
        "ana@vila.example,eva@vila.example",
        "ana@vila.example>",
        "<ana@vila.example",
        "ana@eva@vila.example",
        '"ana"@vila.example',
        "ana@[127.0.0.1]",
        "x" * 65 + "@vila.example",
        "a@" + "y" * 64 + ".example",
        "a@" + "y." * 124 + "example",
    ],
)
def test_other_texts_are_not(text):
    with pytest.raises(UnfitEmailError, match="is not an e-mail address") as refused:
        check_email(text)
    assert refused.value.email == text
