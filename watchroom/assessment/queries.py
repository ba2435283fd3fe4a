"""What was judged about the risk of this contact?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from watchroom.assessment import questions, rules
from watchroom.assessment.models import Answer, AnswerGiven, Assessment, Cue
from watchroom.contacts.models import Contact, Line
from watchroom.force import queries as force
from watchroom.foundation import memory, scope
from watchroom.foundation.errors import Cover
from watchroom.foundation.statements import statement
from watchroom.identity import queries as identity


@memory.while_reading
def newest(contact: int) -> Assessment | None:
    """The assessment being written, or else the last one saved."""
    return Assessment.objects.filter(contact_id=contact).order_by("-begun_at", "-pk").first()


@memory.while_reading
def saved(contact: int) -> Assessment | None:
    return Assessment.objects.filter(contact_id=contact).exclude(saved_at=None).order_by("-saved_at").first()


def words_of(assessment: Assessment) -> tuple[str, ...]:
    """All words of a second look, in the order in which its fact's digest was taken: what changed, the victim's, the reasons."""
    reasons = assessment.answers.order_by("pk").values_list("rationale", flat=True)
    return (assessment.because, assessment.victim_said, *reasons)


@memory.while_reading
def is_saved(contact: int) -> bool:
    """Whether the risk of this contact is on record, in full or as nothing heard."""
    return Assessment.objects.filter(contact_id=contact).exclude(saved_at=None).exists()


def covered(*, member: int) -> Cover | None:
    """The contact in this member's hands whose risk is not on record, the oldest: it hides queue and units from them (R47).

    On every channel, and after the line is down too: the judgement is still to be made.
    """
    on_record = Assessment.objects.filter(contact=OuterRef("pk")).exclude(saved_at=None)
    held = Contact.objects.filter(owner_id=member, state__in=(Contact.State.ANSWERED, Contact.State.ENDED))
    row = held.exclude(Exists(on_record)).order_by("answered_at", "pk").first()
    return Cover(row.pk, row.number or 0, reverse("desk:contact", args=[row.pk])) if row else None


@memory.while_reading
def answers(assessment: Assessment | None) -> tuple[rules.Answer, ...]:
    """The answer that counts for each element and subject: the last one given."""
    if assessment is None:
        return ()
    return _last(Answer.objects.filter(assessment=assessment).order_by("at", "pk"))


def _last(rows: Iterable[Answer]) -> tuple[rules.Answer, ...]:
    """Of answers, oldest first, those that count."""
    last: dict[tuple[str, str], Answer] = {}
    for row in rows:
        last[row.element, row.subject] = row
    return tuple(
        rules.Answer(element=a.element, level=a.level, rationale=a.rationale, subject=a.subject, source=a.source, basis=a.basis)
        for a in last.values()
    )


@memory.while_reading
def cues(contact: Contact, *, at: datetime) -> frozenset[str]:
    """The cues present: said by a person, heard in the words, or on record as markers. A person's word overrules the machine's."""
    policy = force.policy_at(at).policy
    texts = _texts(contact.pk)
    markers = [(marker.kind, marker.level) for marker in identity.markers(contact)]
    found = set(rules.cues_in(texts, policy)) | set(rules.cues_of_markers(markers, policy))
    return _with_words(found, _cues(contact.pk))


@statement
def _texts(contact: int) -> QuerySet[Line, str]:
    return Line.heard_on(contact).values_list("text", flat=True)


@statement
def _cues(contact: int) -> QuerySet[Cue]:
    return Cue.objects.filter(contact=contact).order_by("at", "pk")


def _with_words(heard: set[str], rows: Iterable[Cue]) -> frozenset[str]:
    """What was heard or is on record, and what people said of it since, oldest first.

    An answer taken back leaves what was there without it; only a person who denies the cue itself overrules the machine.
    """
    found = set(heard)
    for row in rows:
        if row.is_present:
            found.add(row.code)
        elif row.source != "questions" or row.code not in heard:
            found.discard(row.code)
    return frozenset(found)


@memory.while_reading
def suggestion(contact: Contact, *, kind: str, at: datetime) -> rules.Suggestion:
    """The grade that the rules suggest on what is written so far. Knows nothing of demand (R47, R60)."""
    policy = force.policy_at(at).policy
    return rules.suggest(answers(newest(contact.pk)), cues(contact, at=at), kind, policy)


def suggestions_among(contacts: list[Contact], *, kind: str, at: datetime) -> list[rules.Suggestion]:
    """`suggestion` of each of many contacts, in their order, in a few queries. What is judged alike is judged once."""
    policy = force.policy_at(at).policy
    ids = [contact.pk for contact in contacts]
    newest_of: dict[int, int] = {}
    for contact, pk in Assessment.objects.filter(contact_id__in=ids).order_by("begun_at", "pk").values_list("contact_id", "pk"):
        newest_of[contact] = pk
    given: dict[int, list[Answer]] = defaultdict(list)
    for row in Answer.objects.filter(assessment_id__in=newest_of.values()).order_by("at", "pk"):
        given[row.assessment_id].append(row)
    heard = cues_among(contacts, at=at)
    judged: dict[tuple[tuple[rules.Answer, ...], frozenset[str]], rules.Suggestion] = {}
    found = []
    for pk in ids:
        alike = _last(given[newest_of[pk]] if pk in newest_of else ()), heard[pk]
        if alike not in judged:
            judged[alike] = rules.suggest(*alike, kind, policy)
        found.append(judged[alike])
    return found


def cues_among(contacts: list[Contact], *, at: datetime) -> dict[int, frozenset[str]]:
    """`cues` for many contacts in a few queries, by contact: for a whole board."""
    adopted = force.policy_at(at)
    ids = [contact.pk for contact in contacts]
    found: dict[int, set[str]] = {pk: set() for pk in ids}
    words: dict[int, set[str]] = defaultdict(set)
    for pk, contact, text in (
        Line.objects.filter(contact_id__in=ids).exclude(origin="to_caller").values_list("pk", "contact_id", "text")
    ):
        words[contact].update(_heard(scope.require(), adopted, pk, text))
    for pk, markers in identity.markers_among(contacts).items():
        found[pk] |= words[pk] | set(rules.cues_of_markers([(m.kind, m.level) for m in markers], adopted.policy))
    said: dict[int, list[Cue]] = defaultdict(list)
    for row in Cue.objects.filter(contact_id__in=ids).order_by("at", "pk"):
        said[row.contact_id].append(row)
    return {pk: _with_words(heard, said[pk]) for pk, heard in found.items()}


_heard_before: dict[tuple[str, int, int], tuple[str, ...]] = {}
_HEARD_KEPT = 20_000  # lines


def _heard(force_code: str, adopted: force.Adopted, line: int, text: str) -> tuple[str, ...]:
    """The cues in one line. A line never changes and a policy version neither, so each is read once a process; only codes are kept."""
    key = (force_code, adopted.number, line)
    if key not in _heard_before:
        if len(_heard_before) >= _HEARD_KEPT:
            _heard_before.clear()
        _heard_before[key] = rules.cues_in([text], adopted.policy)
    return _heard_before[key]


# --- questions ------------------------------------------------------------------------------------------------------

log = structlog.get_logger()


def own_questions() -> Path:
    """Where this force keeps question sets of its own, licensed ones too: with its data, never with the program."""
    return Path(settings.WATCHROOM_DATA) / "questions" / scope.require()


def library() -> dict[str, questions.QuestionSet]:
    """The question sets of this force by code: what ships with Watchroom, and its own in place of it."""
    return {one.code: one for one in (*questions.shipped(), *_own())}


def opened_by(kind: str) -> questions.QuestionSet | None:
    """The set that opens for this type of incident; the force's own before what ships."""
    return next((one for one in (*_own(), *questions.shipped()) if kind in one.opens_for), None)


@memory.while_reading
def answers_given(contact: int) -> dict[str, dict[str, str]]:
    """Set → question → the answer that counts, the last one given."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in AnswerGiven.objects.filter(contact_id=contact).order_by("at", "pk"):
        found[row.asking][row.question] = row.value
    return dict(found)


def open_questions(contact: int, kind: str) -> tuple[questions.Question, ...]:
    """What is still to be asked of this contact, about an incident of this type."""
    asking = opened_by(kind)
    return questions.next_questions(asking, answers_given(contact).get(asking.code, {})) if asking else ()


def cues_of_answers(given: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
    """What all answers together put into play, over all sets."""
    sets = library()
    return frozenset(cue for code, answers in given.items() if code in sets for cue in questions.cues(sets[code], answers))


def offers(contact: int) -> dict[str, questions.Offer]:
    """What the answers offer for the risk record, by element; of several sets the words one after the other."""
    sets, found = library(), dict[str, questions.Offer]()
    for code, answers in answers_given(contact).items():
        for element, offer in questions.offers(sets[code], answers).items() if code in sets else ():
            before = found.get(element, questions.Offer(0, ""))
            words = before.words if offer.words in before.words else f"{before.words} {offer.words}".strip()
            found[element] = questions.Offer(max(offer.level, before.level), words)
    return found


def last_word_on(contact: int, cue: str) -> Cue | None:
    return Cue.objects.filter(contact_id=contact, code=cue).order_by("-at", "-pk").first()


def _own() -> tuple[questions.QuestionSet, ...]:
    folder = own_questions()
    if not folder.is_dir():
        return ()
    found = (_read(path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.toml")))
    return tuple(one for one in found if one)


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> questions.QuestionSet | None:
    """A file that became unusable opens no set and breaks no page."""
    try:
        return questions.load(path)
    except ValueError as error:
        log.error("question_set_unusable", file=path.name, error=type(error).__name__)
        return None
