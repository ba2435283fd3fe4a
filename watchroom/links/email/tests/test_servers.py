"""No word goes over a network unencrypted, and a server that is not this machine gets no password before that."""

import imaplib
import smtplib

import pytest

from watchroom.links.email import servers


def a_server(host: str, scheme: str) -> servers.Server:
    return servers.Server(scheme, host, 1, "desk", "secret", "INBOX")


def noting(done: list[str]) -> type:
    class Noting:
        def __init__(self, *args, **more) -> None:
            done.append("connect")

        def starttls(self, *args, **more) -> None:
            done.append("starttls")

        def login(self, *args) -> None:
            done.append("login")

        def select(self, *args) -> tuple[str, list]:
            return "OK", []

    return Noting


@pytest.mark.parametrize(
    ("host", "done"), [("mail.example.org", ["connect", "starttls", "login"]), ("127.0.0.1", ["connect", "login"])]
)
def test_the_password_is_said_after_the_encryption_and_without_it_on_this_machine_only(monkeypatch, host, done):
    for module, name, opens, scheme in (
        (imaplib, "IMAP4", servers.open_mailbox, "imap"),
        (smtplib, "SMTP", servers.open_outgoing, "smtp"),
    ):
        found: list[str] = []
        monkeypatch.setattr(module, name, noting(found))
        opens(a_server(host, scheme))
        assert found == done
