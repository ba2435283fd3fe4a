"""What was judged about the risk of this contact?"""

from collections import defaultdict
from datetime import datetime

from watchroom.assessment import rules
from watchroom.assessment.models import Answer, Assessment, Cue
from watchroom.contacts.models import Contact, Line
from watchroom.force import queries as force
from watchroom.foundation import scope
from watchroom.identity import queries as identity


def newest(contact: int) -> Assessment | None:
    """The assessment being written, or else the last one saved."""
    return Assessment.objects.filter(contact_id=contact).order_by("-begun_at", "-pk").first()


def saved(contact: int) -> Assessment | None:
    return Assessment.objects.filter(contact_id=contact).exclude(saved_at=None).order_by("-saved_at").first()


def is_saved(contact: int) -> bool:
    """Whether the risk of this contact is on record, in full or as nothing heard."""
    return Assessment.objects.filter(contact_id=contact).exclude(saved_at=None).exists()


def answers(assessment: Assessment | None) -> tuple[rules.Answer, ...]:
    """The answer that counts for each element and subject: the last one given."""
    if assessment is None:
        return ()
    last: dict[tuple[str, str], Answer] = {}
    for row in Answer.objects.filter(assessment=assessment).order_by("at", "pk"):
        last[row.element, row.subject] = row
    return tuple(
        rules.Answer(element=a.element, level=a.level, rationale=a.rationale, subject=a.subject, source=a.source)
        for a in last.values()
    )


def cues(contact: Contact, *, at: datetime) -> frozenset[str]:
    """The cues present: said by a person, heard in the words, or on record as markers. A person's word overrules the machine's."""
    policy = force.policy_at(at).policy
    texts = list(contact.lines.order_by("at", "pk").values_list("text", flat=True))
    markers = [(marker.kind, marker.level) for marker in identity.markers(contact)]
    found = set(rules.cues_in(texts, policy)) | set(rules.cues_of_markers(markers, policy))
    for row in Cue.objects.filter(contact=contact).order_by("at", "pk"):
        (found.add if row.is_present else found.discard)(row.code)
    return frozenset(found)


def suggestion(contact: Contact, *, kind: str, at: datetime) -> rules.Suggestion:
    """The grade that the rules suggest on what is written so far. Knows nothing of demand (R47, R60)."""
    policy = force.policy_at(at).policy
    return rules.suggest(answers(newest(contact.pk)), cues(contact, at=at), kind, policy)


def cues_among(contacts: list[Contact], *, at: datetime) -> dict[int, frozenset[str]]:
    """`cues` for many contacts in a few queries, by contact: for a whole board."""
    adopted = force.policy_at(at)
    ids = [contact.pk for contact in contacts]
    found: dict[int, set[str]] = {pk: set() for pk in ids}
    words: dict[int, set[str]] = defaultdict(set)
    for pk, contact, text in Line.objects.filter(contact_id__in=ids).values_list("pk", "contact_id", "text"):
        words[contact].update(_heard(scope.require(), adopted, pk, text))
    for pk, markers in identity.markers_among(contacts).items():
        found[pk] |= words[pk] | set(rules.cues_of_markers([(m.kind, m.level) for m in markers], adopted.policy))
    for row in Cue.objects.filter(contact_id__in=ids).order_by("at", "pk"):
        (found[row.contact_id].add if row.is_present else found[row.contact_id].discard)(row.code)
    return {pk: frozenset(codes) for pk, codes in found.items()}


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
