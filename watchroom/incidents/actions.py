"""Opening, grading, writing the log of, and closing an incident. Grade and closure are a named person's act."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from watchroom.assessment.rules import Suggestion
from watchroom.contacts import actions as room
from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import digest, facts, locks
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.gazetteer import queries as gazetteer
from watchroom.gazetteer.models import Place
from watchroom.incidents import clocks, crimes, evidence, queries, rules
from watchroom.incidents import facts as tells
from watchroom.incidents.models import Decision, Entry, Incident, Involvement, Proposal


@transaction.atomic
def open_incident(*, contact: int, kind: str, by: str, at: datetime, because: str = "") -> Incident:
    """Open the log as soon as place and type are known; `because`, why it is of this type (R63). A repeat returns its incident."""
    policy = force.policy_at(at).policy
    if kind not in {t.code for t in policy.incident_types}:
        raise Invalid(kind=f"“{kind}” is not an incident type of this force.")
    row = Contact.objects.select_for_update(of=("self",)).select_related("place").get(pk=contact)
    if existing := queries.of_contact(contact):
        return existing
    if row.place is None and not row.place_said:
        raise Refused("Pick the place first, or write where it is in the caller’s words.")
    day = force.local_day(at)
    locks.hold("incident-number")
    incident = Incident.objects.create(
        number=(Incident.objects.filter(day=day).aggregate(n=Max("number"))["n"] or 0) + 1,
        day=day,
        kind=kind,
        kind_because=because.strip()[:240],
        opening_category=policy.incident_type(kind).opening,
        place=row.place,
        place_said=row.place_said,
        opened_at=at,
        opened_by=by,
        risk_holder=row.owner.code if row.owner else "desk:contact",
    )
    Involvement.objects.create(incident=incident, contact=row, by=by, at=at)
    owner = row.owner.code if row.owner else "desk:contact"
    duties.owe(kind="grade", subject=("incident", incident.pk), owner=owner, due_at=at + timedelta(minutes=3), by=by, at=at)
    clocks.owe_result(incident, by=by, at=at)
    crimes.owe(incident, policy=policy, by=by, at=at)
    evidence.move_to(incident, contact=row.pk, by=by, at=at)
    facts.tell(tells.IncidentOpened(incident=incident.pk, contact=contact, kind=kind), by=by, at=at)
    return incident


@transaction.atomic
def open_with_what_is_known(*, contact: int, by: str, at: datetime, kind: str = "") -> Incident:
    """Open the log for an Immediate call that has no place or type yet: help is not kept waiting for a form (R60).

    The place is what the telephone says of it, or openly not known; the type is what the words suggest. Both are
    changed by the same acts as ever when more is heard.
    """
    policy = force.policy_at(at).policy
    row = Contact.objects.select_for_update(of=("self",)).select_related("place").get(pk=contact)
    if row.place is None and not row.place_said:
        room.say_place(contact=contact, text=_whereabouts(row), by=by, at=at)
    if not kind:
        heard = rules.suggest_type(" ".join(row.heard().values_list("text", flat=True)), policy)
        kind = heard.code if heard else next(entry.code for entry in policy.incident_types if not entry.words)
        because = f"Heard: {', '.join(heard.because)}" if heard else ""
        return open_incident(contact=contact, kind=kind, by=by, at=at, because=because)
    return open_incident(contact=contact, kind=kind, by=by, at=at)


def _whereabouts(row: Contact) -> str:
    if row.located_x is None or row.located_y is None:
        return "Place not known yet"
    near = gazetteer.nearest(row.located_x, row.located_y)
    return f"{'Near ' + near.label if near else 'No address near'}, by the telephone ± {row.located_radius or 0:.0f} m"


def involve(*, incident: int, contact: int, by: str, at: datetime) -> Incident:
    """This contact is about an incident that is already open (several people ring about one crash).

    Hundreds may be linked within minutes, so that none waits for another: the log is only kept from being changed meanwhile.
    """
    with transaction.atomic():
        Contact.objects.select_for_update(of=("self",)).get(pk=contact)  # two who link one contact come one after the other
        row = hold(incident)
        if not row.is_open:
            raise Refused("That log is closed. Open a new one, or ask a supervisor to reopen it.")
        already = queries.of_contact(contact)
        if already:
            if already.pk == row.pk:
                return row
            raise Refused(f"This contact already belongs to log {already.reference}.")
        Involvement.objects.create(incident=row, contact_id=contact, by=by, at=at)
        evidence.move_to(row, contact=contact, by=by, at=at)
        facts.tell(tells.ContactInvolved(incident=row.pk, contact=contact), by=by, at=at)
        return row


@transaction.atomic
def retype(*, incident: int, kind: str, by: str, at: datetime, because: str = "") -> Incident:
    """It is of another type than it was thought to be; `because`, why (R63)."""
    policy = force.policy_at(at).policy
    if kind not in {t.code for t in policy.incident_types}:
        raise Invalid(kind=f"“{kind}” is not an incident type of this force.")
    row = lock_open(incident)
    if row.kind != kind:
        before, row.kind, row.opening_category = row.kind, kind, policy.incident_type(kind).opening
        row.kind_because = because.strip()[:240]
        row.save(update_fields=["kind", "opening_category", "kind_because"])
        crimes.owe(row, policy=policy, by=by, at=at)
        facts.tell(tells.IncidentRetyped(incident=row.pk, kind=kind, before=before), by=by, at=at)
    return row


def pin(*, incident: int, text: str, by: str, at: datetime) -> Incident:
    """Make a line of the log the headline that every role sees; in the words of whoever heard it, never generated."""
    with transaction.atomic():
        row = lock_open(incident)
        row.headline = text.strip()[:240]
        row.save(update_fields=["headline"])
        facts.tell(tells.HeadlinePinned(incident=row.pk, digest=digest.of(row.secret, row.headline)), by=by, at=at)
        return row


def follow_place(told: Told) -> None:
    """Reaction: a contact's place was picked or changed; its open incident moves with it."""
    contact = Contact.objects.select_related("place").get(pk=told.fact.subject[1])
    incident = queries.of_contact(contact.pk)
    if incident and incident.is_open and contact.place and incident.place_id != contact.place_id:
        move(incident=incident.pk, place=contact.place, by=told.by, at=told.at)


def move(*, incident: int, place: Place, by: str, at: datetime) -> Incident:
    with transaction.atomic():
        row = lock_open(incident)
        row.place = place
        row.save(update_fields=["place"])
        facts.tell(tells.IncidentMoved(incident=row.pk, place=place.pk), by=by, at=at)
        return row


@transaction.atomic
def grade(*, incident: int, to: str, justification: str, by: str, at: datetime) -> Decision:
    """Decide how urgent it is (R59, R60).

    Immediate never waits: the risk record is then owed. Every other grade needs the risk on record and a written
    justification. A less urgent one than before is not decided but asked for (`proposals.ask`). Raises Refused with what is missing.
    """
    policy = force.policy_at(at).policy
    if to not in {g.code for g in policy.grades}:
        raise Invalid(grade=f"“{to}” is not a grade of this force.")
    row = lock_open(incident)
    suggestion = queries.suggestion(row, at=at)
    problems = rules.may_grade(
        to=to,
        current=row.grade or None,
        risk_saved=queries.risk_is_saved(incident),
        suggestion=suggestion,
        justification=justification,
        policy=policy,
    )
    if problems:
        raise Refused(*problems)
    return decide(row, to=to, suggestion=suggestion, justification=justification, by=by, at=at)


def decide(
    row: Incident,
    *,
    to: str,
    suggestion: Suggestion,
    justification: str,
    by: str,
    at: datetime,
    proposal: Proposal | None = None,
) -> Decision:
    """Store a grade that may be given, and what follows from it: the promise, who holds the risk, what is owed. Of a locked row."""
    adopted = force.policy_at(at)
    policy = adopted.policy
    before = row.grade
    row.grade, row.graded_at = to, at
    is_rural = bool(row.place and row.place.beat.is_rural)
    # the promise runs from the first decision that made it this urgent; a repeat of the same grade does not restart it
    if before != to:
        row.attend_by, row.delayed_until = rules.attend_by(to, at, is_rural, policy), None
    row.save(update_fields=["grade", "graded_at", "attend_by", "delayed_until"])
    decision = Decision.objects.create(
        incident=row,
        grade=to,
        suggested=suggestion.grade or "",
        because=[reason.says for reason in suggestion.because],
        justification=justification.strip(),
        assessment=queries.newest_look(row.pk),
        policy_number=adopted.number,
        by=by,
        at=at,
        proposal=proposal,
    )
    facts.tell(
        tells.GradeDecided(
            incident=row.pk,
            decision=decision.pk,
            grade=to,
            before=before,
            suggested=decision.suggested,
            policy=adopted.number,
            risk_saved=queries.risk_is_saved(row.pk),
            attend_by=row.attend_by,
            digest=digest.of(row.secret, decision.justification) if decision.justification else "",
        ),
        by=by,
        at=at,
    )
    chosen = policy.grade(to)
    hand_over_risk(row, to="desk:despatch" if chosen.needs_deployment else "desk:resolution", by=by, at=at)
    clocks.set_for(row, policy=policy, by=by, at=at)
    return decision


def hand_over_risk(row: Incident, *, to: str, by: str, at: datetime) -> None:
    """Who holds the risk from now on; one person or desk, never nobody. What is owed about it goes along. Of a locked row."""
    if not to:
        raise Refused("Name the person or desk that takes the risk.")
    if row.risk_holder == to:
        return
    before, row.risk_holder = row.risk_holder, to
    row.save(update_fields=["risk_holder"])
    facts.tell(tells.RiskHandedOver(incident=row.pk, holder=to, before=before), by=by, at=at)
    for duty in owed.open_for(("incident", row.pk)):
        if duty.kind in ("look", "review", "regrade", "evidence"):
            duties.hand_over(duty=duty.pk, to=to, by=by, at=at)


@transaction.atomic
def take_risk(*, incident: int, to: str, by: str, at: datetime) -> Incident:
    """A person or desk takes the risk of this incident upon itself, explicitly."""
    row = lock_open(incident)
    hand_over_risk(row, to=to, by=by, at=at)
    return row


def note(*, incident: int, text: str, by: str, at: datetime, written_at: datetime, origin: str = "despatch") -> Entry:
    """Add a line to the log. `at` is when it happened, `written_at` when it was entered."""
    if not text.strip():
        raise Invalid(text="Nothing was written.")
    if len(text) > 20_000 or "\x00" in text:
        raise Invalid(text="Up to 20,000 ordinary characters fit into one line of the log.")
    with transaction.atomic():
        row = Incident.objects.get(pk=incident)
        entry = Entry.objects.create(incident=row, text=text.strip(), by=by, origin=origin, at=at, written_at=written_at)
        facts.tell(
            tells.EntryWritten(incident=row.pk, entry=entry.pk, origin=origin, digest=digest.of(row.secret, entry.text)),
            by=by,
            at=at,
        )
        return entry


def attend(*, incident: int, by: str, at: datetime) -> Incident:
    """The first unit is at scene: the promise is kept or was broken, and is owed no longer."""
    with transaction.atomic():
        row = lock(incident)
        if row.attended_at is None:
            row.attended_at = at
            row.save(update_fields=["attended_at"])
            duties.settle("attend", "decide", "review", subject=("incident", row.pk), by=by, at=at)
            in_time = at <= row.attend_by if row.attend_by else None
            facts.tell(tells.IncidentAttended(incident=row.pk, in_time=in_time), by=by, at=at)
        return row


def let_go(*, incident: int, by: str, at: datetime) -> Incident:
    """Another force has accepted it: who comes, and when, is theirs to promise and no longer ours. The log stays open to be closed."""
    with transaction.atomic():
        row = lock(incident)
        if row.is_open:
            duties.settle("attend", "decide", "review", subject=("incident", row.pk), by=by, at=at)
        return row


def problems_of_closing(row: Incident, *, category: str, result: str, at: datetime, is_approved: bool = False) -> list[str]:
    """Why this incident cannot close yet, in sentences; empty when it can. Later rooms hold it open by their duties."""
    duties_open = [
        duty.kind for duty in owed.open_for(("incident", row.pk)) if duty.kind not in (*CLOSED_BY_CLOSING, *crimes.VICTIM)
    ]
    policy = force.policy_at(at).policy
    undecided = crimes.problems_of_closing(kind=row.kind, category=category, found=crimes.of(row.pk), policy=policy)
    return undecided + rules.may_close(
        risk_saved=queries.risk_is_saved(row.pk),
        grade=row.grade or None,
        attended=bool(row.attended_at),
        open_duties=duties_open,
        result=result,
        category=category,
        policy=policy,
        is_approved=is_approved,
        is_tied=queries.carries_the_promise(row.pk, at=at),
    )


#: Duties that end with the incident. All others hold it open: what is still owed to somebody is not closed away.
CLOSED_BY_CLOSING = ("close", "crime", "grade", "attend", "decide", "review", "approve", "lapse")


def close(*, incident: int, category: str, result: str, by: str, at: datetime, qualifiers: list[str] | None = None) -> Incident:
    """A named person closes it with an NSIR-style category and the result. Raises Refused with why it cannot close yet."""
    with transaction.atomic():
        row = lock(incident)
        if not row.is_open:
            return row
        problems = problems_of_closing(row, category=category, result=result, at=at)
        unknown = set(qualifiers or []) - {q.code for q in force.policy_at(at).policy.categories.qualifiers}
        problems += [f"“{code}” is not a qualifier of this force." for code in sorted(unknown)]
        if queries.asked(row.pk):
            problems.append("Something is asked of a second person and not answered yet: withdraw it, or wait.")
        if problems:
            raise Refused(*problems)
        return finish(row, category=category, result=result, qualifiers=qualifiers or [], by=by, at=at)


def finish(row: Incident, *, category: str, result: str, qualifiers: list[str], by: str, at: datetime) -> Incident:
    """Store a closing that may be. Of a locked row."""
    row.state, row.closed_at, row.closed_by = Incident.State.CLOSED, at, by
    row.closing_category, row.result, row.qualifiers = category, result.strip(), qualifiers
    row.save()
    duties.settle(*CLOSED_BY_CLOSING, subject=("incident", row.pk), by=by, at=at)
    crimes.owe_update(row, by=by, at=at)
    facts.tell(tells.IncidentClosed(incident=row.pk, category=category), by=by, at=at)
    return row


@transaction.atomic
def reopen(*, incident: int, because: str, by: str, at: datetime) -> Incident:
    """Take up a closed incident again: it was closed too early, or something came. Its first closing stays on record."""
    row = lock(incident)
    if row.is_open:
        return row
    if len(because.strip()) < 3:
        raise Invalid(because="Say why it is taken up again.")
    closed = (
        f"It was closed {row.closed_at.astimezone(force.timezone()):%d %b %H:%M} as {row.closing_category}: “{row.result}”"
        if row.closed_at
        else ""
    )
    note(
        incident=incident,
        text=f"Taken up again: {because.strip()} {closed}".strip(),
        by=by,
        at=at,
        written_at=at,
        origin="system",
    )
    row.state, row.closed_at, row.closed_by, row.closing_category, row.result = Incident.State.OPEN, None, "", "", ""
    row.save()
    facts.tell(tells.IncidentReopened(incident=row.pk, digest=digest.of(row.secret, because.strip())), by=by, at=at)
    clocks.owe_result(row, by=by, at=at)
    crimes.owe(row, policy=force.policy_at(at).policy, by=by, at=at)
    evidence.owe(row, by=by, at=at)
    clocks.set_for(row, policy=force.policy_at(at).policy, by=by, at=at)
    return row


def lock(incident: int) -> Incident:
    """The row, for this transaction alone; whoever changes an incident holds it."""
    return Incident.objects.select_for_update(of=("self",)).select_related("place", "place__beat").get(pk=incident)


def hold(incident: int) -> Incident:
    """The row as it stays until this transaction ends: many may hold it at once, and who would change or close it waits.

    Whoever holds it may not change it in the same transaction: two who hold it would wait for each other.
    """
    rows = Incident.objects.raw("select * from incidents_incident where id = %s for share", [incident])
    for row in rows:
        return row
    raise Incident.DoesNotExist


def lock_open(incident: int) -> Incident:
    row = lock(incident)
    if not row.is_open:
        raise Refused(f"Log {row.reference} is closed.")
    return row
