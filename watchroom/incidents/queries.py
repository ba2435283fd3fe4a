"""Which incidents are open, and what does the log of one say?"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import hypot

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from watchroom.assessment import queries as assessment
from watchroom.assessment.models import AnswerGiven, Assessment
from watchroom.assessment.rules import Helper, Suggestion
from watchroom.assessment.rules import who_can_help as helpers
from watchroom.contacts import files
from watchroom.contacts.models import Attachment, Contact, Line
from watchroom.contacts.rules import shown_size
from watchroom.duties import queries as duties
from watchroom.force import queries as force
from watchroom.foundation import memory
from watchroom.foundation.errors import Invalid
from watchroom.foundation.statements import statement
from watchroom.identity.misuse import actions as misuse
from watchroom.identity.misuse.rules import Touches
from watchroom.identity.models import Research, ResearchFound
from watchroom.identity.research import queries as research
from watchroom.incidents import interlock
from watchroom.incidents.models import Decision, Entry, Evidence, Incident, Involvement, Proposal, Tie
from watchroom.staff import queries as staff

URGENCY = {
    "immediate": 1,
    "priority": 2,
    "": 3,
    "scheduled": 4,
    "appointment": 5,
    "rwd": 6,
}  # ungraded stands after what is graded urgent


FOREVER = datetime.max.replace(tzinfo=UTC)


def open_now() -> list[Incident]:
    """The board: most urgent first, then the time by which somebody should be there, then age."""
    rows = Incident.objects.filter(state=Incident.State.OPEN).select_related("place", "place__beat")
    return sorted(rows, key=lambda i: (URGENCY[i.grade], i.attend_by or i.opened_at, i.opened_at))


@memory.while_reading
def of_contact(contact: int) -> Incident | None:
    return _of_contact.first(contact)


@statement
def _of_contact(contact: int) -> QuerySet[Incident]:
    found = Incident.objects.filter(involvements__contact_id=contact).select_related("place", "place__beat")
    return found.order_by("pk")[:1]


def similar(contact: Contact, *, at: datetime, within_m: float = 400, within_s: float = 3600) -> list[tuple[Incident, int]]:
    """Open incidents near this contact's place or telephone in the last hour, nearest first, each with its distance in metres.

    Several people ring about one crash; a person decides whether it is the same. A log without a place of the gazetteer is where
    the telephone of who rang first about it was.
    """
    if contact.place:
        x, y = contact.place.x, contact.place.y
    elif contact.located_x is not None and contact.located_y is not None:
        x, y = contact.located_x, contact.located_y
    else:
        return []
    first = Involvement.objects.filter(incident=OuterRef("pk")).order_by("at", "pk")
    rows = (
        Incident.objects.filter(state=Incident.State.OPEN, opened_at__gte=at - timedelta(seconds=within_s))
        .annotate(
            x=Coalesce("place__x", Subquery(first.values("contact__located_x")[:1])),
            y=Coalesce("place__y", Subquery(first.values("contact__located_y")[:1])),
        )
        .filter(x__range=(x - within_m, x + within_m), y__range=(y - within_m, y + within_m))
        .exclude(involvements__contact=contact)
    )
    near: list[tuple[Incident, int]] = [(row, round(hypot(row.x - x, row.y - y))) for row in rows.select_related("place")]
    return sorted((pair for pair in near if pair[1] <= within_m), key=lambda pair: (pair[1], -pair[0].pk))[:3]


def contacts_of(incident: int) -> QuerySet[Contact]:
    return Contact.objects.filter(involvement__incident_id=incident).select_related("owner", "place").order_by("received_at")


def touches(incident: int) -> Touches:
    """Whose numbers, places and people this log has to do with: for whoever may not look at it without a reason."""
    row = Incident.objects.filter(pk=incident).first()
    if row is None:
        return Touches()
    place = Touches(places=frozenset(filter(None, [row.place_id])), is_open_job=row.is_open)
    return misuse.of_contacts(list(contacts_of(incident))) | place


@memory.while_reading
def risk_is_saved(incident: int) -> bool:
    """Whether the risk of every contact about this incident is on record."""
    on_record = Assessment.objects.filter(contact=OuterRef("pk")).exclude(saved_at=None)
    saved = list(contacts_of(incident).order_by().values_list(Exists(on_record), flat=True))
    return bool(saved) and all(saved)


@memory.while_reading
def suggestion(row: Incident, *, at: datetime) -> Suggestion:
    """Of all contacts about it, the most urgent: a second caller who says less takes nothing from what the first said."""
    policy = force.policy_at(at).policy
    contacts = list(contacts_of(row.pk))
    if len(contacts) > 1:  # hundreds may ring about one crash: a few queries for all of them
        found = assessment.suggestions_among(contacts, kind=row.kind, at=at)
    else:
        found = [assessment.suggestion(contact, kind=row.kind, at=at) for contact in contacts]
    return min(found, key=lambda one: (one.grade is None, policy.grade(one.grade).rank if one.grade else 0))


@memory.while_reading
def who_can_help(row: Incident, *, at: datetime) -> tuple[Helper, ...]:
    """Other organisations that can help, by its type and by what was heard in any of its contacts (R42)."""
    heard = frozenset[str]().union(*assessment.cues_among(list(contacts_of(row.pk)), at=at).values())
    return helpers(heard, row.kind, force.policy_at(at).policy)


def newest_look(incident: int) -> Assessment | None:
    """The risk record that was saved last, of any of its contacts."""
    found = Assessment.objects.filter(contact__involvement__incident_id=incident).exclude(saved_at=None)
    return found.order_by("-saved_at", "-pk").first()


def case(row: Incident, *, at: datetime) -> interlock.Case:
    """The incident, as the interlock looks at it."""
    looked = newest_look(row.pk)
    return interlock.Case(
        is_open=row.is_open,
        grade=row.grade or None,
        is_attended=row.attended_at is not None,
        attend_by=max(filter(None, (row.attend_by, row.delayed_until)), default=None),
        risk_saved=risk_is_saved(row.pk),
        looked_at=looked.saved_at if looked else None,
        graded_at=row.graded_at,
        has_news=duties.is_owed("look", ("incident", row.pk)),
        suggested=suggestion(row, at=at).grade,
        assessment=looked.pk if looked else None,
    )


def asked(incident: int) -> Proposal | None:
    """What is asked for and not answered yet."""
    return Proposal.objects.filter(incident_id=incident, state=Proposal.State.ASKED).first()


def all_asked() -> QuerySet[Proposal]:
    """What waits for a second person, the one that lapses first on top."""
    return (
        Proposal.objects.filter(state=Proposal.State.ASKED)
        .select_related("incident", "incident__place", "assessment")
        .order_by("lapses_at", "pk")
    )


def ties(incident: int) -> list[Tie]:
    """What it is tied to, from either side, the newest first."""
    found = Tie.objects.filter(Q(incident_id=incident) | Q(other_id=incident), untied_at=None)
    return list(found.select_related("incident", "other").order_by("-at", "-pk"))


def carries_the_promise(incident: int, *, at: datetime) -> bool:
    """Whether this log is a duplicate of one by which somebody comes, or has come."""
    policy = force.policy_at(at).policy
    for found in ties(incident):
        if found.kind == Tie.Kind.DUPLICATE and found.incident_id == incident:
            into = found.other
            is_enough = not policy.is_more_urgent(found.incident.grade or None, into.grade or None)
            if is_enough and (into.is_open or into.attended_at):
                return True
    return False


def delays(incident: int) -> list[tuple[datetime, datetime]]:
    """The spans (approved at, until) for which a second person approved that nobody comes yet."""
    rows = Proposal.objects.filter(incident_id=incident, kind="delay", state=Proposal.State.APPROVED)
    return [(row.answered_at, row.until) for row in rows.order_by("answered_at") if row.answered_at and row.until]


@dataclass(frozen=True)
class LogLine:
    """A line of the log, from a contact or of the incident itself."""

    key: str  # unique and stable: "line-12" or "entry-7"
    at: datetime
    written_at: datetime
    text: str
    by: str
    name: str
    origin: str
    is_correction: bool = False
    file: int = 0  # the attachment that this line is about, while it may be opened from here

    @property
    def was_late(self) -> bool:
        """Entered later than it happened (back-record entry)."""
        return (self.written_at - self.at).total_seconds() > 60


@memory.while_reading
def log(incident: int, *, with_units: bool = True) -> list[LogLine]:
    """The one log, oldest first: what was said in all its contacts, and what despatch, officers and the system added.

    `with_units=False` leaves out who was sent and is there, and how busy it was: nobody sees that before their risk is saved (R47).
    Logs merged into this one are read together with it; nothing of them is moved.
    """
    merged = _log(incident, with_units=with_units)
    for tie in Tie.objects.filter(other_id=incident, kind=Tie.Kind.MERGED, untied_at=None).select_related("incident"):
        merged += [
            replace(line, text=f"Log {tie.incident.reference}: {line.text}")
            for line in _log(tie.incident_id, with_units=with_units)
        ]
    return sorted(merged, key=lambda line: (line.at, line.key))


def _log(incident: int, *, with_units: bool) -> list[LogLine]:
    """The lines of this one log, in no order."""
    lines = list(Line.objects.filter(contact__involvement__incident_id=incident))
    entries = [row for row in Entry.objects.filter(incident_id=incident) if with_units or row.origin != "unit"]
    decisions = list(Decision.objects.filter(incident_id=incident))
    proposals = list(Proposal.objects.filter(incident_id=incident))
    names = staff.names(
        {row.by for rows in (lines, entries, decisions) for row in rows}
        | {code for row in proposals for code in (row.asked_by, row.answered_by) if code}
    )
    merged = [_shown("line", row, names) for row in lines] + [_shown("entry", row, names) for row in entries]
    merged += [_decided(row, names) for row in decisions]
    merged += _asked_of(list(AnswerGiven.objects.filter(contact__involvement__incident_id=incident)))
    merged += _attached(list(files.of(contacts_of(incident))))
    merged += _evidence(list(Evidence.objects.filter(contact__involvement__incident_id=incident)))
    merged += _researched(list(Research.objects.filter(contact__involvement__incident_id=incident)))
    merged += _surges(incident) if with_units else []
    merged += [line for row in proposals for line in _asked_for(row, names)]
    return merged + _tied(incident)


def contact_log(contact: int) -> list[LogLine]:
    """A contact's own lines, oldest first; all there is before an incident is opened."""
    lines = list(Line.objects.filter(contact_id=contact))
    names = staff.names({row.by for row in lines})
    merged = [_shown("line", row, names) for row in lines] + _asked_of(list(AnswerGiven.objects.filter(contact_id=contact)))
    merged += _attached(list(files.of([contact]))) + _evidence(list(Evidence.objects.filter(contact_id=contact)))
    merged += _researched(research.of(contact))
    return sorted(merged, key=lambda line: (line.at, line.key))


def _asked_of(rows: list[AnswerGiven]) -> list[LogLine]:
    """A question that was asked, and its answer, stand in the log where they were spoken."""
    names = staff.names({row.by for row in rows})
    return [
        LogLine(
            key=f"asked-{row.pk}",
            at=row.at,
            written_at=row.at,
            text=f"Asked: {row.asked} – {row.words}",
            by=row.by,
            name=names[row.by],
            origin="system",
        )
        for row in rows
    ]


def _attached(rows: list[Attachment]) -> list[LogLine]:
    """A file, and that it was taken off, each at its time. What it is was told by its bytes; the digest lets anybody compare."""
    removals = {row.pk: row.removal for row in rows if hasattr(row, "removal")}
    names = staff.names({row.by for row in rows} | {removal.by for removal in removals.values()})
    lines = []
    for row in rows:
        off = removals.get(row.pk)
        about = f" {row.about}" if row.about else ""
        text = f"File “{row.name}”, {shown_size(row.size)}, SHA-256 {row.sha256[:12]}….{about}"
        lines.append(
            LogLine(
                key=f"file-{row.pk}",
                at=row.at,
                written_at=row.at,
                text=f"{text} (taken off)" if off else text,
                by=row.by,
                name=names[row.by],
                origin=row.origin,
                file=0 if off else row.pk,
            )
        )
        if off:
            lines.append(_told(f"unfile-{row.pk}", off.at, f"{names[off.by]} took off “{row.name}”: {off.because}", off.by))
    return lines


def _evidence(rows: list[Evidence]) -> list[LogLine]:
    """What may be lost, and what became of it, each at its time."""
    names = staff.names({code for row in rows for code in (row.by, row.settled_by) if code})
    zone = force.timezone()
    lines = []
    for row in rows:
        until = f"lasts until {row.perishable_until.astimezone(zone):%d %b %H:%M}" if row.perishable_until else ""
        parts = (row.what, row.where, f"held by {row.holder}" if row.holder else "", until, row.keep)
        lines.append(
            LogLine(
                key=f"evidence-{row.pk}",
                at=row.at,
                written_at=row.at,
                text=f"Evidence: {'; '.join(filter(None, parts))}",
                by=row.by,
                name=names[row.by],
                origin=row.origin,
            )
        )
        if row.settled_at:
            said = "secured" if row.state == Evidence.State.SECURED else "not to be had"
            text = f"{names[row.settled_by]}: {row.what}, {said}. {row.outcome}"
            lines.append(_told(f"secured-{row.pk}", row.settled_at, text, row.settled_by))
    return lines


def _researched(rows: list[Research]) -> list[LogLine]:
    """Whether other systems were asked, by whom, and what came of it: a line for each asking, which says more when the answer is there."""
    taken = list(
        ResearchFound.objects.filter(research__in=rows, judged=ResearchFound.Judged.TAKEN).select_related("research")
        if any(row.found for row in rows)
        else []
    )
    names = staff.names({row.by for row in rows} | {row.judged_by for row in taken})
    lines = [_told(f"research-{row.pk}", row.at, f"Research: {research.says(row, names)}", row.by) for row in rows]
    for found in taken:
        at = found.judged_at or found.research.at
        text = f"{names[found.judged_by]}: who is in touch is {found.name}, as {found.research.label} {found.external} has it."
        lines.append(_told(f"taken-{found.pk}", at, text, found.judged_by))
    return lines


def _decided(row: Decision, names: dict[str, str]) -> LogLine:
    """A grade stands in the log between the lines: what was decided, by whom, and whether it was suggested so."""
    labels = {grade.code: grade.label for grade in force.policy_number(row.policy_number).policy.grades}
    if not row.suggested:
        said = "before anything was suggested"
    elif row.suggested == row.grade:
        said = "as suggested"
    else:
        said = f"{labels.get(row.suggested, row.suggested)} was suggested"
    why = f" “{row.justification}”" if row.justification else ""
    text = f"Graded {labels.get(row.grade, row.grade)} by {names[row.by]}, {said}; policy {row.policy_number}.{why}"
    return LogLine(
        key=f"decision-{row.pk}", at=row.at, written_at=row.at, text=text, by=row.by, name=names[row.by], origin="system"
    )


def _asked_for(row: Proposal, names: dict[str, str]) -> list[LogLine]:
    """What was asked for, and how it was answered, each at its time."""
    policy = force.policy_at(row.asked_at).policy
    grades = {grade.code: grade.label for grade in policy.grades}
    wants = interlock.KINDS[row.kind].verb
    if row.kind == "downgrade":
        wants += f" from {grades.get(row.grade, row.grade)} to {grades.get(row.to, row.to)}"
    if row.until:
        wants += f", by {row.until.astimezone(force.timezone()):%H:%M}"
    meanwhile = f" Meanwhile: {row.safeguarding}" if row.safeguarding else ""
    asked = f"{names[row.asked_by]} asks a second person to {wants}. “{row.reason}”{meanwhile}"
    lines = [_told(f"proposal-{row.pk}", row.asked_at, asked, row.asked_by)]
    if row.answered_at:
        said = {
            "approved": f"Approved by {names.get(row.answered_by)}: {wants}.",
            "refused": f"Refused by {names.get(row.answered_by)}: {wants}.",
            "withdrawn": f"{names.get(row.answered_by)} no longer asks to {wants}.",
            "lapsed": f"Lapsed unanswered, or overtaken: to {wants}. Nothing was changed by it.",
        }[row.state]
        why = f" “{row.answer}”" if row.answer else ""
        lines.append(_told(f"answer-{row.pk}", row.answered_at, said + why, row.answered_by or row.asked_by))
    return lines


def _surges(incident: int) -> list[LogLine]:
    """A surge prints itself on every log that was open meanwhile (R84)."""
    row = Incident.objects.get(pk=incident)
    zone = force.timezone()
    return [
        _told(
            f"surge-{surge.pk}",
            max(surge.declared_at, row.opened_at),
            f"Surge declared, {surge.declared_at.astimezone(zone):%d %b %H:%M} to {surge.ends_at.astimezone(zone):%H:%M}:"
            f" {surge.reason} The rules of risk and grade are as ever.",
            surge.declared_by,
        )
        for surge in force.surges_between(row.opened_at, row.closed_at or FOREVER)
    ]


TIED = {
    ("linked", True): "linked to", ("linked", False): "linked to",
    ("duplicate", True): "a duplicate of", ("duplicate", False): "the same as its duplicate,",
    ("part", True): "a part of", ("part", False): "the whole of its part,",
    ("merged", True): "read together with", ("merged", False): "read together with",
}  # fmt: skip


def _tied(incident: int) -> list[LogLine]:
    """That two logs were tied, and untied again, on both of them."""
    found = Tie.objects.filter(Q(incident_id=incident) | Q(other_id=incident)).select_related("incident", "other")
    names = staff.names({row.by for row in found} | {row.untied_by for row in found if row.untied_by})
    lines = []
    for row in found:
        is_first = row.incident_id == incident
        other = row.other if is_first else row.incident
        how = f"{TIED[row.kind, is_first]} log {other.reference}"
        lines.append(_told(f"tie-{row.pk}", row.at, f"{names[row.by]}: this is {how}. “{row.because}”", row.by))
        if row.untied_at:
            lines.append(_told(f"untie-{row.pk}", row.untied_at, f"{names[row.untied_by]}: no longer {how}.", row.untied_by))
    return lines


def _told(key: str, at: datetime, text: str, by: str) -> LogLine:
    return LogLine(key=key, at=at, written_at=at, text=text, by=by, name="", origin="system")  # the text says who


def open_by_reference(reference: str) -> Incident:
    """The open incident that is read out as this number: `0417`, `417`. Raises Invalid; of several days' the choice is not guessed."""
    digits = reference.strip().lstrip("#")
    if not digits.isdecimal():
        raise Invalid(job="Say which log by its number, for example 0417.")
    found = list(
        Incident.objects.filter(number=int(digits), state=Incident.State.OPEN).select_related("place").order_by("-day")[:2]
    )
    if not found:
        raise Invalid(job=f"No open log is {int(digits):04d}.")
    if len(found) > 1:
        raise Invalid(job=f"Two open logs are {int(digits):04d}, of different days. Choose it on the board.")
    return found[0]


def _shown(table: str, row: Line | Entry, names: dict[str, str]) -> LogLine:
    return LogLine(
        key=f"{table}-{row.pk}",
        at=row.at,
        written_at=row.written_at,
        text=row.text,
        by=row.by,
        name=names[row.by],
        origin=row.origin,
        is_correction=bool(getattr(row, "corrects_id", None)),
    )
