"""Nobody is written to for whom that is not safe; nothing is sent twice; and a post goes out on two people's word."""

from datetime import timedelta

import pytest

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts import unlogged
from watchroom.contacts.models import Contact, Line
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.incidents import parties
from watchroom.incidents.models import Incident
from watchroom.links.social import actions, protocol, publishing, queries, tasks
from watchroom.links.social.models import Post, Reply
from watchroom.links.social.tests.gateway import TOKEN, Gateway, serving

HX = {"HX-Request": "true"}
HOUR = world.timedelta(hours=1)


@pytest.fixture
def gateway(northmoor, monkeypatch):
    gateway = Gateway()
    with serving(gateway) as port:
        monkeypatch.setenv("WATCHROOM_SOCIAL_URL_NORTHMOOR", f"http://127.0.0.1:{port}/out")
        monkeypatch.setenv("WATCHROOM_SOCIAL_TOKEN_NORTHMOOR", TOKEN)
        yield gateway


def taken(safe: str = "any") -> Contact:
    """A message that somebody has read, and what they said of being reached."""
    said = {"account": "@ann", "name": "Ann"}
    message = protocol.Message(
        protocol="watchroom-social/1", platform="harbourly", id="m1", conversation="c1", text="My husband reads my e-mail.",
        sent_at=world.NIGHT, **{"from": said},
    )  # fmt: skip
    row, _ = actions.receive(message=message, at=world.NIGHT)
    bryn = world.a_member()
    contacts.answer(contact=row.pk, member=bryn, by=bryn.code, at=world.after(10))
    if safe != "unknown":
        contacts.say_safe_contact(contact=row.pk, safe=safe, by=bryn.code, at=world.after(20))
    return row


def written(row: Contact) -> Reply:
    return actions.reply(contact=row.pk, text="When may we ring?", by=world.a_member().code, at=world.after(30))


def it_is(monkeypatch, moment) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def words(row: Contact) -> list[str]:
    return list(Line.objects.filter(contact=row).order_by("pk").values_list("text", flat=True))


# --- replies --------------------------------------------------------------------------------------------------------


def test_a_reply_goes_to_that_account_alone_once(gateway):
    row = taken()
    reply = written(row)
    for _ in range(2):
        tasks.send("northmoor", "reply", reply.pk)
    (sent,) = gateway.taken
    assert sent["to"] == {"platform": "harbourly", "conversation": "c1", "account": "@ann", "private": True}
    assert (sent["kind"], sent["text"], sent["key"]) == ("reply", "When may we ring?", reply.key)
    assert "husband" not in str(sent)
    assert Line.objects.filter(contact=row, origin="to_caller").count() == 1
    assert "@ann" not in str(list(Fact.objects.values_list("body", flat=True)))


@pytest.mark.parametrize("safe", ["unknown", "no", "some"])
def test_nobody_is_written_to_who_did_not_say_that_it_is_safe(gateway, safe):
    row = taken(safe)
    with pytest.raises(Refused):
        written(row)
    assert not Reply.objects.exists()


def test_how_an_agency_is_reached_goes_to_that_account_by_one_key_and_only_where_that_is_safe(gateway):
    row = taken("unknown")
    with pytest.raises(Refused):
        unlogged.give_details(contact=row.pk, agency="health", by="staff:1", at=world.after(25))
    contacts.say_safe_contact(contact=row.pk, safe="any", by="staff:1", at=world.after(26))
    line = unlogged.give_details(contact=row.pk, agency="health", by="staff:1", at=world.after(30))
    tasks.send("northmoor", "reply", Reply.objects.get().pk)
    assert [sent["text"] for sent in gateway.taken] == [line.text]
    assert Fact.objects.get(kind="DetailsGiven").body["way"] == "social"


def test_who_named_social_media_as_a_safe_way_is_written_to(gateway):
    row = taken("some")
    Contact.objects.filter(pk=row.pk).update(safe_ways=["social"])
    assert written(row)


def test_what_is_no_longer_safe_does_not_go_out(gateway):
    row = taken()
    reply = written(row)
    contacts.say_safe_contact(contact=row.pk, safe="no", by="staff:1", at=world.after(40))
    tasks.send("northmoor", "reply", reply.pk)
    assert gateway.asked == []
    assert words(row)[-1] == "The message was not sent: They must not be contacted."


@pytest.mark.parametrize("status", [429, 503])
def test_a_gateway_that_took_nothing_is_tried_again(gateway, status):
    reply = written(taken())
    gateway.answers = [status]
    for _ in range(2):
        tasks.send("northmoor", "reply", reply.pk)
    assert len(gateway.taken) == 1
    reply.refresh_from_db()
    assert reply.sent_at


def test_a_gateway_that_refuses_is_not(gateway):
    row = taken()
    reply = written(row)
    gateway.answers = [403]
    tasks.send("northmoor", "reply", reply.pk)
    assert words(row)[-1] == "The message was not sent: the gateway answered 403"


def goes_down():
    raise ConnectionResetError


@pytest.mark.parametrize("how", ["silent", "says 502"])
@pytest.mark.parametrize("says", [True, False])
def test_a_try_whose_end_is_unknown_is_looked_for_and_then_decided_by_a_person_and_never_sent_twice(
    gateway, monkeypatch, how, says
):
    row = taken()
    reply = written(row)
    gateway.says_what_it_has = says
    if how == "silent":
        gateway.once_taken = goes_down
    else:
        gateway.answers = [502]
        gateway.stands.add(reply.key)
    now = clock.now()
    for seconds in (0, 1, 200, 400, 100_000):
        it_is(monkeypatch, now + world.timedelta(seconds=seconds))
        tasks.send("northmoor", "reply", reply.pk)
    assert [method for method, _ in gateway.asked].count("POST") == 1
    reply.refresh_from_db()
    assert bool(reply.sent_at) == says
    owed = Duty.objects.filter(kind="sent_or_not", settled_at=None)
    assert owed.exists() != says
    if says:
        return
    duties.sweep(at=clock.now() + HOUR)
    assert owed.get().owner == "desk:supervisor"
    client = world.signed_in("bryn", "handler")
    assert "May have been sent: check." in client.get(f"/social/{row.pk}/").content.decode()
    settle = f"/social/{row.pk}/sent/{reply.pk}/"
    assert client.post(settle, {"was_sent": "perhaps"}, headers=HX).status_code == 422
    gateway.once_taken = lambda: None
    assert client.post(settle, {"was_sent": "no"}, headers=HX).status_code == 200
    tasks.send("northmoor", "reply", reply.pk)
    assert [method for method, _ in gateway.asked].count("POST") == 2
    assert not owed.exists()
    assert client.post(settle, {"was_sent": "no"}, headers=HX).status_code == 409


def test_the_page_says_why_nobody_may_write_and_one_command_writes_once(gateway):
    row = taken("unknown")
    client = world.signed_in("bryn", "handler")
    assert "Nobody has asked yet whether it is safe" in client.get(f"/social/{row.pk}/").content.decode()
    contacts.say_safe_contact(contact=row.pk, safe="any", by="staff:1", at=world.after(75))
    assert "To @ann on harbourly" in client.get(f"/social/{row.pk}/").content.decode()
    for _ in range(2):
        assert client.post(f"/social/{row.pk}/reply/", {"text": "Hello", "key": "k"}, headers=HX).status_code == 200
    assert Reply.objects.count() == 1


# --- posts ----------------------------------------------------------------------------------------------------------


def a_post(text: str = "Who saw a red car at the harbour?", by: str = "staff:1") -> Post:
    return publishing.write(kind="appeal", text=text, by=by, at=world.NIGHT)


def approved(post: Post, **more) -> Post:
    given = {"answer": "", "has_read": True, "seen": ["known"], "by": "staff:2", "at": world.after(60)}
    return publishing.approve(post=post.pk, **{**given, **more})


def test_nothing_goes_out_before_a_second_person_has_approved_it(gateway):
    post = a_post()
    tasks.send("northmoor", "post", post.pk)
    assert gateway.asked == []
    with pytest.raises(Refused, match="somebody else"):
        approved(post, by="staff:1")
    post = a_post()
    with pytest.raises(Invalid):
        approved(post, has_read=False)
    approved(post)
    for _ in range(2):
        tasks.send("northmoor", "post", post.pk)
    (sent,) = gateway.taken
    assert (sent["kind"], sent["as"], sent["text"]) == ("post", "appeal", post.text)
    with pytest.raises(Refused, match="answered already"):
        approved(post, by="staff:3")


def test_a_warning_takes_a_reason_and_stays_on_record(gateway):
    world.a_call(number="", channel="online", caller_name="Leanne Whitcombe", text="He has found me.")
    post = a_post("Leanne Whitcombe is safe.")
    with pytest.raises(Invalid, match="warnings"):
        approved(post)
    approved(post, answer="She asked for it herself, in writing.")
    assert Post.objects.get(pk=post.pk).warned == ["known"]
    assert Fact.objects.get(kind="PostApproved").body["warned"] == ["known"]
    assert "Leanne" not in str(list(Fact.objects.values_list("body", flat=True)))


def test_whoever_has_a_part_in_an_incident_is_named_in_the_warning_and_a_first_name_alone_is_not(northmoor):
    incident = world.an_incident(contact=world.an_answered_call())
    by, at = "staff:1", world.after(60)
    parties.add(incident=incident.pk, role="victim", name="Ann Mary Carver", by=by, at=at)
    parties.add(incident=incident.pk, role="suspect", person=world.somebody("Gareth Pike").pk, by=by, at=at)
    for text, warned in (
        ("Ann Carver is safe.", ["known"]),
        ("Have you seen Gareth Pike?", ["known"]),
        ("Ann is safe, and Gareth too.", []),
        ("Who saw a red car?", []),
    ):
        assert queries.warnings([text], at=at) == [warned], text
    Incident.objects.update(state="closed", opened_at=at - timedelta(days=100))
    assert queries.warnings(["Ann Carver is safe."], at=at) == [[]], "long over"


def test_however_many_posts_wait_the_names_are_read_once(northmoor, django_assert_max_num_queries):
    world.a_call(number="", channel="online", caller_name="Leanne Whitcombe", text="He has found me.")
    for number in range(30):
        a_post(f"Leanne Whitcombe is safe, {number}.")
    with django_assert_max_num_queries(5):
        assert queries.warnings([post.text for post in Post.objects.all()], at=world.after(60)) == [["known"]] * 30


def test_what_came_up_after_the_page_was_opened_stops_it_until_it_was_seen(gateway):
    """The reason was written for another warning: she rings while it is typed."""
    post = a_post("Leanne Whitcombe, 01632 960 983, is safe.")
    world.a_call(number="", channel="online", caller_name="Leanne Whitcombe", text="He has found me.")
    with pytest.raises(Invalid, match="Since you opened this page: It names somebody"):
        approved(post, answer="The number is ours.", seen=["number"])
    assert Post.objects.get(pk=post.pk).state == "asked"
    approved(post, answer="She asked for it herself, in writing.", seen=["number", "known"])


def test_what_waits_for_a_second_person_has_an_owner_and_a_time_and_climbs(northmoor):
    post = a_post()
    duty = Duty.objects.get(kind="approve_post", settled_at=None)
    assert (duty.owner, duty.due_at) == ("desk:supervisor", world.after(1800))
    duties.sweep(at=world.after(1801))
    assert Duty.objects.get(pk=duty.pk).owner == "desk:inspector"
    publishing.decline(post=post.pk, answer="It names the street.", by="staff:2", at=world.after(1900))
    assert not Duty.objects.filter(settled_at=None).exists()
    with pytest.raises(Refused):
        approved(post)


def test_what_is_withdrawn_before_it_went_out_never_does(gateway):
    post = approved(a_post())
    publishing.withdraw(post=post.pk, because="He was found.", by="staff:1", at=world.after(70))
    tasks.send("northmoor", "post", post.pk)
    assert gateway.asked == []
    assert Post.objects.get(pk=post.pk).state == "down"
    assert not Duty.objects.filter(settled_at=None).exists()


def test_what_is_withdrawn_is_taken_down_and_owed_until_it_is(gateway):
    post = approved(a_post())
    tasks.send("northmoor", "post", post.pk)
    assert post.key in gateway.stands
    with pytest.raises(Invalid):
        publishing.withdraw(post=post.pk, because="no", by="staff:1", at=world.after(70))
    publishing.withdraw(post=post.pk, because="It shows her house.", by="staff:1", at=world.after(70))
    gateway.answers = [500]
    tasks.send("northmoor", "down", post.pk)
    assert Duty.objects.get(kind="take_down", settled_at=None).owner == "staff:1"
    assert Post.objects.get(pk=post.pk).state == "withdrawn"
    duties.sweep(at=world.after(70 + 901))
    assert Duty.objects.get(kind="take_down", settled_at=None).owner == "desk:supervisor"
    tasks.send("northmoor", "down", post.pk)
    assert gateway.stands == set()
    assert Post.objects.get(pk=post.pk).state == "down"
    assert not Duty.objects.filter(settled_at=None).exists()


def test_what_is_withdrawn_while_it_is_handed_over_is_taken_down_after_it_arrived(gateway):
    post = approved(a_post())
    actions.begin(kind="post", pk=post.pk, at=clock.now())
    publishing.withdraw(post=post.pk, because="It shows her house.", by="staff:1", at=clock.now())
    tasks.send("northmoor", "down", post.pk)
    assert gateway.asked == [], "nothing is taken down while it may be on its way there"
    with pytest.raises(Refused, match="handed over at this moment"):  # who looks now sees nothing, and it comes to stand there
        publishing.taken_down(post=post.pk, by="staff:1", at=clock.now())
    gateway.stands.add(post.key)
    actions.sent(kind="post", pk=post.pk, at=clock.now())
    tasks.send("northmoor", "down", post.pk)
    assert gateway.stands == set()


def test_the_page_lets_nobody_approve_their_own_and_a_role_without_it_nothing(gateway):
    sue, ann = world.signed_in("sue", "supervisor"), world.signed_in("ann", "supervisor")
    resolver = world.signed_in("rob", "resolver")
    resolver.post("/social/posts/write/", {"kind": "warning", "text": "Stay away from 18 Tanner’s Row."}, headers=HX)
    post = Post.objects.get()
    assert resolver.post(f"/social/posts/{post.pk}/approve/", {"has_read": "yes"}, headers=HX).status_code == 403
    assert "You wrote it" in resolver.get("/social/posts/").content.decode()
    page = sue.get("/social/posts/").content.decode()
    assert "It names a house by its number and street." in page
    assert 'href="/social/posts/"' in sue.get("/supervisor/owed/").content.decode()
    assert sue.post(f"/social/posts/{post.pk}/approve/", {"has_read": "yes"}, headers=HX).status_code == 422
    assert '<input type="hidden" name="seen" value="address">' in page
    said = {"has_read": "yes", "answer": "The fire service asked for it."}
    assert sue.post(f"/social/posts/{post.pk}/approve/", said, headers=HX).status_code == 422
    assert sue.post(f"/social/posts/{post.pk}/approve/", {**said, "seen": "address"}, headers=HX).status_code == 204
    sue.post("/social/posts/write/", {"kind": "appeal", "text": "Who saw it?"}, headers=HX)
    own = Post.objects.order_by("pk").last()
    assert sue.post(f"/social/posts/{own.pk}/approve/", {"has_read": "yes"}, headers=HX).status_code == 409
    assert ann.post(f"/social/posts/{own.pk}/decline/", {"answer": "It says too little."}, headers=HX).status_code == 204
    assert "It says too little." in sue.get("/social/posts/").content.decode()
    assert world.signed_in("bryn", "handler").get("/social/posts/").status_code == 403
