"""What happens to a call between its answer and its end: held, passed on, another agency brought in.

These say what a person wants. An exchange's link carries it out, and tells what became of it (`watchroom/links/asterisk`).
"""

from datetime import datetime

from django.db import transaction

from watchroom.contacts import actions, stages
from watchroom.contacts import facts as told
from watchroom.contacts.models import Contact, Line, Partner, Stage
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.staff.models import Member

LONGEST_NOTE = 2000  # characters


def is_held(contact: int) -> bool:
    """Whether the caller hears that they are on hold."""
    last = Stage.objects.filter(contact=contact, stage__in=("held", "resumed")).order_by("-at", "-pk").first()
    return last is not None and last.stage == "held"


def hold(*, contact: int, by: str, at: datetime) -> Contact:
    """The caller waits and hears nobody. A repeat changes nothing. Raises Refused when nobody is on the line."""
    return _hold(contact, True, by=by, at=at)


def resume(*, contact: int, by: str, at: datetime) -> Contact:
    """The caller is heard again. A repeat changes nothing."""
    return _hold(contact, False, by=by, at=at)


def _hold(contact: int, held: bool, *, by: str, at: datetime) -> Contact:
    with transaction.atomic():
        row = _live(contact)
        if is_held(row.pk) != held:
            stages.mark(contact=row.pk, stage="held" if held else "resumed", by=by, at=at)
        return row


def pass_on(*, contact: int, to: Member, note: str, by: str, at: datetime) -> Contact:
    """A colleague takes it over, with what they have to know. What is owed on the contact goes with it.

    Raises Invalid without a note or a colleague who takes calls, Refused for a contact that is not anybody's.
    """
    note = note.strip()
    if len(note) < 3:
        raise Invalid(note="Say in a few words what your colleague has to know.")
    if len(note) > LONGEST_NOTE or "\x00" in note:
        raise Invalid(note=f"Up to {LONGEST_NOTE} ordinary characters fit here; the rest belongs into the log.")
    with transaction.atomic():
        if not to.is_active or not to.may("contacts.take"):
            raise Invalid(to=f"{to.full_name} takes no contacts.")
        row = actions._lock(contact)
        if row.state not in (Contact.State.ANSWERED, Contact.State.ENDED) or row.owner is None:
            raise Refused("Only what somebody has answered and not written up can be passed on.")
        if row.owner_id == to.pk:
            raise Refused(f"{to.full_name} has this one already.")
        before = row.owner
        row.owner = to
        row.save(update_fields=["owner"])
        for duty in owed.open_for(("contact", row.pk)):
            if duty.owner == before.code:
                duties.hand_over(duty=duty.pk, to=to.code, by=by, at=at)
        actions._write(row, f"Passed on to {to.full_name}: {note}", origin="handler", by=by, at=at)
        stages.mark(contact=row.pk, stage="passed", member=to, by=by, at=at)
        if row.is_live and is_held(row.pk):  # who takes it over speaks with the caller
            stages.mark(contact=row.pk, stage="resumed", by=by, at=at)
        return row


# --- Another agency in the call -------------------------------------------------------------------------------------


def join_partner(*, contact: int, agency: str, by: str, at: datetime) -> Partner:
    """Ask another agency into the call. One at a time; asked again while it is there, that is the same."""
    with transaction.atomic():
        known = {one.code: one.label for one in force.policy_at(at).policy.agencies}
        if agency not in known:
            raise Invalid(agency="Choose who is to join.")
        row = _live(contact)
        here = Partner.objects.filter(contact=row, left_at=None).first()
        if here and here.agency == agency:
            return here
        if here:
            raise Refused(f"{known.get(here.agency, here.agency)} is in this call. Let them go first.")
        partner = Partner.objects.create(contact=row, agency=agency, by=by, asked_at=at)
        facts.tell(told.PartnerAsked(contact=row.pk, agency=agency), by=by, at=at)
        actions._write(row, f"Asked to join the call: {known[agency]}.", origin="handler", by=by, at=at)
        return partner


def partner_joined(*, contact: int, by: str, at: datetime) -> None:
    """The exchange, or whoever is on the telephone, says that they are there. A repeat changes nothing."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update().filter(contact=contact, left_at=None, joined_at=None).first()
        if partner:
            partner.joined_at = at
            partner.save(update_fields=["joined_at"])
            stages.mark(contact=contact, stage="joined", by=by, at=at)


def let_partner_go(*, contact: int, by: str, at: datetime) -> None:
    """They leave the call, or did not come into it. A repeat changes nothing."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update().filter(contact=contact, left_at=None).first()
        if partner:
            partner.left_at = at
            partner.save(update_fields=["left_at"])
            if partner.joined_at:
                stages.mark(contact=contact, stage="left", by=by, at=at)
            else:
                actions._write(Contact.objects.get(pk=contact), "They did not come into the call.", origin="system", by=by, at=at)
            facts.tell(told.PartnerLetGo(contact=contact, agency=partner.agency), by=by, at=at)


def note(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """What the exchange has to say to the people, as a line of the log."""
    with transaction.atomic():
        return actions._write(Contact.objects.get(pk=contact), text, origin="system", by=by, at=at)


def _live(contact: int) -> Contact:
    row = actions._lock(contact)
    if not row.is_live:
        raise Refused("Nobody is on the line.")
    return row
