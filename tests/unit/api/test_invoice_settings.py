"""What invoices take from the settings."""

import pytest

from api.invoice_settings import (
    UnsetBillingSystemError,
    choose_qr_target,
    require_billing_system,
)
from api.settings import InvalidSettingError, Settings, TaxAgency, read_settings
from loaders.verifactu.qr_code import TaxAgencyHost

NAMED = {
    "billing_installation": "1",
    "billing_producer_name": "Cooperativa",
    "billing_producer_nif": "F12345674",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"REPARTO_{name.upper()}", raising=False)


def test_the_software_says_what_it_is():
    system = require_billing_system(Settings(**NAMED, billing_system_version="7"))
    assert (system.name, system.system_id, system.version) == ("reparto", "RE", "7")
    assert (system.installation, system.producer.name, str(system.producer.nif)) == (
        "1",
        "Cooperativa",
        "F12345674",
    )


@pytest.mark.parametrize("name", NAMED)
def test_what_is_not_set_is_named(name):
    with pytest.raises(UnsetBillingSystemError) as refusal:
        require_billing_system(Settings(**{key: NAMED[key] for key in NAMED if key != name}))
    assert refusal.value.variables == (f"REPARTO_{name.upper()}",)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("BILLING_PRODUCER_NIF", "F12345675", "has a wrong check character"),
        ("BILLING_INSTALLATION", " ", "needs printable characters"),
        ("BILLING_SYSTEM_ID", "LONG", "at most 2 characters"),
        ("INVOICE_QR_HOST", "mars", "'production' or 'test'"),
    ],
)
def test_what_a_variable_cannot_mean_is_refused(monkeypatch, name, value, told):
    monkeypatch.setenv(f"REPARTO_{name}", value)
    with pytest.raises(InvalidSettingError, match=f"REPARTO_{name}: .*{told}"):
        read_settings()


def test_the_qr_leads_where_it_is_told_and_is_verifiable_where_records_are_sent():
    plain = choose_qr_target(Settings())
    assert (plain.host, plain.is_verifiable) == (TaxAgencyHost.PRODUCTION, False)
    sent = choose_qr_target(Settings(invoice_qr_host=TaxAgency.TEST, tax_agency_sends=True))
    assert (sent.host, sent.is_verifiable) == (TaxAgencyHost.TEST, True)
