"""The mailbox is looked into every half minute; what was written to somebody is sent, and tried again when the server is away."""

import imaplib
import smtplib

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.links.email import actions, fetching, rules, servers
from watchroom.links.email.models import Reply

log = structlog.get_logger()
PERMANENT = range(500, 600)


@app.periodic(cron="* * * * * */30")
@app.task(name="email.fetch", queueing_lock="email.fetch", pass_context=False)
def fetch(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force):
            try:
                fetching.fetch_new(at=clock.now())
            except (OSError, imaplib.IMAP4.error, servers.Unusable) as error:  # away, or wrongly set: the next turn tries again
                log.error("mailbox_failed", force=force, error=type(error).__name__)


@app.task(name="email.send", pass_context=False)
def send(force: str, reply: int) -> None:
    """Send one. Once the server has taken it, it is not sent again; killed between the two, it may be, under the same Message-ID."""
    with scope.use(force):
        with transaction.atomic():
            row = Reply.objects.get(pk=reply)
        if row.sent_at:
            return
        problem, is_final = _deliver(row)
        at = clock.now()
        if not problem:
            actions.sent(reply=reply, at=at)
        elif (tries := actions.failed(reply=reply, problem=problem, is_final=is_final, at=at)) < rules.TRIES:
            again(force, reply, rules.wait_s(tries))


def _deliver(row: Reply) -> tuple[str, bool]:
    """(what went wrong, whether another try is of no use). The words are the class and the code: a server's own may quote an address."""
    try:
        server, sender = servers.outgoing(), servers.sender()
        if server is None or not sender:
            return "No mail server is set for this force.", True
        with servers.open_outgoing(server) as box:
            box.send_message(actions.as_message(row, sender))
    except smtplib.SMTPResponseException as error:
        return f"the mail server answered {error.smtp_code}", error.smtp_code in PERMANENT
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return f"the mail server refused the address ({', '.join(map(str, codes))})", all(code in PERMANENT for code in codes)
    except (OSError, smtplib.SMTPException, servers.Unusable) as error:
        return f"the mail server is not there ({type(error).__name__})", False
    return "", False


def again(force: str, reply: int, seconds: int = 0) -> None:
    send.configure(schedule_in={"seconds": seconds} if seconds else None).defer(force=force, reply=reply)
