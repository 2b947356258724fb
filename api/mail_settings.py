"""By which way e-mails go out, as the settings have it."""

from api.clients.smtp import MailSecurity, MailServer
from api.invoice_settings import choose_qr_target
from api.secret_keys import load_keyring
from api.services.outbox.send_due_messages import MailRoute
from api.settings import Settings

_PORTS = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.NONE: 25}


def find_mail_route(settings: Settings) -> MailRoute | None:
    """Give the mail server and what goes with it; None while no server or sender is named."""
    if settings.smtp_host is None or settings.smtp_from is None:
        return None
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port or _PORTS[settings.smtp_security],
        security=settings.smtp_security,
        sender=settings.smtp_from,
        sender_name=settings.smtp_from_name or "",
        username=settings.smtp_username,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
    )
    return MailRoute(server, load_keyring(settings), choose_qr_target(settings))
