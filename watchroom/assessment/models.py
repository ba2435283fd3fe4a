"""How much threat, harm, risk and vulnerability is there? One record for every channel; it belongs to the contact (R9, R44)."""

from django.db import models

from watchroom.contacts.models import Contact
from watchroom.foundation import digest
from watchroom.foundation.models import Scoped


class Assessment(Scoped):
    """The risk of one contact, as it was judged once; a later judgement is another row (re-THRIVE)."""

    class Kind(models.TextChoices):
        FULL = "full"
        NOTHING_HEARD = "nothing_heard"

    class Stage(models.TextChoices):
        """At which point of the incident the risk was judged (R76)."""

        CREATION = "creation"
        DELAY = "delay"
        NEW_INFORMATION = "new_information"
        REVIEW = "review"
        DOWNGRADE = "downgrade"
        CLOSING = "closing"

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.FULL)
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.CREATION)
    model = models.CharField(max_length=40)
    policy_number = models.PositiveIntegerField()
    because = models.TextField(blank=True)  # of the one-line judgement, or what has changed since the last record
    earlier = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="later")  # the record judged again
    victim = models.CharField(max_length=16, blank=True)  # judging again: reached, tried, unsafe, not_needed (R77)
    victim_said = models.TextField(blank=True)  # what they said, or why nobody spoke with them
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)
    saved_by = models.CharField(max_length=64, blank=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "contact"], condition=models.Q(saved_at__isnull=True), name="assessment_one_open"
            )
        ]


class Answer(Scoped):
    """One element's level and the reason in words, as somebody judged it then. A changed mind is another row; the last counts."""

    append_only = True
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    element = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField()
    rationale = models.TextField()
    subject = models.CharField(max_length=40, default="caller")  # whom it is about: caller, children, officers, public (R50)
    source = models.CharField(max_length=16, default="contact")  # contact, research, partner
    basis = models.CharField(max_length=16, blank=True)  # fact (seen or heard oneself), opinion, hearsay; empty: not said
    asked_by = models.CharField(max_length=64, blank=True)  # who put the question, when that is not who writes
    is_carried = models.BooleanField(default=False)  # stands from the earlier record, and was looked at again
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Cue(Scoped):
    """Something heard or on record that bears on the grade: present, or (a later row) not after all."""

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="cues")
    code = models.CharField(max_length=40)
    is_present = models.BooleanField()
    source = models.CharField(max_length=16)  # handler, words, marker, call, questions
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class AnswerGiven(Scoped):
    """A question of a set, as it was spoken, and the answer. Another answer to it is another row; the last counts."""

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="answers_given")
    asking = models.CharField(max_length=40)  # the set's code
    version = models.PositiveIntegerField()
    question = models.CharField(max_length=40)
    asked = models.TextField()  # the words spoken: a set may change, or leave the force with its licence
    value = models.CharField(max_length=40)  # yes, no, cannot_say, not_answered, a choice, a number, or "said"
    words = models.TextField(blank=True)  # the answer as it is read
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "contact", "at"], name="answer_given_contact")]
