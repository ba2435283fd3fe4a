"""Drafts belong to their writer, the gallery shows everything, and a fault says what to do."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from watchroom.foundation import clock, scope
from watchroom.foundation.models import Draft
from watchroom.shell import actions, gallery, queries, views

KEY = "contact:12:line"


class Person:
    """Somebody who is logged in; the shell knows no more about them than this."""

    is_authenticated = True

    def __init__(self, pk=12, allowed=True):
        self.pk, self.code, self.allowed = pk, f"staff:{pk}", allowed
        self.permissions: set[str] = set()

    def may(self, permission):
        return self.allowed

    def covers(self, permission):
        return None

    def __str__(self):
        return "Bryn Pugh"


class Nobody:
    is_authenticated = False


def ask(method, *, user=None, body="", accept="application/json", path="/drafts/x"):
    request = RequestFactory().generic(method, path, body, content_type="text/plain", headers={"Accept": accept})
    request.user = user or Person()
    request.session = {}
    return request


def test_typed_words_are_kept_and_given_back(northmoor):
    assert views.draft(ask("PUT", body="He is shouting – “open it”"), KEY).status_code == 200
    kept = json.loads(views.draft(ask("GET"), KEY).content)
    assert kept["text"] == "He is shouting – “open it”"


def test_many_keys_are_asked_for_at_once_and_only_ones_own_words_come(northmoor):
    views.draft(ask("PUT", body="He is shouting"), "contact:1:line")
    actions.keep_draft(member=13, key="contact:1:why", text="a colleague’s", at=clock.now())
    found = views.drafts(ask("GET", path="/drafts/?key=contact:1:line&key=contact:1:why&key=contact:1:name"))
    assert {key: one["text"] for key, one in json.loads(found.content).items()} == {"contact:1:line": "He is shouting"}
    many = "&".join(f"key=contact:{number}:line" for number in range(101))
    assert views.drafts(ask("GET", path=f"/drafts/?{many}")).status_code == 400
    assert views.drafts(ask("GET", path="/drafts/?key=a%00b")).status_code == 400


def test_later_words_take_the_place_of_earlier_ones(northmoor):
    for words in ("He is", "He is shouting"):
        views.draft(ask("PUT", body=words), KEY)
    assert queries.draft(member=12, key=KEY).text == "He is shouting"


def test_sent_words_are_forgotten_and_forgetting_twice_is_no_error(northmoor):
    views.draft(ask("PUT", body="gone"), KEY)
    assert [views.draft(ask("DELETE"), KEY).status_code for _ in range(2)] == [204, 204]
    assert views.draft(ask("GET"), KEY).status_code == 404


def test_words_that_were_sent_are_forgotten_and_newer_ones_of_another_window_are_not(northmoor):
    views.draft(ask("PUT", body="He is\nshouting "), KEY)
    actions.forget_draft(member=12, key=KEY, sent="He is gone")
    views.draft(ask("DELETE", body="He is gone"), KEY)
    assert queries.draft(member=12, key=KEY).text == "He is\nshouting "
    actions.forget_draft(member=12, key=KEY, sent="He is\r\nshouting")  # as a form sends it
    assert queries.draft(member=12, key=KEY) is None


def test_so_many_drafts_and_no_more_but_what_is_old_makes_room(northmoor, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 3)
    for n in range(3):
        assert views.draft(ask("PUT", body="typed"), f"contact:{n}:line").status_code == 200
    refused = views.draft(ask("PUT", body="one more"), KEY)
    assert refused.status_code == 409
    assert "3 texts of yours" in json.loads(refused.content)["problem"]
    assert views.draft(ask("PUT", body="typed on"), "contact:2:line").status_code == 200, "what is there already goes on"
    assert views.draft(ask("PUT", user=Person(pk=13), body="theirs"), KEY).status_code == 200
    Draft.objects.filter(member=12, key="contact:0:line").update(at=clock.now() - timedelta(days=2))
    assert views.draft(ask("PUT", body="one more"), KEY).status_code == 200
    assert queries.draft(member=12, key="contact:0:line") is None


def test_a_body_that_nobody_types_is_refused_unread(northmoor, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert views.draft(ask("PUT", body="a" * 1001), KEY).status_code == 413


def test_nobody_reads_anothers_draft(northmoor):
    views.draft(ask("PUT", body="mine"), KEY)
    assert views.draft(ask("GET", user=Person(pk=13)), KEY).status_code == 404


def test_another_force_has_other_drafts(northmoor):
    views.draft(ask("PUT", body="ours"), KEY)
    with scope.use("southmere"):
        assert views.draft(ask("GET"), KEY).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_who_is_logged_out_is_told_so_in_json(method):
    response = views.draft(ask(method, user=Nobody(), body="typed"), KEY)
    assert response.status_code == 401
    assert "kept" in json.loads(response.content)["problem"]


def test_who_may_not_is_refused():
    with pytest.raises(PermissionDenied):
        views.draft(ask("PUT", user=Person(allowed=False)), KEY)


def test_a_draft_that_is_too_long_is_refused_with_its_length(northmoor):
    response = views.draft(ask("PUT", body="a" * (actions.LONGEST + 1)), KEY)
    assert response.status_code == 413
    assert "20001" in json.loads(response.content)["problem"]


def test_bytes_that_are_no_text_are_refused(northmoor):
    assert views.draft(ask("PUT", body=b"\xff\xfe"), KEY).status_code == 400


def test_a_draft_with_a_zero_byte_is_no_server_error(northmoor):
    assert views.draft(ask("PUT", body="a\x00b"), KEY).status_code == 400


def test_the_gallery_shows_every_part_in_both_themes(northmoor):
    html = views.gallery(ask("GET", accept="text/html", path="/gallery/")).content.decode()
    assert html.count('data-theme="light"') == html.count('data-theme="dark"') == len(list(gallery.FOLDER.glob("*.html")))


def test_every_sign_and_token_is_on_the_sheet(northmoor):
    html = views.gallery(ask("GET", accept="text/html")).content.decode()
    for name in gallery.icons():
        assert f"icons.svg#{name}" in html
    for token in gallery.tokens():
        assert f"var(--{token})" in html


def test_the_public_sheet_has_its_way_out_without_script(northmoor):
    html = views.gallery_public(ask("GET", accept="text/html")).content.decode()
    assert 'href="https://www.bbc.co.uk/weather"' in html
    assert 'rel="nofollow noreferrer"' in html


FAULTS = [
    (lambda r: views.bad_request(r, ValueError()), 400),
    (lambda r: views.forbidden(r, PermissionDenied()), 403),
    (lambda r: views.not_found(r, Http404()), 404),
    (views.server_error, 500),
    (views.csrf_failure, 403),
]


@pytest.mark.parametrize(("view", "status"), FAULTS)
def test_a_fault_says_what_to_do(view, status):
    response = view(ask("GET", accept="text/html"))
    assert response.status_code == status
    assert "What to do." in response.content.decode()


@pytest.mark.parametrize(("view", "status"), FAULTS)
def test_a_script_gets_a_sentence(view, status):
    response = view(ask("GET"))
    assert response.status_code == status
    assert json.loads(response.content)["problem"].endswith(".")


def test_the_reason_a_view_gave_for_a_refusal_is_shown():
    html = views.forbidden(ask("GET", accept="text/html"), PermissionDenied("Your role does not allow this.")).content.decode()
    assert "Your role does not allow this." in html


def test_the_list_of_all_addresses_is_not_shown_to_who_mistypes_one():
    html = views.not_found(ask("GET", accept="text/html"), Http404({"tried": ["secret/path"], "path": "x"})).content.decode()
    assert "secret" not in html


@pytest.mark.parametrize("path", ["/report/step/2/", "/public/", "/report/northmoor/look/"])
def test_what_goes_wrong_on_a_public_page_is_said_as_to_the_public(path):
    from watchroom.shell import views as shell

    nobody = Nobody()
    for view, args in (
        (shell.not_found, (Http404(),)),
        (shell.forbidden, (PermissionDenied(),)),
        (shell.bad_request, ()),
        (shell.server_error, ()),
    ):
        body = view(ask("GET", user=nobody, accept="text/html", path=path), *args).content.decode()
        assert "Ring 999" in body
        assert "Exit this page" in body
        for ours in ("role", "supervisor", "your desk", "Watchroom made"):
            assert ours not in body.replace('role="', ""), (view.__name__, ours)
