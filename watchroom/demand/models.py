"""What the figures themselves led to: an alarm that somebody has to answer, and a changed policy tried on the past."""

from django.db import models
from django.db.models import Q

from watchroom.demand.rules.drift import chance_of
from watchroom.foundation import digest
from watchroom.foundation.models import Scoped


class Alarm(Scoped):
    """Busy moments were graded lower, or judged “nothing heard” more often (R47): said once, answered by a person, kept."""

    class Measure(models.TextChoices):
        DECIDED = "decided", "Busy moments are graded lower"
        NOTHING = "nothing", "“Nothing heard” is judged more often at busy moments"

    measure = models.CharField(max_length=8, choices=Measure)
    number = models.PositiveIntegerField()  # judgements compared
    pairs = models.FloatField()  # of 100 pairs of one stratum that differ, in how many the busier one had the lower outcome
    p = models.FloatField()  # how often chance alone would show at least so much
    policy_number = models.IntegerField()
    at = models.DateTimeField()
    answer = models.TextField(blank=True)  # what was found, and what is done
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "measure"], condition=Q(answered_at=None), name="alarm_open_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="", answered_by="")
                | (Q(answered_at__isnull=False) & ~Q(answer="") & ~Q(answered_by="")),
                name="alarm_answered_by_somebody",
            ),
        ]

    @property
    def chance(self) -> str:
        """p as a person says it."""
        return chance_of(self.p)


class Trial(Scoped):
    """A changed pack tried on the decisions of the last weeks, before anybody adopts it. Its result holds ids and codes only."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    pack = models.TextField()  # TOML, as it was sent
    version = models.CharField(max_length=120)
    days = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tried = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # when it last came a step further

    class Meta:
        indexes = [models.Index(fields=["force", "-at"], name="trial_newest")]


class Published(Scoped):
    """A figure that another force counted and handed out (R89, R139): a number, how it is defined, and where it came from."""

    append_only = True
    name = models.CharField(max_length=120)  # the other force, as it calls itself
    figure = models.CharField(max_length=40)
    of = models.CharField(max_length=40, blank=True)
    definition = models.CharField(max_length=12)
    first = models.DateField()
    last = models.DateField()
    numerator = models.FloatField()
    denominator = models.FloatField()
    left_out = models.CharField(max_length=200, blank=True)  # why it takes no part in a comparison
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "figure", "of"], name="published_figure")]
        constraints = [
            models.CheckConstraint(
                condition=Q(numerator__gte=0) & Q(denominator__gte=models.F("numerator")) & Q(last__gte=models.F("first")),
                name="published_is_a_share",
            )
        ]
