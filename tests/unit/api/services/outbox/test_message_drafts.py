"""E-mails as they are asked for, and how long they wait: no database is needed for either."""

from datetime import timedelta
from uuid import uuid4

import pytest

from api.services.outbox.queue_message import UnfitMessageError
from api.services.outbox.settle_attempt import choose_pause
from models.values.email_address import UnfitEmailError
from tests.support.outbox import draft


def test_pauses_grow_up_to_a_bound():
    waited, pauses = timedelta(0), []
    while waited < timedelta(hours=17):
        pauses.append(choose_pause(waited))
        waited += pauses[-1]
    minutes = [pause / timedelta(minutes=1) for pause in pauses]
    assert minutes == [1, 1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"subject": "Factura\r\nBcc: all@vila.example"}, UnfitMessageError),
        ({"subject": "Factura\u2028Bcc: all@vila.example"}, UnfitMessageError),
        ({"subject": " "}, UnfitMessageError),
        ({"subject": "x" * 201}, UnfitMessageError),
        ({"text": "\0"}, UnfitMessageError),
        ({"text": "a\rb"}, UnfitMessageError),
        ({"text": "\n"}, UnfitMessageError),
        ({"text": "x" * 10_001}, UnfitMessageError),
        ({"recipient": "ana@vila.example\nBcc: all@vila.example"}, UnfitEmailError),
        ({"recipient": "ana@vila.example, all@vila.example"}, UnfitEmailError),
        ({"recipient": "Ana <ana@vila.example>"}, UnfitEmailError),
        ({"recipient": "ana@vila.example> SIZE=1"}, UnfitEmailError),
        ({"invoice_ids": (uuid4(),) * 2}, UnfitMessageError),
        ({"invoice_ids": tuple(uuid4() for _ in range(21))}, UnfitMessageError),
    ],
)
def test_nothing_gets_into_a_header(wrong, kind):
    with pytest.raises(kind):
        draft(**wrong)
