"""Investigating from the desk (R90): who holds it, which lines of enquiry, by when, and with what result?

It holds the incident open by its duty until it is finished or somebody is sent. Lines of enquiry are duties, each with a person
or a desk and a time; what was found is written, and nothing of it is rubbed out.
"""

from datetime import datetime, timedelta

from django.db import transaction

from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.incidents.models import Incident
from watchroom.resolution import afterwards, queries, rules
from watchroom.resolution import facts as tells
from watchroom.resolution.models import DiaryEntry, Enquiry, Investigation
from watchroom.staff import queries as staff

DESK = "desk:resolution"
MAX_TEXT = 20_000


def begin(*, incident: Incident, what: str, owner: str, review_by: datetime | None, by: str, at: datetime) -> Investigation:
    """It is allocated to a person or a desk and looked at again by a date. Called by `actions.resolve`, which asks whether it may."""
    days = force.policy_at(at).policy.resolving.review_investigation_days
    review_by = review_by or at + timedelta(days=days)
    owner = owner or DESK
    _check_owner(owner)
    _check_review(review_by, at)
    row = Investigation.objects.create(incident=incident, review_by=review_by, by=by, at=at)
    duties.owe(kind="investigate", subject=("incident", incident.pk), owner=owner, due_at=review_by, by=by, at=at)
    facts.tell(
        tells.InvestigationBegun(incident=incident.pk, investigation=row.pk, owner=owner, review_by=review_by), by=by, at=at
    )
    _write(row, what, None, is_done=False, by=by, at=at)
    return row


def enquire(*, investigation: int, what: str, owner: str, due_at: datetime | None, by: str, at: datetime) -> Enquiry:
    """Open a line of enquiry: what is to be found out, by whom, by when."""
    with transaction.atomic():
        row = _open(investigation)
        what = what.strip()
        if rules.letters(what) < 4:
            raise Invalid(what="Say what is to be found out.")
        if len(what) > 200:
            raise Invalid(what="Up to 200 characters fit here; the rest belongs into the diary.")
        if due_at is None or due_at <= at:
            raise Invalid(due="Say by when; that time must be still to come.")
        owner = owner or _holder(row)
        _check_owner(owner)
        line = Enquiry.objects.create(investigation=row, what=what, due_at=due_at, by=by, at=at)
        duties.owe(kind="enquiry", subject=("enquiry", line.pk), owner=owner, due_at=due_at, by=by, at=at)
        facts.tell(tells.EnquiryOpened(incident=row.incident_id, enquiry=line.pk, owner=owner, due_at=due_at), by=by, at=at)
        return line


def write(
    *, investigation: int, text: str, by: str, at: datetime, enquiry: int | None = None, is_done: bool = False
) -> DiaryEntry:
    """Write into the diary, about the whole or about one line of enquiry; `is_done` says that this line is at its end."""
    with transaction.atomic():
        row = _open(investigation)
        line = None
        if enquiry is not None:
            line = Enquiry.objects.select_for_update().get(pk=enquiry, investigation=row)
            if line.done_at:
                raise Refused("This line of enquiry is done. Open another one.")
        entry = _write(row, text, line, is_done=is_done and line is not None, by=by, at=at)
        if line and is_done:
            line.done_at, line.done_by = at, by
            line.save(update_fields=["done_at", "done_by"])
            duties.settle("enquiry", subject=("enquiry", line.pk), by=by, at=at)
        return entry


def review(*, investigation: int, to: str, review_by: datetime | None, text: str, by: str, at: datetime) -> Investigation:
    """It was looked at: what stands is written, and it is allocated until the next date, to the same or to another."""
    with transaction.atomic():
        row = _open(investigation)
        to = to or _holder(row)
        _check_owner(to)
        if review_by is None:
            raise Invalid(review="Say when it is looked at again.")
        _check_review(review_by, at)
        _write(row, text, None, is_done=False, by=by, at=at)
        subject = ("incident", row.incident_id)
        duties.settle("investigate", subject=subject, by=by, at=at)
        duties.owe(kind="investigate", subject=subject, owner=to, due_at=review_by, by=by, at=at)
        row.review_by = review_by
        row.save(update_fields=["review_by"])
        facts.tell(
            tells.InvestigationReviewed(incident=row.incident_id, investigation=row.pk, owner=to, review_by=review_by),
            by=by,
            at=at,
        )
        return row


def finish(*, investigation: int, result: str, finding: str, by: str, at: datetime) -> Investigation:
    """It ends with a result, once no line of enquiry is open. Whoever told us is followed up then."""
    with transaction.atomic():
        row = _open(investigation)
        problems = []
        if result not in rules.RESULTS:
            problems.append("Choose how it ends.")
        if rules.letters(finding) < 20:
            problems.append("Write what was found, and what those concerned were told.")
        problems += [
            f"A line of enquiry is still open: {line.what}" for line in row.enquiries.filter(done_at=None).order_by("at")
        ]
        if problems:
            raise Refused(*problems)
        _finish(row, result, finding, by=by, at=at)
        contact = queries.first_contact(row.incident_id)
        afterwards.owe_follow_up(row.incident, outcome="desk_investigation", contact=contact, by=by, at=at)
        return row


def deployed(*, incident: Incident, by: str, at: datetime) -> None:
    """Somebody is sent: the desk's investigation ends by that, with its open lines; its diary goes to whoever attends."""
    for row in Investigation.objects.select_for_update().filter(incident=incident, finished_at=None):
        for line in row.enquiries.filter(done_at=None):
            line.done_at, line.done_by = at, by
            line.save(update_fields=["done_at", "done_by"])
            duties.settle("enquiry", subject=("enquiry", line.pk), by=by, at=at)
        _finish(row, "deployed", "", by=by, at=at)


def _finish(row: Investigation, result: str, finding: str, *, by: str, at: datetime) -> None:
    row.result, row.finding, row.finished_at, row.finished_by = result, finding.strip(), at, by
    row.save(update_fields=["result", "finding", "finished_at", "finished_by"])
    duties.settle("investigate", "resolve", subject=("incident", row.incident_id), by=by, at=at)
    facts.tell(
        tells.InvestigationFinished(
            incident=row.incident_id, investigation=row.pk, result=result, digest=digest.of(row.secret, row.finding)
        ),
        by=by,
        at=at,
    )


def _write(row: Investigation, text: str, line: Enquiry | None, *, is_done: bool, by: str, at: datetime) -> DiaryEntry:
    text = text.strip()
    if not text:
        raise Invalid(text="Nothing was written.")
    if len(text) > MAX_TEXT or "\x00" in text:
        raise Invalid(text=f"Up to {MAX_TEXT:,} ordinary characters fit into one entry.")
    entry = DiaryEntry.objects.create(investigation=row, enquiry=line, text=text, by=by, at=at)
    facts.tell(
        tells.DiaryWritten(
            incident=row.incident_id,
            entry=entry.pk,
            enquiry=line.pk if line else 0,
            is_done=is_done,
            digest=digest.of(row.secret, text),
        ),
        by=by,
        at=at,
    )
    return entry


def _open(investigation: int) -> Investigation:
    row = Investigation.objects.select_for_update(of=("self",)).select_related("incident").get(pk=investigation)
    if row.finished_at:
        raise Refused("This investigation is finished.")
    return row


def _holder(row: Investigation) -> str:
    held: Duty | None = owed.open_for(("incident", row.incident_id)).filter(kind="investigate").first()
    return held.owner if held else DESK


def _check_owner(code: str) -> None:
    if not staff.may_own(code):
        raise Invalid(owner="Choose a person or a desk of this force.")


def _check_review(review_by: datetime, at: datetime) -> None:
    if review_by <= at:
        raise Invalid(review="The date on which it is looked at again must be still to come.")
    if review_by > at + timedelta(days=90):
        raise Invalid(review="It is looked at again within 90 days.")
