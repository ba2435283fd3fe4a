"""Can we help without sending anyone? The outcome, what was asked before it, what was promised, and what came of it."""

from django.db import models

from watchroom.contacts.models import Contact
from watchroom.foundation import digest
from watchroom.foundation.models import Scoped
from watchroom.incidents.models import Incident


class Resolution(Scoped):
    """An incident resolved without deployment, by one of the coded outcomes (R85). It stands until somebody is sent after all."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="resolution")
    outcome = models.CharField(max_length=40)
    text = models.TextField()
    agency = models.CharField(max_length=40, blank=True)
    promised_for = models.DateTimeField(null=True)  # of a call back, as it was first promised; see Promise
    advice = models.TextField(blank=True)  # written advice: the very words that were given
    advice_way = models.CharField(max_length=12, blank=True)  # rules.ADVICE_WAYS
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    secret = models.BinaryField(default=digest.new_key)


class Overtaken(Scoped):
    """A resolution that did not hold: somebody was sent, or it had to be resolved anew. Kept as it was, and counted no more."""

    append_only = True
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="overtaken")
    outcome = models.CharField(max_length=40)
    text = models.TextField()
    agency = models.CharField(max_length=40, blank=True)
    promised_for = models.DateTimeField(null=True)
    advice = models.TextField(blank=True)
    advice_way = models.CharField(max_length=12, blank=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    why = models.CharField(max_length=8, default="sent")  # sent, anew
    overtaken_by = models.CharField(max_length=64)
    overtaken_at = models.DateTimeField()


class SolvabilityAnswer(Scoped):
    """What was answered to one solvability question (R91), by whom and when. A changed mind is another row, with the reason."""

    append_only = True
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="solvability")
    question = models.CharField(max_length=40)
    is_yes = models.BooleanField()
    because = models.TextField(blank=True)  # needed where a yes becomes a no
    policy_number = models.PositiveIntegerField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Promise(Scoped):
    """Something promised to somebody for a time: a call back, an appointment, advice in the post. Owed until it is kept (R25)."""

    class Kind(models.TextChoices):
        CALL_BACK = "call_back", "Call back"
        APPOINTMENT = "appointment", "Appointment"
        POST = "post_advice", "Post the advice"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="promises")
    kind = models.CharField(max_length=16, choices=Kind)  # the kind of its duty, too
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")  # to whom
    text = models.TextField(blank=True)  # what was promised, in words
    due_at = models.DateTimeField()  # as promised, or as moved with their knowledge
    next_at = models.DateTimeField()  # when it is tried next; what the duty runs to
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    kept_by = models.CharField(max_length=64, blank=True)
    is_missed = models.BooleanField(default=False)  # its time passed unkept, and it went to the supervisor
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "incident", "kind"], condition=models.Q(kept_at__isnull=True), name="promise_one_open"
            )
        ]


class Step(Scoped):
    """What was done about a promise: tried, moved, kept. Never changed."""

    append_only = True
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=16)  # rules.TRIES, or moved, kept
    text = models.TextField(blank=True)
    before_at = models.DateTimeField(null=True)  # of a move: when it had been promised
    next_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Investigation(Scoped):
    """An investigation from the desk (R90): held by one person or desk (its duty), looked at by a date, finished with a result."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="investigations")
    review_by = models.DateTimeField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    result = models.CharField(max_length=16, blank=True)  # rules.RESULTS, or deployed
    finding = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.CharField(max_length=64, blank=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "incident"], condition=models.Q(finished_at__isnull=True), name="investigation_one_open"
            )
        ]


class Enquiry(Scoped):
    """A line of enquiry: what is to be found out. Who does it and by when is its duty's to say."""

    investigation = models.ForeignKey(Investigation, on_delete=models.PROTECT, related_name="enquiries")
    what = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=64, blank=True)


class DiaryEntry(Scoped):
    """A line of the diary of an investigation. Nothing is rubbed out."""

    append_only = True
    investigation = models.ForeignKey(Investigation, on_delete=models.PROTECT, related_name="diary")
    enquiry = models.ForeignKey(Enquiry, null=True, on_delete=models.PROTECT, related_name="diary")
    text = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class FollowUp(Scoped):
    """“Would you need us again?”, asked some days after a resolution without deployment (R92)."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="follow_ups")
    outcome = models.CharField(max_length=40)  # of the resolution it asks about
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    answer = models.CharField(max_length=16, blank=True)  # rules.FOLLOW_UP
    text = models.TextField(blank=True)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)


class Repeat(Scoped):
    """The same number, person or place was in touch again soon after a resolution without deployment: a sign that it failed (R92)."""

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")  # the new one
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="repeats")  # the one resolved before
    same = models.CharField(max_length=8)  # number, person, place: the surest of them
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "contact", "incident"], name="repeat_once")]


class Check(Scoped):
    """A resolved case that was drawn to be assessed for its quality (R87): by whom, what was found, and what came of it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="checks")
    outcome = models.CharField(max_length=40)  # as it was when the case was drawn; it may be overtaken since
    resolved_by = models.CharField(max_length=64)
    resolved_at = models.DateTimeField()
    draw = models.CharField(max_length=40)  # the seed: a week (2026-W47), or what somebody chose
    is_second = models.BooleanField(default=False)  # the same case, by another person: do two come to the same?
    due_at = models.DateTimeField()
    drawn_by = models.CharField(max_length=64)
    at = models.DateTimeField()
    policy_number = models.PositiveIntegerField(null=True)  # whose criteria were asked
    feedback = models.TextField(blank=True)
    assessed_by = models.CharField(max_length=64, blank=True)
    assessed_at = models.DateTimeField(null=True)
    righted = models.TextField(blank=True)  # what was done about what the case still owed somebody
    righted_by = models.CharField(max_length=64, blank=True)
    righted_at = models.DateTimeField(null=True)
    reply = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True)  # by whoever resolved it
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "incident", "draw", "is_second"], name="check_drawn_once"),
            models.CheckConstraint(
                condition=models.Q(assessed_at=None, assessed_by="")
                | (
                    models.Q(assessed_at__isnull=False)
                    & ~models.Q(assessed_by="")
                    & ~models.Q(assessed_by=models.F("resolved_by"))
                ),
                name="check_by_somebody_else",
            ),
        ]


class Mark(Scoped):
    """What was found for one criterion of a check. Never changed."""

    append_only = True
    case = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="marks")
    criterion = models.CharField(max_length=40)
    verdict = models.CharField(max_length=16)  # quality.rules.VERDICTS
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "case", "criterion"], name="mark_once")]
