"""What came after a contact was handed over: how does it cross too, and until when?

Until the other force has accepted, whoever may accept reads what we read. Once we have learned that they have, nothing more crosses but
what was written before that: it was written for them, and comes for information.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from watchroom.contacts import actions as contacts
from watchroom.contacts import files
from watchroom.contacts import queries as queue
from watchroom.contacts.models import Contact, Line
from watchroom.force import queries as force
from watchroom.foundation import access, digest, facts
from watchroom.referrals import facts as tells
from watchroom.referrals.forces import rules
from watchroom.referrals.forces.document import Gone, Kept, Later, Since, fitting_since, merged, plain, room_beside
from watchroom.referrals.models import FromForce, ToForce

SAID = (
    "caller",
    "handler",
)  # whose lines cross: the caller's, and ours of this contact; nothing of units, links or other callers
ENDED = {
    "caller": "The caller hung up with {their}",
    "handler": "{their} ended the call",
    "cut_off": "The line with {their} was cut off",
}


# --- at the sender's end ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """How much of it there is, or has been told. Only counts: each only grows."""

    lines: int = 0  # with those that were corrected since, and those that did not fit
    files: int = 0
    is_gone: bool = False
    is_unsafe: bool = False

    def with_(self, other: "Told") -> "Told":
        return Told(
            max(self.lines, other.lines),
            max(self.files, other.files),
            self.is_gone or other.is_gone,
            self.is_unsafe or other.is_unsafe,
        )


def drawn(row: ToForce) -> tuple[Since, Told]:
    """(what crosses of what came after the document was drawn up; how much that is). Once accepted, as it was when we learned so."""
    contact = Contact.objects.get(pk=row.contact_id)
    lines = list(_since(row).select_related("corrects").order_by("at", "pk"))
    replaced = {line.corrects_id for line in lines}
    stand = [_later(row, line) for line in lines if line.pk not in replaced]
    attached = files.of([row.contact_id]).filter(removal=None)
    if row.tells_until:
        attached = attached.filter(at__lte=row.tells_until)
    since = Since(
        lines=fitting_since(stand, room_beside(row.document)),
        total=len(stand),
        gone=_gone(row, contact),
        is_unsafe=contact.safe_contact == "no" and row.document["caller"]["safe_contact"] != "no",
        files=attached.count(),
    )
    return since, Told(lines=len(lines), files=since.files, is_gone=since.gone is not None, is_unsafe=since.is_unsafe)


def heard(row: ToForce, since: Since, told: Told, *, by: str, at: datetime) -> None:
    """The other end has this much of it now. The same again, or less, changes nothing. `row` is locked."""
    before = Told(**row.told)
    whole = before.with_(told)
    if row.tells_until and not _is_behind(row, whole):
        row.tells_until = None
        row.save(update_fields=["tells_until"])
    if whole == before:
        return
    row.told = asdict(whole)
    row.save(update_fields=["told"])
    reason = f"After it was handed over: lines {whole.lines}, files told of {whole.files}"
    access.log("disclosure", subject=("contact", row.contact_id), reason=reason, by=row.by, at=at, recipient=row.to)
    facts.tell(
        tells.MoreCrossed(
            contact=row.contact_id,
            handover=row.pk,
            to=row.to,
            lines=whole.lines,
            files=whole.files,
            is_gone=whole.is_gone,
            digest=digest.of(row.secret, since.model_dump_json()),
        ),
        by=by,
        at=at,
    )


def accepted(row: ToForce, at: datetime) -> None:
    """They have accepted it, and we know it now: what was written until now, and is not told yet, crosses still. `row` is locked."""
    newest = _since(row).aggregate(at=Max("written_at"))["at"]
    row.tells_until = max(filter(None, (at, newest)))
    if not _is_behind(row, Told(**row.told)):
        row.tells_until = None
    row.save(update_fields=["tells_until"])


def _is_behind(row: ToForce, told: Told) -> bool:
    return told.with_(drawn(row)[1]) != told


def _since(row: ToForce) -> QuerySet[Line]:
    lines = Line.objects.filter(contact=row.contact_id, origin__in=SAID).exclude(pk__in=row.drawn)
    return lines.filter(written_at__lte=row.tells_until) if row.tells_until else lines


def _later(row: ToForce, line: Line) -> Later:
    return Later(
        key=digest.of(row.secret, str(line.pk))[:16],
        at=line.at,
        text=plain(line.text),
        origin="caller" if line.origin == "caller" else "handler",
        instead_of=line.corrects.at if line.corrects else None,
    )


def _gone(row: ToForce, contact: Contact) -> Gone | None:
    """Of somebody who was on the line when it was handed over."""
    found = queue.ending(contact) if row.document["is_live"] else None
    if found is None or (row.tells_until and found[1] > row.tells_until):
        return None
    how, at = found
    return Gone(at=at, how=how if how in ENDED else "caller")  # type: ignore[arg-type]


# --- at the receiver's end --------------------------------------------------------------------------------------------


def kept(row: FromForce) -> Kept:
    return Kept.model_validate(row.since) if row.since else Kept()


def add(row: FromForce, since: Since, at: datetime) -> None:
    """Take in what is new of it: into the log, and where it says that the caller is gone. `row` was told under its key's lock."""
    if row.contact_id is None or merged(kept(row), since) == kept(row):
        return
    with transaction.atomic():
        # the contact first, as whoever accepts or declines it does
        contact = Contact.objects.select_for_update(of=("self",)).get(pk=row.contact_id)
        row.refresh_from_db(from_queryset=FromForce.objects.select_for_update())
        if not rules.takes_more(row.state):  # type: ignore[arg-type]
            return
        before = kept(row)
        after = merged(before, since)
        row.since = after.model_dump(mode="json")
        row.save(update_fields=["since"])
        known = {line.key for line in before.lines}
        new = [line for line in after.lines if line.key not in known]
        if row.state == "accepted":
            text = f"After it was accepted here, {row.label} sent what they had written before they knew so: for information."
            _write(row, text, at=at)
        for line in new:
            for text in said(line):
                _write(row, text, at=min(line.at, at), origin=line.origin, written_at=at)
        if after.gone and not before.gone:
            _write(row, f"{gone(after.gone, row.label)}.", at=min(after.gone.at, at), written_at=at)
        if after.is_unsafe and not before.is_unsafe:
            contacts.say_safe_contact(contact=contact.pk, safe="no", by=row.sender, at=at)
            _write(row, f"{row.label} say now: not safe, do not ring or write back.", at=at)
        if after.files > before.files:
            _write(row, f"{counted(after.files, 'file')} with {row.label}. What is in them does not cross: ask them.", at=at)
        access.log("collection", subject=("contact", contact.pk), reason=f"More from {row.label}", by=row.sender, at=at)
        facts.tell(
            tells.MoreCame(
                contact=contact.pk,
                handover=row.pk,
                sender=row.sender,
                lines=len(after.lines),
                files=after.files,
                is_gone=after.gone is not None,
                digest=digest.of(row.secret, after.model_dump_json()),
            ),
            by=row.sender,
            at=at,
        )


def said(line: Later) -> tuple[str, ...]:
    """As it stands in the log: of a line that is too long with what it corrects before it, that alone, and then the line."""
    if line.instead_of is None:
        return (line.text,)
    before = f"Instead of what was written at {line.instead_of.astimezone(force.timezone()):%H:%M:%S}:"
    whole = f"{before} {line.text}"
    return (whole,) if len(whole) <= contacts.MAX_TEXT else (before, line.text)


def gone(one: Gone, their: str) -> str:
    """“The caller hung up with Northmoor Police at 12:04:31”."""
    return f"{ENDED[one.how].format(their=their)} at {one.at.astimezone(force.timezone()):%H:%M:%S}"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _write(row: FromForce, text: str, *, at: datetime, origin: str = "system", written_at: datetime | None = None) -> None:
    if text.strip():
        contacts.write(contact=row.contact_id or 0, text=text, origin=origin, by=row.sender, at=at, written_at=written_at or at)
