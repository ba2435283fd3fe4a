"""What is it, how urgent, what is its log?"""

from django.db import models

from watchroom.assessment.models import Assessment
from watchroom.contacts.models import Contact
from watchroom.foundation import digest
from watchroom.foundation.models import Scoped
from watchroom.gazetteer.models import Place
from watchroom.identity.models import Person


class Incident(Scoped):
    """Something that happened or is happening, with one log. Opened on first information, before anything is certain (NSIR)."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    number = models.PositiveIntegerField()  # the log number of the day, as read out: log 0417
    day = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    kind = models.CharField(max_length=40)  # incident type of the policy pack
    kind_because = models.CharField(
        max_length=240, blank=True
    )  # the words in which it was heard, or that a person chose it (R63)
    opening_category = models.CharField(max_length=40)
    headline = models.CharField(max_length=240, blank=True)  # a pinned line in the words of whoever heard it
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    place_said = models.CharField(max_length=200, blank=True)
    grade = models.CharField(max_length=16, blank=True)
    graded_at = models.DateTimeField(null=True)
    attend_by = models.DateTimeField(null=True)
    attended_at = models.DateTimeField(null=True)
    delayed_until = models.DateTimeField(null=True)  # as a second person approved; the promise above stays what it was
    risk_holder = models.CharField(max_length=64, default="desk:despatch")  # one person or desk, always
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    result = models.TextField(blank=True)
    closing_category = models.CharField(max_length=40, blank=True)
    qualifiers = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "day", "number"], name="incident_number"),
            models.CheckConstraint(condition=~models.Q(risk_holder=""), name="incident_risk_is_held"),
        ]
        indexes = [models.Index(fields=["force", "state", "opened_at"], name="incident_state")]

    @property
    def reference(self) -> str:
        return f"{self.number:04d}"

    @property
    def where(self) -> str:
        return self.place.label if self.place else self.place_said

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class Involvement(Scoped):
    """A contact that is about this incident. The first opened it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="involvements")
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="involvement")
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Entry(Scoped):
    """A line of the log that did not come from a contact: despatch, officers, the system. Nothing is rubbed out."""

    append_only = True
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    text = models.TextField()
    by = models.CharField(max_length=64)
    origin = models.CharField(max_length=12)  # handler, despatch, officer, system, unit (who was sent and is there)
    at = models.DateTimeField()
    written_at = models.DateTimeField()


class Evidence(Scoped):
    """Evidence that may be lost, as it was heard of at first contact (R57): what, where, who has it, until when, how it is kept.

    It belongs to a contact, and through it to a log. While it perishes and is not secured, a duty is owed (`evidence.py`).
    """

    class State(models.TextChoices):
        OPEN = "open"
        SECURED = "secured"
        LOST = "lost"  # or not to be had; said why

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="evidence")
    source = models.CharField(max_length=130, blank=True)  # the answer that proposed it; empty: written by a person alone
    what = models.CharField(max_length=200)
    where = models.CharField(max_length=200, blank=True)
    holder = models.CharField(max_length=120, blank=True)  # who has it, as the caller named them
    keep = models.CharField(max_length=300, blank=True)
    perishable_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    outcome = models.CharField(max_length=300, blank=True)
    settled_by = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=12)  # handler, despatch
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "contact", "source"], condition=~models.Q(source=""), name="evidence_taken_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") | (models.Q(settled_at__isnull=False) & ~models.Q(outcome="")),
                name="evidence_settled_says_how",
            ),
        ]
        indexes = [models.Index(fields=["force", "contact", "at"], name="evidence_contact")]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class Decision(Scoped):
    """A grade as a named person decided it, with what was suggested and why, and the policy of that day (R59, R60)."""

    append_only = True
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="decisions")
    grade = models.CharField(max_length=16)
    suggested = models.CharField(max_length=16, blank=True)
    because = models.JSONField(default=list)  # the suggestion's reasons, as shown
    justification = models.TextField(blank=True)
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="+")
    policy_number = models.PositiveIntegerField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    proposal = models.OneToOneField("Proposal", null=True, on_delete=models.PROTECT, related_name="decision")  # that led to it


class Proposal(Scoped):
    """Less, or later, asked for by one person and answered by another (R75 to R80). Approving it carries it out (ADR 11)."""

    class State(models.TextChoices):
        ASKED = "asked"
        APPROVED = "approved"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        LAPSED = "lapsed"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=12)  # interlock.KINDS
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    grade = models.CharField(max_length=16)  # when it was asked for
    to = models.CharField(max_length=16, blank=True)
    until = models.DateTimeField(null=True)
    category = models.CharField(max_length=40, blank=True)
    result = models.TextField(blank=True)
    reason = models.TextField()
    safeguarding = models.TextField(blank=True)  # what is done for the victim meanwhile (R80)
    suggested = models.CharField(max_length=16, blank=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "incident"], condition=models.Q(state="asked"), name="proposal_one_open"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "refused"], answered_by=models.F("asked_by")),
                name="proposal_answered_by_another",
            ),
        ]


class Tie(Scoped):
    """Two incidents that belong together, until somebody unties them again. Nothing of either is moved or rubbed out."""

    class Kind(models.TextChoices):
        LINKED = "linked"
        DUPLICATE = "duplicate"  # `incident` says the same as `other`
        PART = "part"  # `incident` is a part of `other`
        MERGED = "merged"  # the log of `incident` is read together with `other`

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="ties")
    other = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="tied_by")
    kind = models.CharField(max_length=12, choices=Kind)
    because = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    untied_by = models.CharField(max_length=64, blank=True)
    untied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "incident", "other", "kind"], condition=models.Q(untied_at__isnull=True), name="tie_once"
            ),
            models.CheckConstraint(condition=~models.Q(incident=models.F("other")), name="tie_of_two"),
        ]


class Crime(Scoped):
    """Whether a crime is recorded about this incident: its reference in the crime system, or why there is none. One row a decision."""

    append_only = True
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="crimes")
    is_recorded = models.BooleanField()
    reference = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=40, blank=True)  # of the policy, where none is recorded
    account = models.TextField(blank=True)
    has_victim = models.BooleanField(default=True)  # somebody who is owed what the Victims' Code says
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_recorded=True, reason="") & ~models.Q(reference="")
                | models.Q(is_recorded=False, reference="") & ~models.Q(reason="") & ~models.Q(account=""),
                name="crime_reference_or_reason",
            ),
            models.UniqueConstraint(
                fields=["force", "incident", "reference"], condition=models.Q(is_recorded=True), name="crime_recorded_once"
            ),
        ]


class Party(Scoped):
    """Which part somebody has in this incident: victim, witness, suspect, caller. Per incident, and never empty (R74)."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="parties")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="parts")  # where it is known who it is
    name = models.CharField(max_length=120, blank=True)  # as it was said
    role = models.CharField(max_length=24)  # of the policy
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # it was not so
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(role=""), name="party_has_a_role"),
            models.CheckConstraint(condition=models.Q(person__isnull=False) | ~models.Q(name=""), name="party_is_somebody"),
            models.UniqueConstraint(
                fields=["force", "incident", "person", "role"],
                condition=models.Q(ended_at__isnull=True, person__isnull=False),
                name="party_once",
            ),
        ]
        indexes = [models.Index(fields=["force", "person", "role"], name="party_of_person")]

    @property
    def who(self) -> str:
        return self.person.name if self.person else self.name
