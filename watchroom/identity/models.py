"""Have we met? Observations are what was said in a contact; a person is a set of them held together by reversible links."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from watchroom.contacts.models import Contact
from watchroom.foundation import digest
from watchroom.foundation.models import Scoped
from watchroom.gazetteer.models import Place
from watchroom.identity.likeness.calibration import LEAST, Correction
from watchroom.staff.models import Member


class Person(Scoped):
    """Somebody known. What is known of them are the observations linked to them; the names here are the ones to show."""

    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    born_date = models.DateField(null=True)
    same_as = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="also"
    )  # held to be this person (ADR 13)

    @property
    def head(self) -> int:
        """The record that stands for this person: its own, unless a person said that it is the same as another."""
        return self.same_as_id or self.pk

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def __str__(self) -> str:
        return self.name


class Observation(Scoped):
    """A number, a place or a name, as it was seen in a contact or came from another record. Never changed."""

    append_only = True
    kind = models.CharField(max_length=12)  # number, place, name
    value = models.CharField(max_length=160)  # normal form; for a place its id
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=60)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "kind", "value"], name="observation_value")]


class Link(Scoped):
    """This observation is of this person, because …; can be undone, and stays to be read (R65)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links")
    observation = models.ForeignKey(Observation, on_delete=models.PROTECT, related_name="links")
    because = models.CharField(max_length=200)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    # what likeness said at that moment, before any correction: of whoever was likeliest, and of all others; null: it was not asked
    likeliest = models.FloatField(null=True)
    others = models.FloatField(null=True)
    was_likeliest = models.BooleanField(null=True)  # this person was
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "person", "observation"], condition=models.Q(undone_at__isnull=True), name="link_once"
            )
        ]


class Description(Scoped):
    """A person as one record or one contact describes them, in the normal form of `likeness/words.py`, and the keys it is found by.

    What a person was called and where they lived at one time stays found when it is otherwise now. A description that was
    taken back (the contact was from somebody else) keeps its words and loses its keys.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="descriptions")
    came_with = models.ForeignKey(  # the record it came with, where that is held to be the same as `person`
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    given = models.CharField(max_length=80, blank=True)
    family = models.CharField(max_length=80, blank=True)
    born = models.CharField(max_length=10, blank=True)  # 1984-03-12, 1984-03, 1984, or 1986~5
    postcode = models.CharField(max_length=8, blank=True)
    house = models.CharField(max_length=12, blank=True)
    street = models.CharField(max_length=120, blank=True)
    town = models.CharField(max_length=80, blank=True)
    number = models.CharField(max_length=24, blank=True)
    email = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=60)
    seen_at = models.DateTimeField()
    keys = ArrayField(models.BigIntegerField(), default=list)  # 64 bits of a hash over force and words: likeness/keys.py

    class Meta:
        indexes = [
            GinIndex(fields=["keys"], name="description_keys", fastupdate=False)
        ]  # findable at once, not at the next sweep


class Common(Scoped):
    """How often a name is borne here, and which keys say too little to look under; counted from time to time (`finding.count`)."""

    field = models.CharField(
        max_length=8
    )  # given, family, key; all: how many descriptions there are; belief: how often callers are known
    value = models.CharField(max_length=80)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "field", "value"], name="common_once")]


class Learnt(Scoped):
    """What a night learnt of how far probabilities hold, and from what (`trust.py`). Counts and shares; nothing of any caller."""

    append_only = True
    at = models.DateTimeField()
    since = models.DateTimeField(null=True)  # the oldest call that counted
    confirmed = (
        models.PositiveIntegerField()
    )  # people said of so many calls who it was; fewer than `calibration.LEAST` correct nothing
    right = models.PositiveIntegerField()  # whoever was likeliest was it
    unsaid = models.PositiveIntegerField()  # calls of which nobody said who it was; they count as well
    slope = models.FloatField()
    offset = models.FloatField()
    at_most = models.FloatField()
    groups = models.JSONField(default=list)  # of `reliability.Group`

    @property
    def is_enough(self) -> bool:
        return self.confirmed >= LEAST

    @property
    def correction(self) -> Correction:
        return Correction(self.slope, self.offset, self.at_most, self.confirmed if self.is_enough else 0)


class History(Scoped):
    """An earlier contact from before this system, brought in with its source: what a handler sees under “earlier”."""

    append_only = True
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="history")
    number = models.CharField(max_length=24, blank=True)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16)
    headline = models.CharField(max_length=80)
    text = models.CharField(max_length=300, blank=True)
    is_serious = models.BooleanField(default=False)
    at = models.DateTimeField()
    source = models.CharField(max_length=60)


class Marker(Scoped):
    """A flag that must not be missed: on a person, a place or a number, with source, date and review-by (R68, R70)."""

    kind = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField()  # 1 may kill someone, 2 serious, 3 to know
    title = models.CharField(max_length=80)
    text = models.CharField(max_length=240)
    icon = models.CharField(max_length=20, default="shield")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="markers")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="markers")
    number = models.CharField(max_length=24, blank=True)
    source = models.CharField(max_length=60)
    since_date = models.DateField()
    review_by_date = models.DateField()
    removed_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True)  # when it came on record here; none: it came with its date from another record
    recorded_by = models.CharField(max_length=64, blank=True)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    challenged_at = models.DateTimeField(null=True)  # somebody says that it is wrong, and nobody has decided yet

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(place__isnull=False) | ~models.Q(number=""),
                name="marker_of_something",
            )
        ]
        indexes = [models.Index(fields=["force", "number"], name="marker_number")]


class MarkerStep(Scoped):
    """What was done with a flag: by whom, when, and why. Read on the flag's own page, after its removal too."""

    class What(models.TextChoices):
        ADDED = "added"
        CONFIRMED = "confirmed", "confirmed again"
        CHALLENGED = "challenged"
        KEPT = "kept", "challenge answered: it stays"
        CORRECTED = "corrected"
        REMOVED = "removed"

    append_only = True
    marker = models.ForeignKey(Marker, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=12, choices=What)
    because = models.TextField(blank=True)
    until_date = models.DateField(null=True)  # confirmed until
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "marker", "at"], name="marker_step")]


class AccessCode(Scoped):
    """The code that opens the door of a place, sealed; read by `flags.codes` alone, one at a time. Gone with its flag."""

    marker = models.OneToOneField(Marker, on_delete=models.PROTECT, related_name="code")
    sealed = models.BinaryField()


class Conflict(Scoped):
    """A number or an address that a member of staff may have reasons of their own to look up: declared, not guessed."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=12)  # of `misuse.rules.RELATIONS`; self: the member's own number or address
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, blank=True)
    declared_by = models.CharField(max_length=64)  # the member, or somebody of professional standards
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(place__isnull=False) | ~models.Q(number=""),
                name="conflict_with_something",
            )
        ]
        indexes = [models.Index(fields=["force", "member"], name="conflict_member")]


class Look(Scoped):
    """A member opened a record that has to do with their conflicts: the reason they gave, and what standards made of it."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    relations = models.JSONField()  # codes, the strongest first
    is_of_own_work = models.BooleanField(default=False)  # it was theirs to answer: not held up, the reason owed
    because = models.TextField(blank=True)
    at = models.DateTimeField()
    reasoned_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=12, blank=True)  # in_order, further
    finding_because = models.TextField(blank=True)
    found_by = models.CharField(max_length=64, blank=True)
    found_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["force", "member", "subject_kind", "subject_id", "at"], name="look_of"),
            models.Index(fields=["force", "at"], name="look_at"),
        ]


class Plan(Scoped):
    """How somebody who is in touch often is helped: agreed, reviewed, ended (R72). Of a person, a place or a number."""

    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="plans")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, blank=True)
    says = models.TextField()  # what whoever answers does; in words, to be read in seconds
    agreed_with = models.CharField(max_length=200)
    review_by_date = models.DateField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)
    ended_because = models.TextField(blank=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(place__isnull=False) | ~models.Q(number=""),
                name="plan_of_somebody",
            ),
            models.CheckConstraint(condition=models.Q(ended_at=None) | ~models.Q(ended_because=""), name="plan_ended_says_why"),
        ]
        indexes = [models.Index(fields=["force", "number"], name="plan_number")]


class Record(Scoped):
    """A person of another system: under which number it knows them, and what its row said when it came in."""

    source = models.CharField(max_length=60)
    external = models.CharField(max_length=120)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="records")
    digest = models.CharField(max_length=64)  # SHA-256 of the row as it was mapped: the same row brings nothing new
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "source", "external"], name="record_once")]


class Import(Scoped):
    """A file of another system on its way in: how far it is, so that what was cut off goes on where it was."""

    source = models.CharField(max_length=60)
    file = models.CharField(max_length=64)  # SHA-256 of its bytes
    mapping = models.CharField(max_length=64)  # SHA-256 of the mapping
    rows_done = models.BigIntegerField(default=0)
    brought = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    bad = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "source", "file", "mapping"], name="import_once")]


class Twins(Scoped):
    """Two records that may be of one person: proposed, judged by a person, and a judgement can be taken back (R65).

    Nothing is poured together: both records keep what they have, and `Person.same_as` says that they are read as one.
    """

    class Judged(models.TextChoices):
        SAME = "same", "one person"
        APART = "apart", "two people"

    one = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    probability = models.FloatField(null=True)  # that they are one, as it was proposed
    because = models.JSONField(default=list)
    against = models.JSONField(default=list)
    source = models.CharField(max_length=12)  # night, look, research, splink
    model = models.CharField(max_length=80, blank=True)  # which model found it, where it was another than our own look
    found_at = models.DateTimeField()
    judged = models.CharField(max_length=8, choices=Judged, blank=True)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=64, blank=True)
    undone_because = models.TextField(blank=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "one", "other"], condition=models.Q(undone_at__isnull=True), name="twins_once"
            ),
            models.CheckConstraint(condition=~models.Q(one=models.F("other")), name="twins_are_two"),
            models.CheckConstraint(
                condition=models.Q(judged="") | (~models.Q(by="") & ~models.Q(reason="") & models.Q(at__isnull=False)),
                name="twins_judged_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["force", "judged", "-probability"], name="twins_open")]


class Sweep(Scoped):
    """One look through all that is on record for people who stand there twice. Our own goes on where it stopped; Splink's looks anew."""

    class Way(models.TextChoices):
        OWN = "own", "Watchroom"
        SPLINK = "splink", "Splink"

    way = models.CharField(max_length=8, choices=Way, default=Way.OWN)
    model = models.CharField(max_length=80, blank=True)  # of Splink: its version, and which model it used
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    upto = models.BigIntegerField(default=0)  # the last description that was looked at
    looked = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)  # of so many, as it was when it began or went on
    proposed = models.PositiveIntegerField(default=0)


class Followed(Scoped):
    """A 999 call that came after a 101 call which gave up, and how it is known that it was the same (R15)."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="followed")  # the 999 call
    earlier = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")  # the 101 call
    how = models.CharField(max_length=8)  # number, person, place
    seconds = models.PositiveIntegerField()  # from the giving up to the transfer
    window_s = models.PositiveIntegerField()  # the shortest of the policy's windows that holds it
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)  # it was another person, or another place, after all

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "contact", "earlier", "how"], condition=models.Q(undone_at__isnull=True), name="followed_once"
            )
        ]


class RingBack(Scoped):
    """A try to ring somebody back who gave up: who rang, when, and what came of it. Under way while there is no outcome."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="ring_backs")
    with_codeword = models.BooleanField()
    by = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    outcome = models.CharField(max_length=16, blank=True)  # of `lost.rules.OUTCOMES`
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "contact"], condition=models.Q(outcome=""), name="ring_back_one_at_a_time")
        ]


class Research(Scoped):
    """Another system was asked about who is in touch, or somebody said why none is needed: by whom, when, and what came (R66)."""

    class State(models.TextChoices):
        ASKED = "asked"
        ANSWERED = "answered"
        FAILED = "failed"
        NOT_NEEDED = "not_needed", "not needed"

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="research")
    system = models.CharField(max_length=40, blank=True)  # of the policy of that day; empty: not needed of any
    label = models.CharField(max_length=60, blank=True)  # as it was called that day
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    because = models.TextField()  # the purpose, or why it is not needed
    sent = models.JSONField(default=dict)  # field → the very words; disclosed to that system
    key = models.CharField(max_length=36)  # the same however often it is sent: the other side answers it once
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # answered, or failed
    found = models.PositiveSmallIntegerField(null=True)  # records that came
    is_cut = models.BooleanField(default=False)  # there were more than are taken
    problem = models.CharField(max_length=16, blank=True)  # of `research.rules.PROBLEMS`

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "key"], name="research_key"),
            models.UniqueConstraint(
                fields=["force", "contact", "system"], condition=models.Q(state="asked"), name="research_asked_once"
            ),
        ]
        indexes = [models.Index(fields=["force", "contact", "at"], name="research_contact")]


class ResearchFound(Scoped):
    """One record that another system sent: as it came, and what a person made of it. Nobody's until somebody takes it in."""

    class Judged(models.TextChoices):
        TAKEN = "taken", "taken in"
        NOT_THEM = "not_them", "not this person"

    research = models.ForeignKey(Research, on_delete=models.PROTECT, related_name="records")
    external = models.CharField(max_length=120)  # their reference
    given_name = models.CharField(max_length=60, blank=True)
    family_name = models.CharField(max_length=60, blank=True)
    born = models.CharField(max_length=10, blank=True)  # 1984-03-12, 1984-03, 1984
    numbers = models.JSONField(default=list)  # in normal form
    addresses = models.JSONField(default=list)  # of {street, town, postcode}
    flags = models.JSONField(default=list)  # in their words; text, and no flag of ours
    as_of_date = models.DateField(null=True)
    judged = models.CharField(max_length=8, choices=Judged, blank=True)
    judged_by = models.CharField(max_length=64, blank=True)
    judged_at = models.DateTimeField(null=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # taken in as
    made = models.JSONField(
        default=dict
    )  # {"links": [12], "descriptions": [7]}: what taking it in put on record, for taking it back

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "research", "external"], name="research_found_once")]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()
