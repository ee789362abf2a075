"""The one way out for mail. A caller's outbox row decides what is sent again; nothing here retries."""

from __future__ import annotations

from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives


class MailNotSent(Exception):
    """The mail server refused the message or could not be reached. The text is for the outbox row and the
    log.
    """


def send_mail_message(
    *, to: str, subject: str, text: str, html: str | None = None, calendar: tuple[bytes, str] | None = None
) -> None:
    """Send one mail, as plain text and, when given, as HTML too. Raises MailNotSent.

    `calendar`: an iCalendar object and its method (RFC 6047), which programs show as an invitation and as a file.

    Runs outside of transactions: a mail server may take `EMAIL_TIMEOUT` seconds to answer.
    """
    one_line = " ".join(subject.split())
    message = EmailMultiAlternatives(subject=one_line, body=text, to=[to])
    if html is not None:
        message.attach_alternative(html, "text/html")
    if calendar is not None:
        content, method = calendar
        message.attach_alternative(content.decode(), f"text/calendar; method={method}")
        message.attach(f"{method.lower()}.ics", content, "application/ics")
    try:
        accepted = message.send()
    except (SMTPException, OSError, ValueError) as error:
        # ValueError is how Django and the standard library refuse an address that no header can hold.
        raise MailNotSent(f"{type(error).__name__}: {error}") from error
    if not accepted:
        raise MailNotSent("the mail server accepted no recipient")
