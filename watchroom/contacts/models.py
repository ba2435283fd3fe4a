"""Who got in touch, how, and what did they say? Every contact on every channel is one row, once (R1, R9)."""

from datetime import datetime

from django.db import models

from watchroom.foundation import digest
from watchroom.foundation.models import Scoped
from watchroom.gazetteer.models import Place
from watchroom.staff.models import Member


class Contact(Scoped):
    """One contact, with a timestamp for each stage, so that any force's definition of a wait can be computed (R17, R18)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ANSWERED = "answered"
        ENDED = "ended"  # the line is down or the message read; the writing up is not done
        WRAPPED = "wrapped"
        ABANDONED = "abandoned"  # the caller gave up before an answer

    # of the day, as read out: contact 212. Taken last in the transaction that receives it, and never empty after it
    number = models.PositiveIntegerField(null=True)
    day = models.DateField()
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    # when: the clock of a 999 call starts at the operator's transfer, not at dialling (R11)
    transferred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    wrapped_at = models.DateTimeField(null=True)
    # who and where, as the channel gave it
    caller_number = models.CharField(max_length=24, blank=True)  # normal form +447700900417; empty when withheld or none
    caller_name = models.CharField(max_length=120, blank=True)
    caller_born = models.CharField(max_length=10, blank=True)  # as far as it was said: 1984-03-12, 1984-03, 1984, or 1986~5
    caller_email = models.CharField(max_length=200, blank=True)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")  # picked by the handler or the sender
    place_said = models.CharField(max_length=200, blank=True)
    located_x = models.FloatField(null=True)  # handset or line location, metres on the grid
    located_y = models.FloatField(null=True)
    located_radius = models.FloatField(null=True)
    located_by = models.CharField(max_length=16, blank=True)  # aml, eisec, other
    located_method = models.CharField(max_length=16, blank=True)  # of the policy: gnss, wifi, cell, line …
    located_confidence = models.PositiveSmallIntegerField(null=True)  # per cent, as it was said
    located_at = models.DateTimeField(null=True)  # when the position was found
    # is it safe to answer them? (never ring or write otherwise)
    safe_contact = models.CharField(max_length=12, default="unknown")  # any, some, no, unknown
    safe_ways = models.JSONField(default=list)
    safe_times = models.CharField(max_length=200, blank=True)
    may_leave_message = models.BooleanField(default=False)
    # who holds it
    owner = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    # at whose desk it rings while it waits (`offers.py`); not taken in time, it is offered to somebody else
    offered_to = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(null=True)
    # in the attendant's menu, and offered to nobody until then; emptied once they are in the queue
    menu_until = models.DateTimeField(null=True)
    place_from = models.DateTimeField(
        null=True
    )  # the place in the queue that they keep: of a callback they took up by ringing again
    needs = models.JSONField(
        default=dict
    )  # skill: level that whoever takes it should have, by what they chose on the way; kept for them for a time only
    way = models.CharField(max_length=40, blank=True)  # of the policy: text_relay, bsl_relay; empty when nothing stands between
    language = models.CharField(max_length=40, blank=True)  # of the policy; empty for English, and while nobody said
    attention = models.PositiveSmallIntegerField(default=0)  # written by later rooms; lifts a vulnerable caller in the queue
    call_key = models.CharField(max_length=64, blank=True)  # the channel's own id of the call
    reason = models.CharField(max_length=40, blank=True)  # why they got in touch, when it led to no incident (R132)
    agency = models.CharField(max_length=40, blank=True)  # which other agency should have had it (R133)
    reason_offered = models.CharField(max_length=40, blank=True)  # inferred from the words, whatever the person then said
    tried_101 = models.CharField(max_length=20, blank=True)  # asked of 999 callers (R14)
    secret = models.BinaryField(default=digest.new_key)  # key of the digests in facts; destroyed at erasure

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "day", "number"], name="contact_number")]
        indexes = [
            models.Index(fields=["force", "state", "received_at"], name="contact_state"),
            models.Index(fields=["force", "caller_number", "received_at"], name="contact_caller"),
            models.Index(fields=["force", "place", "received_at"], name="contact_place"),
            models.Index(fields=["force", "received_at"], name="contact_received"),
        ]

    @property
    def reference(self) -> str:
        """As given to the caller: not guessable from another, and says nothing about what happened."""
        return f"{self.day:%d%m}-{self.number:04d}"

    @property
    def is_call(self) -> bool:
        return self.channel in ("999", "101")

    @property
    def number_is_typed(self) -> bool:
        """Somebody typed the number into a form or a message; of a call and the answerphone the network says it."""
        return not self.is_call and self.channel != "answerphone"

    def heard(self) -> models.QuerySet["Line"]:
        """What was heard and noted, oldest first; without what was written to the caller: a question is nothing that was heard."""
        return Line.heard_on(self.pk)

    @property
    def in_line_since(self) -> datetime:
        """From when their place in the queue counts; how long they waited is counted from their own call alone."""
        return self.place_from or self.transferred_at

    @property
    def is_live(self) -> bool:
        """The caller is on the line."""
        return self.state == self.State.ANSWERED and self.is_call


class Stage(Scoped):
    """A contact reached this stage, at this moment (R17): what has no column of its own on the contact, and may come more than once.

    With the columns, any force's definition of a wait can be computed: from the first ring, the end of the announcement, the
    queue, the offer (`stages.of`).
    """

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="stages")
    stage = models.CharField(max_length=16)  # of `rules.STAGES`
    member = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")  # offered to, passed on to
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "contact", "at"], name="stage_contact")]


class Callback(Scoped):
    """A 101 caller hung up, keeps the place in the queue, and is owed a call (R19).

    The contact waits until somebody has spoken with them.
    """

    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="callback")
    agreed_at = models.DateTimeField()
    by = models.CharField(max_length=64)
    due_at = models.DateTimeField()  # rung by then, as it was promised
    tries = models.PositiveSmallIntegerField(default=0)
    rung_at = models.DateTimeField(null=True)  # while somebody rings them
    rung_by = models.CharField(max_length=64, blank=True)
    not_before = models.DateTimeField(null=True)  # the next try
    is_decided_on = models.BooleanField(default=False)  # a supervisor decides what is done: it is offered to nobody
    closed_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=12, blank=True)  # of `callbacks.rules.HOWS`

    class Meta:
        indexes = [models.Index(fields=["force"], condition=models.Q(closed_at__isnull=True), name="callback_open")]


class Fix(Scoped):
    """A position that the network or the handset sent for a contact. The best one at the time stands in the contact's row; all stay here.

    Without a point (`x` is None) it is an address alone, or a place that is not on the force's map, in degrees.
    """

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="fixes")
    source = models.CharField(max_length=8)  # aml, eisec, other
    method = models.CharField(max_length=16)  # of the policy's locations
    taken_at = models.DateTimeField()  # when it was found
    at = models.DateTimeField()  # when we were told
    by = models.CharField(max_length=64)
    x = models.FloatField(null=True)  # metres on the force's grid
    y = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    radius = models.FloatField(null=True)  # metres; of an ellipse its longer half axis
    minor = models.FloatField(null=True)
    bearing = models.FloatField(null=True)  # of the longer axis, degrees clockwise from north
    confidence = models.PositiveSmallIntegerField(null=True)  # per cent
    is_shared = models.BooleanField(default=False)  # two calls of this number were live: it may be of the other
    is_mobile = models.BooleanField(null=True)
    is_voip = models.BooleanField(default=False)
    network = models.CharField(max_length=40, blank=True)
    subscriber = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=400, blank=True)
    postcode = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = [models.Index(fields=["force", "contact", "taken_at"], name="fix_contact")]

    @property
    def said(self) -> tuple[str, ...]:
        """All that it says of where, in words for the digest."""
        point = (self.x, self.y, self.latitude, self.longitude, self.radius, self.minor, self.bearing, self.confidence)
        return (*map(str, point), self.subscriber, self.address, self.postcode, self.taken_at.isoformat())


class Chat(Scoped):
    """How a conversation with the public page stands; what is said in it are lines of the contact, as on every channel.

    Times only. Whether their page is open is known by its asking for news (`seen_at`), kept every few seconds and no oftener.
    """

    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="chat")
    said = models.PositiveIntegerField(default=0)  # messages so far, of both
    seen_at = models.DateTimeField()
    caller_at = models.DateTimeField()  # their last message
    handler_at = models.DateTimeField(null=True)  # the last message to them
    waits_since = models.DateTimeField(null=True)  # their first message that has no reply yet
    # somebody writes to them at this moment: overwritten while they do, emptied when it is sent; web processes share nothing else
    writing_at = models.DateTimeField(null=True)
    quiet_at = models.DateTimeField(null=True)  # gone quiet, until they write again
    quiet_how = models.CharField(max_length=8, blank=True)  # silent, exit


class Attachment(Scoped):
    """A file that belongs to what was said: handed in with the contact, or added at a job to the contact that opened it (R57).

    The bytes lie in the vault (`foundation.vault`), under a name drawn by lot. Name and words are for people; no path and no
    header is made of them unchanged.
    """

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)  # what it shows, in the words of who added it
    kind = models.CharField(max_length=40)  # of the policy, told by its first bytes
    served_as = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    token = models.CharField(max_length=32)  # its name in the vault
    origin = models.CharField(max_length=12)  # handler, despatch
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "contact", "at"], name="attachment_contact")]


class Removal(Scoped):
    """That a file no longer stands in the log, and why. Its bytes stay, for whoever looks back, until they are erased."""

    append_only = True
    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="removal")
    because = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Line(Scoped):
    """Something said or written on a contact, as it was. Nothing is rubbed out; a correction is another line."""

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="lines")
    text = models.TextField()
    by = models.CharField(max_length=64)
    origin = models.CharField(max_length=12)  # caller (their words), to_caller (written to them), handler, system
    at = models.DateTimeField()
    written_at = models.DateTimeField()
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")

    class Meta:
        indexes = [models.Index(fields=["force", "contact", "at"], name="line_contact")]

    @classmethod
    def heard_on(cls, contact: int) -> models.QuerySet["Line"]:
        """As `Contact.heard`, for a statement too."""
        return cls.objects.filter(contact=contact).exclude(origin="to_caller").order_by("at", "pk")


class Message(Scoped):
    """A recording that was left in a box (R21): whose it is to listen, by when, and who did."""

    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="message")
    box = models.CharField(max_length=40)  # of the policy
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    transcript = models.ForeignKey(Line, null=True, on_delete=models.PROTECT, related_name="+")  # by a machine, unchecked
    seconds = models.PositiveIntegerField(null=True)  # how long it lasts, as the machine says
    left_at = models.DateTimeField()
    due_at = models.DateTimeField()
    was_covered = models.BooleanField()  # somebody was to be there in time when it was left
    listened_at = models.DateTimeField(null=True)
    listened_by = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["force", "due_at"], condition=models.Q(listened_at__isnull=True), name="message_unheard"),
        ]


class Partner(Scoped):
    """Another agency in a call of three: asked to join, joined, gone again. Which number it has, the exchange's link knows."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="partners")
    agency = models.CharField(max_length=40)  # of the policy
    by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "contact"], condition=models.Q(left_at=None), name="partner_one_at_a_time")
        ]


class Interpreter(Scoped):
    """Somebody who speaks for the caller: asked, there, gone again. How long that took is the caller's delay, and is counted."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="interpreters")
    language = models.CharField(max_length=40)  # of the policy
    by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # without `joined_at`: nobody came

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "contact"], condition=models.Q(ended_at=None), name="interpreter_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["force", "asked_at"], name="interpreter_asked")]


class Sending(Scoped):
    """A message of ours that a link hands over, and how far it is (`sending.py`)."""

    # a try has begun; emptied when the other side said that it did not take it. Still there after a kill: nobody knows
    sending_at = models.DateTimeField(null=True)
    doubted_at = models.DateTimeField(null=True)  # since when a person has to look whether it went out
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)  # why the last try failed, without an address

    class Meta:
        abstract = True
        base_manager_name = "everywhere"
