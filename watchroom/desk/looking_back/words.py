"""Each row in words: who did what. One sentence a kind; a kind that nobody wrote a sentence for says its own name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from watchroom.contacts.rules import STAGES
from watchroom.desk.looking_back.rules import Row
from watchroom.duties import kinds as duties
from watchroom.force.policy import Policy

LANES = ("contact", "log", "risk", "grade", "sent", "owed")
LANE_NAMES = {"contact": "Contact", "log": "Log", "risk": "Risk", "grade": "Incident, grade", "sent": "Units", "owed": "Owed"}

_LANE = {
    "LineWritten": "log", "EntryWritten": "log", "HeadlinePinned": "log",
    "FileAttached": "log", "FileRemoved": "log", "EvidenceNoted": "log", "EvidenceSettled": "log",
    "Answered": "risk", "CueSaid": "risk", "RecordBegun": "risk",
    "RiskSaved": "risk", "NothingHeardJudged": "risk", "RiskReassessed": "risk", "RiskReviewed": "risk", "RiskHandedOver": "risk",
    "NewsCame": "risk", "ReactionFailed": "owed",
}  # fmt: skip


def lane(row: Row) -> str:
    if row.kind in _LANE:
        return _LANE[row.kind]
    if row.kind.startswith("Unit"):
        return "sent"
    return {"contact": "contact", "duty": "owed"}.get(row.about[0], "grade")


@dataclass(frozen=True)
class Labels:
    """What codes are called: by the policy of that day, and the people by their names. `clock` says a time."""

    policy: Policy
    names: Mapping[str, str]
    clock: Callable[[datetime], str]

    def of(self, table: str, code: str) -> str:
        entries = {
            "grade": self.policy.grades,
            "type": self.policy.incident_types,
            "cue": self.policy.cues,
            "category": self.policy.categories.items,
            "outcome": self.policy.rwd_outcomes,
            "channel": self.policy.channels,
            "agency": self.policy.agencies,
            "way": self.policy.speaking.ways,
            "language": self.policy.speaking.languages,
        }[table]
        return next((entry.label for entry in entries if entry.code == code), code)  # type: ignore[attr-defined]

    def element(self, code: str) -> str:
        return next((e.name for model in self.policy.models for e in model.elements if e.code == code), code)

    def system(self, code: str) -> str:
        found = self.policy.system(code)
        return found.label if found else code

    def who(self, code: str) -> str:
        return self.names.get(code, code)


def says(row: Row, labels: Labels) -> str:
    """The row as a sentence, without who and when, which stand beside it."""
    sentence = _SENTENCES.get(row.kind)
    return sentence(row, labels) if sentence else _plainly(row.kind) + "."


def _plainly(kind: str) -> str:
    """`PlacePicked` → Place picked."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", kind).lower()
    return words[:1].upper() + words[1:]


def _quoted(row: Row) -> str:
    words = row.body.get("words") or ""
    return f" “{words}”" if words else ""


def _graded(row: Row, labels: Labels) -> str:
    body, suggested = row.body, row.body.get("suggested")
    text = f"Graded {labels.of('grade', body['grade'])}"
    if body.get("before"):
        text += f" (before: {labels.of('grade', body['before'])})"
    if not suggested:
        text += ", before anything was suggested"
    elif suggested == body["grade"]:
        text += ", as suggested"
    else:
        text += f"; {labels.of('grade', suggested)} was suggested"
    if not body.get("risk_saved"):
        text += "; the risk was not on record"
    if body.get("attend_by"):
        text += f"; somebody there by {labels.clock(body['attend_by'])}"
    return f"{text}.{_quoted(row)}"


def _duty(verb: str) -> Callable[[Row, Labels], str]:
    def sentence(row: Row, labels: Labels) -> str:
        body = row.body
        text = f"{duties.label(body['kind'])}: {verb}"
        if body.get("owner"):
            text += f", with {labels.who(body['owner'])}"
        if body.get("due_at"):
            text += f", due {labels.clock(body['due_at'])}"
        return text + "."

    return sentence


_SENTENCES: dict[str, Callable[[Row, Labels], str]] = {
    "ContactArrived": lambda row, labels: f"{labels.of('channel', row.body['channel'])}: somebody got in touch.",
    "ContactAnswered": lambda row, labels: f"Answered after {row.body['waited']:.0f} s.",
    "ChatWentQuiet": lambda row, labels: {"exit": "They pressed the exit of their page."}.get(
        row.body["how"], f"Gone quiet: no word for {row.body['silent_s']:.0f} s, and the page was closed."
    ),
    "ChatCameBack": lambda row, labels: "They wrote again.",
    "ChatLookedAt": lambda row, labels: "Somebody looked what may have happened.",
    "ChatPassedOn": lambda row, labels: "Passed on to a colleague.",
    "ContactAbandoned": lambda row, labels: f"Gave up after {row.body['waited']:.0f} s.",
    "ContactEnded": lambda row, labels: {"cut_off": "The line was cut off.", "caller": "The caller ended it."}.get(
        row.body["how"], "The call or message was ended."
    ),
    "StageReached": lambda row, labels: f"{STAGES.get(row.body['stage'], row.body['stage'])}.",
    "DetailsGiven": lambda row, labels: f"Given how to reach: {labels.of('agency', row.body['agency'])}.",
    "WayMarked": lambda row, labels: (
        f"Marked: {labels.of('way', row.body['way'])}." if row.body["way"] else "Not by a relay after all."
    ),
    "LanguageSaid": lambda row, labels: (
        f"Speaks {labels.of('language', row.body['language'])}." if row.body["language"] else "Speaks English after all."
    ),
    "ContactWrapped": lambda row, labels: "Written up.",
    "AttentionRaised": lambda row, labels: "A marker or a repeat lifted the caller in the queue.",
    "LineWritten": lambda row, labels: (
        ("Correction: " if row.body.get("corrects") else "") + row.body.get("words", "A line was written.")
    ),
    "EntryWritten": lambda row, labels: row.body.get("words", "A line was written."),
    "FileAttached": lambda row, labels: (
        f"File attached:{_quoted(row) or ' of a name that is kept no longer'} (SHA-256 {row.body.get('sha256', 'not kept')})."
    ),
    "FileRemoved": lambda row, labels: f"File taken off:{_quoted(row) or ' of a name that is kept no longer'}.",
    "EvidenceNoted": lambda row, labels: (
        f"Evidence that may be lost:{_quoted(row)}"
        + (f", lasts until {labels.clock(row.body['perishable_until'])}." if row.body.get("perishable_until") else ".")
    ),
    "EvidenceSettled": lambda row, labels: (
        f"Evidence {'secured' if row.body['state'] == 'secured' else 'not to be had'}:{_quoted(row)}."
    ),
    "ResearchAsked": lambda row, labels: (
        f"{labels.system(row.body['system'])} was asked who is in touch, and told: {', '.join(row.body['sent'])}."
    ),
    "ResearchAnswered": lambda row, labels: (
        f"{labels.system(row.body['system'])} answered: {row.body['found'] or 'nothing'} found."
    ),
    "ResearchFailed": lambda row, labels: (
        f"{labels.system(row.body['system'])} did not answer ({row.body['problem'].replace('_', ' ')})."
    ),
    "ResearchNotNeeded": lambda row, labels: "Research in other systems is not needed, with a reason on record.",
    "ResearchTakenIn": lambda row, labels: f"A record of {labels.system(row.body['system'])} was taken in as who is in touch.",
    "ResearchNotThem": lambda row, labels: f"A record of {labels.system(row.body['system'])} is of somebody else.",
    "ResearchReopened": lambda row, labels: f"What was made of a record of {labels.system(row.body['system'])} was taken back.",
    "PlacePicked": lambda row, labels: f"Place picked: {row.body.get('words') or 'from the gazetteer'}.",
    "PlaceSaid": lambda row, labels: f"Place in the caller’s words:{_quoted(row) or ' said'}.",
    "IncidentOpened": lambda row, labels: f"Log opened: {labels.of('type', row.body['kind'])}.",
    "ContactInvolved": lambda row, labels: "Another contact was put to this log.",
    "IncidentRetyped": lambda row, labels: (
        f"Type changed from {labels.of('type', row.body['before'])} to {labels.of('type', row.body['kind'])}."
    ),
    "IncidentMoved": lambda row, labels: f"The log moved to {row.body.get('words') or 'another place'}.",
    "HeadlinePinned": lambda row, labels: f"Pinned as the headline:{_quoted(row) or ' words that are kept no longer'}.",
    "RecordBegun": lambda row, labels: (
        f"A risk record was begun ({row.body['model'].upper()}, {row.body['stage'].replace('_', ' ')})."
    ),
    "Answered": lambda row, labels: (
        f"{labels.element(row.body['element'])} {row.body['level']}{', carried' if row.body.get('is_carried') else ''}:{_quoted(row)}"
    ),
    "CueSaid": lambda row, labels: (
        f"{labels.of('cue', row.body['cue'])}: {'yes' if row.body['is_present'] else 'not after all'} ({row.body['source']})."
    ),
    "RiskSaved": lambda row, labels: "The risk is on record.",
    "NothingHeardJudged": lambda row, labels: f"Nothing heard, because:{_quoted(row)}",
    "RiskReassessed": lambda row, labels: f"The risk was judged again ({row.body['stage'].replace('_', ' ')}).{_quoted(row)}",
    "RiskReviewed": lambda row, labels: "The risk of who waits was looked at.",
    "RiskHandedOver": lambda row, labels: f"The risk is held by {labels.who(row.body['holder'])} from now on.",
    "NewsCame": lambda row, labels: f"New information asks for another look ({row.body['what'].replace('_', ' ')}).",
    "GradeDecided": _graded,
    "LessAsked": lambda row, labels: f"Asked for, and waits for a second person: {row.body['kind'].replace('_', ' ')}.",
    "LessAnswered": lambda row, labels: f"What was asked for is {row.body['state']}: {row.body['kind'].replace('_', ' ')}.",
    "LessClimbed": lambda row, labels: f"Nobody answered what was asked for; it went to {labels.who(row.body['owner'])}.",
    "AttendanceDelayed": lambda row, labels: (
        f"Attendance delayed from {labels.clock(row.body['promised'])} to {labels.clock(row.body['until'])}, as a second person approved."
    ),
    "IncidentAttended": lambda row, labels: (
        "Somebody is there" + {True: ", in time.", False: ", later than promised.", None: "."}[row.body["in_time"]]
    ),
    "IncidentClosed": lambda row, labels: f"Closed as {labels.of('category', row.body['category'])}.{_quoted(row)}",
    "PartyNamed": lambda row, labels: f"Somebody is named: {row.body['role'].replace('_', ' ')}.",
    "PartyEnded": lambda row, labels: "Somebody has not the part they were named for.",
    "CrimeDecided": lambda row, labels: (
        "A crime is recorded under its own reference." if row.body["is_recorded"] else "It is decided that no crime is recorded."
    ),
    "VictimTold": lambda row, labels: "What the victim is owed was done, or not wanted; the log says how.",
    "IncidentReopened": lambda row, labels: "Taken up again.",
    "ResolvedWithoutDeployment": lambda row, labels: (
        f"Resolved without deployment: {labels.of('outcome', row.body['outcome'])}.{_quoted(row)}"
    ),
    "PromiseKept": lambda row, labels: f"The call back was made{'' if row.body['in_time'] else ', late'}.",
    "UnitAssigned": lambda row, labels: f"{row.body.get('words') or 'A unit'} is sent.",
    "UnitEnRoute": lambda row, labels: f"{row.body.get('words') or 'A unit'} is on the way.",
    "UnitArrived": lambda row, labels: f"{row.body.get('words') or 'A unit'} is there.",
    "UnitCleared": lambda row, labels: f"{row.body.get('words') or 'A unit'} is clear.",
    "DutyOpened": _duty("owed"),
    "DutySettled": _duty("done"),
    "DutyHandedOver": lambda row, labels: f"A duty is now with {labels.who(row.body['owner'])}.",
    "DutyBroughtForward": lambda row, labels: f"A duty is due earlier now, at {labels.clock(row.body['due_at'])}.",
    "DutyOverdue": _duty("past its time, raised to the supervisor"),
    "BundleDisclosed": lambda row, labels: "A bundle for inspection was given out.",
}
