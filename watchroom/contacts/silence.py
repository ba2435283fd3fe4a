"""Nobody speaks: what the operator detected and what is heard on the line is noted by a key, and stands in the log (Silent Solution)."""

from datetime import datetime

from django.db import transaction

from watchroom.contacts import actions
from watchroom.contacts import facts as told
from watchroom.contacts.models import Contact, Line
from watchroom.force import queries as force
from watchroom.foundation import facts
from watchroom.foundation.errors import Invalid, Refused

LONGEST = 500  # characters


def note(*, contact: int, sound: str, words: str = "", by: str, at: datetime) -> Line:
    """A sound of the policy was heard, or 55 detected; `words` say more. Raises Invalid, Refused."""
    heard = next((one for one in force.policy_at(at).policy.silent_call.sounds if one.code == sound), None)
    if heard is None:
        raise Invalid(sound="Choose what is heard.")
    if len(words) > LONGEST or "\x00" in words:
        raise Invalid(words=f"Up to {LONGEST} ordinary characters fit here; the rest belongs into the log.")
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        if not row.is_call:
            raise Refused("This is no call.")
        if row.state == Contact.State.WRAPPED:
            raise Refused("It is written up.")
        text = f"Heard on the line: {heard.label}. {words.strip()}".strip()
        line = actions.write(contact=row.pk, text=text, by=by, at=at, written_at=at)
        facts.tell(told.SoundHeard(contact=row.pk, sound=heard.code, line=line.pk), by=by, at=at)
        return line
