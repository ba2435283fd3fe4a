"""Every address × every role × own, other and no force × every verb: who gets in, and what does the other force learn?

The list of addresses is taken from the router. One that this test does not know how to try fails it: add a sample of its
parameter to `SAMPLES`. Nothing of Northmoor may appear in an answer to Southmere, whatever role its member has.
"""

import itertools
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import get_resolver, resolve

from tests import world
from watchroom import testing
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Attachment
from watchroom.demand.models import Alarm, Trial
from watchroom.duties.models import Duty
from watchroom.foundation import scope
from watchroom.incidents import evidence
from watchroom.links.social import publishing
from watchroom.referrals.models import Alert, AlertIncident
from watchroom.resolution.models import Check
from watchroom.staff import roles
from watchroom.staff.views import HOMES

SECRETS = ("Zyxwvut", "900 998", "900998")
VERBS = ("get", "post", "put", "delete")
# The whole way through the house. What no form and no link ever sends is refused at the door, in each role, by the first test below; so
# is a form from who may not send it, and the long way is left to `make prove` where nobody outside the force is in question.
WALKS = pytest.mark.parametrize("verbs", [VERBS[:2], pytest.param(VERBS[2:], marks=testing.long)], ids="/".join)
OWN_WALKS = pytest.mark.parametrize("verbs", [VERBS[:1], pytest.param(VERBS[1:], marks=testing.long)], ids="/".join)


def addresses():
    """(path with parameters, view) for every address below the root."""

    def walk(resolver, prefix=""):
        for pattern in resolver.url_patterns:
            here = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern, here)
            else:
                yield here, pattern.callback

    return list(walk(get_resolver()))


ALL = addresses()


@pytest.fixture
def northmoor_at_work(db):
    """A night in Northmoor, with words that must not be seen elsewhere. Returns samples for the parameters of addresses."""
    with scope.use("northmoor"):
        contact = world.an_answered_call(
            number="07700 900998", text="Zyxwvut is outside with a knife.", caller_name="Ann Zyxwvut"
        )
        incident = world.an_incident(contact=contact, place=world.a_place("9 Zyxwvut Row"))
        unit = world.a_unit()
        flag = world.a_flag(number="07700 900998", text="Zyxwvut says he will come back.")
        attachment = Attachment.objects.create(
            contact=contact,
            name="Zyxwvut.png",
            kind="png",
            served_as="image/png",
            size=1,
            token="0" * 32,
            by="staff:1",
            at=world.NIGHT,
        )
        alert = Alert.objects.create(
            series="domestic", same="place", ref=str(incident.place_id), policy_number=1, opened_at=world.NIGHT
        )
        AlertIncident.objects.create(alert=alert, incident=incident, at=world.NIGHT)
        return {
            "contact": contact.pk,
            "incident": incident.pk,
            "unit": unit.pk,
            "attachment": attachment.pk,
            "evidence_id": evidence.note(contact=contact.pk, what="Zyxwvut’s knife", by="staff:1", at=world.NIGHT).pk,
            "duty": Duty.objects.first().pk,
            "alert": alert.pk,
            "alarm": Alarm.objects.create(measure="decided", number=300, pairs=60, p=0.001, policy_number=1, at=world.NIGHT).pk,
            "trial": Trial.objects.create(pack="Zyxwvut", version="Zyxwvut 1", days=31, by="staff:1", at=world.NIGHT).pk,
            "check": _a_check(incident),
            "party": 1,
            "plan": 1,
            "link": 1,
            "conflict": 1,
            "look": 1,
            "person": 1,
            "twins_id": 1,
            "marker": flag.pk,
            "promise": 1,
            "follow_up": 1,
            "reply": 1,
            "post": publishing.write(kind="appeal", text="Zyxwvut was seen.", by="staff:1", at=world.NIGHT).pk,
            "place": contact.place_id or 1,
            "member": contact.owner_id,
            "number": 1,
            "force": "northmoor",
            "code": "domestic",
            "key": f"contact:{contact.pk}:line",
        }


def _a_check(incident) -> int:
    more = {"outcome": "answered", "resolved_by": "staff:1", "resolved_at": world.NIGHT, "draw": "2026-W47"}
    return Check.objects.create(incident=incident, due_at=world.NIGHT, drawn_by="staff:1", at=world.NIGHT, **more).pk


def path_of(pattern: str, samples: dict) -> str:
    if pattern.endswith("^.*$"):
        return "/" + pattern.removesuffix("^.*$") + "no-such-thing"
    names = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
    unknown = [name for name in names if name not in samples]
    assert not unknown, f"{pattern} has a parameter that this test has no sample for: {unknown}. Add it to `northmoor_at_work`."
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(samples[found[1]]), pattern)


def a_client(force: str, *member_roles: str) -> Client:
    client = Client(raise_request_exception=False)
    with scope.use(force):
        member = world.a_member("-".join(member_roles)[:60] or "nobody", *member_roles)
        client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session.update({"force": force, "force_name": force.title(), "desk_name": ""})
    session.save()
    return client


def test_every_view_says_who_may_see_it():
    silent = [pattern for pattern, view in ALL if not hasattr(view, "needs")]
    assert silent == []


def test_every_permission_that_a_view_needs_is_given_to_somebody():
    needed = {view.needs for _, view in ALL if view.needs not in (None, "token")}
    assert needed <= roles.every_permission()


ALL_ROLES = [*roles.ROLES, "no role"]


@pytest.mark.parametrize("role", ALL_ROLES)
def test_no_view_lets_a_role_past_that_the_list_does_not_name(northmoor, role):
    """Every address × this role × every verb, at the door itself: a permission is asked for before the view sees anything."""
    member = world.a_member("-".join(role.split()), *([] if role == "no role" else [role]))
    allowed = roles.permissions([role])
    for (pattern, view), verb in itertools.product(ALL, VERBS):
        if view.needs in (None, "token") or view.needs in allowed:
            continue
        request = getattr(RequestFactory(), verb)("/" + pattern)
        request.user = member
        try:
            view(request)
        except PermissionDenied:
            continue
        pytest.fail(f"{verb} {pattern} as {role}, who may not {view.needs}: let in")


@OWN_WALKS
@pytest.mark.parametrize("role", ALL_ROLES)
def test_a_member_gets_in_where_the_list_of_roles_says(northmoor_at_work, role, verbs):
    """By the whole way through the house: each page that the role may see; and by every verb for a role that may much and for none."""
    client = a_client("northmoor", *([] if role == "no role" else [role]))
    allowed = roles.permissions([role])
    is_whole = role in ("supervisor", "no role")
    for (pattern, view), verb in itertools.product(ALL, verbs if is_whole else verbs[:1]):
        if pattern == "logout/" or (not is_whole and view.needs not in allowed):
            continue
        path = path_of(pattern, northmoor_at_work)
        status = getattr(client, verb)(path).status_code
        assert status < 500, f"{verb} {path} as {role}: {status}"
        if view.needs == "token":
            assert status in (401, 403, 404, 405), f"{verb} {path} without a token: {status}"
        elif view.needs and view.needs not in allowed:
            assert status in (403, 405), f"{verb} {path} as {role}, who may not {view.needs}: {status}"
        elif view.needs:
            assert status != 403, f"{verb} {path} as {role}, who may {view.needs}: {status}"


@pytest.mark.parametrize("role", roles.ROLES)
def test_no_page_offers_its_reader_a_way_that_is_shut_to_them(northmoor_at_work, role):
    """Of every page that this role may see: none of its links leads to “This is not for your role”, and a key leads back from it."""
    with scope.use("northmoor"):
        lost = world.a_call(channel="101", number="07700 900124")
        contacts.end(contact=lost.pk, how="caller", by="link:trunk", at=world.after(60))
        world.a_call(channel="email", number="", text="Zyxwvut is outside.")  # lies in a tray
    client, allowed = a_client("northmoor", role), roles.permissions([role])
    shut, without_a_way_back = set(), set()
    for pattern, view in ALL:
        if view.needs not in (None, *allowed) or pattern == "logout/":
            continue
        answer = client.get(path_of(pattern, northmoor_at_work))
        page = answer.content.decode(errors="replace")
        for there in re.findall(r'<a [^>]*href="(/[^"#?]*)', page):
            if not there.startswith("/static/") and resolve(there).func.needs not in (None, "token", *allowed):
                shut.add((pattern, there))
        is_page = answer.status_code == 200 and '<body class="plain ' in page and pattern != "login/"
        if is_page and "/" + pattern not in HOMES.values() and 'data-key="b"' not in page:
            without_a_way_back.add(pattern)
    assert not shut
    assert not without_a_way_back


@WALKS
def test_without_logging_in_only_public_pages_answer(northmoor_at_work, verbs):
    client = Client(raise_request_exception=False)
    for (pattern, view), verb in itertools.product(ALL, verbs):
        answer = getattr(client, verb)(path_of(pattern, northmoor_at_work))
        assert answer.status_code < 500, f"{verb} {pattern}: {answer.status_code}"
        assert not any(secret in answer.content.decode(errors="replace") for secret in SECRETS), f"{verb} {pattern}"
        if view.needs:
            assert answer.status_code in (302, 401, 403, 404, 405), f"{verb} {pattern}: {answer.status_code}"
            if answer.status_code == 302:
                assert answer["Location"].startswith("/login/"), pattern


@WALKS
def test_a_member_of_another_force_with_every_role_sees_nothing(northmoor_at_work, verbs):
    """Southmere's member may everything, in Southmere."""
    client = a_client("southmere", *roles.ROLES)
    for (pattern, view), verb in itertools.product(ALL, verbs):
        if pattern == "logout/":
            continue
        path = path_of(pattern, northmoor_at_work)
        answer = getattr(client, verb)(path)
        body = answer.content.decode(errors="replace")
        assert answer.status_code < 500, f"{verb} {path}: {answer.status_code}"
        assert not any(secret in body for secret in SECRETS), f"{verb} {path} shows a row of another force"
        names_a_row = any(
            f":{name}>" in pattern
            for name in (
                "contact",
                "incident",
                "unit",
                "duty",
                "marker",
                "attachment",
                "evidence_id",
                "alert",
                "alarm",
                "trial",
                "check",
                "post",
            )
        )
        if names_a_row and view.needs != "token":
            assert answer.status_code in (404, 405), f"{verb} {path} on another force's row: {answer.status_code}"


def test_the_same_pages_do_show_it_to_its_own_force(northmoor_at_work):
    """Else the test above would pass for a site that shows nothing to anybody."""
    client = a_client("northmoor", *roles.ROLES)
    seen = (
        pattern
        for pattern, _ in sorted(ALL, key=lambda address: "<" not in address[0])  # a row's own page shows it soonest
        if pattern != "logout/"
        and any(secret in client.get(path_of(pattern, northmoor_at_work)).content.decode(errors="replace") for secret in SECRETS)
    )
    first = list(itertools.islice(seen, 8))
    assert len(first) == 8, first
