"""What of a supervisor's screen changes with a fact? Her panels are summaries of many rows, so a fact only says: look again.

Pushing them would mean to draw five summaries, several queries each, at every fact of a busy force (50 a second), for the two
or three screens that show them. So the stream carries an empty fragment to whoever shows the topic `supervisor`; the page
(`desk/supervisor.js`) fetches the panels that this kind of fact touches at once, then at most every two seconds, and always
once more after the last fact. What a screen costs is bounded, and no change is missed.
"""

from watchroom.assessment import facts as assessment
from watchroom.contacts import facts as contacts
from watchroom.dispatch import facts as dispatch
from watchroom.duties import facts as duties
from watchroom.force import facts as force
from watchroom.foundation import live
from watchroom.foundation.facts import Fact, Told
from watchroom.foundation.live import Fragment
from watchroom.incidents import facts as incidents
from watchroom.resolution import facts as resolution
from watchroom.staff import facts as staff

_CALLS = (
    contacts.CallbackAgreed,
    contacts.CallbackClosed,
    contacts.ContactArrived,
    contacts.ContactAnswered,
    contacts.ContactAbandoned,
    contacts.ContactWrapped,
    contacts.AttentionRaised,
)
_LOGS = (
    incidents.IncidentOpened,
    incidents.ContactInvolved,
    incidents.HeadlinePinned,
    incidents.IncidentRetyped,
    incidents.GradeDecided,
    incidents.IncidentAttended,
    incidents.IncidentClosed,
    incidents.IncidentReopened,
    incidents.AttendanceDelayed,
    incidents.NewsCame,
)
_ASKED = (incidents.LessAsked, incidents.LessAnswered, incidents.LessClimbed)
_UNITS = (dispatch.UnitAssigned, dispatch.UnitArrived, dispatch.UnitCleared)
_OWED = (duties.DutyOverdue, duties.DutySettled, duties.DutyHandedOver, duties.DutyBroughtForward)

#: Which panel of the supervisor's page looks again after which facts.
STIRS: dict[str, tuple[type[Fact], ...]] = {
    "headline": (*_CALLS, *_LOGS, *_UNITS, *_OWED, dispatch.UnitStatusChanged),
    "arrives": (*_CALLS, force.GroupingDeclared, force.GroupingEnded),
    "room": (
        contacts.ContactAnswered,
        contacts.ContactEnded,
        contacts.ContactWrapped,
        contacts.StageReached,
        staff.StateChanged,
        staff.LoggedIn,
        staff.LoggedOut,
    ),
    "waiting": (*_CALLS, *_LOGS, *_UNITS, assessment.ElementAnswered, assessment.RiskSaved, resolution.ResolvedWithoutDeployment),
    "owed": (
        contacts.CallbackAgreed,
        contacts.CallbackClosed,
        *_OWED,
        *_ASKED,
        incidents.IncidentAttended,
        assessment.RiskSaved,
        assessment.NothingHeardJudged,
    ),
}

STIRRED_BY = tuple(dict.fromkeys(kind for kinds in STIRS.values() for kind in kinds))


@live.on("supervisor")
def stir(told: Told) -> list[Fragment]:
    """Nothing to show, only that something changed: the browser raises `live:<kind>`, and the page does the rest."""
    return [Fragment("supervisor", "#stir", "", "desk.supervisor", "none")]
