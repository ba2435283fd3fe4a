"""Who never lived, and how do they call? A made-up population, and later calls by its people, their relatives and strangers.

The same seed and profile give the same people. Names are common ones of the United Kingdom and its larger communities, in three origins
of which the equity report tells; frequent family names follow a long tail of made-up ones. Nobody real is meant.
"""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Row(NamedTuple):
    """One person on record, or one call; None is not known. `truth` is the person's id, or -1 for somebody not on record."""

    unique_id: int
    first_name: str | None
    surname: str | None
    dob: str | None
    postcode: str | None
    town: str | None
    street: str | None
    phone: str | None
    truth: int = -1
    household: int = -1
    origin: str = ""
    sex: str = ""


@dataclass(frozen=True)
class Profile:
    """How often what happens to somebody between two calls; each a probability."""

    name: str
    typo: float = 0.08  # of each of both names
    nickname: float = 0.12
    initial: float = 0.03
    no_given: float = 0.02
    no_family: float = 0.02
    surname_changed: float = 0.04
    swapped: float = 0.015
    no_born: float = 0.4
    born_wrong: float = 0.06
    moved: float = 0.3
    no_address: float = 0.2
    address_typo: float = 0.06
    other_number: float = 0.35
    no_number: float = 0.15
    record_no_born: float = 0.15
    record_no_number: float = 0.12
    record_no_address: float = 0.05
    relatives: float = 0.35  # of new callers: live with, or ring from the telephone of, somebody known


PROFILES = (
    Profile("ordinary"),
    Profile("noisy", typo=0.2, nickname=0.2, born_wrong=0.12, address_typo=0.15, swapped=0.03, initial=0.06),
    Profile("sparse", no_born=0.75, no_address=0.5, no_number=0.3, no_given=0.05, no_family=0.06),
    Profile("moving", moved=0.65, other_number=0.7, surname_changed=0.1),
    Profile("clean", typo=0.02, nickname=0.03, no_born=0.1, born_wrong=0.02, moved=0.1, other_number=0.15, relatives=0.15),
    Profile("families", relatives=0.75, other_number=0.2, moved=0.15, no_born=0.6),
    Profile(
        "whole", typo=0.12, no_born=0.05, born_wrong=0.15, no_address=0.05, address_typo=0.2, no_number=0.9, record_no_number=0.9
    ),
)

# Own knowledge: common names, by origin and sex; enough to make what is common common.
GIVEN = {
    ("british", "f"): """margaret susan linda christine elizabeth patricia sarah jean karen julie helen emma claire rebecca laura lisa
        charlotte jessica amy lauren hannah sophie emily chloe megan amelia olivia isla ava grace ruby poppy ellie holly lucy alice katie
        michelle nicola joanne louise kelly amanda tracey sharon debra jacqueline alison wendy anne mary dorothy joan sheila barbara
        maureen jennifer gillian pamela hazel marjorie doris leanne gemma stacey kirsty zoe natalie victoria stephanie abigail""",
    ("british", "m"): """john david michael peter robert stephen paul andrew alan james mark ian anthony william richard christopher
        kevin keith martin gary simon philip graham brian colin stuart neil trevor raymond derek dennis kenneth ronald george thomas
        matthew daniel jack joshua luke adam ryan jamie craig lee scott darren wayne shaun carl dean oliver harry charlie alfie
        noah leo oscar arthur henry edward samuel benjamin joseph callum connor jordan liam nathan aaron kyle lewis""",
    ("south asian", "f"): """fatima aisha zainab maryam khadija sana amina nadia shazia rukhsana nasreen parveen farzana saima priya
        anjali deepa kavita sunita meena harpreet jaspreet simran gurpreet manpreet rani asha lakshmi pooja neha""",
    ("south asian", "m"): """mohammed ahmed ali hassan hussain omar yusuf ibrahim abdul imran tariq asif nadeem faisal khalid rashid
        raj sanjay amit vijay ravi anil sunil suresh harjit gurdeep balwinder manjit arjun rohan""",
    ("east european", "f"): """agnieszka anna katarzyna malgorzata ewa joanna magdalena monika krystyna elzbieta maria natalia
        oksana olena svetlana irina elena ioana mihaela andreea""",
    ("east european", "m"): """piotr krzysztof andrzej tomasz jan pawel michal marcin jakub mateusz lukasz marek stanislaw jozef
        dmitri sergei vladimir ion andrei mihai alexandru stefan""",
}  # fmt: skip
FAMILY = {
    "british": """smith jones taylor brown williams wilson johnson davies robinson wright thompson evans walker white roberts green hall
        wood jackson clarke clark harris lewis turner hill cooper ward moore morris king watson baker harrison morgan patel lee james
        martin edwards hughes scott allen young adams mitchell carter phillips parker bennett cook shaw bell murphy richardson kelly
        collins cox marshall simpson foster ellis griffiths webb stevens gray mason palmer campbell hunt mills holmes rogers fisher
        matthews barker knight stewart murray dixon russell owen reid butler pearson fletcher graham hart reynolds gibson andrews
        ford payne fox spencer powell lawrence barnes armstrong brooks saunders chapman burton lloyd jenkins barrett walsh""",
    "south asian": """khan patel singh ahmed hussain ali begum kaur akhtar mahmood malik shah iqbal hussein rahman chowdhury miah islam
        sharma kumar gupta mistry desai joshi rao reddy das bibi aslam mirza qureshi butt chaudhry sandhu gill dhillon""",
    "east european": """nowak kowalski wisniewski wojcik kowalczyk kaminski lewandowski zielinski szymanski wozniak dabrowski kozlowski
        popescu ionescu popa dumitru ivanov petrov horvat novak kovac kazlauskas ozols""",
}


def _words(text: str) -> list[str]:
    return text.split()


ORIGINS = ("british", "south asian", "east european")
SHARES = (0.84, 0.1, 0.06)
WAYS = _words("""street road avenue lane close drive court crescent gardens place grove way terrace park hill""")
SYLLABLES = _words(
    """ash bar bel ber bran brook car cald cas cher clif col craw dal den dun ed el fal fen gar gil hal har has hol
    kel kir lang lin mar mel nor o os pem pen rad ram red rus sal san sel stan sut tat thorn tre wal wen win wy"""
)
ENDS = _words(
    """bury by combe cott dale den field ford ham hurst ing ingham land ley low man ner son stead ston ton well wick
    wood worth"""
)


class Town:
    """A population with its households. `records` are its people as they stand on record."""

    def __init__(self, size: int, *, seed: int = 7, profile: Profile = PROFILES[0]) -> None:
        self.chance, self.profile = random.Random(f"{seed}:{profile.name}"), profile
        made_up = [a + b for a in SYLLABLES for b in ENDS]
        self.chance.shuffle(made_up)
        self.family = {origin: names.split() for origin, names in FAMILY.items()}
        self.family["british"] += made_up + [a + b for a in made_up[:60] for b in ("s", "er")]
        self.towns = [a + "ton" for a in SYLLABLES[:3]] + [
            SYLLABLES[n] + ENDS[n % len(ENDS)] for n in range(3, max(9, min(40, size // 20000)))
        ]
        self.streets = [self._made_up() + " " + self.chance.choice(WAYS) for _ in range(max(300, size // 60))]
        self.records: list[Row] = []
        self.whole: list[Row] = []  # as they are, before anything on record was left out
        while len(self.records) < size:
            self._household(size)

    def _made_up(self) -> str:
        return self.chance.choice(SYLLABLES) + self.chance.choice(ENDS)

    def _household(self, size: int) -> None:
        origin = self.chance.choices(ORIGINS, SHARES)[0]
        family, home, line = self.family_name(origin), self._home(), self._number()
        number = len(self.records)
        for _ in range(self.chance.choices((1, 2, 3, 4, 5), (40, 30, 13, 12, 5))[0]):
            if len(self.records) >= size:
                return
            person = self.somebody(origin, family if self.chance.random() < 0.75 else None, home)
            if self.chance.random() < 0.35:
                person = person._replace(phone=line)
            if self.chance.random() < 0.02 and len(self.records) > number:  # a son is called as his father is
                person = person._replace(first_name=self.whole[-1].first_name)
            person = person._replace(unique_id=len(self.records), household=number)
            self.whole.append(person)
            self.records.append(self._on_record(person))

    def _on_record(self, row: Row) -> Row:
        if self._happens("record_no_born"):
            row = row._replace(dob=None)
        if self._happens("record_no_number"):
            row = row._replace(phone=None)
        if self._happens("record_no_address"):
            row = row._replace(postcode=None, street=None)
        return row

    def _happens(self, what: str) -> bool:
        return self.chance.random() < getattr(self.profile, what)

    def family_name(self, origin: str) -> str:
        names = self.family[origin]
        return names[min(len(names) - 1, int(len(names) * self.chance.random() ** 2.6))]

    def somebody(self, origin: str, family: str | None, home: dict) -> Row:
        sex = self.chance.choice("fm")
        names = GIVEN[origin, sex].split()
        given = names[int(len(names) * self.chance.random() ** 1.6)]
        year = 2026 - int(self.chance.triangular(0, 95, 38))
        dob = f"{year}-{self.chance.randrange(1, 13):02d}-{self.chance.randrange(1, 29):02d}"
        return Row(-1, given, family or self.family_name(origin), dob, phone=self._number(), origin=origin, sex=sex, **home)

    def _home(self) -> dict:
        street = self.chance.randrange(len(self.streets))
        town = street % len(self.towns)
        code = f"HB{town + 1} {street // 7 % 10}{string.ascii_uppercase[street // 3 % 26]}{string.ascii_uppercase[street % 26]}"
        return {"postcode": code, "town": self.towns[town], "street": f"{self.chance.randrange(1, 150)} {self.streets[street]}"}

    def _number(self) -> str:
        return f"07{self.chance.randrange(10**9):09d}"

    # --- Later calls

    def calls(self, count: int, *, known: float = 0.5) -> Iterator[Row]:
        """So many later calls: a share of them by people on record, the others by relatives of theirs and by strangers."""
        for number in range(count):
            identifier = 10**9 + number
            if self.chance.random() < known:
                person = self.chance.choice(self.whole)
                yield self._later(person)._replace(unique_id=identifier, truth=person.unique_id)
            else:
                yield self._later(self._stranger())._replace(unique_id=identifier, truth=-1)

    def _stranger(self) -> Row:
        origin = self.chance.choices(ORIGINS, SHARES)[0]
        if not self._happens("relatives"):
            return self.somebody(origin, None, self._home())
        kin = self.chance.choice(self.whole)
        home = {"postcode": kin.postcode, "town": kin.town, "street": kin.street}
        person = self.somebody(kin.origin, kin.surname if self.chance.random() < 0.6 else None, home)
        if self.chance.random() < 0.5:
            person = person._replace(phone=kin.phone)
        return person

    def _later(self, row: Row) -> Row:
        """The same person, as they are heard at a later time."""
        chance = self.chance
        if self._happens("moved"):
            row = row._replace(**self._home())
        if self._happens("other_number"):
            row = row._replace(phone=self._number())
        if self._happens("surname_changed"):
            row = row._replace(surname=self.family_name(row.origin))
        given, family = row.first_name or "", row.surname or ""
        if self._happens("nickname"):
            given = nickname(given, chance)
        if self._happens("initial"):
            given = given[:1]
        elif self._happens("typo"):
            given = typo(given, chance)
        if self._happens("typo"):
            family = typo(family, chance)
        if self._happens("swapped"):
            given, family = family, given
        row = row._replace(
            first_name=None if self._happens("no_given") else given, surname=None if self._happens("no_family") else family
        )
        if self._happens("no_born"):
            row = row._replace(dob=None)
        elif row.dob and self._happens("born_wrong"):
            row = row._replace(dob=wrong_date(row.dob, chance))
        if self._happens("no_address"):
            row = row._replace(postcode=None, street=None)
        elif row.street and self._happens("address_typo"):
            house, _, way = row.street.partition(" ")
            row = row._replace(street=f"{house} {typo(way, chance)}")
            if chance.random() < 0.5 and row.postcode:
                row = row._replace(postcode=typo(row.postcode, chance, string.ascii_uppercase))
        if self._happens("no_number"):
            row = row._replace(phone=None)
        return row


def nickname(given: str, chance: random.Random) -> str:
    """Another form of a name, or the name where none is known."""
    from watchroom.identity.likeness import words

    forms = [form for form in words.every_form() if set(words.roots(form)) & set(words.roots(given)) and form != given]
    return chance.choice(sorted(forms)) if forms else given


def typo(text: str, chance: random.Random, letters: str = string.ascii_lowercase) -> str:
    """One slip of a finger: a letter too many, too few, another, or two changed about."""
    if len(text) < 3:
        return text
    at = chance.randrange(len(text) - 1)
    match chance.randrange(4):
        case 0:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + chance.choice(letters) + text[at:]
        case _:
            return text[:at] + chance.choice(letters) + text[at + 1 :]


def wrong_date(dob: str, chance: random.Random) -> str:
    """Day and month changed about, one figure wrong, ten years off, or the year alone."""
    year, month, day = dob.split("-")
    match chance.randrange(5):
        case 0 if day <= "12":
            return f"{year}-{day}-{month}"
        case 1:
            return f"{int(year) + chance.choice((-10, -1, 1, 10))}-{month}-{day}"
        case 2:
            return f"{year}-{month}-{min(28, max(1, int(day) + chance.choice((-10, -2, -1, 1, 2, 10)))):02d}"
        case 3:
            return f"{year}-{chance.randrange(1, 13):02d}-{day}"
        case _:
            return year
