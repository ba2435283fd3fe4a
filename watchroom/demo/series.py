"""Four small things at one address in four months, each answered, attended and closed: what the vulnerability desk is for."""

from datetime import datetime, timedelta

from watchroom.assessment import actions as assessment
from watchroom.contacts import actions as contacts
from watchroom.force import queries as force
from watchroom.gazetteer.models import Place
from watchroom.incidents import actions as incidents
from watchroom.incidents import recording
from watchroom.staff.models import Member

NUMBER = "07700 900642"
#: days ago, type, what was said, how it ended. The gaps: 80, 41, 4 days.
SMALL = (
    (125, "domestic", "He shouted through the letter box and went.", "Gone when we came. She wanted nothing done."),
    (45, "damage", "My car has been scratched all along, outside the house.", "No witness, no camera. Crime recorded."),
    (4, "domestic", "My ex is outside, he just stands there.", "He had left. Words of advice by telephone."),
    (
        0,
        "domestic",
        "My ex was outside again when I brought the children.",
        "Gone on arrival. She says he comes when the children do.",
    ),
)
LITTLE = {
    "threat": "Nothing said or done to her this time.",
    "harm": "Nobody is hurt.",
    "risk": "He has left, she is indoors.",
    "investigation": "Nothing that is lost by waiting.",
    "vulnerability": "At home with two children.",
    "engagement": "Content to be seen later.",
}


def tell(*, member: Member, place: Place, at: datetime) -> None:
    """They happened as everything does: by the rooms' own actions, each at its time."""
    for number, (days, kind, said, result) in enumerate(SMALL):
        _one(f"demo:series:{number}", kind, said, result, member=member, place=place, at=at - timedelta(days=days, hours=3))


def _one(key: str, kind: str, said: str, result: str, *, member: Member, place: Place, at: datetime) -> None:
    by = member.code

    def after(seconds: float) -> datetime:
        return at + timedelta(seconds=seconds)

    contact, _ = contacts.receive(key=key, channel="101", transferred_at=at, by="link:demo", at=at, caller_number=NUMBER)
    pk = contact.pk
    contacts.answer(contact=pk, member=member, by=by, at=after(20))
    contacts.write(contact=pk, text=said, by=by, at=after(40), written_at=after(40))
    contacts.pick_place(contact=pk, place=place, by=by, at=after(60))
    incident = incidents.open_incident(contact=pk, kind=kind, by=by, at=after(80)).pk
    incidents.pin(incident=incident, text=said, by=by, at=after(85))
    for element in force.policy_at(at).policy.model().elements:
        why = LITTLE.get(element.code, "Nothing of it was heard.")
        assessment.answer(contact=pk, element=element.code, level=0, rationale=why, by=by, at=after(100))
    assessment.save(contact=pk, by=by, at=after(140))
    incidents.grade(incident=incident, to="scheduled", justification="Over when she rang; nobody is hurt.", by=by, at=after(160))
    contacts.end(contact=pk, how="caller", by="link:demo", at=after(200))
    contacts.wrap_up(contact=pk, by=by, at=after(260))
    incidents.attend(incident=incident, by=by, at=after(3000))
    incidents.attend(incident=incident, by=by, at=after(3000))
    category = "domestic" if kind == "domestic" else "crime"
    if category == "crime":
        recording.record(incident=incident, reference=f"42/{incident:06d}/{at:%y}", has_victim=False, by=by, at=after(3900))
    else:
        recording.no_crime(incident=incident, reason="not_amounting", account=f"As found: {result}", by=by, at=after(3900))
    incidents.close(incident=incident, category=category, result=result, by=by, at=after(4000))
