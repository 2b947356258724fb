"""Several workers send the records of one issuer at once, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

from api.clients import tax_agency
from tests.support.databases import opened

WORKERS = 4


def test_no_record_is_sent_twice(sender, agency, database_url, monkeypatch):
    # Who sends waits until the others have ended, however slow they are.
    patient = replace(tax_agency.AGENCY_LIMITS, read_seconds=30.0, total_seconds=30.0)
    monkeypatch.setattr(tax_agency, "AGENCY_LIMITS", patient)
    agency.gate = threading.Event()

    def send(_: int) -> str:
        with opened(database_url) as engine:
            own = replace(sender, billed=replace(sender.billed, engine=engine))
            (outcome,) = own.outcomes()
            return outcome

    with ThreadPoolExecutor(WORKERS) as pool:
        sent = [pool.submit(send, number) for number in range(WORKERS)]
        while len(wait(sent, timeout=0.05).done) < WORKERS - 1:
            pass
        agency.gate.set()
        outcomes = sorted(each.result() for each in sent)
    assert outcomes == ["answered"] + ["being_sent"] * (WORKERS - 1)
    assert agency.numbers() == [["2023-000001", "2023-000002", "2023-000003"]]
