"""This person, their household, or nobody: what speaks for a family speaks once, and likeness says how sure it is."""

from hypothesis import given
from hypothesis import strategies as st

from watchroom.identity import rules
from watchroom.identity.likeness import model, reasons, verdict, words
from watchroom.identity.likeness.conditions import COMPARISONS
from watchroom.identity.likeness.verdict import Found

LEANNE = words.said(
    given="Leanne",
    family="Whitcombe",
    born_on="1984-03-12",
    street="18 Tanner’s Row",
    postcode_of="HB4 2QT",
    town="Harrowby",
    number="07700900417",
)
JADE = LEANNE._replace(given="jade", born="1987-06-01")


def judged(said, *found, size=100_000):
    everyone = Found.of(enumerate(found))
    return verdict.judge(said, everyone, model=model.shipped(), frequency=lambda *_: None, size=size, belief=verdict.shipped())


def test_the_same_words_are_the_same_person():
    (one,) = judged(LEANNE, LEANNE)
    assert (one.relation, one.probability > 0.99) == ("same_person", True)


def test_the_sister_at_the_same_address_with_the_same_telephone_is_the_household():
    (one,) = judged(JADE, LEANNE)
    assert one.relation == "same_household"
    assert one.probability < 0.5 < one.household
    assert rules.band(one.probability, one.relation, one.household, likely=0.9, possible=0.15) == "household"


def test_without_a_name_a_shared_telephone_does_not_choose_between_sisters():
    both = judged(words.said(number="07700900417"), LEANNE, JADE)
    assert all(one.probability < 0.9 for one in both)


def test_a_new_number_and_address_and_a_nickname_are_still_her():
    said = words.said(
        given="Lea", family="Whitcomb", born_on="12/3/1984", street="3 Mill Lane", town="Askwold", number="07700900555"
    )
    (one,) = judged(said, LEANNE)
    assert one.probability > 0.5


def test_names_changed_about_are_found_and_said():
    said = words.said(given="Whitcombe", family="Leanne", born_on="1984-03-12")
    (one,) = judged(said, LEANNE)
    assert one.is_changed_about
    pro, _ = reasons.in_words(verdict.teller(said, model=model.shipped(), frequency=lambda *_: None)(one))
    assert "Given and family name changed about." in pro


def test_three_of_one_name_share_what_speaks_for_the_name():
    said = words.said(given="John", family="Smith")
    alone = judged(said, LEANNE._replace(given="john", family="smith"))[0].probability
    among = judged(said, *(LEANNE._replace(given="john", family="smith", number=f"0770090041{n}") for n in range(3)))[
        0
    ].probability
    assert among < alone


def test_two_descriptions_of_one_person_do_not_compete_as_two_people_do():
    moved = LEANNE._replace(street="mill lane", house="3", postcode="hb12aa", number="07700900555")
    said = words.said(given="Leanne", family="Whitcombe", born_on="12/3/1984")

    def likeliest(*found):
        judged = verdict.judge(
            said, Found.of(found), model=model.shipped(), frequency=lambda *_: None, size=10**5, belief=verdict.shipped()
        )
        return judged[0].probability

    one_person = likeliest((1, LEANNE), (1, moved))
    assert one_person >= likeliest((1, LEANNE)) > 0.9
    assert likeliest((1, LEANNE), (2, moved)) < 0.6


@given(
    st.lists(st.sampled_from([LEANNE, JADE, words.said(given="Ann", family="Carver", number="07700900417")]), max_size=6),
    st.integers(1, 10**7),
)
def test_all_answers_together_are_at_most_certain(found, size):
    for one in judged(LEANNE, *found, size=size):
        assert 0 <= one.probability <= 1
        assert 0 <= one.household <= 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_probable_is_never_less_sure(a, b):
    low, high = sorted((a, b))
    order = [*rules.TIERS, None]
    lower, higher = (order.index(rules.band(p, "same_person", 0.0, likely=0.9, possible=0.15)) for p in (low, high))
    assert higher <= lower


def test_likeness_alone_makes_nobody_known():
    assert rules.band(1.0, "same_person", 0.0, likely=0.9, possible=0.15) == "likely"


names = st.sampled_from(
    ["", "l", "leanne", "lea", "leann", "anne", "rick", "richard", "whitcombe", "witcombe", "whitcomb", "smith", "smyth"]
)
somebody = st.builds(
    words.Said,
    given=names,
    family=names,
    born=st.sampled_from(["", "1984", "1984-03", "1984-03-12", "1984-12-03", "1984-03-13", "1985-03-12", "1986~5", "1951-08-02"]),
    postcode=st.sampled_from(["", "hb42qt", "hb12aa"]),
    house=st.sampled_from(["", "18", "3"]),
    street=st.sampled_from(["", "tanners row", "taners row", "mill lane"]),
    town=st.sampled_from(["", "harrowby", "askwold"]),
    number=st.sampled_from(["", "07700900417", "07700900418", "07700900999"]),
    email=st.sampled_from(["", "l@example.org", "le@example.org", "x@example.com"]),
)


@given(somebody, st.lists(somebody, max_size=8))
def test_all_who_were_found_are_on_the_level_that_each_is_on_alone(said, records):
    for asked in COMPARISONS.values():
        assert asked.of_each(said, words.Columns.of(records)) == [asked.level(said, record) for record in records]
    for weigh, frequency in (
        (model.shipped().weigh, lambda *_: None),
        (model.shipped().weigh_as_splink, lambda *_: 0.01),
    ):
        together = weigh(said, words.Columns.of(records), frequency)
        assert together == [weigh(said, words.Columns.of([record]), frequency)[0] for record in records]


def bits(frequency, record, **heard):
    """What it says that a record says so, when this was said."""
    (one,) = model.shipped().weigh(words.said(**heard), words.Columns.of([words.said(**record)]), frequency)
    return one.same


SHARES = st.floats(1e-6, 0.2)


@given(SHARES, SHARES)
def test_a_town_where_more_live_never_says_more(one, other):
    few, many = (bits(lambda *_: share, {"town": "Harrowby"}, town="Harrowby") for share in sorted((one, other)))  # noqa: B023
    assert many <= few


@given(SHARES, SHARES, SHARES)
def test_a_word_that_more_bear_and_one_that_is_nearly_what_more_are_called_never_say_more(one, other, third):
    def weighs(word, name):
        shares = {"joan": word, "joann": name}
        return bits(lambda _, name: shares.get(name, 0.0), {"given": "Joann"}, given="Joan")

    fewer, more = sorted((one, other))
    assert weighs(more, third) <= weighs(fewer, third)
    assert weighs(third, more) <= weighs(third, fewer)


def test_a_name_misheard_says_as_much_as_the_name_and_a_name_of_its_own_speaks_against():
    shares = {"smith": 0.02, "smyth": 0.01, "whitcombe": 1e-5}

    def weighs(said, record):
        return bits(lambda _, name: shares.get(name, 0.0), {"family": record}, family=said)

    assert weighs("Smitth", "Smith") < weighs("Smith", "Smith") + 1
    assert weighs("Whitcome", "Whitcombe") > weighs("Smitth", "Smith") + 3
    assert weighs("Smyth", "Smith") < 0


@given(SHARES, SHARES, st.integers(1000, 10**7), st.integers(0, 500), st.integers(0, 500))
def test_the_more_bear_both_names_the_less_they_say(given_share, family_share, size, one, other):
    said = words.said(given="Agnieszka", family="Nowak")

    def more(namesakes):
        return verdict.both_names(said, lambda field, _: given_share if field == "given" else family_share, size, namesakes)

    assert more(max(one, other)) <= more(min(one, other))
    assert abs(more(1)) < 2.1 if given_share * family_share * size <= 3 else more(1) > 0


def test_names_of_which_nothing_was_counted_say_what_they_say_alone():
    said = words.said(given="Agnieszka", family="Nowak")
    assert verdict.both_names(said, lambda *_: None, 1000, 5) == 0.0
    assert verdict.both_names(words.said(given="Agnieszka"), lambda *_: 0.01, 1000, 5) == 0.0


def test_that_both_names_keep_company_counts_where_both_are_the_same_and_nowhere_else():
    records = Found.of([(1, LEANNE), (2, LEANNE._replace(given="jade"))])
    plain, rarer = (
        verdict.weighed(LEANNE, records.words, model=model.shipped(), frequency=lambda *_: None, rarer=more)
        for more in (0.0, -2.0)
    )
    assert [round(after.same - before.same, 6) for before, after in zip(plain, rarer, strict=True)] == [-2.0, 0.0]
    assert [after.kin for after in rarer] == [before.kin for before in plain]


def test_what_was_said_in_several_calls_is_known_of_her_together():
    """Her date of birth is from one call and her new address from another; now she gives both."""
    said = words.said(given="Leanne", family="Whitcombe", born_on="1984-03-12", street="3 Mill Lane", town="Harbourne")
    in_one_call = LEANNE._replace(born="1984-03-12", house="", street="", town="", postcode="", number="")
    in_another = LEANNE._replace(born="", house="3", street="mill lane", town="harbourne", postcode="", number="")

    def likeliest(*found):
        each = verdict.Found.of(found)
        records, made = verdict.weighed_together(said, each, model=model.shipped(), frequency=lambda *_: None)
        return max(one.same for record, one in zip(records, made, strict=True) if record == 1)

    apart = max(likeliest((1, in_one_call)), likeliest((1, in_another)))
    assert likeliest((1, in_one_call), (1, in_another)) > apart + 5
    assert likeliest((1, in_one_call), (2, in_another)) == likeliest((1, in_one_call)), "of two people nothing is put together"


@given(st.lists(st.sampled_from(["1984-03-12", "1990-01-02", "1984-12-03", ""]), min_size=1, max_size=4))
def test_who_is_described_in_many_ways_is_not_thereby_likelier_than_by_the_best_of_them(ways):
    """One field in several ways puts nothing together: whatever fits best in it stood in a description already."""
    found = verdict.Found.of((1, LEANNE._replace(born=born)) for born in ways)
    records, made = verdict.weighed_together(LEANNE, found, model=model.shipped(), frequency=lambda *_: None)
    assert len(records) == len(made) == len(ways)
