"""What is asked next, what does an answer stand for, and is a question set fit to be used?

A question set is a file: which types of incident it opens for, and questions with the words to say, why they are asked, and
what each answer means: cues of the policy, advice to pass on, and words offered for the risk record. An answer sets nothing
that a person cannot take back, and an offer is never written without the person (R42, R54, R55).

Order: safeguarding first, then risk, evidence, information; within a stage as in the file. A condition (`only_if`) names
earlier answers that open a question and none that closes it, so one more answer never takes away a question that was open.
Everything here is plain values in, plain values out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, ValidationError

from watchroom.force import packs
from watchroom.force.policy import Code, Coded, Entry, Level, Part, Policy, Text

DATA = Path(__file__).parent / "data" / "questions"

STAGES = {"safeguarding": "safeguarding first", "risk": "risk", "evidence": "evidence", "information": "information"}
NOT_ANSWERED = "not_answered"  # asked, and no answer was to be had: it stays so until there is one
CANNOT_SAY = "cannot_say"
SAID = "said"
WORDS = {"yes": "Yes", "no": "No", CANNOT_SAY: "Can’t say", NOT_ANSWERED: "no answer"}
MOST_CHOICES = 9  # one key each
HIGHEST_NUMBER = 9999
LONGEST = 1000  # letters of an open answer; more belongs into the log


# --- the file -------------------------------------------------------------------------------------------------------


class Lost(Part):
    """Evidence that may be lost (R57): proposed to the handler, and kept in the log only when she takes it."""

    what: Text
    keep: Text  # how it is kept
    lasts_h: Annotated[StrictInt, Field(ge=1, le=8760)] | None = None  # hours; none: it does not perish by itself


class Scene(Part):
    """A line for the officers who attend (R58)."""

    kind: Literal["safety", "evidence", "enquiry"]
    says: Text


class Effect(Part):
    """What an answer stands for. `offers`: element of the risk → [at least this level, words offered for the reason]."""

    label: str = ""  # of a choice
    cues: tuple[Code, ...] = ()
    offers: dict[Code, tuple[Level, Text]] = {}
    tell: str = ""  # advice to pass on to the caller, as it may be spoken
    evidence: tuple[Lost, ...] = ()
    scene: tuple[Scene, ...] = ()


class Question(Entry):
    """`answers` is keyed by outcome: yes, no; a choice's own codes; none, some (number); said (text); cannot_say."""

    ask: Text  # as it is spoken
    kind: Literal["yes_no", "choice", "number", "text"]
    stage: Literal["safeguarding", "risk", "evidence", "information"]
    because: Text  # why we ask
    only_if: dict[Code, Annotated[tuple[Text, ...], Field(min_length=1)]] = {}  # question → outcomes that open this one
    answers: dict[str, Effect] = {}

    @property
    def outcomes(self) -> tuple[str, ...]:
        own = {"yes_no": ("yes", "no"), "choice": tuple(self.answers), "number": ("none", "some"), "text": (SAID,)}[self.kind]
        return own if self.kind == "text" else tuple(dict.fromkeys((*own, CANNOT_SAY)))

    def outcome(self, value: str) -> str:
        """What a value given comes to: a number is none or some. Empty while there is no answer."""
        if value in ("", NOT_ANSWERED):
            return ""
        if self.kind == "number" and value.isdecimal():
            return "some" if int(value) else "none"
        return value

    def effect(self, value: str) -> Effect:
        return self.answers.get(self.outcome(value), _NOTHING)


class Case(Part):
    """A test the file carries: after these answers, exactly these cues are set and this question comes next."""

    name: Text
    answers: dict[str, str | StrictInt] = {}
    cues: tuple[str, ...] = ()
    next: str  # a question's code, or "nothing"


class QuestionSet(Part):
    code: Code
    version: Annotated[StrictInt, Field(ge=1)]
    title: Text
    owner: Text
    source: Text
    review_by: date
    opens_for: tuple[Code, ...]  # types of incident
    scene: tuple[Scene, ...] = ()  # what officers do at every such scene
    questions: Annotated[Coded[Question], Field(min_length=1)]
    tests: tuple[Case, ...] = ()

    def question(self, code: str) -> Question | None:
        return next((one for one in self.questions if one.code == code), None)


_NOTHING = Effect()
Answers = Mapping[str, str]  # question → value given


# --- asking ---------------------------------------------------------------------------------------------------------


def next_questions(asking: QuestionSet, answers: Answers) -> tuple[Question, ...]:
    """What is still to be asked, the next one first. Never holds a question that was asked.

    Every answer takes its own question out and may open others; it never takes out another.
    """
    to_ask = [one for one in asking.questions if one.code not in answers and is_open(asking, one, answers)]
    order = tuple(STAGES)
    return tuple(sorted(to_ask, key=lambda one: order.index(one.stage)))


def is_open(asking: QuestionSet, question: Question, answers: Answers) -> bool:
    """Whether everything that opens this question was answered so."""
    return all(_came_to(asking, code, answers) in wanted for code, wanted in question.only_if.items())


def in_vain(asking: QuestionSet, answers: Answers) -> tuple[Question, ...]:
    """Asked, and not answered."""
    return tuple(one for one in asking.questions if answers.get(one.code) == NOT_ANSWERED)


def progress(asking: QuestionSet, answers: Answers) -> tuple[int, int]:
    """How many were asked, and of how many as far as the answers tell."""
    asked = sum(one.code in answers for one in asking.questions)
    return asked, asked + len(next_questions(asking, answers))


def cues(asking: QuestionSet, answers: Answers) -> frozenset[str]:
    """What is in play by these answers."""
    return frozenset(cue for one in asking.questions for cue in one.effect(answers.get(one.code, "")).cues)


@dataclass(frozen=True)
class Offer:
    """Words for the reason of an element, and the level it is at least. A person takes it, changes it, or leaves it."""

    level: int
    words: str


def offers(asking: QuestionSet, answers: Answers) -> dict[str, Offer]:
    """What these answers offer for the risk record, by element: the highest level, and all the words in the order asked."""
    found: dict[str, Offer] = {}
    for one in asking.questions:
        for element, (level, words) in one.effect(answers.get(one.code, "")).offers.items():
            before = found.get(element, Offer(0, ""))
            found[element] = Offer(max(level, before.level), f"{before.words} {words}".strip())
    return found


def read_answer(question: Question, given: str) -> tuple[str, str]:
    """(value, words) of an answer as it was given: a code, a number, or somebody's words. Raises ValueError with a sentence.

    An open question that is sent empty was asked and not answered.
    """
    given = given.strip()
    if given == NOT_ANSWERED or (question.kind in ("text", "number") and not given):
        return NOT_ANSWERED, ""
    if given == CANNOT_SAY and question.kind != "text":
        return CANNOT_SAY, ""
    if question.kind == "text":
        if len(given) > LONGEST:
            raise ValueError(f"Up to {LONGEST:,} characters fit here; the rest belongs into the log.")
        return SAID, given
    if question.kind == "number":
        if not given.isascii() or not given.isdecimal() or int(given) > HIGHEST_NUMBER:
            raise ValueError("Give a number, in digits.")
        return str(int(given)), ""
    if given not in question.outcomes:
        raise ValueError("Choose one of the answers.")
    return given, ""


def in_words(question: Question, value: str, words: str = "") -> str:
    """An answer as it is read: Yes; the choice's label; the number; what was said."""
    if value == SAID:
        return f"“{words}”"
    return question.effect(value).label if question.kind == "choice" and value in question.answers else WORDS.get(value, value)


def _came_to(asking: QuestionSet, code: str, answers: Answers) -> str:
    question = asking.question(code)
    return question.outcome(answers.get(code, "")) if question else ""


# --- reading and checking -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """Why a file cannot be used, in a sentence, and where."""

    file: str
    line: int | None
    field: str
    says: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, f"line {self.line}" if self.line else "", self.field) if part)
        return f"{where}: {self.says.rstrip('.')}."


def load(source: Path | str, *, name: str = "") -> QuestionSet:
    """The set of a file (or of TOML text with a line break), its form checked. Raises PackError at the first fault.

    Whether it fits a policy is `problems`.
    """
    return _formed(packs.read(source, name=name))


def problems(source: Path | str, policy: Policy, *, name: str = "") -> list[Problem]:
    """Everything that keeps this file from being used under this policy; empty when it can be."""
    try:
        pack = packs.read(source, name=name)
        asking = _formed(pack)
    except packs.PackError as error:
        return [Problem(error.file, error.line, error.field, str(error).split(": ", 1)[1])]
    found = [*_strange(asking, policy), *_ill_asked(asking), *_never_asked(asking), *_failing(asking)]
    return [Problem(pack.name, pack.line(route), ".".join(route), says) for route, says in found]


def problems_of_folder(folder: Path, policy: Policy) -> list[Problem]:
    """The same of every file of a folder, and where two of them are in each other's way."""
    found: list[Problem] = []
    codes: dict[str, str] = {}
    types: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        own = problems(path, policy)
        found += own
        if own:
            continue
        asking = load(path)
        if asking.code in codes:
            found.append(
                Problem(path.name, _line(path, "code"), "code", f"{asking.code} is the code of {codes[asking.code]} too")
            )
        codes.setdefault(asking.code, path.name)
        for kind in asking.opens_for:
            if kind in types:
                says = f"{types[kind]} opens for {kind} too: one type opens one set"
                found.append(Problem(path.name, _line(path, "opens_for"), "opens_for", says))
            types.setdefault(kind, path.name)
    return found


@cache
def shipped() -> tuple[QuestionSet, ...]:
    """The library that comes with Watchroom, by title. In our own words; a force lays its own sets over it."""
    return tuple(sorted((load(path) for path in DATA.glob("*.toml")), key=lambda one: one.title))


def _line(path: Path, key: str) -> int | None:
    return packs.read(path).line([key])


def formed(table: dict[str, Any], name: str) -> QuestionSet:
    """The set of a table that was put together elsewhere. Raises PackError at the first fault in its form."""
    return _formed(packs.Pack(name, table, {}))


def _formed(pack: packs.Pack) -> QuestionSet:
    try:
        return QuestionSet.model_validate(pack.table)
    except ValidationError as error:
        first = error.errors()[0]
        route = _route(first["loc"], pack.table)
        raise packs.PackError(pack.name, pack.line(route), ".".join(route), _complaint(first, route)) from error


def _complaint(error: Any, route: Sequence[str]) -> str:
    """pydantic's complaint in the words of somebody who writes questions."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return f'"{route[-1]}" is not known here'
    if error["type"] == "string_too_short":
        return "is blank"
    message: str = error["msg"].replace("Input should be", "must be")
    return message[0].lower() + message[1:]


def _route(loc: Sequence[str | int], table: Any) -> tuple[str, ...]:
    """pydantic counts questions; the file names them."""
    route: list[str] = []
    for step in loc:
        if isinstance(step, int) and isinstance(table, Mapping):
            step = list(table)[step]
        route.append(str(step))
        if isinstance(table, Mapping):
            table = table.get(step)
        elif isinstance(table, Sequence) and not isinstance(table, str) and isinstance(step, int) and step < len(table):
            table = table[step]
        else:
            table = None
    return tuple(route)


Found = Iterator[tuple[tuple[str, ...], str]]


def _strange(asking: QuestionSet, policy: Policy) -> Found:
    """What the file names and the policy does not have."""
    types, known = {one.code for one in policy.incident_types}, {one.code for one in policy.cues}
    elements = {element.code for model in policy.models for element in model.elements}
    for kind in asking.opens_for:
        if kind not in types:
            yield ("opens_for",), f'there is no incident type "{kind}"'
    for question in asking.questions:
        for outcome, effect in question.answers.items():
            at = ("questions", question.code, "answers", outcome)
            for cue in effect.cues:
                if cue not in known:
                    yield at, f'there is no cue "{cue}"'
            for element in effect.offers:
                if element not in elements:
                    yield at, f'no risk model has an element "{element}"'


def _ill_asked(asking: QuestionSet) -> Found:
    """Answers that do not fit the kind of question, and the same words asked twice."""
    asked: dict[str, str] = {}
    for question in asking.questions:
        at = ("questions", question.code)
        words = " ".join(question.ask.casefold().split())
        if words in asked:
            yield (*at, "ask"), f"{asked[words]} asks this already"
        asked.setdefault(words, question.code)
        if question.kind == "choice":
            choices = [code for code in question.answers if code != CANNOT_SAY]
            if not 2 <= len(choices) <= MOST_CHOICES:
                yield at, f"a choice needs 2 to {MOST_CHOICES} answers"
            for code in choices:
                if not question.answers[code].label.strip():
                    yield (*at, "answers", code), "this answer needs a label"
        for code in question.answers:
            if code not in question.outcomes:
                kinds = ", ".join(question.outcomes)
                yield (*at, "answers", code), f'"{code}" cannot be answered here; a {question.kind} question has {kinds}'
            if code == NOT_ANSWERED:
                yield (*at, "answers", code), "no answer can stand for nothing"


def _never_asked(asking: QuestionSet) -> Found:
    """Conditions on what is not there, that go round in a circle, or that can never be met."""
    known = {question.code: question for question in asking.questions}
    is_sound = True
    for question in asking.questions:
        for code, wanted in question.only_if.items():
            at = ("questions", question.code, "only_if")
            if code not in known:
                is_sound = False
                yield at, f'there is no question "{code}"'
                continue
            for outcome in wanted:
                if outcome not in known[code].outcomes:
                    is_sound = False
                    yield at, f'"{code}" is never answered with "{outcome}"'
    if not is_sound:
        return
    for question in asking.questions:
        circle = _circle(question.code, known)
        if circle:
            yield ("questions", question.code, "only_if"), f"waits for itself: {' → '.join(circle)}"
            return
    for question in asking.questions:
        needed: dict[str, set[str]] = {}
        for code, wanted in _all_conditions(question, known):
            needed[code] = needed.get(code, set(wanted)) & set(wanted)
        for code, left in needed.items():
            if not left:
                yield ("questions", question.code, "only_if"), f'is never asked: "{code}" would need two answers at once'


def _circle(start: str, known: Mapping[str, Question], path: tuple[str, ...] = ()) -> tuple[str, ...]:
    if start in path:
        return (*path[path.index(start) :], start)
    found = (_circle(code, known, (*path, start)) for code in known[start].only_if)
    return next((circle for circle in found if circle), ())


def _all_conditions(question: Question, known: Mapping[str, Question]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for code, wanted in question.only_if.items():
        yield code, wanted
        yield from _all_conditions(known[code], known)


def _failing(asking: QuestionSet) -> Found:
    """The file's own tests that do not hold."""
    for number, case in enumerate(asking.tests):
        at = ("tests", str(number))
        answers = {code: str(value) for code, value in case.answers.items()}
        strange = [code for code in answers if asking.question(code) is None]
        if strange:
            yield at, f'the test "{case.name}" answers {", ".join(strange)}, which is not asked'
            continue
        set_ = cues(asking, answers)
        if set_ != set(case.cues):
            yield at, f'the test "{case.name}" expects the cues {_named(case.cues)}, and there are {_named(set_)}'
        coming = next((one.code for one in next_questions(asking, answers)), "nothing")
        if coming != case.next:
            yield at, f'the test "{case.name}" expects {case.next} next, and it is {coming}'


def _named(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes)) or "none"


# --- two sets, or two forces ----------------------------------------------------------------------------------------


def difference(before: QuestionSet, after: QuestionSet) -> list[str]:
    """How two sets differ, in sentences (R56)."""
    says = []
    for name in ("title", "owner", "source", "version", "review_by"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            says.append(f"The {name.replace('_', ' ')}: {old} → {new}.")
    says += _lines_differ("officers at every scene", before.scene, after.scene)
    says += [f"No longer opens for {kind}." for kind in before.opens_for if kind not in after.opens_for]
    says += [f"Opens for {kind} too." for kind in after.opens_for if kind not in before.opens_for]
    for question in before.questions:
        other = after.question(question.code)
        if other is None:
            says.append(f"No longer asks “{question.ask}” ({question.code}).")
        else:
            says += _differ(question, other)
    for place, question in enumerate(after.questions):
        if before.question(question.code) is None:
            where = f"after {after.questions[place - 1].code}" if place else "first"
            says.append(f"Asks “{question.ask}” ({question.code}, {question.stage}), {where}.")
    shared = [one.code for one in before.questions if after.question(one.code)]
    order = [one.code for one in after.questions if before.question(one.code)]
    if shared != order:
        says.append("The questions stand in another order.")
    return says


def difference_of_folders(before: Path, after: Path) -> list[str]:
    """How two libraries differ, set by set."""
    old, new = ({one.code: one for one in map(load, sorted(folder.glob("*.toml")))} for folder in (before, after))
    says = [f"{code}: only in {before.name}." for code in old if code not in new]
    says += [f"{code}: only in {after.name}." for code in new if code not in old]
    for code, asking in old.items():
        if code in new:
            says += [f"{code}: {one}" for one in difference(asking, new[code])]
    return says


def _differ(old: Question, new: Question) -> list[str]:
    says = []
    if old.ask != new.ask:
        says.append(f"{old.code} is asked in other words: “{old.ask}” → “{new.ask}”.")
    for name in ("kind", "stage", "because"):
        if getattr(old, name) != getattr(new, name):
            says.append(f"{old.code}, {name}: {getattr(old, name)} → {getattr(new, name)}.")
    if old.only_if != new.only_if:
        says.append(f"{old.code} is asked {_when(old)} → {_when(new)}.")
    for outcome in dict.fromkeys((*old.answers, *new.answers)):
        was, now = old.answers.get(outcome, _NOTHING), new.answers.get(outcome, _NOTHING)
        here = f"{old.code}, {outcome}"
        says += [f"{here}: no longer sets {cue}." for cue in was.cues if cue not in now.cues]
        says += [f"{here}: sets {cue}." for cue in now.cues if cue not in was.cues]
        if was.label != now.label:
            says.append(f"{here}: “{was.label}” → “{now.label}”.")
        if was.tell != now.tell:
            says.append(f"{here}: tells “{was.tell or 'nothing'}” → “{now.tell or 'nothing'}”.")
        says += _lines_differ(f"{here}, evidence", was.evidence, now.evidence)
        says += _lines_differ(f"{here}, officers", was.scene, now.scene)
        for element in dict.fromkeys((*was.offers, *now.offers)):
            if was.offers.get(element) != now.offers.get(element):
                says.append(f"{here}: offers for {element} {_offered(was, element)} → {_offered(now, element)}.")
    return says


def _lines_differ(what: str, was: tuple[Part, ...], now: tuple[Part, ...]) -> list[str]:
    """Lines that are not there any more, and new ones, by the words that are read."""

    def words(one: Part) -> str:
        return " / ".join(str(value) for value in one.model_dump(exclude_defaults=True).values())

    gone, new = [one for one in was if one not in now], [one for one in now if one not in was]
    return [f"{what}: no longer “{words(one)}”." for one in gone] + [f"{what}: “{words(one)}”." for one in new]


def _when(question: Question) -> str:
    return " and ".join(f"if {code} is {' or '.join(wanted)}" for code, wanted in question.only_if.items()) or "always"


def _offered(effect: Effect, element: str) -> str:
    found = effect.offers.get(element)
    return f"{found[0]} “{found[1]}”" if found else "nothing"


def as_toml(asking: QuestionSet) -> str:
    """The set as a file that loads to the same set."""
    table = asking.model_dump(mode="python", exclude_defaults=True)
    questions = table.pop("questions")
    cases = table.pop("tests", ())
    lines = [f"{key} = {_toml(value)}" for key, value in table.items()]
    for question in questions:
        lines += ["", f"[questions.{question.pop('code')}]"]
        answers = question.pop("answers", {})
        lines += [f"{key} = {_toml(value)}" for key, value in question.items()]
        lines += [f"answers.{outcome} = {_toml(effect)}" for outcome, effect in answers.items()]
    for case in cases:
        lines += ["", "[[tests]]", *(f"{key} = {_toml(value)}" for key, value in case.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value on one line of TOML."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
