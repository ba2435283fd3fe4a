"""Whose stories does the demo tell? The people the design draws, their homes, what happened before, and what is recorded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from watchroom.demo.city import Address, City
from watchroom.demo.people import Earlier, Household, Marker, People, Person


def near_number(city: City, street: str, number: int, flat: str = "") -> Address:
    """The home in a street whose number is nearest to the one wanted. Raises LookupError for a street without homes."""
    homes = [a for a in city.on(street) if a.kind in ("house", "flat") and a.number.isdigit()]
    if not homes:
        raise LookupError(f"nobody lives in {street}")
    return min(homes, key=lambda a: (abs(int(a.number) - number), (int(a.number) - number) % 2, a.flat != flat, a.flat))


def tell(city: City, at: datetime) -> People:
    """The people with a story, as things stand at `at`."""
    book = _Book(city, at)
    _whitcombe(book)
    _desai(book)
    _others(book)
    return People(tuple(book.people), tuple(book.households), tuple(book.earlier), tuple(book.markers), ())


class _Book:
    def __init__(self, city: City, at: datetime) -> None:
        self.city, self.at = city, at
        self.people: list[Person] = []
        self.households: list[Household] = []
        self.earlier: list[Earlier] = []
        self.markers: list[Marker] = []

    def home(self, street: str, number: int, flat: str = "") -> Address:
        taken = {h.uprn for h in self.households}
        address = near_number(self.city, street, number, flat)
        return address if address.uprn not in taken else self.home(street, number + 2, flat)

    def ago(self, days: float = 0, minutes: float = 0) -> datetime:
        return self.at - timedelta(days=days, minutes=minutes)

    def day(self, days: int) -> date:
        """So many days before (or, negative, after) the day of `at`."""
        return self.at.date() - timedelta(days=days)

    def born(self, age: int, days: int = 120) -> date:
        """A birthday that makes somebody this old now."""
        return self.at.date() - timedelta(days=round(age * 365.2425) + days)

    def settle(self, code: str, address: Address | None, *people: Person, landline: str = "") -> None:
        if address:
            order = sorted(people, key=lambda p: p.born)
            self.households.append(Household(code, address.uprn, tuple(p.code for p in order), landline))
        self.people += people

    def before(
        self,
        person: str,
        channel: str,
        days: float,
        headline: str,
        text: str = "",
        *,
        number: str = "",
        uprn: str = "",
        kind: str = "other",
        outcome: str = "closed",
        serious: bool = False,
        crime: str = "",
        minutes: float = 0,
    ) -> None:
        self.earlier.append(
            Earlier(person, number, uprn, channel, self.ago(days, minutes), kind, outcome, headline, text, serious, crime)
        )


def _day(when: date | datetime) -> str:
    return f"{when:%-d %b}"


def _whitcombe(book: _Book) -> None:
    """Leanne Whitcombe, as `handler.html` draws her: five contacts in eighteen weeks, each sooner than the last."""
    home = book.home("tanners-row", 18, "Flat 2")
    former = book.home("cobden-street", 41)
    hers, his = "+447700900417", "+447700900663"
    born = book.born(34)
    book.settle(
        "whitcombe",
        home,
        Person("leanne-whitcombe", "Leanne", "Whitcombe", born, "woman", "whitcombe", (hers,), "leanne.whitcombe@example.org"),
        Person("mia-whitcombe", "Mia", "Whitcombe", book.born(7), "woman", "whitcombe"),
        Person("alfie-whitcombe", "Alfie", "Whitcombe", book.born(4), "man", "whitcombe"),
    )
    hostel = book.city.landmark["hostel"]
    book.settle(
        "dunmore",
        book.city.address[hostel.uprn],
        Person("craig-dunmore", "Craig", "Dunmore", book.born(38), "man", "dunmore", (his,), also_at=(home.uprn, former.uprn)),
    )
    # The same woman under her married name: a record of 2023 that nobody has joined to this one.
    book.settle(
        "", None, Person("leanne-dunmore", "Leanne", "Dunmore", born, "woman", "", ("+447700900118",), also_at=(former.uprn,))
    )
    book.settle(
        "whitcomb",
        _spread(book, "ferrybank", 3),
        Person("leanne-whitcomb", "Leanne", "Whitcomb", book.born(52), "woman", "whitcomb", ("+447700900871",)),
    )
    crime = "26/118204"
    w = "leanne-whitcombe"
    place: dict[str, Any] = {"uprn": home.uprn}
    call: dict[str, Any] = {"number": hers, "uprn": home.uprn}
    book.before(
        w,
        "101",
        0,
        "Rang 101, gave up after 6:40.",
        "Waiting after transfer. Nobody rang back.",
        **call,
        minutes=12,
        outcome="abandoned",
        serious=True,
    )
    book.before(
        w, "999", 20, "999 silent, 55 pressed.", "Line cut.", **call, kind="abandoned_call", outcome="silent", serious=True
    )
    book.before(
        w,
        "999",
        55,
        "Strangled.",
        f"Crime {crime}, charged.",
        **call,
        kind="domestic",
        outcome="crime",
        serious=True,
        crime=crime,
    )
    book.before(w, "101", 103, "101, shouting heard.", "Advice given.", **call, kind="domestic", outcome="advice")
    book.before(
        w,
        "online",
        125,
        "Online, messages from him.",
        "Forty in two days. Screenshots kept.",
        **place,
        kind="stalking",
        outcome="closed",
    )
    book.before(
        w,
        "101",
        291,
        "101, he will not return the keys.",
        "Told to see a solicitor.",
        **call,
        kind="civil_dispute",
        outcome="advice",
    )
    book.before(w, "999", 402, "999, neighbour heard banging.", "Both adults seen. No complaint.", **place, kind="domestic")
    book.before(w, "101", 455, "101, asked how to keep an address secret.", "Helpline given.", **call, outcome="advice")
    book.before(
        w,
        "counter",
        508,
        "Counter, asked about a disclosure.",
        "Right to ask under Clare’s Law explained.",
        **place,
        outcome="advice",
    )
    for days, text in (
        (1290, "Pushed in the hall. No complaint."),
        (1221, "Phone broken. Advice given."),
        (1180, "Neighbour reported shouting."),
    ):
        book.before(
            "leanne-dunmore",
            "999",
            days,
            "999 from Cobden Street.",
            text,
            number="+447700900118",
            uprn=former.uprn,
            kind="domestic",
        )
    book.markers += [
        Marker(
            "domestic_abuse",
            1,
            "Domestic abuse, high risk",
            f"MARAC {_day(book.day(39))}. Strangled {_day(book.day(55))}.",
            "heart",
            "Safeguarding desk",
            book.day(39),
            book.day(-52),
            person=w,
            uprn=home.uprn,
            number=hers,
        ),
        Marker(
            "blades",
            1,
            "Officer safety: blades",
            f"Dunmore cut an officer, {book.day(615):%b %Y}",
            "shield",
            "Custody record",
            book.day(615),
            book.day(-130),
            person="craig-dunmore",
            uprn=home.uprn,
            number=hers,
        ),
        Marker(
            "bail",
            2,
            f"Bail: no contact, to {_day(book.day(-19))}",
            "Dunmore must not come here",
            "lock",
            "Custody record",
            book.day(54),
            book.day(-19),
            person="craig-dunmore",
            uprn=home.uprn,
            number=hers,
        ),
        Marker(
            "child",
            2,
            "Children in the home",
            "Mia, 7, and Alfie, 4. Health visitor knows.",
            "child",
            "Children’s services",
            book.day(38),
            book.day(-90),
            uprn=home.uprn,
        ),
        Marker(
            "safe_contact",
            3,
            "Codeword held",
            "Ask for it before you say who you are. Never leave a message.",
            "phone",
            "Safeguarding desk",
            book.day(39),
            book.day(-52),
            person=w,
        ),
    ]


def _desai(book: _Book) -> None:
    """Anjali Desai: six small things in forty days, which are one large one."""
    home = book.home("cobden-street", 57)
    hers = "+447700900229"
    book.settle(
        "desai",
        home,
        Person("anjali-desai", "Anjali", "Desai", book.born(29), "woman", "desai", (hers,), "anjali.desai@example.org"),
    )
    book.settle("", None, Person("rohan-kapoor", "Rohan", "Kapoor", book.born(33), "man", "", ("+447700900604",)))
    a = "anjali-desai"
    call: dict[str, Any] = {"number": hers, "uprn": home.uprn, "kind": "stalking"}
    book.before(
        a,
        "online",
        40,
        "Messages after the break-up.",
        "Asked him to stop. Written advice sent.",
        uprn=home.uprn,
        kind="stalking",
        outcome="advice",
    )
    book.before(a, "101", 27, "Flowers left on her car.", "No note. Said she was not sure it was him.", **call, outcome="advice")
    book.before(a, "101", 16, "He stood across the road.", "Gone when the unit came, back within the hour.", **call)
    book.before(
        a,
        "999",
        9,
        "He followed her from work.",
        "Crime recorded. Not yet interviewed.",
        **call,
        outcome="crime",
        serious=True,
        crime="26/117733",
    )
    book.before(
        a,
        "online",
        4,
        "A tag found under her car seat.",
        "Photograph sent. Waiting for an officer.",
        uprn=home.uprn,
        kind="stalking",
        outcome="crime",
        serious=True,
    )
    book.markers.append(
        Marker(
            "stalking",
            2,
            "Stalking, five reports in 40 days",
            "Rohan Kapoor, 33, ex-partner. He comes back after we leave.",
            "eye",
            "Investigator",
            book.day(8),
            book.day(-22),
            person=a,
            uprn=home.uprn,
            number=hers,
        )
    )
    book.markers.append(
        Marker(
            "repeat_victim",
            2,
            "Repeat victim",
            "See the reports together, not one by one.",
            "repeat",
            "Crime assessment",
            book.day(8),
            book.day(-22),
            person=a,
        )
    )


def _others(book: _Book) -> None:
    at = book.at

    # An old man who lives alone in Mill Lane.
    home = book.home("mill-lane", 23)
    book.settle(
        "peckett",
        home,
        Person("walter-peckett", "Walter", "Peckett", book.born(86), "man", "peckett", ("+441632960207",)),
        landline="+441632960207",
    )
    call: dict[str, Any] = {"number": "+441632960207", "uprn": home.uprn}
    book.before(
        "walter-peckett",
        "101",
        63,
        "Two men said they were from the water board.",
        "£300 gone from the sideboard. Crime 26/112950.",
        **call,
        kind="burglary",
        outcome="crime",
        serious=True,
        crime="26/112950",
    )
    book.before(
        "walter-peckett",
        "101",
        21,
        "Heard somebody in the yard.",
        "A cat, he thinks now. Neighbour to look in.",
        **call,
        kind="suspicious",
        outcome="closed",
    )
    book.markers.append(
        Marker(
            "repeat_victim",
            2,
            "Aged 86, alone, robbed by a trick",
            "Key safe; next door knows the code. Slow on the stairs.",
            "home",
            "Neighbourhood team",
            book.day(60),
            book.day(-120),
            person="walter-peckett",
            uprn=home.uprn,
            number="+441632960207",
        )
    )

    # Threats and paint on a door in Quay Road.
    home = book.home("quay-road", 88)
    book.settle(
        "okafor",
        home,
        Person(
            "adaeze-okafor", "Adaeze", "Okafor", book.born(41), "woman", "okafor", ("+447700900352",), "adaeze.okafor@example.org"
        ),
        Person("chika-okafor", "Chika", "Okafor", book.born(12), "woman", "okafor"),
    )
    book.before(
        "adaeze-okafor",
        "101",
        34,
        "Shouted at from a car.",
        "Words about where she should go back to. No number plate.",
        number="+447700900352",
        uprn=home.uprn,
        kind="hate",
        outcome="crime",
        crime="26/115101",
    )
    book.before(
        "adaeze-okafor",
        "online",
        12,
        "Rubbish set alight by the shop door.",
        "Put out by her. Fire service told.",
        uprn=home.uprn,
        kind="hate",
        outcome="crime",
        serious=True,
        crime="26/117420",
    )
    book.markers.append(
        Marker(
            "hate",
            2,
            "Hate crime, twice before",
            "Race. She keeps a shop; her daughter is at home after four.",
            "people",
            "Neighbourhood team",
            book.day(11),
            book.day(-80),
            person="adaeze-okafor",
            uprn=home.uprn,
        )
    )

    # A repeat caller with a plan.
    home = _spread(book, "ferrybank", 11)
    number = "+447700900540"
    book.settle("widdop", home, Person("terence-widdop", "Terence", "Widdop", book.born(58), "man", "widdop", (number,)))
    says = (
        "The man upstairs walks about all night.",
        "Wants to know who is on duty.",
        "His television talks about him.",
        "Asked the time, then wept.",
        "Says the council has changed his lock.",
        "Wanted to thank the officer who came in June.",
    )
    for n in range(36):
        days = 1.2 + n * 4.7 - (n % 5)
        channel = ("999", "101", "101")[n % 3]
        book.before(
            "terence-widdop",
            channel,
            days,
            says[n % len(says)],
            "Plan followed. No new risk." if n % 7 else "Welfare seen by the beat team.",
            number=number,
            uprn=home.uprn,
            kind="concern",
            outcome="advice",
        )
    book.markers += [
        Marker(
            "repeat_caller",
            3,
            "Repeat caller with a plan",
            "Rings most nights. Ask: have you eaten, have you your tablets? Then the night line. New risk is new: listen.",
            "repeat",
            "Neighbourhood team and mental-health nurse",
            book.day(70),
            book.day(-20),
            person="terence-widdop",
            number=number,
        ),
        Marker(
            "mental_health",
            2,
            "Mental-health plan held",
            "Community team, Tuesday visits. Named nurse until 22:00.",
            "mind",
            "Mental-health liaison nurse",
            book.day(70),
            book.day(-20),
            person="terence-widdop",
            uprn=home.uprn,
        ),
    ]

    # Ada Fenwick, who gives a statement at Northgate station.
    home = _spread(book, "northgate", 5)
    book.settle(
        "fenwick",
        home,
        Person("ada-fenwick", "Ada", "Fenwick", book.born(72), "woman", "fenwick", ("+441632960118",)),
        landline="+441632960118",
    )
    book.before(
        "ada-fenwick",
        "101",
        6,
        "Handbag taken at the bus station.",
        "Statement booked at Northgate station. Crime 26/118331.",
        number="+441632960118",
        kind="theft",
        outcome="crime",
        crime="26/118331",
    )
    book.markers.append(
        Marker(
            "hearing",
            3,
            "Hard of hearing",
            "Uses a hearing aid. Face her, speak clearly, no need to shout.",
            "ear",
            "Asked for by her",
            book.day(6),
            book.day(-300),
            person="ada-fenwick",
            number="+441632960118",
        )
    )

    # Joan Bright, not seen since Friday.
    home = _spread(book, "millfield", 7)
    book.settle(
        "bright",
        home,
        Person("joan-bright", "Joan", "Bright", book.born(79), "woman", "bright", ("+441632960441",)),
        landline="+441632960441",
    )
    book.before(
        "joan-bright",
        "999",
        140,
        "Fell in the kitchen.",
        "Lay there since morning. Neighbour has a key.",
        number="+441632960441",
        uprn=home.uprn,
        kind="medical",
        outcome="referred",
        serious=True,
    )
    book.markers.append(
        Marker(
            "vulnerable",
            3,
            "Lives alone, has fallen before",
            "Neighbour at the left has a key.",
            "home",
            "Ambulance service",
            book.day(139),
            book.day(-60),
            person="joan-bright",
            uprn=home.uprn,
        )
    )

    # A girl of thirteen who has stayed out before, and her mother.
    home = _spread(book, "ferrybank", 29)
    book.settle(
        "naylor",
        home,
        Person("stacey-naylor", "Stacey", "Naylor", book.born(36), "woman", "naylor", ("+447700900715",)),
        Person("keira-naylor", "Keira", "Naylor", book.born(13), "woman", "naylor", ("+447700900716",)),
    )
    for days in (11, 33, 58):
        book.before(
            "stacey-naylor",
            "101",
            days,
            "Keira not home.",
            "Back by herself before morning. Return interview done.",
            number="+447700900715",
            uprn=home.uprn,
            kind="missing",
            outcome="closed",
            serious=days == 11,
        )
    book.markers.append(
        Marker(
            "missing",
            2,
            "Missing three times since September",
            "Keira, 13. Speaks of a friend with a car, nineteen. School is worried too.",
            "child",
            "Missing persons team",
            book.day(10),
            book.day(-30),
            person="keira-naylor",
            uprn=home.uprn,
            number="+447700900715",
        )
    )

    # A man in crisis, with a plan he helped to write.
    home = _spread(book, "old-quay", 9)
    book.settle(
        "prosser", home, Person("gareth-prosser", "Gareth", "Prosser", book.born(44), "man", "prosser", ("+447700900833",))
    )
    book.before(
        "gareth-prosser",
        "999",
        74,
        "On Ferry Bridge, spoken to.",
        "Came away by himself. Seen by the crisis team.",
        number="+447700900833",
        kind="suicide",
        outcome="referred",
        serious=True,
    )
    book.markers.append(
        Marker(
            "mental_health",
            2,
            "Mental-health plan held",
            "He asks to be called Gaz. His sister Rhian helps; talk of his dog, Nell.",
            "mind",
            "Mental-health liaison nurse",
            book.day(70),
            book.day(-110),
            person="gareth-prosser",
            number="+447700900833",
        )
    )

    # A woman who was moved for her safety.
    home = _spread(book, "orchard", 17)
    number = "+447700900962"
    book.settle(
        "llewellyn", home, Person("carys-llewellyn", "Carys", "Llewellyn", book.born(37), "woman", "llewellyn", (number,))
    )
    for days, headline in (
        (88, "Moved for her safety."),
        (51, "Asked who may see her address."),
        (13, "A friend of his has been asking."),
    ):
        book.before(
            "carys-llewellyn",
            "101",
            days,
            headline,
            "Ring only with the codeword.",
            number=number,
            kind="domestic",
            outcome="referred",
            serious=days == 88,
        )
    book.markers.append(
        Marker(
            "domestic_abuse",
            1,
            "Domestic abuse, high risk",
            "Moved for her safety. Ring only with the codeword. Leave no message.",
            "heart",
            "Safeguarding desk",
            book.day(88),
            book.day(-40),
            person="carys-llewellyn",
            uprn=home.uprn,
            number=number,
        )
    )

    # A deaf man who signs.
    home = _spread(book, "tannery", 31)
    book.settle(
        "dudek",
        home,
        Person(
            "marek-dudek",
            "Marek",
            "Dudek",
            book.born(47),
            "man",
            "dudek",
            ("+447700900077",),
            "marek.dudek@example.org",
            language="British Sign Language",
        ),
    )
    book.markers.append(
        Marker(
            "hearing",
            3,
            "Deaf, signs",
            "British Sign Language. Video relay or text; never ring by voice.",
            "ear",
            "Asked for by him",
            book.day(120),
            book.day(-245),
            person="marek-dudek",
            number="+447700900077",
        )
    )

    # A young mother who was threatened.
    home = _spread(book, "orchard", 41)
    book.settle(
        "tordoff",
        home,
        Person("chloe-tordoff", "Chloe", "Tordoff", book.born(23), "woman", "tordoff", ("+447700900188",)),
        Person("teddy-tordoff", "Teddy", "Tordoff", at.date() - timedelta(days=150), "man", "tordoff"),
    )
    book.before(
        "chloe-tordoff",
        "101",
        5,
        "Threats by text from the baby’s father.",
        "Phone to be looked at. Crime 26/118290.",
        number="+447700900188",
        uprn=home.uprn,
        kind="domestic",
        outcome="crime",
        serious=True,
        crime="26/118290",
    )
    book.markers.append(
        Marker(
            "domestic_abuse",
            2,
            "Domestic abuse, medium risk",
            "Threats by text. Baby of five months in the home.",
            "heart",
            "Safeguarding desk",
            book.day(5),
            book.day(-25),
            person="chloe-tordoff",
            uprn=home.uprn,
            number="+447700900188",
        )
    )


def _spread(book: _Book, beat: str, nth: int) -> Address:
    """Some home of a beat: always the same one for the same town."""
    taken = {h.uprn for h in book.households}
    homes = [a for a in book.city.addresses if a.beat == beat and a.kind in ("house", "flat") and a.uprn not in taken]
    return homes[(nth * 97) % len(homes)]
