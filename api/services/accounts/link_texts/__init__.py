"""What e-mails about accounts say, in each language."""

from datetime import timedelta

from loaders.typst_pages import read_texts
from models.tables import LinkPurpose, UserAccount
from models.values.language import Language

_LONGEST_SUBJECT = 200
_CHANGED = "email-changed"


def write_link_mail(
    purpose: LinkPurpose,
    language: Language,
    *,
    account: UserAccount,
    promoter_name: str,
    address: str,
    lasts: timedelta,
) -> tuple[str, str]:
    """Write subject and text of the e-mail that carries a link.

    Parameters
    ----------
    purpose : LinkPurpose
        What the link is for.
    language : Language
        Of the e-mail.
    account : UserAccount
        Whose.
    promoter_name : str
        For whom they work, or whose members they are.
    address : str
        The link.
    lasts : timedelta
        How long it opens anything.

    Returns
    -------
    tuple of str
        Subject and text.
    """
    return _write(
        purpose.value,
        language,
        name=account.name,
        promoter=promoter_name,
        role=read_texts(__package__, language)["roles"][account.role.value],
        address=address,
        days=lasts.days,
        hours=int(lasts.total_seconds()) // 3600,
    )


def write_change_notice(
    language: Language, *, account: UserAccount, promoter_name: str
) -> tuple[str, str]:
    """Write subject and text of the e-mail to the address that an account no longer has.

    Parameters
    ----------
    language : Language
        Of the e-mail.
    account : UserAccount
        Whose.
    promoter_name : str
        For whom they work, or whose members they are.

    Returns
    -------
    tuple of str
        Subject and text; the new address is not told.
    """
    return _write(_CHANGED, language, name=account.name, promoter=promoter_name)


def _write(kind: str, language: Language, **facts: object) -> tuple[str, str]:
    texts = read_texts(__package__, language)[kind]
    return texts["subject"].format(**facts)[:_LONGEST_SUBJECT], texts["text"].format(**facts)
