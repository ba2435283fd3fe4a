"""Details by text: only to the mobile from which they rang, only where it is safe, and what became of it is told."""

from datetime import timedelta

import pytest
from django.test import Client

from tests import world
from watchroom.api import tokens
from watchroom.contacts import actions as contacts
from watchroom.contacts import unlogged
from watchroom.contacts.models import Contact, Line
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.duties.models import Duty
from watchroom.foundation import access, clock, scope
from watchroom.foundation.errors import Refused
from watchroom.foundation.models import Fact
from watchroom.links.texts import actions, rules
from watchroom.links.texts.models import Gateway, Text

pytestmark = pytest.mark.django_db
HER = "07700 900417"


class Double:
    """A gateway as the README says: it asks, says `taken` before it sends, and then what became of it."""

    def __init__(self) -> None:
        with scope.use("northmoor"):
            _, self.secret = tokens.create(name="texter", by="system:tests", at=clock.now(), permissions=["texts.send"])
        self.went: list[tuple[str, str]] = []
        self.keys: list[str] = []

    def _call(self, method: str, path: str, body=None):
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(Client(), method)(f"/api/v1/{path}", HTTP_AUTHORIZATION=f"Bearer {self.secret}", **more)

    def asks(self) -> list[dict]:
        answer = self._call("get", "telephone-texts")
        assert answer.status_code == 200
        return answer.json()["items"]

    def says(self, key: str, state: str) -> str:
        return self._call("put", f"telephone-texts/{key}", {"state": state}).json().get("state", "")

    def works(self) -> None:
        for item in self.asks():
            if self.says(item["key"], "taken") == "taken":
                self.went.append((item["number"], item["text"]))
                self.keys.append(item["key"])


@pytest.fixture
def gateway():
    one = Double()
    one.asks()
    return one


@pytest.fixture
def call(gateway):
    with scope.use("northmoor"):
        row = world.an_answered_call(number=HER, channel="101", at=clock.now() - timedelta(seconds=30))
        contacts.say_safe_contact(contact=row.pk, safe="any", by=row.owner.code, at=clock.now())
        return row


def give(call, **more) -> Line:
    with scope.use("northmoor"):
        said = {"agency": "health", "by": call.owner.code, "at": clock.now(), "as_text": True}
        return unlogged.give_details(contact=call.pk, **said | more)


def log_of(call) -> str:
    with scope.use("northmoor"):
        return "\n".join(Line.objects.filter(contact=call.pk).order_by("pk").values_list("text", flat=True))


def test_it_goes_to_the_mobile_from_which_they_rang_and_the_log_says_what_became_of_it(call, gateway):
    line = give(call)
    assert line.origin == "to_caller"
    gateway.works()
    gateway.works()
    assert gateway.went == [("+447700900417", line.text)], "once"
    (key,) = gateway.keys
    assert gateway.says(key, "sent") == "sent"
    assert "handed to the network; whether it reached the telephone is not known yet" in log_of(call)
    assert gateway.says(key, "delivered") == "delivered"
    assert gateway.says(key, "failed") == "delivered", "late, or wrong: it has ended"
    assert log_of(call).count("telephone: it reached the telephone.") == 1
    with scope.use("northmoor"):
        assert [one.body["state"] for one in Fact.objects.filter(kind="TextWent").order_by("pk")] == [
            "taken",
            "sent",
            "delivered",
        ]
        assert Fact.objects.get(kind="DetailsGiven").body["way"] == "text"
        assert "900417" not in str([one.body for one in Fact.objects.all()])


def test_that_it_failed_is_said_and_not_tried_again_by_itself(call, gateway):
    give(call)
    gateway.works()
    assert gateway.says(gateway.keys[0], "failed") == "failed"
    assert "it was not delivered" in log_of(call)
    assert gateway.asks() == []


def owes(call) -> Duty | None:
    with scope.use("northmoor"):
        return owed.open_for(("contact", call.pk)).filter(kind="text_failed").first()


def fails(call, gateway) -> None:
    gateway.works()
    gateway.says(gateway.keys[-1], "failed")


def is_dropped(call, gateway) -> None:
    with scope.use("northmoor"):
        actions.drop(at=clock.now() + rules.LASTS + timedelta(seconds=1))


def is_lost(call, gateway) -> None:
    gateway.works()
    with scope.use("northmoor"):
        assert actions.lose(at=clock.now() + timedelta(seconds=590)) == 0
        assert actions.lose(at=clock.now() + timedelta(seconds=601)) == 1


@pytest.mark.parametrize("ends", [fails, is_dropped, is_lost])
def test_what_did_not_arrive_is_owed_by_whoever_promised_it_until_they_say_what_they_did_instead(call, gateway, ends):
    client = world.signed_in("bryn", "handler")
    give(call)
    assert owes(call) is None
    ends(call, gateway)
    duty = owes(call)
    assert duty.owner == call.owner.code
    assert (duty.due_at - duty.opened_at).total_seconds() == 900
    assert "The text did not arrive." in client.get(f"/desk/{call.pk}/send/").content.decode()
    assert client.post(f"/desk/{call.pk}/instead/", {"text": " "}, HTTP_HX_REQUEST="true").status_code == 422
    said = {"text": "Rang them back and read it out."}
    assert client.post(f"/desk/{call.pk}/instead/", said, HTTP_HX_REQUEST="true").status_code == 200
    assert owes(call) is None
    assert "did not arrive; instead: Rang them back and read it out." in log_of(call)
    assert "The text did not arrive." not in client.get(f"/desk/{call.pk}/send/").content.decode()
    assert client.post(f"/desk/{call.pk}/instead/", {"text": "Once more."}, HTTP_HX_REQUEST="true").status_code == 409


def test_it_stands_on_the_first_page_of_whoever_wrote_it_also_after_the_writing_up_and_climbs(call, gateway):
    client = world.signed_in("bryn", "handler")
    give(call)
    gateway.works()
    with scope.use("northmoor"):
        world.write_the_risk(call)
        contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
        contacts.wrap_up(contact=call.pk, reason="other_agency", agency="health", by=call.owner.code, at=clock.now())
    assert "Text did not arrive" not in client.get("/desk/").content.decode()
    gateway.says(gateway.keys[0], "failed")
    assert "Text did not arrive" in client.get("/desk/").content.decode()
    assert "Text did not arrive" not in world.signed_in("amal", "handler").get("/desk/").content.decode()
    with scope.use("northmoor"):
        duties.sweep(at=clock.now() + timedelta(seconds=901))
    assert owes(call).owner == "desk:supervisor"


def test_one_that_was_lost_and_arrived_after_all_is_owed_no_more(call, gateway):
    give(call)
    is_lost(call, gateway)
    assert "nobody knows whether it was sent" in log_of(call)
    assert owes(call)
    assert gateway.says(gateway.keys[0], "delivered") == "delivered"
    assert owes(call) is None


def test_one_that_arrived_after_all_is_owed_no_more_whatever_was_done_instead_of_an_earlier_one(call, gateway):
    client = world.signed_in("bryn", "handler")
    give(call)
    fails(call, gateway)
    assert client.post(f"/desk/{call.pk}/instead/", {"text": "Rang them back."}, HTTP_HX_REQUEST="true").status_code == 200
    give(call)
    is_lost(call, gateway)
    assert owes(call)
    assert gateway.says(gateway.keys[-1], "delivered") == "delivered"
    assert owes(call) is None


@pytest.mark.parametrize("safe", ["unknown", "no", "some"])
def test_nothing_goes_where_it_is_not_known_to_be_safe(call, safe):
    with scope.use("northmoor"):
        Contact.objects.filter(pk=call.pk).update(safe_contact=safe, safe_ways=["email"])
    with pytest.raises(Refused):
        give(call)
    with scope.use("northmoor"):
        assert not Text.objects.exists()


def test_of_ways_that_they_named_a_text_has_to_be_one(call):
    with scope.use("northmoor"):
        Contact.objects.filter(pk=call.pk).update(safe_contact="some", safe_ways=["text"])
    assert give(call).origin == "to_caller"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"caller_number": ""}, "withheld"),
        ({"caller_number": "+441632960777"}, "did not ring from a mobile"),
        ({"channel": "online"}, "did not ring from a telephone"),
    ],
)
def test_nothing_goes_to_a_withheld_number_a_landline_or_one_that_was_typed(call, more, why):
    with scope.use("northmoor"):
        Contact.objects.filter(pk=call.pk).update(**more)
    with pytest.raises(Refused, match=why):
        give(call)


@pytest.mark.parametrize(("kind", "of"), [("domestic_abuse", "number"), ("protected", "place")])
def test_nothing_goes_to_a_telephone_that_a_flag_says_another_may_read(call, kind, of):
    with scope.use("northmoor"):
        place = world.a_place()
        contacts.pick_place(contact=call.pk, place=place, by=call.owner.code, at=clock.now())
        about = {"number": HER} if of == "number" else {"place": place.pk}
        world.a_flag(kind, title="At risk", text="He reads her telephone.", **about)
    with pytest.raises(Refused, match="somebody else may read their telephone"):
        give(call)


def test_without_a_gateway_that_asks_nobody_is_promised_a_text(call):
    with scope.use("northmoor"):
        Gateway.objects.update(seen_at=clock.now() - timedelta(minutes=2))
    with pytest.raises(Refused, match="No gateway for texts is connected, or it is down"):
        give(call)


def test_what_became_unsafe_before_it_was_fetched_is_not_handed_out(call, gateway):
    give(call)
    with scope.use("northmoor"):
        contacts.say_safe_contact(contact=call.pk, safe="no", by=call.owner.code, at=clock.now())
    assert gateway.asks() == []
    assert "it was not sent: no gateway took it in time, or it was not safe any more" in log_of(call)


def test_what_no_gateway_takes_in_time_is_never_sent_and_the_log_says_so(call, gateway):
    give(call)
    (item,) = gateway.asks()
    with scope.use("northmoor"):
        assert actions.drop(at=clock.now()) == 0
        assert actions.drop(at=clock.now() + rules.LASTS + timedelta(seconds=1)) == 1
    assert gateway.says(item["key"], "taken") == "dropped", "do not send it"
    assert gateway.asks() == []
    assert log_of(call).count("it was not sent") == 1


def test_what_became_unsafe_after_it_was_fetched_is_not_sent(call, gateway):
    give(call)
    (item,) = gateway.asks()
    with scope.use("northmoor"):
        contacts.say_safe_contact(contact=call.pk, safe="no", by=call.owner.code, at=clock.now())
    assert gateway.says(item["key"], "taken") == "dropped", "do not send it"
    assert log_of(call).count("it was not sent") == 1


def test_a_no_on_another_call_from_this_number_counts_before_it_is_written_and_until_it_is_taken(call, gateway):
    give(call)
    (item,) = gateway.asks()
    with scope.use("northmoor"):
        again = world.an_answered_call(number=HER, channel="101", at=clock.now(), key="test:again")
        contacts.say_safe_contact(contact=again.pk, safe="no", by=again.owner.code, at=clock.now())
    assert gateway.says(item["key"], "taken") == "dropped", "he holds her telephone now"
    with pytest.raises(Refused, match="on another call"):
        give(call)


def test_taken_too_late_it_is_not_sent_even_where_nothing_has_dropped_it_yet(call, gateway):
    give(call)
    (item,) = gateway.asks()
    with scope.use("northmoor"):
        Text.objects.update(at=clock.now() - rules.LASTS - timedelta(seconds=1))
    assert gateway.says(item["key"], "taken") == "dropped", "do not send it"


def test_no_other_force_and_no_other_permission_gets_it_and_each_handing_out_is_a_disclosure(call, gateway):
    give(call)
    with scope.use("southmere"):
        _, other = tokens.create(name="texter", by="system:tests", at=clock.now(), permissions=["texts.send"])
    with scope.use("northmoor"):
        _, weak = tokens.create(name="exchange", by="system:tests", at=clock.now(), permissions=["texts.exchange"])
        key = Text.objects.get().key
    path = "/api/v1/telephone-texts"
    assert Client().get(path, HTTP_AUTHORIZATION=f"Bearer {other}").json()["items"] == []
    assert Client().get(path, HTTP_AUTHORIZATION=f"Bearer {weak}").status_code == 403
    told = Client().put(
        f"{path}/{key}", {"state": "taken"}, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {other}"
    )
    assert told.status_code == 404
    gateway.asks()
    day = {"since": clock.now() - timedelta(days=1), "until": clock.now() + timedelta(days=1), "by": "staff:1", "at": clock.now()}
    with scope.use("northmoor"):
        assert Text.objects.get().state == "waiting"
        (entry,) = access.read(kind="disclosure", **day).entries
        assert (entry.subject, entry.recipient) == (("contact", call.pk), "link:texter")


def test_one_key_sends_it_and_where_it_may_not_go_the_page_says_why(call, gateway):
    client = world.signed_in("bryn", "handler")
    with scope.use("northmoor"):
        contacts.write(
            contact=call.pk,
            text="He has a fever and wants a doctor.",
            origin="caller",
            by="link:trunk",
            at=clock.now(),
            written_at=clock.now(),
        )
    page = client.get(f"/desk/{call.pk}/send/").content.decode()
    assert "By text to their mobile" in page
    said = {"agency": "health", "way": "text"}
    assert client.post(f"/desk/{call.pk}/details/", said, HTTP_HX_REQUEST="true").status_code == 200
    gateway.works()
    assert len(gateway.went) == 1
    with scope.use("northmoor"):
        contacts.say_safe_contact(contact=call.pk, safe="no", by=call.owner.code, at=clock.now())
    page = client.get(f"/desk/{call.pk}/send/").content.decode()
    assert "By text to their mobile" not in page
    assert "No text to their telephone: They must not be contacted." in page
    assert client.post(f"/desk/{call.pk}/details/", said, HTTP_HX_REQUEST="true").status_code == 409


def test_what_costs_a_look_is_looked_at_only_where_nothing_before_stands_against_it():
    def never() -> bool:
        raise AssertionError("looked at for nothing")

    now = clock.now()
    rang = {"channel": "101", "number": "+447700900417", "unsafe": "", "at": now}
    for known, asked, why in (
        ({"number": ""}, {"seen_at": never, "refused": never, "is_watched": never}, "withheld"),
        ({"unsafe": "They must not."}, {"seen_at": never, "refused": never, "is_watched": never}, "must not"),
        ({}, {"seen_at": lambda: None, "refused": never, "is_watched": never}, "down"),
        ({}, {"seen_at": lambda: now, "refused": lambda: True, "is_watched": never}, "another call"),
        ({}, {"seen_at": lambda: now, "refused": lambda: False, "is_watched": lambda: True}, "flag"),
    ):
        assert why in rules.why_not(**rang | known, **asked)


@pytest.mark.parametrize("state", rules.STATES)
@pytest.mark.parametrize("said", rules.STATES)
def test_what_has_ended_stays_as_it_ended(state, said):
    after = rules.told(state, said)
    assert after in (state, said)
    if state in ("delivered", "failed", "dropped"):
        assert after == state
