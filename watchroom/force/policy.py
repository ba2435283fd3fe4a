"""What has this force decided, in advance and in writing, about how it answers calls for help?

A `Policy` is data: it is read from a pack (`packs.py`, `data/*.toml`), checked, frozen, and passed to every rule. Rules
hold no threshold of their own. Entries that have a `code` are tables keyed by it in the pack, and tuples in order here.
Durations are seconds. Levels run from 0 to 3. Every list says where it comes from.

Adopted policies are stored and read for ever, so that a decision can be looked at by the policy of its day: a new field
needs a default that says what was true before it, and a field is not renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator

HIGHEST_LEVEL = 3

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=40)]
Seconds = Annotated[StrictInt, Field(ge=0)]
Count = Annotated[StrictInt, Field(ge=0)]
Level = Annotated[StrictInt, Field(ge=0, le=HIGHEST_LEVEL)]
Mark = Annotated[
    str, StringConstraints(pattern=r"^[a-z_]+( [1-3])?$")
]  # "stalking 1": that kind, at least that grave (1 may kill)
T = TypeVar("T")


def _by_code(value: Any) -> Any:
    """A table keyed by code becomes the list of its entries, each knowing its code."""
    if not isinstance(value, Mapping):
        return value
    return [{**entry, "code": code} if isinstance(entry, Mapping) else entry for code, entry in value.items()]


Coded = Annotated[tuple[T, ...], BeforeValidator(_by_code)]


class Part(BaseModel):
    """A piece of a policy: cannot be changed, and knows no field that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(Part):
    code: Code


E = TypeVar("E", bound=Entry)


class Meta(Part):
    code: Code
    version: Annotated[StrictInt, Field(ge=1)]
    title: Text
    owner: Text  # who answers for it
    effective_from: date
    review_by: date
    source: Text
    over: str = ""  # the pack this one lies over: its code in a file, its version too once it is laid
    locked: tuple[Text, ...] = ()  # paths that no pack laid over this one can change (R4, R62)


# --- how fast -------------------------------------------------------------------------------------------------------


class Response(Part):
    """How fast a 999 call is answered (R11), counted from the operator's transfer, and how it is published."""

    answer_999_s: Seconds
    answer_999_limit_s: Seconds  # never longer; each breach is read by a person (R12)
    answer_999_goal_percent: Count
    attend_goal_percent: Count = 90  # of what is promised, attended in time
    publication_bands_s: tuple[Seconds, ...]  # the upper edge of each published band but the last
    source: Text


class Channel(Entry):
    """A way to get in touch."""

    label: Text
    rank: Count  # lower is taken first
    answer_s: Seconds  # this force's own target (R17)


EMERGENCIES = ("999", "emergency_sms")  # channels before all else, whatever waits
LATER = (
    Channel(code="emergency_sms", label="999 text", rank=0, answer_s=60),
    Channel(code="social", label="Social", rank=1, answer_s=900),
    Channel(code="force", label="Another force", rank=1, answer_s=120),
)


class Contacts(Part):
    """When two contacts belong together, and by when what a contact owes is due."""

    repeat_window_days: Count
    after_abandoned_101_s: tuple[Seconds, ...]  # windows in which a 999 call counts as following an abandoned 101 call (R15)
    risk_s: Seconds  # after the answer, the risk record
    wrap_up_s: Seconds  # after the answer, the writing up
    abandoned_s: Seconds  # after somebody gave up, a look whether to ring back
    relief_after_s: Seconds = 2700  # on one contact, relief is offered
    repeat_windows_days: Annotated[tuple[Annotated[StrictInt, Field(ge=1, le=3660)], ...], Field(min_length=1)] = (1, 7, 28, 183)
    plan_from: Annotated[StrictInt, Field(ge=2)] = 5  # contacts within the repeat window, after which a plan is asked for (R72)
    plan_review_days: Annotated[StrictInt, Field(ge=1, le=366)] = 91
    plan_s: Seconds = 604800  # the vulnerability desk makes one, or says why not, within this time
    source: Text


class Kept(Part):
    """So many people who may answer 999 are kept free for it, in these hours of the force's own clock."""

    from_hour: Annotated[StrictInt, Field(ge=0, le=23)]
    to_hour: Annotated[StrictInt, Field(ge=1, le=24)]
    people: Count


class Grouping(Part):
    """When many ring from one place, others are answered between them: off until a named person declares it, for so long and no
    longer (`contacts.grouping`). Nobody is sent away unheard."""

    precise_m: Count = 100  # a caller whose position is surer than this belongs to a place; any other to none
    within_m: Count = 150  # of the first who rang from there
    from_calls: Annotated[StrictInt, Field(ge=2)] = 5  # fewer are no group
    heard_first: Annotated[StrictInt, Field(ge=1)] = 2  # of each place keep their turn, so that it is known what happened there
    stands_back_s: Annotated[StrictInt, Field(ge=0, le=120)] = 60  # the others stand as if they had rung so much later
    window_s: Seconds = 900  # who rang longer ago than this and was answered counts no more
    longest_s: Seconds = 14400
    min_reason: Count = 10  # letters and digits
    source: Text = "own judgement"


class Ability(Entry):
    """What some who answer contacts can do and others cannot (R17, R19). A supervisor says who can, and how well."""

    label: Text
    says: str = ""  # what it stands for, beside it on the page


class Routing(Part):
    """To whom a contact is offered, and in which order (`contacts.routing`). It reads no grade, and no grade reads it (R47)."""

    attention_lifts_s: Seconds = (
        1800  # each level of attention stands as if it had waited so much longer; 999 stays before all else
    )
    offer_s: Annotated[StrictInt, Field(ge=3, le=300)] = 15  # not taken by then, it is offered to somebody else
    kept_for_999: tuple[Kept, ...] = ()
    interrupts_wrap_up: tuple[str, ...] = (
        "999",
    )  # channels for which somebody who writes up another is asked, when nobody is free
    chats_at_once: Annotated[StrictInt, Field(ge=1, le=10)] = 4
    skills: dict[str, Code] = {}  # channel: the skill without which nobody is offered it; never 999
    asked_first: dict[str, Code] = {}  # channel: the skill of those who are offered it first; then it is anybody's, at once
    asked_first_from: Annotated[StrictInt, Field(ge=1, le=9)] = 2  # its level, or the highest: who learns is not asked first
    abilities: Coded[Ability] = ()  # the skills that there are; without any, nobody can be given one on a page
    levels: Annotated[tuple[Text, ...], Field(min_length=1, max_length=9)] = ("Learning", "Able", "Expert")  # of a skill, from 1
    callbacks_from_hour: Annotated[StrictInt, Field(ge=0, le=23)] = 8
    callbacks_to_hour: Annotated[StrictInt, Field(ge=1, le=24)] = 21
    callbacks_at_once: Count = 3
    grouping: Grouping = Grouping()
    source: Text = "R17 to R19 of A call for help; the numbers are own judgement"


class StatesReader(Entry):
    """Who reads one person's states of before, by name. The code is a role of `staff.roles`."""

    label: Text
    hours: Annotated[StrictInt, Field(ge=0, le=26280)]  # back from now; 0: nothing
    gives_reason: StrictBool = True

    @property
    def reach(self) -> str:
        """How far back, as a person says it: a year, 30 days, 24 hours."""
        years, of_a_year = divmod(self.hours, 24 * 365)
        days, of_a_day = divmod(self.hours, 24)
        if years and not of_a_year:
            return "a year" if years == 1 else f"{years} years"
        return f"{days} days" if days > 1 and not of_a_day else "an hour" if self.hours == 1 else f"{self.hours} hours"


class States(Part):
    """Who sees what one person of the room does, and for how long (`staff.reading`). Everybody always reads their own."""

    now: tuple[Code, ...] = ("supervisor",)  # roles that see by name what each does now
    readers: Coded[StatesReader] = ()  # nobody reads back until a force has said who
    min_reason: Count = 10  # letters and digits
    source: Text = "own judgement"


class Callbacks(Part):
    """A 101 caller who waits may hang up, keep the place, and be rung (R19).

    Hours, and how many are rung at once, stand in `Routing`; how often, in `LostCallers`.
    """

    is_on: StrictBool = False
    within_s: Annotated[StrictInt, Field(ge=300)] = (
        3600  # rung by then, or a supervisor has it; nobody is promised more than fits
    )
    most: Count = 20  # owed at once; more are not promised
    source: Text = "R19 of A call for help; the numbers are own judgement"


PERSON = "person"  # where a key leads, or a menu: into the queue of those who answer


class Saying(Entry):
    """What a caller hears. `{online}` is the address for reports."""

    text: Text
    seconds: Annotated[StrictInt, Field(ge=1, le=60)]  # how long it lasts; a key may be pressed before its end
    sound: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/_.-]*$")] = (
        ""  # how the exchange calls it; empty: watchroom/CODE
    )


class Menu(Entry):
    """A question by keys, or something announced on the way. 0 is a person everywhere and cannot be given away."""

    says: Code
    label: str = ""  # as whoever answers reads that it was chosen
    keys: dict[Annotated[str, StringConstraints(pattern=r"^[1-9*#]$")], Code] = {}  # key: a menu, or `person`
    then: Code | None = None  # said to the end, it goes on there without a key
    skill: str = ""  # of `routing.abilities`: who has it is offered the caller first, as for a language


class Attendant(Part):
    """What a machine says and asks on 101 before a person answers (R20). Of 999 there is no field: it has none of this."""

    is_on: StrictBool = False
    online: str = ""  # where one can report online, as it is read out
    start: Code = "welcome"
    menus: Coded[Menu] = ()
    sayings: Coded[Saying] = ()
    listens_s: Annotated[StrictInt, Field(ge=2, le=30)] = 5  # for a key, after a question
    repeats: Annotated[StrictInt, Field(ge=0, le=3)] = (
        1  # after silence or an unknown key a question is asked again; then a person
    )
    longest_s: Annotated[StrictInt, Field(ge=10, le=300)] = 75  # in menus; then a person
    waiting: tuple[Code, ...] = ()  # said in turn to whoever waits
    waiting_each_s: Annotated[StrictInt, Field(ge=15)] = 45  # from the end of one to the next
    callback_after_s: Seconds = 120  # in the queue, before a callback is offered, once
    callback_key: Annotated[str, StringConstraints(pattern=r"^[1-9*#]$")] = "1"
    callback_offer: Code = "callback_offer"  # sayings: the offer, that it is agreed, that it cannot be
    callback_agreed: Code = "callback_agreed"
    callback_refused: Code = "callback_refused"
    source: Text = "R19 and R20 of A call for help; words and numbers are own judgement"

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Attendant:
        if not self.is_on:
            return self
        menus, sayings = {one.code for one in self.menus}, {one.code for one in self.sayings}
        if PERSON in menus:
            raise ValueError(f"“{PERSON}” is no menu: it is where the queue begins.")
        for code in (self.start, *(code for one in self.menus for code in (*one.keys.values(), one.then or PERSON))):
            if code not in menus | {PERSON}:
                raise ValueError(f"A key leads to “{code}”, and there is no such menu.")
        said = {
            self.callback_offer,
            self.callback_agreed,
            self.callback_refused,
            *self.waiting,
            *(one.says for one in self.menus),
        }
        if missing := sorted(said - sayings):
            raise ValueError(f"“{missing[0]}” is to be said, and stands nowhere.")
        return self

    def menu(self, code: str) -> Menu | None:
        return next((one for one in self.menus if one.code == code), None)

    def saying(self, code: str) -> Saying | None:
        return next((one for one in self.sayings if one.code == code), None)


class Way(Entry):
    """Something stands between the caller and us: a relay that types, a relay that signs. What that means for whoever answers."""

    label: Text
    pace: Text  # one sentence, beside the caller for as long as the contact lasts
    says: tuple[Text, ...] = ()  # how it goes, line by line
    skill: str = ""  # of `routing.abilities`: who has it is asked first


class Language(Entry):
    """What a caller speaks who does not speak English with us."""

    label: Text
    skill: str = ""  # who has it answers in this language, without an interpreter


class Speaking(Part):
    """Callers who cannot speak, hear or use English: another way to the same act of risk, never another act."""

    ways: Coded[Way] = ()
    languages: Coded[Language] = ()
    within_s: Seconds = 60  # so long a contact is kept for somebody who has the skill, and then it is anybody's
    within_999_s: Seconds = 0  # the same for an emergency; even at 0 a free one who has it is taken first
    interpreter_s: Seconds = 120  # an interpreter is there within this time after they were asked
    source: Text = "own judgement"

    def way(self, code: str) -> Way | None:
        return next((one for one in self.ways if one.code == code), None)

    def language(self, code: str) -> Language | None:
        return next((one for one in self.languages if one.code == code), None)


class LocationMethod(Entry):
    """How a position was found, in words, and how far it is trusted."""

    label: Text
    floor_m: Count = 0  # never taken as surer than this, whatever it says of itself
    weight_percent: Annotated[StrictInt, Field(ge=100, le=10_000)] = 100  # of the radius it gives
    is_fixed: StrictBool = False  # the line does not move: its address is as good after ten minutes


class Locations(Part):
    """Which position, sent by the network or the handset, belongs to which call, and which of two is the better one."""

    before_s: Seconds = 300  # sent so long before the call, and it is still about it: kept until then, and then thrown away
    after_s: Seconds = 600  # the same after the line went down
    oldest_s: Seconds = 900  # found longer ago than this when it is sent, it is not taken
    ahead_s: Seconds = 60  # by which two clocks may differ
    assumed_percent: Annotated[StrictInt, Field(ge=1, le=99)] = 67  # how sure a radius is that does not say so
    walks_cm_s: Count = 150  # an older position is worth less: so far may somebody have gone
    fastest_m_s: Count = 40  # nobody goes further between two positions
    moved_from_m: Count = 50  # a shorter way is not spoken of
    apart_from_m: Count = 200  # so far from the place that was picked, beyond its own radius, is said aloud
    moving_s: Seconds = 600  # the time over which a way is told
    methods: Coded[LocationMethod] = ()
    source: Text = "own judgement"

    def method(self, code: str) -> LocationMethod:
        """One that is not declared is trusted as it says."""
        found = next((one for one in self.methods if one.code == code), None)
        return found or LocationMethod(code=code or "other", label=(code or "other").replace("_", " ").capitalize())


class Opening(Part):
    """Open on these days (0 is Monday), between these hours of the force's own clock."""

    days: tuple[Annotated[StrictInt, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4, 5, 6)
    from_hour: Annotated[StrictInt, Field(ge=0, le=23)]
    to_hour: Annotated[StrictInt, Field(ge=1, le=24)]


class Canned(Entry):
    """An answer that is often given: a person takes it into the field, changes it, and sends it. Nothing sends it by itself."""

    label: Text
    text: Text


class Chat(Part):
    """Writing with the public page (R34): when it is open, and when somebody who was there is held to have gone (`contacts.chat.rules`)."""

    is_on: StrictBool = False
    hours: tuple[Opening, ...] = ()
    poll_s: Annotated[StrictInt, Field(ge=2, le=30)] = 3  # their page asks for news this often
    gone_s: Annotated[StrictInt, Field(ge=20)] = 90  # a page that has not asked for so long is closed, or its device asleep
    quiet_s: Annotated[StrictInt, Field(ge=30)] = 180  # answered, gone, and no word for so long: gone quiet
    look_s: Seconds = 120  # somebody looks within this time what may have happened
    min_looked: Count = 10  # letters and digits of what was found
    answers: Coded[Canned] = ()
    source: Text = "R34 of A call for help; the numbers and the answers are own judgement"


class Mailbox(Part):
    """What is done about an e-mail of ours of which nobody knows whether it went out (`links.email`)."""

    look_after_s: Annotated[StrictInt, Field(ge=60)] = 180  # longer than a try can take; only then the Sent folder is looked into
    settle_s: Seconds = 900  # a person says within this time whether it was sent
    source: Text = "own judgement"


class Texts(Part):
    """What is done about a text to a caller's telephone that did not arrive (`links.texts`)."""

    report_s: Annotated[StrictInt, Field(ge=60)] = (
        600  # the gateway took it and has said no more since: nobody knows whether it went
    )
    settle_s: Seconds = 900  # a person has told the caller otherwise within this time
    source: Text = "own judgement"


class SocialWords(Part):
    """Words of a public post at which a second person looks twice."""

    victim: tuple[Text, ...] = ("victim", "complainant", "survivor")
    lifelong: tuple[Text, ...] = ("rape", "raped", "sexual", "sexually")  # offences whose victim is never identified


class Social(Part):
    """Messages on social media (R36): how old a signed one may be, and by when what goes out is looked at (`links.social`)."""

    window_s: Annotated[StrictInt, Field(ge=30, le=900)] = 300  # between the signing and the receiving of a message
    look_after_s: Annotated[StrictInt, Field(ge=60)] = 180  # longer than a try can take; only then the gateway is asked
    settle_s: Seconds = 900  # a person says within this time whether it was sent
    approve_s: Seconds = 1800  # a post is approved or declined by a second person
    take_down_s: Seconds = 900  # a post that was withdrawn is gone, or somebody saw to it
    min_reason: Count = 10  # characters: why it goes out in spite of a warning, why not, why it is withdrawn
    words: SocialWords = SocialWords()
    source: Text = "own judgement"

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.window_s)


class Grade(Entry):
    """A grade of response (R62). The codes are canonical, so that forces compare; the words are the force's own."""

    canonical: Literal["immediate", "priority", "scheduled", "appointment", "rwd"]
    rank: Annotated[StrictInt, Field(ge=1)]  # 1 is the most urgent
    key: Annotated[str, StringConstraints(pattern=r"^[1-9]$")]
    label: Text
    shape: Literal["octagon", "diamond", "square", "circle", "dashed"]
    attend_urban_s: Seconds | None = None  # none: a diary or no visit
    attend_rural_s: Seconds | None = None
    attend_words: Text  # "15 min", as the key says it
    review_s: Seconds | None = None  # risk is looked at again at least this often while it waits (R82)
    needs_deployment: StrictBool
    waits_for_risk: StrictBool
    because: Text


# --- how dangerous --------------------------------------------------------------------------------------------------


class Element(Entry):
    """One question of a risk model."""

    letter: Annotated[str, StringConstraints(min_length=1, max_length=2)]
    name: Text
    prompt: Text
    hint: Text
    levels: Annotated[tuple[Text, ...], Field(min_length=HIGHEST_LEVEL + 1, max_length=HIGHEST_LEVEL + 1)]
    drives: StrictBool  # it may make the response urgent; else it only informs
    counts_as: tuple[Code, ...] = ()  # what the table of grades reads it as; empty: as itself

    @property
    def counts(self) -> tuple[str, ...]:
        return self.counts_as or (self.code,)


class RiskModel(Entry):
    """A model of risk at first contact (R41, R43): which questions, and what counts as a reason."""

    title: Text
    source: Text
    min_rationale: Count  # letters and digits
    max_same_rationale: Annotated[StrictInt, Field(ge=1)]  # elements that may share one wording
    empty_phrases: tuple[Text, ...]  # words that say nothing, however long
    elements: Coded[Element]

    def element(self, code: str) -> Element:
        return _find(self.elements, code)


class Cue(Entry):
    """Something heard, seen or on record that the suggested grade may consider, and the least it asks for by itself."""

    label: Text
    kind: Literal["situation", "person", "marker", "call"]
    because: Text
    grade: str | None = None  # none: it counts only together with others
    words: tuple[Text, ...] = ()  # text in which it may be heard
    markers: tuple[Mark, ...] = ()
    forbids_nothing_heard: StrictBool = False
    is_aspect: StrictBool = False  # of somebody's vulnerability (R51, R53); several together are counted


class Row(Entry):
    """A row of the decision table: when every condition is met *or exceeded*, at least this grade."""

    levels: dict[str, Level] = {}
    cues: tuple[str, ...] = ()
    grade: str
    because: Text


class Caution(Entry):
    """What speaks against a suggestion. Shown beside it; never changes it."""

    at_most: dict[str, Level] = {}
    without_cues: StrictBool = False
    says: Text


class Grading(Part):
    """From risk to a suggested grade (R59, R60).

    The most urgent of all rows that are met is suggested. Rows only say "at least", so more danger can never mean a less
    urgent grade; and a row can name levels and cues but nothing of demand, because there is no field for it (R47).
    """

    floor: str  # the grade when every driving element is written and no row is met
    informing_ceiling: str  # elements that do not drive can ask for no more than this
    min_justification: Count  # letters and digits
    min_justification_below: Count  # when the grade is less urgent than suggested
    rows: Coded[Row]
    cautions: Coded[Caution] = ()
    negations: tuple[Text, ...] = ()
    source: Text


class Interlock(Part):
    """What a lower grade, a delay, a cancellation or a closing without attendance needs beyond one person's wish (R75 to R80)."""

    min_reason: Count = 25  # letters and digits
    fresh_s: Seconds = 1800  # a look at the risk older than this is no ground to wait longer
    climbs_after_s: Seconds = 300  # a proposal that nobody answers goes one higher
    lapses_after_s: Seconds = 1800  # and then it is as if it had not been asked
    warn_s: Seconds = 600  # so long before a target is missed, somebody decides what to do
    look_s: Seconds = 300  # new information is looked at within this time
    regrade_s: Seconds = 120  # the risk asks for a more urgent grade than was decided: decide again
    longest_delay_s: Seconds = 86400
    source: Text = "R75 to R80 of A call for help; the lengths are own judgement"


class Measure(Entry):
    """What a declared surge may change: who does what. There is no field by which it could touch risk or grade (R46, R47, R84)."""

    label: Text
    role: Literal["supervisor", "despatcher", "resolver", "handler"]  # whoever has this role
    acts_as: Literal["handler", "resolver", "despatcher"]  # may meanwhile also do what this one does


class Surge(Part):
    """A time of high demand, declared and reasoned by a named person, and ending by itself (R84)."""

    longest_s: Seconds = 43200
    min_reason: Count = 10
    measures: Coded[Measure] = ()
    source: Text = "R84 of A call for help; the measures are own judgement"


class Drift(Part):
    """When it is said aloud that busy moments are graded lower (R47): after how many grades, at which certainty and size."""

    days: Annotated[StrictInt, Field(ge=7, le=366)] = 28
    min_decisions: Annotated[StrictInt, Field(ge=50)] = 200  # with fewer nothing is said
    alarm_p: Annotated[float, Field(gt=0, le=0.05)] = 0.01  # how often chance alone may raise the alarm
    min_effect_percent: Annotated[StrictInt, Field(ge=50, le=100)] = 53  # of the pairs that differ; 50 is no drift
    min_people: Annotated[StrictInt, Field(ge=3)] = 5  # a team of fewer is not shown: it would be a figure of persons
    answer_s: Annotated[StrictInt, Field(ge=3600)] = 86400  # until somebody has looked and written what was found
    quiet_s: Annotated[StrictInt, Field(ge=0)] = 604800  # after an answer, the same is not said again for so long
    min_answer: Count = 25  # letters
    source: Text = "R47 of A call for help; the numbers are own judgement"


class MarkerKind(Entry):
    """A kind of flag (R68, R70): how grave, whose it is, who may read it, and when somebody looks at it again."""

    label: Text
    level: Annotated[StrictInt, Field(ge=1, le=3)]  # 1 may kill, 2 serious, 3 to know
    icon: Text
    stands_for: Annotated[tuple[Literal["person", "place", "number"], ...], Field(min_length=1)]  # the first is what it is of
    needs: str = ""  # a permission; whoever has it not sees that there is a flag, its gravity, and whom to ask
    review_days: Annotated[StrictInt, Field(ge=1, le=3660)]
    is_of_victim: StrictBool = False  # not to be spoken of to whoever else may hold the phone
    has_code: StrictBool = False  # it holds a code that opens a door


class Markers(Part):
    """What flags there are, and how they are kept right."""

    kinds: Coded[MarkerKind] = ()
    min_reason: Count = 15  # letters and digits
    decide_s: Seconds = 86400  # a challenge is decided within this time
    review_s: Seconds = 259200  # a flag past its review date is looked at within this time
    code_shown_s: Annotated[StrictInt, Field(ge=5, le=120)] = 30
    source: Text = "R68 and R70 of A call for help; the times are own judgement"


class Series(Entry):
    """When incidents that were each graded low are shown together (R69). It can take nothing of demand, and takes no grade away."""

    label: Text
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]  # incident types
    low: Annotated[tuple[str, ...], Field(min_length=1)]  # grades that count as low
    least: Annotated[StrictInt, Field(ge=2, le=50)] = 3  # occasions
    within_days: Annotated[StrictInt, Field(ge=1, le=366)] = 183
    apart_s: Seconds = 43200  # what comes sooner is the same occasion
    per_year: Annotated[float, Field(gt=0, le=365)]  # how often it comes to one person or address without any series
    chance: Annotated[float, Field(gt=0, le=0.05)] = 0.0005  # a stretch rarer than this by chance alone is a series
    look_s: Seconds = 14400  # the vulnerability desk looks within this time
    source: Text = "R69 of A call for help; the numbers are own judgement"


class PartyRole(Entry):
    """A part that somebody may have in an incident."""

    label: Text
    joins_series: bool = (
        False  # incidents in which the same person on record has such a part may be one series, whoever called (R69)
    )


class CrimeReason(Entry):
    """Why no crime is recorded, where a report could be one."""

    label: Text


class Crimes(Part):
    """Whether a crime is recorded is decided by a named person, in time, with a reference or a reason (NCRS)."""

    decide_s: Annotated[StrictInt, Field(ge=3600)] = 86400  # from the report
    min_words: Count = 15  # letters of the account where none is recorded
    reasons: Coded[CrimeReason] = ()
    source: Text = (
        "Home Office Counting Rules: on the balance of probabilities, else an account of the reasons; 24 hours is own knowledge"
    )


class VictimsCode(Part):
    """What a victim is told, and until when. Working days are those of England and Wales."""

    told_days: Annotated[StrictInt, Field(ge=1)] = 5  # working days: written confirmation with the crime number; updates
    enhanced_days: Annotated[StrictInt, Field(ge=1)] = (
        1  # the same of serious crime, and of vulnerable or persistently targeted victims
    )
    support_s: Annotated[StrictInt, Field(ge=3600)] = 172800  # referred to a support service
    enhanced_types: tuple[Code, ...] = ()
    enhanced_level: Level = 2  # of vulnerability, on the record
    enhanced_cues: tuple[Code, ...] = ()
    source: Text = "Code of Practice for Victims of Crime in England and Wales; which types count as serious is own judgement"


class SceneAdvice(Entry):
    """What officers are told where one of these cues is in play (R58), whatever the type."""

    cues: Annotated[tuple[str, ...], Field(min_length=1)]
    kind: Literal["safety", "evidence", "enquiry"]
    says: Text


class NothingHeard(Part):
    """The one-line judgement that there is nothing to assess: proportionate, recorded, and refused where it would be unsafe."""

    min_because: Count
    source: Text


class Sound(Entry):
    """What may be heard on a line on which nobody speaks, and the cue that it stands for."""

    label: Text
    key: Annotated[str, StringConstraints(pattern=r"^[0-9]$")]  # after F9
    cue: str = ""


class SilentCall(Part):
    """What a silent or abandoned 999 call means here. Past its review date it is shown as such to all who rely on it."""

    owner: Text
    review_by: date
    ring_back_attempts: Count
    landline_hold_s: Seconds
    says: tuple[Text, ...]
    sounds: Coded[Sound] = ()
    source: Text


# --- what is handed in -----------------------------------------------------------------------------------------------


class FileKind(Entry):
    """A kind of file that may stand in a log. `signs`: what its first bytes are, any of these.

    Each sign is `offset:hex`; of several parts with blanks between, all.
    """

    label: Text
    ending: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{2,5}$")]
    served_as: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    signs: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^\d{1,2}:([0-9a-f]{2})+( \d{1,2}:([0-9a-f]{2})+)*$")], ...],
        Field(min_length=1),
    ]


class Files(Part):
    """Which files may be put into a log (R57). Without a kind, none."""

    most_bytes: Annotated[StrictInt, Field(ge=0, le=200_000_000)] = 0
    kinds: Coded[FileKind] = ()
    source: Text = "own judgement"


# --- the answerphone ------------------------------------------------------------------------------------------------

Hours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Desk = Annotated[str, StringConstraints(pattern=r"^desk:[a-z]+$")]


class Box(Entry):
    """A box that messages may be left in, and when somebody listens (R21). Hours are of the force's own clock."""

    label: Text
    owner: Desk
    hours: dict[Weekday, tuple[Hours, ...]] = {}  # of a day that is not named, none; a night is two stretches
    on_bank_holidays: StrictBool = False
    listen_s: Annotated[StrictInt, Field(ge=60)]  # a person listens within this time of the message
    danger_s: Annotated[StrictInt, Field(ge=60)] = 600  # the same, where a word of danger was heard in a transcript
    needs_s: Annotated[StrictInt, Field(ge=1)] = (
        600  # so much of that time somebody has to be there, or nobody is sent to the box
    )
    escalate_to: Desk = "desk:supervisor"  # what is still unheard is theirs to see to
    escalate_s: Seconds = 900  # within this time after it was due


class Answerphone(Part):
    """Which boxes there are. Without one, no call is sent to an answerphone."""

    boxes: Coded[Box] = ()
    bank_holidays: Literal["ENG", "WLS", "SCT", "NIR"] = "ENG"  # of which part of the United Kingdom
    most_bytes: Annotated[StrictInt, Field(ge=1, le=50_000_000)] = 10_000_000  # of a recording
    kinds: tuple[Code, ...] = ("wav", "ogg", "mp3")  # of the kinds of files, those that can be listened to
    source: Text = "R21 of A call for help; the times are own judgement"

    def box(self, code: str) -> Box | None:
        """None for a box that is there no longer."""
        return next((box for box in self.boxes if box.code == code), None)


class LostCallers(Part):
    """Somebody gave up before an answer: how they are rung back."""

    tries: Annotated[StrictInt, Field(ge=1, le=10)] = 2  # of 999 the rule for silent calls says how many
    again_s: Seconds = 600  # between two tries
    not_without_codeword: tuple[Mark, ...] = (
        "domestic_abuse",
        "stalking",
        "protected",
        "codeword",
    )  # flags of those who may not be alone
    codeword_needs: tuple[Text, ...] = (
        "identity.open_code",
    )  # with any of these permissions a codeword is opened to ring safely
    source: Text = "Two more attempts, as Cumbria publishes of its call back; the time between is own judgement"


class Twins(Part):
    """Records that may be of one person: who looks through the whole record for them at night (R65). A person judges either way."""

    looked_through_by: Literal["watchroom", "splink"] = "watchroom"  # Splink has to be installed where the worker runs
    source: Text = "own judgement"


# --- what it is, and how it ends ------------------------------------------------------------------------------------


class Category(Entry):
    group: Literal["transport", "asb", "safety", "crime", "administration"]
    label: Text
    closes_unattended: StrictBool = False  # there was nothing to attend: a duplicate, an error, a test


class Qualifier(Entry):
    label: Text


class Categories(Part):
    """Opening and closing categories in the style of the National Standard for Incident Recording."""

    verify: Text  # until somebody has checked the list against the standard
    items: Coded[Category]
    qualifiers: Coded[Qualifier]


class IncidentType(Entry):
    """What it is, in the room's words; suggested from text only where a pattern is declared (R54, R63)."""

    label: Text
    opening: str  # category
    words: tuple[Text, ...] = ()  # any of these, and
    together_with: tuple[Text, ...] = ()  # any of these, if there are any
    sharpens: str = ""  # where both are heard, this one stands for that one: it is the same thing, and worse
    grade: str | None = None  # never less urgent than this
    because: str = ""
    may_be_crime: StrictBool = False  # somebody decides whether a crime is recorded; so of every type that opens as a crime
    has_solvability: StrictBool = False
    is_desk_investigable: StrictBool = False  # it may be investigated from a desk (R90); a force adds its own


class Outcome(Entry):
    """A way to resolve without deployment (R85)."""

    label: Text
    prompt: Text
    min_text: Count
    needs_due: StrictBool = False
    needs_agency: StrictBool = False
    needs_advice: StrictBool = False  # the very words that were given, and how
    opens_diary: StrictBool = False  # an investigation from the desk, with its lines of enquiry (R90)
    is_offered: StrictBool = True  # false: the outcome is defined, this version cannot yet carry it out
    source: Text


class Advice(Entry):
    """Words that somebody may want in writing; a template, edited before it is given."""

    label: Text
    text: Text
    kinds: tuple[Code, ...] = ()  # offered first for these types; none: for all alike


class Strategy(Entry):
    """What an investigative or response strategy, or a priority that the force was given, says of some types (R88).

    It can ask for more than the risk does, never for less: the one thing that it can do is to have an officer attend.
    """

    label: Text
    says: Text  # the sentence that stands before whoever resolves one, and before whoever judges it afterwards
    part: Literal["investigation", "response", "priority"]
    kinds: tuple[Code, ...] = ()  # none: all types
    is_attended: StrictBool = False  # an officer attends: nothing of these types is resolved without deployment
    funded_by: str = ""  # who pays for what it asks, where that is not the force's own budget
    since: date | None = None
    until: date | None = None  # the last day; a priority whose money ends says so here
    source: Text


class System(Entry):
    """Another organisation's records that may be asked live about who is in touch, under an agreement (R66)."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    holds: Text  # what it has on record, as a handler reads it
    basis: Text  # the lawful basis on which it is told and answers
    agreement: Text
    review_by: date  # after this day it is not asked, until somebody has renewed the agreement
    asks: Annotated[tuple[Literal["name", "born", "number", "address"], ...], Field(min_length=1)]  # what may be sent to it
    timeout_s: Annotated[StrictInt, Field(ge=1, le=30)] = 8  # for each try, from the first byte sent to the last received
    most: Annotated[StrictInt, Field(ge=1, le=50)] = (
        10  # records in an answer; more are no help to somebody with a caller on the line
    )
    source: Text

    def holds_on(self, on: date) -> bool:
        """Whether the agreement still holds on this day."""
        return on <= self.review_by


class Research(Part):
    """How other systems are asked live, and what is written where nobody asks."""

    purpose: Text = "To know who is in touch and what danger they may be in"  # told to the system, and on record
    tries: Annotated[StrictInt, Field(ge=1, le=5)] = 2  # of a system that is not reached, or too busy
    lapses_after_s: Seconds = 600  # what could not be sent by then is not sent any more: the caller is gone
    min_reason: Count = 8  # letters and digits of why it is not needed
    source: Text = "R66 of A call for help; the numbers are own judgement"


class OtherForce(Entry):
    """A force to which a contact may be handed over. Here by its own code, when it works in this installation; else over REST."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    covers: str = ""  # what lies in its area, as a handler knows it
    ring: str = ""  # how its control room is rung, when nobody there answers


class HandingOver(Part):
    """Handing a contact over to another force. The risk stays ours until somebody there accepts it, by name."""

    forces: Coded[OtherForce] = ()
    accept_s: Seconds = 600  # accepted or declined by then, or it climbs here
    accept_urgent_s: Seconds = 120  # the same with the caller on the line, or at the most urgent grade
    min_reason: Count = 10  # letters and digits of why, of the risk as it was heard, and of why not
    source: Text = "own judgement"

    def force(self, code: str) -> OtherForce | None:
        return next((one for one in self.forces if one.code == code), None)


class Criterion(Entry):
    """What is asked of a resolved case when its quality is assessed (R87)."""

    label: Text
    asks: Text
    look: str = ""  # where to look, and what counts as met
    puts_right: StrictBool = False  # not met: somebody is owed more than was done, and a supervisor sees to it


class Resolving(Part):
    """What is owed after a resolution without deployment, and how it is watched (R25, R90, R92)."""

    follow_up_days: Count = 0  # after so many days: “would you need us again?”; 0: nobody asks
    repeat_days: Count = 0  # in touch again within so many days is a sign of failure; 0: not counted
    call_back_tries: Count = 3  # so many tries without reaching them, and the call back goes to the supervisor
    post_s: Seconds = 86400  # advice that is to be posted is posted within this time
    review_investigation_days: Annotated[StrictInt, Field(ge=1)] = 14
    sample_each: Count = 0  # drawn of each outcome and finished week, to be assessed; 0: none are drawn by themselves
    sample_second_percent: Annotated[StrictInt, Field(ge=0, le=100)] = 0  # of those drawn, assessed by two people
    assess_days: Annotated[StrictInt, Field(ge=1)] = 14
    put_right_s: Seconds = 86400  # what the case still owes somebody is seen to within this time
    read_days: Annotated[StrictInt, Field(ge=1)] = 14  # whoever resolved it reads what was found within this time
    source: Text = "R25, R87, R90 and R92 of A call for help; the lengths are own judgement"


class Agency(Entry):
    """Who else may own a need that reached the police (R2, R24), and when they are thought of (R42)."""

    label: Text
    says: str = ""  # what they can do
    cues: tuple[Code, ...] = ()  # any of these, or any of the types, and they are named as one who can help
    kinds: tuple[Code, ...] = ()
    words: tuple[Text, ...] = ()  # in which what is theirs is asked for; they only offer it to a person (`contacts.unlogged`)
    details: str = ""  # how they are reached, as it is read out and sent; empty where this force has not written it


class Reason(Entry):
    """Why somebody got in touch when there is no incident to record (R132)."""

    label: Text
    because: Text  # the line offered for the judgement, to be corrected
    needs_agency: StrictBool = False
    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]?$")] = ""  # presses it, after F9 q
    words: tuple[Text, ...] = ()  # in which it is heard; they only offer it to a person


class Question(Entry):
    """A solvability question (R91): any yes means that an officer attends."""

    asks: Text
    yes: Text


# --- who goes -------------------------------------------------------------------------------------------------------


class Status(Entry):
    """A radio status. `next`: what it may turn to; an emergency (0) may follow anything, and messages change nothing."""

    label: Text
    freedom: Literal["free", "sendable", "going", "scene", "committed", "away", "off", "emergency", "message"]
    is_assignable: StrictBool
    next: tuple[Annotated[StrictInt, Field(ge=0, le=16)], ...] = ()
    caution: str = ""

    @property
    def number(self) -> int:
        return int(self.code)


class Skill(Entry):
    label: Text
    needs_word_of: str = ""  # whose word is needed before such a unit goes


class Need(Entry):
    """What cues or markers ask of who is sent."""

    cues: tuple[str, ...] = ()
    markers: tuple[Mark, ...] = ()
    officers: Count = 1
    skills: tuple[str, ...] = ()
    because: Text


class Dispatch(Part):
    urban_kmh: Annotated[StrictInt, Field(ge=1)]
    rural_kmh: Annotated[StrictInt, Field(ge=1)]
    winding_percent: Annotated[StrictInt, Field(ge=100)]  # road length for each 100 of straight line
    turn_out_s: Seconds
    stale_after_s: Seconds  # an older position is a guess
    statuses: Coded[Status]
    skills: Coded[Skill] = ()
    needs: Coded[Need] = ()
    source: Text

    def status(self, number: int | str) -> Status:
        return _find(self.statuses, str(number))


class Case(Part):
    """A test the pack carries with it: these answers and cues, this suggestion."""

    name: Text
    levels: dict[str, Level] = {}
    cues: tuple[str, ...] = ()
    kind: str = ""
    expect: str  # a grade's code, or "unknown" when too little is written


class Policy(Part):
    meta: Meta
    risk_model: Code  # the model in use
    response: Response
    channels: Coded[Channel]
    contacts: Contacts
    routing: Routing = Routing()
    states: States = States()
    callbacks: Callbacks = Callbacks()
    attendant: Attendant = Attendant()
    speaking: Speaking = Speaking()
    locations: Locations = Locations()
    chat: Chat = Chat()
    mailbox: Mailbox = Mailbox()
    texts: Texts = Texts()
    social: Social = Social()
    grades: Coded[Grade]
    models: Coded[RiskModel]
    cues: Coded[Cue]
    grading: Grading
    interlock: Interlock = Interlock()
    surge: Surge = Surge()
    drift: Drift = Drift()
    markers: Markers = Markers()
    series: Coded[Series] = ()
    nothing_heard: NothingHeard
    silent_call: SilentCall
    files: Files = Files()
    answerphone: Answerphone = Answerphone()
    lost_callers: LostCallers = LostCallers()
    twins: Twins = Twins()
    parties: Coded[PartyRole] = ()
    crimes: Crimes = Crimes()
    victims_code: VictimsCode = VictimsCode()
    scene: Coded[SceneAdvice] = ()
    incident_types: Coded[IncidentType]
    categories: Categories
    rwd_outcomes: Coded[Outcome]
    resolving: Resolving = Resolving()
    strategies: Coded[Strategy] = ()
    criteria: Coded[Criterion] = ()
    advice: Coded[Advice] = ()
    agencies: Coded[Agency]
    systems: Coded[System] = ()
    research: Research = Research()
    handing_over: HandingOver = HandingOver()
    reasons: Coded[Reason]
    solvability: Coded[Question]
    dispatch: Dispatch
    tests: tuple[Case, ...] = ()

    @property
    def version(self) -> str:
        """How a decision names the policy it was made under: `northmoor 1 over national 1`."""
        own = f"{self.meta.code} {self.meta.version}"
        return f"{own} over {self.meta.over}" if self.meta.over else own

    def grade(self, code: str) -> Grade:
        return _find(self.grades, code)

    def model(self, code: str = "") -> RiskModel:
        """A risk model by its code; without one, the model in use."""
        return _find(self.models, code or self.risk_model)

    def marker_kind(self, code: str) -> MarkerKind | None:
        """None for a kind that came from another record and is not declared here."""
        return next((kind for kind in self.markers.kinds if kind.code == code), None)

    def cue(self, code: str) -> Cue:
        return _find(self.cues, code)

    def channel(self, code: str) -> Channel:
        """One that came after this policy was adopted is as the house has it until the force says otherwise."""
        return _find((*self.channels, *LATER), code)

    def incident_type(self, code: str) -> IncidentType:
        return _find(self.incident_types, code)

    def category(self, code: str) -> Category:
        return _find(self.categories.items, code)

    def rwd_outcome(self, code: str) -> Outcome:
        return _find(self.rwd_outcomes, code)

    def reason(self, code: str) -> Reason:
        return _find(self.reasons, code)

    def strategies_of(self, kind: str, on: date) -> tuple[Strategy, ...]:
        """What holds for this type on this day; what has an officer attend stands first (R88)."""
        holds = [
            one
            for one in self.strategies
            if (not one.kinds or kind in one.kinds) and (one.since or on) <= on <= (one.until or on)
        ]
        return tuple(sorted(holds, key=lambda one: not one.is_attended))

    def may_investigate_from_desk(self, kind: str) -> bool:
        """Whether this type is on the list of what may be investigated from a desk (R90)."""
        return any(entry.code == kind and entry.is_desk_investigable for entry in self.incident_types)

    def may_be_crime(self, kind: str) -> bool:
        """Whether a report of this type may be a crime, so that somebody has to decide whether one is recorded."""
        found = next((entry for entry in self.incident_types if entry.code == kind), None)
        return found is not None and (found.may_be_crime or self.is_crime(found.opening))

    def is_crime(self, category: str) -> bool:
        return any(one.code == category and one.group == "crime" for one in self.categories.items)

    def system(self, code: str) -> System | None:
        """None for one that was asked once and is no longer declared."""
        return next((one for one in self.systems if one.code == code), None)

    def agency(self, code: str) -> Agency:
        return _find(self.agencies, code)

    def most_urgent(self, codes: Iterable[str | None]) -> str | None:
        """The most urgent of these grades; none of them, none."""
        return min((code for code in codes if code), key=lambda code: self.grade(code).rank, default=None)

    def is_more_urgent(self, this: str | None, other: str | None) -> bool:
        """No grade at all is the least urgent."""
        return this is not None and (other is None or self.grade(this).rank < self.grade(other).rank)

    def counted(self, levels: Mapping[str, int]) -> dict[str, int]:
        """These levels as the table of grades reads them, whichever risk model they were written under; of two the higher."""
        read = dict(levels)
        for model in self.models:
            for element in model.elements:
                for code in element.counts if element.code in levels else ():
                    read[code] = max(levels[element.code], read.get(code, 0))
        return read

    def read_as(self, code: str) -> frozenset[str]:
        """The elements, of all risk models, that the table of grades reads as this one."""
        return frozenset(element.code for model in self.models for element in model.elements if code in element.counts)

    def unwritten(self, levels: Mapping[str, int]) -> tuple[Element, ...]:
        """The elements of the model in use that drive the grade and are not written, under their own name or as they count."""
        return tuple(
            element
            for element in self.model().elements
            if element.drives and element.code not in levels and not all(code in levels for code in element.counts)
        )

    def rows_met(self, levels: Mapping[str, int], cues: Iterable[str]) -> tuple[Row, ...]:
        """The rows of the decision table whose every condition is met or exceeded, in the table's order."""
        present, read = frozenset(cues), self.counted(levels)
        return tuple(
            row
            for row in self.grading.rows
            if all(read.get(element, -1) >= level for element, level in row.levels.items()) and present.issuperset(row.cues)
        )

    def least_grade(self, levels: Mapping[str, int], cues: Iterable[str], kind: str | None = None) -> str | None:
        """The least urgent grade that these levels, cues and type allow; none while too little is written to say.

        Monotone: a higher level, one more cue or one more answer never makes it less urgent.
        """
        cues = tuple(cues)
        asked: list[str | None] = [row.grade for row in self.rows_met(levels, cues)]
        asked += [cue.grade for cue in self.cues if cue.code in cues]
        asked += [entry.grade for entry in self.incident_types if entry.code == kind]
        if not self.unwritten(levels):
            asked.append(self.grading.floor)
        return self.most_urgent(asked)

    def out_of_date(self, on: date) -> tuple[str, ...]:
        """What of this policy is past its review date, in sentences: an out-of-date rule is shown, never hidden."""
        late = []
        if on > self.meta.review_by:
            late.append(f"{self.meta.title} was to be reviewed by {self.meta.review_by:%d %B %Y}; ask {self.meta.owner}.")
        if on > self.silent_call.review_by:
            late.append(
                f"The rule for silent calls was to be reviewed by {self.silent_call.review_by:%d %B %Y};"
                f" ask {self.silent_call.owner}."
            )
        for system in self.systems:
            if not system.holds_on(on):
                late.append(
                    f"The agreement with {system.label} was to be reviewed by {system.review_by:%d %B %Y}, and it is not asked"
                    f" any more; ask {self.meta.owner}."
                )
        for one in self.strategies:
            if one.until and on > one.until:
                late.append(f"“{one.label}” ended on {one.until:%d %B %Y} and holds no longer; ask {self.meta.owner}.")
        return tuple(late)


def _find(entries: Iterable[E], code: str) -> E:
    for entry in entries:
        if entry.code == code:
            return entry
    raise KeyError(code)


def marked(declared: Iterable[str], markers: Iterable[tuple[str, int]]) -> bool:
    """Whether one of the markers (kind, level; 1 is the gravest) is of a declared kind, and as grave as declared."""
    present = tuple(markers)
    for mark in declared:
        kind, _, level = mark.partition(" ")
        if any(kind == its_kind and its_level <= int(level or 9) for its_kind, its_level in present):
            return True
    return False


def contradictions(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where a policy names what it does not have: the path in the pack, and a sentence."""
    grades = {grade.code for grade in policy.grades}
    cues = {cue.code for cue in policy.cues}
    categories = {category.code for category in policy.categories.items}
    types = {entry.code for entry in policy.incident_types}
    skills = {skill.code for skill in policy.dispatch.skills}
    statuses = {status.number for status in policy.dispatch.statuses}
    models = {model.code for model in policy.models}

    if policy.risk_model not in models:
        yield ("risk_model",), f'there is no risk model "{policy.risk_model}"'
        return
    drives: dict[str, bool] = {}  # what the table can name under this model, and whether it may make the response urgent
    for element in policy.model().elements:
        for code in element.counts:
            drives[code] = drives.get(code, False) or element.drives
    yield from _grades_agree(policy)
    for name in ("floor", "informing_ceiling"):
        if getattr(policy.grading, name) not in grades:
            yield ("grading", name), f'there is no grade "{getattr(policy.grading, name)}"'
            return

    for table, entries in (("cues", policy.cues), ("incident_types", policy.incident_types)):
        for entry in entries:
            if entry.grade is not None and entry.grade not in grades:
                yield (table, entry.code, "grade"), f'there is no grade "{entry.grade}"'
    for row in policy.grading.rows:
        at = ("grading", "rows", row.code)
        if row.grade not in grades:
            yield (*at, "grade"), f'there is no grade "{row.grade}"'
        if not row.levels and not row.cues:
            yield at, "a row needs at least one condition"
        for code in row.levels:
            if code not in drives:
                yield (*at, "levels", code), f'the model {policy.risk_model} has no element "{code}"'
        for code in row.cues:
            if code not in cues:
                yield (*at, "cues"), f'there is no cue "{code}"'
        informs_only = not row.cues and not any(drives[code] for code in row.levels if code in drives)
        if informs_only and row.grade in grades and policy.is_more_urgent(row.grade, policy.grading.informing_ceiling):
            yield (*at, "grade"), f"elements that only inform cannot ask for more than {policy.grading.informing_ceiling}"
    for caution in policy.grading.cautions:
        for code in caution.at_most:
            if code not in drives:
                yield ("grading", "cautions", caution.code, "at_most", code), f'there is no element "{code}"'
    for entry in policy.incident_types:
        if entry.opening not in categories:
            yield ("incident_types", entry.code, "opening"), f'there is no category "{entry.opening}"'
        if entry.sharpens and entry.sharpens not in types:
            yield ("incident_types", entry.code, "sharpens"), f'there is no incident type "{entry.sharpens}"'
    for advice in policy.advice:
        for code in advice.kinds:
            if code not in types:
                yield ("advice", advice.code, "kinds"), f'there is no incident type "{code}"'
    for strategy in policy.strategies:
        named = ("strategies", strategy.code)
        if strategy.is_attended and not strategy.kinds:
            yield (*named, "kinds"), "name the types that an officer attends"
        if strategy.since and strategy.until and strategy.until < strategy.since:
            yield (*named, "until"), "it ends before it begins"
        for code in strategy.kinds:
            if code not in types:
                yield (*named, "kinds"), f'there is no incident type "{code}"'
            elif strategy.is_attended and policy.may_investigate_from_desk(code):
                yield (
                    (*named, "kinds"),
                    f"{code} is attended by this strategy and investigated from a desk by its type: one of both",
                )
    pressed: dict[str, str] = {}
    for reason in policy.reasons:
        if reason.key and reason.key in pressed:
            yield ("reasons", reason.code, "key"), f"{reason.key} is already the key of {pressed[reason.key]}"
        pressed[reason.key] = reason.code
    for agency in policy.agencies:
        for field, given, known, word in (("kinds", agency.kinds, types, "incident type"), ("cues", agency.cues, cues, "cue")):
            for code in given:
                if code not in known:
                    yield ("agencies", agency.code, field), f'there is no {word} "{code}"'
    abilities = {one.code for one in policy.routing.abilities}
    for field, asked in (("skills", policy.routing.skills), ("asked_first", policy.routing.asked_first)):
        for channel, code in asked.items():
            if abilities and code not in abilities:
                yield ("routing", field, channel), f'there is no ability "{code}"'
    for channel in EMERGENCIES:
        if channel in policy.routing.skills:
            yield ("routing", "skills", channel), "an emergency waits for no skill: name it in asked_first"
    for menu in policy.attendant.menus:
        if menu.skill and menu.skill not in abilities:
            yield ("attendant", "menus", menu.code, "skill"), f'there is no ability "{menu.skill}"'
    marks: set[str] = set()
    for table, spoken in (("ways", policy.speaking.ways), ("languages", policy.speaking.languages)):
        for one in spoken:
            if one.skill and one.skill not in abilities:
                yield ("speaking", table, one.code, "skill"), f'there is no ability "{one.skill}"'
            if one.code in marks:
                yield ("speaking", table, one.code), "a way and a language are called the same: a call is marked with either"
            marks.add(one.code)
    for sound in policy.silent_call.sounds:
        if sound.cue and sound.cue not in cues:
            yield ("silent_call", "sounds", sound.code, "cue"), f'there is no cue "{sound.cue}"'
    files = {kind.code for kind in policy.files.kinds}
    for box in policy.answerphone.boxes:
        where = ("answerphone", "boxes", box.code)
        for day, stretches in box.hours.items():
            if any(start >= end for start, end in (stretch.split("-") for stretch in stretches)):
                yield (*where, "hours", day), "a stretch ends after it begins; a night is two stretches, to 24:00 and from 00:00"
        if box.needs_s > box.listen_s:
            yield (*where, "needs_s"), "it asks for more time of a listener than there is until a message is due"
        if not files.intersection(policy.answerphone.kinds):
            yield ("answerphone", "kinds"), "none of them is a kind of file"
    labels: dict[str, str] = {}  # a record is known by who sent it and its reference there: two of one name would be one
    for system in policy.systems:
        if system.label in labels:
            yield ("systems", system.code, "label"), f'{labels[system.label]} is called "{system.label}" already'
        labels[system.label] = system.code
    for line in policy.scene:
        for code in line.cues:
            if code not in cues:
                yield ("scene", line.code, "cues"), f'there is no cue "{code}"'
    for need in policy.dispatch.needs:
        for code in need.cues:
            if code not in cues:
                yield ("dispatch", "needs", need.code, "cues"), f'there is no cue "{code}"'
        for code in need.skills:
            if code not in skills:
                yield ("dispatch", "needs", need.code, "skills"), f'there is no skill "{code}"'
    for status in policy.dispatch.statuses:
        for number in status.next:
            if number not in statuses:
                yield ("dispatch", "statuses", status.code, "next"), f"there is no status {number}"


def _grades_agree(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """Grades have an order and a key each, and the two ends of the scale mean the same in every force."""
    for name in ("rank", "key"):
        seen: dict[object, str] = {}
        for grade in policy.grades:
            value = getattr(grade, name)
            if value in seen:
                yield ("grades", grade.code, name), f"{value} is already the {name} of {seen[value]}"
            seen[value] = grade.code
    for grade in policy.grades:
        if not grade.waits_for_risk and grade.canonical != "immediate":
            yield ("grades", grade.code, "waits_for_risk"), "only an immediate grade goes before the risk is written (R45, R46)"
        if not grade.needs_deployment and grade.canonical != "rwd":
            yield ("grades", grade.code, "needs_deployment"), "only resolution without deployment sends nobody"
    canonical = {grade.canonical for grade in policy.grades}
    for needed in ("immediate", "rwd"):
        if needed not in canonical:
            yield ("grades",), f'no grade is canonically "{needed}"'
