"""How urgent does this risk ask us to be, and is it written down?

The suggestion is read from the policy's decision table, whose rows only say "at least": a higher level or one more cue
never makes it less urgent. It knows the risk and nothing of demand: no queue, no units, no time of day (R47, R60).
A person decides; the suggestion brings its reasons, and what speaks against it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from watchroom.force.policy import Agency, Element, Policy, RiskModel, marked
from watchroom.force.words import heard, plainly

SUBJECTS = {
    "caller": "Caller",
    "person": "Somebody else",
    "children": "Children",
    "public": "Community",
    "officers": "Officers",
}  # whom an element is about (R50)
BASES = {"fact": "Fact, seen or heard", "opinion": "Opinion", "hearsay": "Hearsay"}


@dataclass(frozen=True)
class Answer:
    """One element as somebody judged it: a level from 0 to 3 and why. An element may be answered for several subjects (R50)."""

    element: str
    level: int | None
    rationale: str
    subject: str = "caller"
    source: str = "contact"
    basis: str = ""


@dataclass(frozen=True)
class Missing:
    """An element that is not on record yet, and in one sentence why not."""

    element: Element
    says: str


@dataclass(frozen=True)
class Reason:
    """Why at least this grade: a sentence, and the row, cue or incident type of the policy that says so."""

    says: str
    grade: str
    code: str


@dataclass(frozen=True)
class Suggestion:
    """`grade` is None while too little is written to suggest one. `unwritten`: elements that can still raise it."""

    grade: str | None
    because: tuple[Reason, ...]
    against: tuple[str, ...]
    policy_version: str
    unwritten: tuple[str, ...] = ()


def suggest(answers: Iterable[Answer], cues: Iterable[str], kind: str | None, policy: Policy) -> Suggestion:
    """The least urgent grade that the risk allows, with its reasons (R59, R60). Works on a partial record.

    Monotone: a higher level, one more answer or one more cue never makes it less urgent.
    """
    levels = levels_of(answers)
    present = frozenset(cues)
    grade = policy.least_grade(levels, present, kind)
    unwritten = policy.unwritten(levels)
    return Suggestion(
        grade=grade,
        because=_because(levels, present, kind, grade, policy),
        against=_against(levels, present, kind, grade, unwritten, policy),
        policy_version=policy.version,
        unwritten=tuple(element.code for element in unwritten),
    )


@dataclass(frozen=True)
class Helper:
    """Another organisation that can help: its code and name, what it can do, and what was heard that speaks for it."""

    code: str
    label: str
    says: str
    because: str


def who_can_help(cues: Iterable[str], kind: str | None, policy: Policy) -> tuple[Helper, ...]:
    """Which other organisations can help (R42), in the policy's order; a person decides whether they are asked.

    Third of what comes of the same questions: what is needed, how soon, and who else. It takes nothing from the grade: that a
    partner can help is no reason to send nobody. Monotone: one more cue never takes a helper away.
    """
    present = frozenset(cues)
    found = []
    for agency in policy.agencies:
        why = [entry.label for entry in policy.incident_types if entry.code == kind and kind in agency.kinds]
        why += [cue.label for cue in policy.cues if cue.code in present and cue.code in agency.cues]
        if why:
            found.append(Helper(agency.code, agency.label, agency.says, ", ".join(why)))
    return tuple(found)


def other_agencies(helpers: Iterable[Helper], policy: Policy) -> list[Agency]:
    """All others of the policy's list."""
    named = {helper.code for helper in helpers}
    return [one for one in policy.agencies if one.code not in named]


def levels_of(answers: Iterable[Answer]) -> dict[str, int]:
    """The level of each element: the highest over all subjects."""
    levels: dict[str, int] = {}
    for answer in answers:
        if answer.level is not None:
            levels[answer.element] = max(answer.level, levels.get(answer.element, 0))
    return levels


def missing(answers: Iterable[Answer], model: RiskModel) -> list[Missing]:
    """What keeps the risk from being on record, element by element in the model's order; empty when it is (R45, R48).

    Each element needs a level, and each answer a reason: not blank, not too short, not a phrase that says nothing, not the
    question back, and not one wording for everything.
    """
    given = tuple(answers)
    owed = []
    for element in model.elements:
        own = [answer for answer in given if answer.element == element.code]
        says = (
            _unanswered(element, own)
            or next(filter(None, (_too_little(element, answer.rationale, model) for answer in own)), "")
            or _said_elsewhere(element, given, model)
        )
        if says:
            owed.append(Missing(element, says))
    return owed


def nothing_heard(because: str, cues: Iterable[str], policy: Policy) -> list[str]:
    """Why "nothing heard, because …" cannot stand; empty when it can.

    It is refused where a cue asks for a grade, where a marker is on record, and where nobody was spoken to or the call was
    cut off: then the whole record is owed.
    """
    problems = []
    if _letters(because) < policy.nothing_heard.min_because:
        problems.append("Say in a few words why there is nothing to assess.")
    elif _is_empty_phrase(because, policy.model()):
        problems.append(f"“{because.strip()}” does not say why there is nothing to assess.")
    present = frozenset(cues)
    for cue in policy.cues:
        if cue.code in present and (cue.forbids_nothing_heard or cue.grade):
            problems.append(f"{cue.because} Write the risk in full.")
    return problems


VICTIM = {
    "reached": "Spoken with the victim",
    "tried": "Tried, not reached",
    "unsafe": "Not rung: it could endanger them",
    "not_needed": "No word needed from them",
}


def may_reassess(changed: str, victim: str, victim_said: str, model: RiskModel) -> list[str]:
    """Why a second look cannot stand; empty when it can (R76, R77).

    It says in words what is different, or that nothing is and how one knows; and whether the victim was spoken with. Only
    `reached` speaks for itself by what they said; everything else needs the reason.
    """
    problems = []
    if _letters(changed) < model.min_rationale or _is_empty_phrase(changed, model):
        problems.append("Say what has changed since the last look, or how you know that nothing has.")
    if victim not in VICTIM:
        problems.append("Say whether the victim was spoken with.")
    elif _letters(victim_said) < model.min_rationale or _is_empty_phrase(victim_said, model):
        problems.append("Write what the victim said." if victim == "reached" else "Write why the victim was not spoken with.")
    return problems


def cues_in(texts: Iterable[str], policy: Policy) -> tuple[str, ...]:
    """The cues that may be heard in these texts, by the words the policy declares. A person can overrule them."""
    return tuple(cue for cue, _ in words_of_cues(texts, policy))


def words_of_cues(texts: Iterable[str], policy: Policy) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The same, each with the words in which it was heard, to be shown beside it."""
    text = " | ".join(texts)  # no word and no negation reaches from one line into the next
    found = []
    for cue in policy.cues:
        words = heard(cue.words, text, policy.grading.negations)
        if words:
            found.append((cue.code, words))
    return tuple(found)


def with_said(heard: Iterable[str], said: Iterable[tuple[str, bool, str]]) -> frozenset[str]:
    """What was heard or is on record, and what was said of it since, oldest first: (cue, is it there, source).

    An answer to a question that is taken back leaves what was there without it; a person who denies the cue overrules the machine.
    """
    machine = frozenset(heard)
    found = set(machine)
    for cue, is_present, source in said:
        if is_present:
            found.add(cue)
        elif source != "questions" or cue not in machine:
            found.discard(cue)
    return frozenset(found)


def cues_of_markers(markers: Iterable[tuple[str, int]], policy: Policy) -> tuple[str, ...]:
    """The cues that markers on record stand for. A marker is (kind, level); level 1 may kill, 2 is serious, 3 is to know."""
    present = tuple(markers)
    return tuple(cue.code for cue in policy.cues if marked(cue.markers, present))


def aspects(cues: Iterable[str], policy: Policy) -> tuple[str, ...]:
    """The aspects of vulnerability in play, by their codes (R51, R53): more than one together is a combination."""
    present = frozenset(cues)
    return tuple(cue.code for cue in policy.cues if cue.is_aspect and cue.code in present)


# --- reasons --------------------------------------------------------------------------------------------------------


def _because(
    levels: dict[str, int], present: frozenset[str], kind: str | None, grade: str | None, policy: Policy
) -> tuple[Reason, ...]:
    """All that asks for this grade; what asks for less adds nothing to it."""
    reasons = [Reason(cue.because, cue.grade, cue.code) for cue in policy.cues if cue.grade and cue.code in present]
    reasons += [Reason(row.because, row.grade, row.code) for row in policy.rows_met(levels, present)]
    for entry in policy.incident_types:
        if entry.code == kind and entry.grade:
            reasons.append(Reason(entry.because or f"{entry.label}: never less than this.", entry.grade, entry.code))
    if not reasons and grade:
        reasons.append(Reason(policy.grade(grade).because, grade, "floor"))
    return tuple(reason for reason in reasons if reason.grade == grade)


def _against(
    levels: dict[str, int],
    present: frozenset[str],
    kind: str | None,
    grade: str | None,
    unwritten: tuple[Element, ...],
    policy: Policy,
) -> tuple[str, ...]:
    known = {cue.code: cue for cue in policy.cues}
    says = []
    if unwritten:
        names = _listed([element.name for element in unwritten])
        verb = "are" if len(unwritten) > 1 else "is"
        says.append(f"{names} {verb} not written yet; the suggestion can still rise.")
    read = policy.counted(levels)
    if grade and policy.is_more_urgent(grade, policy.grading.floor):
        for caution in policy.grading.cautions:
            low = all(element in read and read[element] <= level for element, level in caution.at_most.items())
            if low and not (caution.without_cues and present):
                says.append(caution.says)
    if grade != policy.grades[0].code:  # what is there and was not weighed could make it more urgent
        weighed = {code for row in policy.rows_met(levels, present) for code in row.cues}
        says += [cue.because for cue in known.values() if cue.code in present - weighed and not cue.grade]
    says += [f"The policy does not know the cue “{code}”; it was not considered." for code in sorted(present - known.keys())]
    if kind and kind not in {entry.code for entry in policy.incident_types}:
        says.append(f"The policy does not know the type “{kind}”; it was not considered.")
    return tuple(says)


# --- is it written --------------------------------------------------------------------------------------------------


def _unanswered(element: Element, own: list[Answer]) -> str:
    if not own:
        return f"{element.name} is not written yet."
    if any(answer.level is None for answer in own):
        return f"{element.name} has no level yet."
    return ""


def _too_little(element: Element, rationale: str, model: RiskModel) -> str:
    if not _letters(rationale):
        return f"{element.name} has a level and no reason: write why."
    if _is_empty_phrase(rationale, model):
        return f"{element.name}: “{rationale.strip()}” says nothing about this call."
    if _letters(rationale) < model.min_rationale:
        return f"{element.name}: “{rationale.strip()}” is too short to be a reason ({model.min_rationale} letters at least)."
    if len(set(_bare(rationale)) - {" "}) < 3:
        return f"{element.name}: “{rationale.strip()[:20]}” is not a reason."
    if _bare(rationale) in (_bare(element.prompt), _bare(element.hint)):
        return f"{element.name}: this repeats the question; write what you were told."
    return ""


def _said_elsewhere(element: Element, answers: tuple[Answer, ...], model: RiskModel) -> str:
    """One wording under more elements than the model lets share it is a wording for none of them."""
    allowed = min(model.max_same_rationale, len(model.elements) - 1) or 1
    mine = {_bare(answer.rationale) for answer in answers if answer.element == element.code}
    for text in mine - {""}:
        others = {answer.element for answer in answers if answer.element != element.code and _bare(answer.rationale) == text}
        names = [other.name for other in model.elements if other.code in others]
        if len(names) >= allowed:
            return f"{element.name}: the same words stand under {_listed(names)}; write what holds for this one."
    return ""


def _is_empty_phrase(text: str, model: RiskModel) -> bool:
    return _bare(text) in {_bare(phrase) for phrase in model.empty_phrases}


def _bare(text: str) -> str:
    """Without case, punctuation and spacing, to compare wordings."""
    kept = "".join(character if character.isalnum() else " " for character in plainly(text).casefold())
    return " ".join(kept.split())


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
