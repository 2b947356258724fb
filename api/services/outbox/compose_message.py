"""Write a queued e-mail as it goes out: the same bytes however often it does."""

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from api.services.outbox.mailed_secrets import SECRET_MARK
from loaders.invoice_pdf.number_forms import show_in_groups
from models.tables import InvoiceFile, OutboxMessage
from models.values.iban import Iban

_SEVEN_BITS = SMTP.clone(cte_type="7bit")


def compose_message(
    message: OutboxMessage,
    files: Sequence[InvoiceFile],
    sender: Address,
    account: Iban | None = None,
    secret: str | None = None,
) -> bytes:
    """Write an e-mail of plain text with PDFs attached.

    Parameters
    ----------
    message : OutboxMessage
        The e-mail.
    files : sequence of InvoiceFile
        What goes with it, in its order.
    sender : Address
        In whose name it goes out.
    account : Iban, optional
        Account that its text shows masked, and tells whole.
    secret : str, optional
        What opens the link in its text, which shows a mark for it.

    Returns
    -------
    bytes
        Of ASCII, lines ended by CR LF (RFC 5322, RFC 2045); the date is that of its making.

    Notes
    -----
    RFC 3834, 5: replies of machines are not wanted.
    """
    mail = EmailMessage(policy=_SEVEN_BITS)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=message.recipient)
    # The library would unpack an encoded word, line breaks and all.
    mail["Subject"] = message.subject.replace("=?", "= ?")
    mail["Date"] = message.created_at
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    text = _tell(message.body, account)
    mail.set_content(text if secret is None else text.replace(SECRET_MARK, secret))
    mail["Content-Language"] = message.language.value
    for file in files:
        mail.add_attachment(
            file.content, maintype="application", subtype="pdf", filename=file.file_name
        )
    if mail.is_multipart():
        # One drawn by lot would make other bytes of the same e-mail.
        mail.set_boundary(f"part-{sha256(message.message_id.encode()).hexdigest()[:32]}")
    return mail.as_bytes()


def _tell(text: str, account: Iban | None) -> str:
    """Put an account whole in place of what is shown of it."""
    if account is None:
        return text
    return text.replace(str(account), show_in_groups(account.reveal()).replace("\u00a0", " "))
