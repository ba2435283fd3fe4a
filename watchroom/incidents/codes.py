"""May the code of this door, or a codeword, be shown now? To who may, for an open job or a contact in hand, each time with an entry."""

from datetime import datetime

from watchroom.contacts.models import Contact
from watchroom.foundation import access
from watchroom.foundation.errors import Refused
from watchroom.identity import queries as identity
from watchroom.identity.flags import codes
from watchroom.identity.models import Marker
from watchroom.incidents import queries


def show(*, contact: int, marker: int, by: str, at: datetime) -> str:
    """The code, for whoever goes in. Raises Refused without an open job at the flag's place; the entry says for which job."""
    row, incident = Marker.objects.get(pk=marker), queries.of_contact(contact)
    if row.place_id is None:
        return _codeword(contact, row, by=by, at=at)
    if incident is None:
        raise Refused("Pick place and type first: a code is shown for an open job.")
    if not incident.is_open:
        raise Refused("The job is closed: a code is shown for an open one only.")
    if row.place_id is None or row.place_id != incident.place_id:
        raise Refused("This code is of another place than the job.")
    code = codes.of(row.pk)
    reason = f"access code shown for log {incident.reference}"
    access.log("disclosure", subject=("marker", row.pk), reason=reason, by=by, at=at, recipient=by)
    return code


def _codeword(contact: int, row: Marker, *, by: str, at: datetime) -> str:
    """The word by which somebody is known to be who they say. Raises Refused for a flag that does not stand at this contact."""
    who = Contact.objects.select_related("place").get(pk=contact)
    if who.state == Contact.State.WRAPPED or row.pk not in {one.pk for one in identity.markers(who)}:
        raise Refused("A codeword is shown on a contact in hand of whoever it is of.")
    code = codes.of(row.pk)
    reason = f"codeword shown for contact {who.pk}"
    access.log("disclosure", subject=("marker", row.pk), reason=reason, by=by, at=at, recipient=by)
    return code
