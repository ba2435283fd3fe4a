"""Receiving, answering, writing down, ending and wrapping up a contact. One door for every channel."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from watchroom.contacts import facts as told
from watchroom.contacts import rules, stages, whereabouts
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.contacts.chat import rules as chats
from watchroom.contacts.chat.queries import held as held_chats
from watchroom.contacts.models import Contact, Fix, Line
from watchroom.contacts.whereabouts import Report
from watchroom.duties import actions as duties
from watchroom.duties import kinds
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import commands, digest, facts, locks
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.statements import statement
from watchroom.gazetteer.models import Place
from watchroom.staff.models import Member

LOCATED = ["located_x", "located_y", "located_radius", "located_by", "located_method", "located_confidence", "located_at"]
MAX_TEXT = 20_000  # characters of one line; longer text is refused, never cut


def receive(
    *,
    key: str,
    channel: str,
    transferred_at: datetime,
    by: str,
    at: datetime,
    caller_number: str = "",
    caller_name: str = "",
    caller_email: str = "",
    text: str = "",
    place_said: str = "",
    place: Place | None = None,
    located: tuple[float, float, float, str] | None = None,
    safe_contact: str = "unknown",
    safe_ways: list[str] | None = None,
    safe_times: str = "",
    may_leave_message: bool = False,
    call_key: str = "",
    marks: Iterable[str] = (),
) -> tuple[Contact, bool]:
    """A contact has arrived. Returns (contact, repeated): the same `key` again is the same contact.

    `located` is (x, y, radius in metres, method). `marks` are ways and languages of the policy with which the channel marked it
    (text_relay, welsh); one that the policy does not know is written into the log, for no call is turned away for it.
    Raises Invalid for an unknown channel or text that is too long.
    """
    if channel not in rules.CHANNELS:
        raise Invalid(channel=f"“{channel}” is not a channel. Use one of {', '.join(rules.CHANNELS)}.")
    _check_text(text)

    def create() -> int:
        policy = force.policy_at(at).policy
        speaking = policy.speaking
        number = rules.normal_number(caller_number)
        day = force.local_day(at)
        contact = Contact.objects.create(
            day=day,
            channel=channel,
            transferred_at=transferred_at,
            received_at=at,
            caller_number=number,
            caller_name=caller_name.strip(),
            caller_email=caller_email.strip(),
            place=place,
            place_said=place_said.strip(),
            located_x=located[0] if located else None,
            located_y=located[1] if located else None,
            located_radius=located[2] if located else None,
            located_by=located[3] if located else "",
            located_method=_method(located) if located else "",
            located_at=at if located else None,
            safe_contact=safe_contact,
            safe_ways=safe_ways or [],
            safe_times=safe_times,
            may_leave_message=may_leave_message,
            call_key=call_key,
            way=next((one for one in marks if speaking.way(one)), ""),
            language=next((one for one in marks if speaking.language(one)), ""),
        )
        if located:
            found = Report(source=located[3], method=_method(located), taken_at=at, radius=located[2])
            _fix(contact, found, x=located[0], y=located[1], is_shared=False, by=by, at=at)
        duties.owe(
            kind="answer",
            subject=("contact", contact.pk),
            owner="desk:contact",
            due_at=rules.due("answer", channel, transferred_at, policy),
            by=by,
            at=at,
        )
        arrived = told.ContactArrived(contact=contact.pk, channel=channel, transferred_at=transferred_at)
        facts.tell(arrived, by=by, at=at, row=contact)
        if channel in rules.CALLS and number and (before := callbacks.take_up(contact=contact, by=by, at=at)):
            contact.place_from = before.in_line_since
            contact.save(update_fields=["place_from"])
            agreed = before.callback.agreed_at.astimezone(force.timezone())
            said = f"Was owed a callback, agreed at {agreed:%H:%M} (contact {before.number}), and rings again."
            _write(contact, said, origin="system", by=by, at=at)
        if text.strip():
            _write(contact, text, origin="caller", by=by, at=at)
        for mark in marks:
            if not (speaking.way(mark) or speaking.language(mark)):
                unknown = f"It came marked as “{mark[:40]}”, which the policy does not know. Ask how they speak."
                _write(contact, unknown, origin="system", by=by, at=at)
        _number(contact)
        return contact.pk

    with transaction.atomic():
        pk, repeated = commands.once(key, "contacts.receive", create, savepoint=False)
        return _received.get(pk), repeated


@statement
def _received(pk: int) -> QuerySet[Contact]:
    return Contact.objects.select_related("place", "owner").filter(pk=pk)


def _method(located: tuple[float, float, float, str]) -> str:
    """A position that came with the call does not say how it was found; one of the network without a radius is a line's."""
    return "line" if located[3] == "eisec" and not located[2] else located[3]


def _number(contact: Contact) -> None:
    """The next number of the day. Whoever comes next waits for it until we commit, so it is taken after all else was done."""
    locks.hold("contact-number")
    with connection.cursor() as cursor:
        cursor.execute(
            """update contacts_contact set number = 1 + coalesce((
                select number from contacts_contact where force = %(force)s and day = %(day)s and number is not null
                order by number desc limit 1
            ), 0) where force = %(force)s and id = %(id)s""",
            {"force": contact.force, "day": contact.day, "id": contact.pk},
        )


def answer(*, contact: int, member: Member, by: str, at: datetime) -> Contact:
    """`member` takes the contact. Raises Refused when somebody else has it, or the caller has gone."""
    with transaction.atomic():
        row = _lock(contact)
        if row.state == Contact.State.ANSWERED and row.owner_id == member.pk:
            return row
        if row.state == Contact.State.ABANDONED:
            raise Refused("The caller gave up before you answered. Ring back from the contact’s page.")
        if row.channel == rules.FORCE and row.state == Contact.State.WRAPPED and row.answered_at is None:
            raise Refused("This one went back to the force that handed it over: it is theirs.")
        if row.state == Contact.State.WAITING and callbacks.of(row.pk):
            raise Refused("They have hung up and are owed a callback: ring them.")
        if row.state != Contact.State.WAITING:
            raise Refused(f"{row.owner.full_name if row.owner else 'Somebody'} has already taken this one.")
        if row.channel == chats.CHANNEL:  # of a text to 999 nobody is told that they hold too many
            locks.hold(f"chats:{member.pk}")  # two answers at once would be one too many
            if refusal := chats.refuses_one_more(held_chats(member.pk), force.policy_at(at).policy):
                raise Refused(refusal)
        row.state, row.owner, row.answered_at = Contact.State.ANSWERED, member, at
        row.offered_to, row.offered_at = None, None
        row.save(update_fields=["state", "owner", "answered_at", "offered_to", "offered_at"])
        duties.settle("answer", subject=("contact", row.pk), by=by, at=at)
        _owe_risk(row, member, by=by, at=at)
        waited = (at - row.transferred_at).total_seconds()
        facts.tell(told.ContactAnswered(contact=row.pk, waited=waited), by=by, at=at, row=row)
        return row


def give_back(*, contact: int, by: str, at: datetime) -> Contact:
    """What another force handed over stays theirs: one of us declined it, or they took it back. A repeat changes nothing.

    Nobody here has answered it, so nobody owes its risk; it counts as diverted. Raises Refused once somebody has accepted.
    """
    with transaction.atomic():
        row = _lock(contact)
        if row.channel != rules.FORCE:
            raise Refused("Only what another force handed over can go back to it.")
        if row.state == Contact.State.WRAPPED and row.answered_at is None:
            return row
        if row.state != Contact.State.WAITING:
            raise Refused(f"{row.owner.full_name if row.owner else 'Somebody'} has accepted this one: it is ours.")
        row.state, row.wrapped_at = Contact.State.WRAPPED, at
        row.offered_to, row.offered_at = None, None
        row.save(update_fields=["state", "wrapped_at", "offered_to", "offered_at"])
        duties.settle("answer", subject=("contact", row.pk), by=by, at=at)
        facts.tell(told.ContactGivenBack(contact=row.pk), by=by, at=at)
        return row


def _owe_risk(row: Contact, member: Member, *, by: str, at: datetime) -> None:
    """What whoever answers owes: risk is assessed at every point of contact, whatever the channel or the load (R9, R46)."""
    policy = force.policy_at(at).policy
    for kind in ("risk", "wrap_up"):
        due_at = rules.due(kind, row.channel, at, policy)
        duties.owe(kind=kind, subject=("contact", row.pk), owner=member.code, due_at=due_at, by=by, at=at)


def write(
    *, contact: int, text: str, by: str, at: datetime, written_at: datetime, origin: str = "handler", corrects: int | None = None
) -> Line:
    """Add a line to the contact's log. `at` is when it was said, `written_at` when it was entered (they differ for back-record entry)."""
    _check_text(text)
    if not text.strip():
        raise Invalid(text="Nothing was written.")
    with transaction.atomic():
        return _write(
            Contact.objects.get(pk=contact), text, origin=origin, by=by, at=at, written_at=written_at, corrects=corrects
        )


def _write(
    contact: Contact,
    text: str,
    *,
    origin: str,
    by: str,
    at: datetime,
    written_at: datetime | None = None,
    corrects: int | None = None,
) -> Line:
    line = Line.objects.create(
        contact=contact, text=text.strip(), by=by, origin=origin, at=at, written_at=written_at or at, corrects_id=corrects
    )
    facts.tell(
        told.LineWritten(contact=contact.pk, line=line.pk, origin=origin, digest=digest.of(contact.secret, line.text)),
        by=by,
        at=at,
        row=contact,
    )
    return line


def pick_place(*, contact: int, place: Place, by: str, at: datetime) -> Contact:
    """Where it is, chosen from the gazetteer. May be changed as more is heard; each choice is a fact."""
    with transaction.atomic():
        row = _lock(contact)
        if row.place_id != place.pk:
            row.place = place
            row.save(update_fields=["place"])
            facts.tell(told.PlacePicked(contact=row.pk, place=place.pk), by=by, at=at)
        return row


def say_place(*, contact: int, text: str, by: str, at: datetime) -> Contact:
    """Where it is, in the caller's own words, while no entry of the gazetteer fits. A place that was picked stays picked."""
    said = text.strip()
    if len(said) < 3:
        raise Invalid(place_said="Write where it is in a few words.")
    if len(said) > 200 or "\x00" in said:
        raise Invalid(place_said="Up to 200 ordinary characters fit here; the rest belongs into the log.")
    with transaction.atomic():
        row = _lock(contact)
        if row.place_said != said:
            row.place_said = said
            row.save(update_fields=["place_said"])
            facts.tell(told.PlaceSaid(contact=row.pk, digest=digest.of(row.secret, said)), by=by, at=at)
        return row


def say_name(*, contact: int, name: str, born: str = "", by: str, at: datetime) -> Contact:
    """What the caller is called and when they were born (`1984-03-12`, `1984-03`, `1984`, `1986~5` or empty). Heard anew, it changes."""
    name = " ".join(name.split())
    if not name and not born:
        raise Invalid(name="Write the name as you hear it, and the date of birth if they give it: Leanne Whitcombe 12/3/1984.")
    if len(name) > 120 or "\x00" in name:
        raise Invalid(name="Up to 120 ordinary characters fit into a name; the rest belongs into the log.")
    if not rules.is_date_as_said(born):
        raise Invalid(
            name=f"“{rules.as_written(born[:20])}” is no date of birth. Write 12/3/1984, the year alone, or an age: 34y, about 40, forties."
        )
    with transaction.atomic():
        row = _lock(contact)
        if (row.caller_name, row.caller_born) != (name, born):
            row.caller_name, row.caller_born = name, born
            row.save(update_fields=["caller_name", "caller_born"])
            facts.tell(told.CallerNamed(contact=row.pk, digest=digest.of(row.secret, f"{name}\x1f{born}")), by=by, at=at)
        return row


def say_safe_contact(
    *, contact: int, safe: str, by: str, at: datetime, times: str = "", may_leave_message: bool = False
) -> Contact:
    """Is it safe to ring or write to them, when, and may a message be left? Never assumed: unknown means do not."""
    if safe not in rules.SAFE_CONTACT:
        raise Invalid(safe=f"Use one of {', '.join(rules.SAFE_CONTACT)}.")
    if len(times) > 200 or "\x00" in times:
        raise Invalid(times="Up to 200 ordinary characters fit here.")
    with transaction.atomic():
        row = _lock(contact)
        row.safe_contact, row.safe_times, row.may_leave_message = safe, times.strip(), may_leave_message
        row.save(update_fields=["safe_contact", "safe_times", "may_leave_message"])
        facts.tell(told.SafeContactSaid(contact=row.pk, safe=safe, may_leave_message=may_leave_message), by=by, at=at)
        return row


def locate(
    *, contact: int, found: Report, point: tuple[float, float] | None, by: str, at: datetime, is_shared: bool = False
) -> Fix:
    """The handset (AML) or the network (EISEC) said where the caller is; `point` is that on the force's grid, in metres.

    It is kept whatever it says. The contact's row takes it only while it is the best of all that came (`whereabouts.best`);
    the place that a person picked is never touched. The same position twice is one.
    """
    with transaction.atomic():
        row = _lock(contact)
        x, y = point or (None, None)
        same = {"source": found.source, "method": found.method, "taken_at": found.taken_at, "radius": found.radius}
        known = row.fixes.filter(**same, latitude=found.latitude, longitude=found.longitude, address=found.address).first()
        if known:
            return known
        fix = _fix(row, found, x=x, y=y, is_shared=is_shared, by=by, at=at)
        policy = force.policy_at(at).policy.locations
        is_best = whereabouts.best(row.fixes.all(), at, policy) == fix
        if is_best:
            row.located_x, row.located_y, row.located_radius, row.located_by = x, y, found.radius, found.source
            row.located_method, row.located_confidence, row.located_at = found.method, found.confidence, found.taken_at
            row.save(update_fields=LOCATED)
        facts.tell(
            told.ContactLocated(
                contact=row.pk,
                method=found.method,
                fix=fix.pk,
                source=found.source,
                is_best=is_best,
                digest=digest.of(row.secret, *fix.said),
            ),
            by=by,
            at=at,
        )
        return fix


def _fix(contact: Contact, found: Report, *, x: float | None, y: float | None, is_shared: bool, by: str, at: datetime) -> Fix:
    return Fix.objects.create(contact=contact, x=x, y=y, is_shared=is_shared, by=by, at=at, **asdict(found))


def ask_101(*, contact: int, answer: str, by: str, at: datetime) -> Contact:
    """Whether a 999 caller tried 101 first, and why they changed (R14)."""
    if answer not in rules.TRIED_101:
        raise Invalid(answer=f"Use one of {', '.join(rules.TRIED_101)}.")
    with transaction.atomic():
        row = _lock(contact)
        row.tried_101 = answer
        row.save(update_fields=["tried_101"])
        facts.tell(told.Asked101(contact=row.pk, answer=answer), by=by, at=at)
        return row


def end(*, contact: int, how: str, by: str, at: datetime) -> Contact:
    """The line went down: by the caller, the handler, or cut off. Before an answer it is an abandoned contact. A repeat changes nothing."""
    with transaction.atomic():
        row = _lock(contact)
        if row.state == Contact.State.WAITING and callbacks.of(row.pk):
            return row  # they hung up because they are rung: that is no giving up
        if row.state == Contact.State.WAITING:
            row.state, row.ended_at = Contact.State.ABANDONED, at
            row.offered_to, row.offered_at = None, None
            row.save(update_fields=["state", "ended_at", "offered_to", "offered_at"])
            duties.settle("answer", subject=("contact", row.pk), by=by, at=at)
            duties.owe(
                kind="abandoned",
                subject=("contact", row.pk),
                owner="desk:contact",
                due_at=rules.due("abandoned", row.channel, at, force.policy_at(at).policy),
                by=by,
                at=at,
            )
            waited = (at - row.transferred_at).total_seconds()
            facts.tell(told.ContactAbandoned(contact=row.pk, waited=waited), by=by, at=at)
        elif row.state == Contact.State.ANSWERED:
            row.state, row.ended_at = Contact.State.ENDED, row.ended_at or at  # of who was rung back, when they had given up
            row.save(update_fields=["state", "ended_at"])
            facts.tell(told.ContactEnded(contact=row.pk, how=how), by=by, at=at)
        return row


def rung_back(*, contact: int, by: str, at: datetime) -> None:
    """Somebody who gave up, or is owed a callback, is rung now; whether they are reached is another matter."""
    with transaction.atomic():
        callbacks.rung(contact=contact, by=by, at=at)
        stages.mark(contact=contact, stage="rung_back", by=by, at=at)


def reach(*, contact: int, member: Member, by: str, at: datetime) -> Contact:
    """Somebody who gave up, or was owed a callback, was rung and spoken with: answered by `member`, and owed all that an answer owes.

    When they gave up stays on record: ringing back does not mend the figure. Raises Refused for one that did not give up.
    """
    with transaction.atomic():
        row = _lock(contact)
        callback = callbacks.of(row.pk)
        if callback is None and not rules.may(row.state, "ring_back", row.channel):
            raise Refused("This one did not give up, or was reached already.")
        row.state, row.owner, row.answered_at = Contact.State.ANSWERED, member, at
        row.offered_to, row.offered_at = None, None
        row.save(update_fields=["state", "owner", "answered_at", "offered_to", "offered_at"])
        duties.settle("abandoned", subject=("contact", row.pk), by=by, at=at)
        if callback:
            callbacks.close(row, callback, how="reached", by=by, at=at)
        _owe_risk(row, member, by=by, at=at)
        since = callback.agreed_at if callback else row.ended_at or row.received_at
        after = (at - since).total_seconds()
        facts.tell(told.ContactReached(contact=row.pk, after=after), by=by, at=at)
        return row


def wrap_up(*, contact: int, by: str, at: datetime, reason: str = "", agency: str = "", offered: str = "") -> Contact:
    """The writing up is done. Raises Refused while anything else is still owed on this contact, such as the risk record (R45).

    `reason` and `agency` say why they got in touch and who should have had it, when it led to no incident (R132, R133);
    `offered`, which reason was inferred from the words and shown (`unlogged.infer`). What was offered is never taken for said.
    """
    with transaction.atomic():
        row = _lock(contact)
        if row.state == Contact.State.WRAPPED:
            return row
        if row.state == Contact.State.WAITING:
            raise Refused("Nobody has answered this contact yet.")
        if row.state == Contact.State.ANSWERED:
            if row.is_call:
                raise Refused("The caller is still on the line.")
            if row.channel in chats.TALKS:
                raise Refused("The chat is still open. End it first: the caller sees that it has ended.")
            row = end(contact=row.pk, how="handler", by=by, at=at)
        still = [kind for kind in owed.kinds_owed(("contact", row.pk)) if kind not in ("wrap_up", "abandoned")]
        if still:
            raise Refused(*map(kinds.owed, still))
        row.state, row.wrapped_at, row.reason, row.agency = Contact.State.WRAPPED, at, reason, agency
        row.reason_offered = offered
        row.save(update_fields=["state", "wrapped_at", "reason", "agency", "reason_offered"])
        duties.settle("wrap_up", "abandoned", subject=("contact", row.pk), by=by, at=at)
        facts.tell(told.ContactWrapped(contact=row.pk, reason=reason, agency=agency, offered=offered), by=by, at=at)
        return row


def raise_attention(*, contact: int, level: int, by: str, at: datetime) -> None:
    """A later room found cause for attention (a marker, a repeat): the caller is lifted in the queue, never lowered."""
    with transaction.atomic(savepoint=False):
        if Contact.objects.filter(pk=contact, attention__lt=level).update(attention=level):
            facts.tell(told.AttentionRaised(contact=contact, level=level), by=by, at=at)


def _lock(contact: int) -> Contact:
    """Raises Contact.DoesNotExist."""
    return _locked.get(contact)


@statement
def _locked(pk: int) -> QuerySet[Contact]:
    return Contact.objects.select_for_update(of=("self",)).select_related("owner", "place").filter(pk=pk)


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise Invalid(
            text=f"This is {len(text):,} characters; {MAX_TEXT:,} fit into one line. Send it in parts: nothing was cut."
        )
    if "\x00" in text:
        raise Invalid(text="The text holds a character that cannot be stored (NUL).")
