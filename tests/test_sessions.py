"""How long somebody is logged in, and what is kept of those who were not let in."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client

from watchroom import worker
from watchroom.foundation import access, clock, rates, scope, stream
from watchroom.foundation.models import Opened
from watchroom.staff import actions
from watchroom.staff.models import Member
from watchroom.testing import REPOSITORY


@pytest.fixture
def bryn(northmoor: str) -> Client:
    member = Member(name="bryn", full_name="Bryn Pugh", roles=["handler"])
    member.set_password("a long enough password")
    member.save()
    client = Client()
    answer = client.post("/login/", {"username": "bryn@northmoor", "password": "a long enough password"})
    assert answer.status_code == 302
    return client


def test_the_cookie_ends_with_the_browser(bryn: Client, settings) -> None:
    cookie = bryn.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


def test_twelve_hours_after_the_log_in_it_is_over_whatever_was_done_in_between(bryn: Client, settings, monkeypatch) -> None:
    began, session = clock.now(), bryn.session.session_key
    for hours, is_open in ((1, True), (11.9, True), (12.1, False)):
        monkeypatch.setattr(clock, "now", lambda hours=hours: began + timedelta(hours=hours))
        if is_open:
            kept = bryn.session
            kept["used"] = hours  # Django's own age begins anew with this
            kept.save()
        cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
        monkeypatch.setattr(stream.connections, "close_all", lambda: None)
        assert (stream._who(cookie) is not None) is is_open
        assert bryn.get("/desk/").status_code == (200 if is_open else 302)


def test_the_worker_throws_away_old_tries_old_sessions_and_notes_of_what_was_open(northmoor: str, monkeypatch) -> None:
    at = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: at)
    for days in (29, 31):
        row = AccessAttempt.objects.create(username=f"{days}", ip_address="192.0.2.7", failures_since_start=1)
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=at - timedelta(days=days))
        Session.objects.create(session_key=f"s{days}", session_data="", expire_date=at + timedelta(days=30 - days))
        access.consult(subject=("contact", days), reason="opened", by="staff:1", at=at - timedelta(days=days - 29.5))
    with scope.use("southmere"):
        access.consult(subject=("contact", 1), reason="opened", by="staff:1", at=at - timedelta(days=3))
    worker.tidy_all()
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["29"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["s29"]
    assert list(Opened.objects.values_list("subject_id", flat=True)) == [29]
    with scope.use("southmere"):
        assert not Opened.objects.exists()
    assert actions.forget_tries(at=at) == 0


def test_over_https_cookies_are_secure_and_browsers_stay_with_it() -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")
    ask = f"from watchroom import settings as s; print(*(bool(getattr(s, name, 0)) for name in {names}))"
    for https, expected in (("1", "True True True"), ("0", "False False False")):
        environment = {**os.environ, "WATCHROOM_HTTPS": https}
        told = subprocess.run(
            [sys.executable, "-c", ask], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == expected


def test_a_count_is_not_pushed_out_by_many_other_addresses() -> None:
    assert rates.allow("look", "guesser", limit=1, seconds=60)
    for n in range(2000):
        rates.allow("look", f"other {n}", limit=1, seconds=60)
    assert not rates.allow("look", "guesser", limit=1, seconds=60)
