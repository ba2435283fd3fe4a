"""Judging the risk: element by element, or in one line when there is nothing to assess."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from watchroom.assessment import facts as tells
from watchroom.assessment import queries, questions, rules
from watchroom.assessment.models import Answer, AnswerGiven, Assessment, Cue
from watchroom.contacts import actions as contacts
from watchroom.contacts.answerphone import actions as answerphone
from watchroom.contacts.facts import LineWritten
from watchroom.contacts.models import Contact
from watchroom.contacts.queries import told_of
from watchroom.contacts.rules import TRAYS
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.statements import statement

SILENT = "silent"  # the cue that a call stands for on which nobody spoke
CUT_OFF = "call_cut_off"  # the cue of the policy pack that a cut line stands for


@transaction.atomic
def answer(
    *,
    contact: int,
    element: str,
    level: int,
    rationale: str,
    by: str,
    at: datetime,
    subject: str = "caller",
    source: str = "contact",
    basis: str = "",
    asked_by: str = "",
) -> Answer:
    """Judge one element: a level from 0 to 3 and the reason in words (R48). It counts at once, before the whole is saved.

    `subject` is whom it is about (R50), `basis` whether it is a fact, an opinion or hearsay, `asked_by` who put the question
    when that is not `by`.
    """
    adopted = force.policy_at(at)
    model = adopted.policy.model()
    if element not in {e.code for e in model.elements}:
        raise Invalid(element=f"{model.title} has no element “{element}”.")
    if level not in range(4):
        raise Invalid(level="The level is 0, 1, 2 or 3.")
    if subject not in rules.SUBJECTS:
        raise Invalid(subject="Choose whom it is about.")
    if basis and basis not in rules.BASES:
        raise Invalid(basis="Fact, opinion or hearsay; or leave it open.")
    if len(rationale) > 4000:
        raise Invalid(rationale="Up to 4,000 characters fit here; the rest belongs into the log.")
    assessment = _begun(_locked.get(contact), adopted.number, model.code, at)
    if not assessment.pk:
        assessment.save()
    row = Answer.objects.create(
        assessment=assessment,
        element=element,
        level=level,
        rationale=rationale.strip(),
        subject=subject,
        source=source,
        basis=basis,
        asked_by=asked_by or by,
        by=by,
        at=at,
    )
    word = digest.of(assessment.secret, row.rationale)
    facts.tell(tells.ElementAnswered(contact=contact, element=element, level=level, digest=word), by=by, at=at)
    return row


@transaction.atomic
def hear(*, contact: int, cue: str, is_present: bool, by: str, at: datetime, source: str = "handler") -> Cue:
    """Something that bears on the grade is there, or is not after all."""
    if cue not in {c.code for c in force.policy_at(at).policy.cues}:
        raise Invalid(cue=f"The policy knows no cue “{cue}”.")
    row = Cue.objects.create(contact_id=contact, code=cue, is_present=is_present, source=source, by=by, at=at)
    facts.tell(tells.CueHeard(contact=contact, cue=cue, is_present=is_present, source=source), by=by, at=at)
    return row


@transaction.atomic
def answer_question(*, contact: int, asking: str, question: str, given: str, by: str, at: datetime) -> AnswerGiven:
    """A question of the set `asking` was asked: keep what was said, and put what it stands for into play (R42, R54).

    `given` is an outcome, a number or words; `not_answered` for a question that was asked in vain. Another answer to the same
    question takes back what the earlier one had put into play, unless another answer or a person's own word holds it there;
    “can’t say” takes nothing back.
    """
    row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
    found = queries.library().get(asking)
    one = found.question(question) if found else None
    if found is None or one is None:
        raise Invalid(question="That question is in no set of this force any more.")
    try:
        value, words = questions.read_answer(one, given)
    except ValueError as error:
        raise Invalid(answer=str(error)) from None
    before = queries.answers_given(contact)
    earlier = before.get(asking, {}).get(question, "")
    if value == questions.NOT_ANSWERED and earlier not in ("", questions.NOT_ANSWERED):
        raise Refused("It was answered already. Give another answer if the first was wrong.")
    kept = AnswerGiven.objects.create(
        contact=row,
        asking=asking,
        version=found.version,
        question=question,
        asked=one.ask,
        value=value,
        words=words or questions.in_words(one, value),
        by=by,
        at=at,
    )
    facts.tell(
        tells.QuestionAnswered(
            contact=contact,
            answer=kept.pk,
            asking=asking,
            version=found.version,
            question=question,
            outcome=one.outcome(value) or value,
            digest=digest.of(row.secret, f"{kept.asked} {kept.words}"),
        ),
        by=by,
        at=at,
    )
    stands = set(one.effect(value).cues)
    for cue in sorted(stands):
        _put_into_play(contact, cue, by, at)
    if value not in (questions.NOT_ANSWERED, questions.CANNOT_SAY):
        held = queries.cues_of_answers(queries.answers_given(contact))
        for cue in sorted(set(one.effect(earlier).cues) - stands - held):
            _take_back(contact, cue, by, at)
    return kept


def _put_into_play(contact: int, cue: str, by: str, at: datetime) -> None:
    """Nothing to do where it stands already, or where this policy has no such cue: the answer is kept all the same."""
    last = queries.last_word_on(contact, cue)
    if not (last and last.is_present) and cue in {known.code for known in force.policy_at(at).policy.cues}:
        hear(contact=contact, cue=cue, is_present=True, by=by, at=at, source="questions")


def _take_back(contact: int, cue: str, by: str, at: datetime) -> None:
    last = queries.last_word_on(contact, cue)
    if last and last.is_present and last.source == "questions":
        hear(contact=contact, cue=cue, is_present=False, by=by, at=at, source="questions")


def notice_cut_off(told: Told) -> None:
    """Reaction: a contact ended. A call that was cut off bears on the grade until the caller is known to be safe."""
    if getattr(told.fact, "how", "") == "cut_off" and CUT_OFF in {cue.code for cue in force.policy_at(told.at).policy.cues}:
        hear(contact=told.fact.subject[1], cue=CUT_OFF, is_present=True, by=told.by, at=told.at, source="call")


def notice_lost(told: Told) -> None:
    """Reaction: a caller gave up before an answer. An abandoned 999 call counts as a silent one: with a high-risk marker it starts
    at the highest grade (IOPC, Hampshire). Only a person takes that back: whoever picks up later need not be who rang."""
    contact = told.fact.subject[1]
    known = {cue.code for cue in force.policy_at(told.at).policy.cues}
    if SILENT in known and Contact.objects.filter(pk=contact, channel="999").exists():
        hear(contact=contact, cue=SILENT, is_present=True, by="system:assessment", at=told.at, source="call")


def notice_sound(told: Told) -> None:
    """Reaction: something was heard on a line on which nobody speaks. What the policy says it stands for is in play."""
    fact: Any = told.fact
    sounds = force.policy_at(told.at).policy.silent_call.sounds
    cue = next((one.cue for one in sounds if one.code == fact.sound), "")
    if cue and not ((last := queries.last_word_on(fact.contact, cue)) and last.is_present):
        hear(contact=fact.contact, cue=cue, is_present=True, by=told.by, at=told.at, source="call")


def notice_message(told: Told) -> None:
    """Reaction: a message was left in a box. Words of danger in its transcript have it listened to sooner, and lift it (R21)."""
    row = Contact.objects.select_related("place").get(pk=told.fact.subject[1])
    if level := _danger(row, told.at):
        answerphone.hurry(contact=row.pk, by="system:assessment", at=told.at)
        contacts.raise_attention(contact=row.pk, level=level, by="system:assessment", at=told.at)


def notice_words(told: Told) -> None:
    """Reaction: somebody wrote who waits in a tray. Words of danger lift them, so that nobody lies there by age alone (R9, R34)."""
    fact = told.fact
    if not isinstance(fact, LineWritten) or fact.origin != "caller":
        return
    row = told_of(told)
    if row.state == Contact.State.WAITING and row.channel in TRAYS and (level := _danger(row, told.at)):
        contacts.raise_attention(contact=row.pk, level=level, by="system:assessment", at=told.at)


def _danger(row: Contact, at: datetime) -> int:
    """2 where the words alone ask for the most urgent grade, 1 where they ask for any, else 0."""
    policy = force.policy_at(at).policy
    asked = rules.suggest((), queries.cues(row, at=at), None, policy).grade
    return 0 if asked is None else 2 if asked == policy.grades[0].code else 1


def save(*, contact: int, by: str, at: datetime) -> Assessment:
    """The record is complete: every element has a level and a reason. Raises Refused with what is missing."""
    with transaction.atomic():
        assessment = Assessment.objects.select_for_update().filter(contact_id=contact, saved_at=None).first()
        if assessment is None:
            done = queries.saved(contact)
            if done:
                return done
            raise Refused("Nothing of the risk is written yet.")
        policy = force.policy_number(assessment.policy_number).policy
        given = queries.answers(assessment)
        problems = rules.missing(given, policy.model(assessment.model))
        if problems:
            raise Refused(*(problem.says for problem in problems))
        _save(assessment, by, at)
        present = queries.cues(Contact.objects.get(pk=contact), at=at)
        facts.tell(
            tells.RiskSaved(
                contact=contact,
                assessment=assessment.pk,
                model=assessment.model,
                policy=assessment.policy_number,
                levels=rules.levels_of(given),
                aspects=list(rules.aspects(present, policy)),
            ),
            by=by,
            at=at,
        )
        return assessment


def nothing_heard(*, contact: int, because: str, by: str, at: datetime) -> Assessment:
    """No threat, harm, risk or vulnerability heard, because …: one recorded judgement. Refused where a cue speaks against it."""
    with transaction.atomic():
        row = _locked.get(contact)
        adopted = force.policy_at(at)
        problems = rules.nothing_heard(because, queries.cues(row, at=at), adopted.policy)
        assessment = _begun(row, adopted.number, adopted.policy.model().code, at)
        given = queries.answers(assessment) if assessment.pk else ()
        if any(a.level for a in given):
            problems = [*problems, "A level above 0 is already written; complete the record instead."]
        if problems:
            raise Refused(*problems)
        assessment.kind, assessment.because = Assessment.Kind.NOTHING_HEARD, because.strip()
        _save(assessment, by, at)
        word = digest.of(assessment.secret, assessment.because)
        facts.tell(
            tells.NothingHeardJudged(contact=contact, assessment=assessment.pk, policy=adopted.number, digest=word), by=by, at=at
        )
        return assessment


def reassess(
    *,
    contact: int,
    stage: str,
    changed: str,
    victim: str,
    victim_said: str,
    changes: dict[str, tuple[int, str]],
    by: str,
    at: datetime,
) -> Assessment:
    """Look at the risk again: a new record on top of the last one (R76).

    `changes` holds the elements judged anew, as {element: (level, reason)}; all others stand as they were and are marked as
    carried. The words in `changed` count as the reason for them. Raises Refused with what is missing, and where no record is
    there to be looked at again or one is half written.
    """
    with transaction.atomic():
        Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        if stage not in Assessment.Stage.values or stage == Assessment.Stage.CREATION:
            raise Invalid(stage="Say at which stage this is looked at again.")
        if Assessment.objects.filter(contact_id=contact, saved_at=None).exists():
            raise Refused("A risk record is half written. Save that one first.")
        earlier = queries.saved(contact)
        if earlier is None:
            raise Refused("The risk is not on record yet: write it in full first.")
        adopted = force.policy_at(at)
        model = adopted.policy.model()
        problems = rules.may_reassess(changed, victim, victim_said, model)
        standing = {a.element: a for a in queries.answers(earlier)}
        known = {e.code: e for e in model.elements}
        if earlier.model != model.code or not standing:  # nothing that could be carried: nothing heard, or another model
            problems += [f"{e.name} is not written yet." for e in model.elements if e.code not in changes and e.drives]
        for code, (level, reason) in changes.items():
            if code not in known or level not in range(4):
                raise Invalid(element="Choose an element of the model, and a level from 0 to 3.")
            if not reason.strip():
                problems.append(f"{known[code].name} has a level and no reason: write why.")
        if problems:
            raise Refused(*problems)
        row = Assessment.objects.create(
            contact_id=contact,
            stage=stage,
            model=model.code,
            policy_number=adopted.number,
            because=changed.strip(),
            earlier=earlier,
            victim=victim,
            victim_said=victim_said.strip(),
            begun_at=at,
        )
        for answer in queries.answers(earlier) if earlier.model == model.code else ():
            if answer.element not in changes:
                Answer.objects.create(
                    assessment=row,
                    element=answer.element,
                    level=answer.level or 0,
                    rationale=answer.rationale,
                    subject=answer.subject,
                    source=answer.source,
                    basis=answer.basis,
                    is_carried=True,
                    by=by,
                    at=at,
                )
        for code, (level, reason) in changes.items():
            Answer.objects.create(assessment=row, element=code, level=level, rationale=reason.strip(), by=by, at=at)
        _save(row, by, at)
        facts.tell(
            tells.RiskReassessed(
                contact=contact,
                assessment=row.pk,
                earlier=earlier.pk,
                stage=stage,
                victim=victim,
                policy=adopted.number,
                levels=rules.levels_of(queries.answers(row)),
                digest=digest.of(row.secret, *queries.words_of(row)),
            ),
            by=by,
            at=at,
        )
        return row


@statement
def _locked(pk: int) -> QuerySet[Contact]:
    return Contact.objects.select_for_update(of=("self",)).filter(pk=pk)


def _begun(contact: Contact, policy_number: int, model: str, at: datetime) -> Assessment:
    """The record that is being written, or a new one that is not kept yet. Of a locked contact."""
    begun = _being_written.first(contact.pk)
    return begun or Assessment(contact=contact, policy_number=policy_number, model=model, begun_at=at)


@statement
def _being_written(contact: int) -> QuerySet[Assessment]:
    return Assessment.objects.filter(contact=contact, saved_at=None)


def _save(assessment: Assessment, by: str, at: datetime) -> None:
    assessment.saved_at, assessment.saved_by = at, by
    assessment.save()
    duties.settle("risk", subject=("contact", assessment.contact_id), by=by, at=at)
