import math
from itertools import pairwise

import pytest

from watchroom.demo import city, ground
from watchroom.demo.plane import inside, to_segment
from watchroom.gazetteer import drawing

# Royal Mail's postcode areas, as anybody may read them on letters.
AREAS = set(
    """
    AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN
    EX FK FY G GE GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N
    NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ
    TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
    """.split()  # noqa: SIM905 - a list that people read
)


@pytest.fixture(scope="module")
def town() -> city.City:
    return city.build(1)


def test_the_same_seed_gives_the_same_town_house_by_house(town):
    assert city.build.__wrapped__(1) == town


def test_another_seed_gives_other_streets_round_the_same_main_roads(town):
    other = city.build.__wrapped__(7)
    assert {s.name for s in other.streets} != {s.name for s in town.streets}
    assert other.street["tanners-row"].points == town.street["tanners-row"].points
    assert other.landmark["ferry-bridge"] == town.landmark["ferry-bridge"]


def test_it_is_a_town_of_the_size_that_a_control_room_knows(town):
    assert 200 <= len(town.streets) <= 300
    assert 5_500 <= len(town.addresses) <= 8_000
    assert len(town.landmarks) >= 60
    assert len(town.junctions) >= 250


def test_no_two_doors_have_the_same_address(town):
    lines = [(a.line, a.locality) for a in town.addresses]
    assert len(set(lines)) == len(lines)
    assert len({a.uprn for a in town.addresses}) == len(town.addresses)
    assert len({s.code for s in town.streets}) == len(town.streets)


def test_the_streets_of_the_design_are_there_and_have_homes(town):
    for code in (
        "tanners-row",
        "kiln-street",
        "fullers-row",
        "mill-lane",
        "quay-steps",
        "cobden-street",
        "orchard-way",
        "quay-road",
    ):
        assert len(town.on(code)) >= 5, code


def test_leannes_flat_is_where_the_design_draws_it(town):
    flat = town.find("18", "tanners-row", "Flat 2")
    assert (flat.line, flat.postcode, flat.beat) == ("Flat 2, 18 Tanner’s Row", "HB4 2QT", "tannery")
    kiln = town.street["kiln-street"].points
    assert min(math.dist((flat.x, flat.y), p) for p in kiln) < 120


def test_kiln_street_meets_fullers_row_whichever_is_named_first(town):
    junction = town.crossing("fullers-row", "kiln-street")
    assert junction == town.crossing("kiln-street", "fullers-row")
    assert junction.name == "Kiln Street / Fuller’s Row"


def test_postcodes_are_of_an_area_that_does_not_exist(town):
    assert "HB" not in AREAS
    assert {a.postcode.split()[0] for a in town.addresses} == {"HB1", "HB2", "HB3", "HB4", "HB5", "HB6"}


def test_a_postcode_stays_on_one_street(town):
    streets: dict[str, set[str]] = {}
    for address in town.addresses:
        streets.setdefault(address.postcode, set()).add(address.street)
    assert all(len(found) == 1 for found in streets.values())


def test_some_beats_are_rural_so_that_both_standards_of_attendance_hold_somewhere(town):
    assert {b.code for b in town.beats if not b.is_rural} == {
        "tannery",
        "northgate",
        "old-quay",
        "ferrybank",
        "millfield",
        "orchard",
    }
    assert sum(b.is_rural for b in town.beats) == 2
    assert {a.beat for a in town.addresses} == {b.code for b in town.beats}


def test_every_street_can_be_reached_from_another(town):
    joined = {code for j in town.junctions for code in j.streets}
    assert {s.code for s in town.streets} - joined == set()


def test_nobody_lives_in_the_river_or_on_a_road(town):
    for address in town.addresses[::7]:
        p = (address.x, address.y)
        river = min(to_segment(p, a, b) for a, b in pairwise(ground.RIVER))
        assert river > ground.RIVER_WIDTH / 2, address.line
        street = town.street[address.street].points
        assert min(to_segment(p, a, b) for a, b in pairwise(street)) > 2.5, address.line


def test_a_building_holds_its_addresses(town):
    for address in town.addresses[::11]:
        if address.footprint >= 0:
            assert inside((address.x, address.y), town.footprints[address.footprint]), address.line


def test_a_place_on_the_grid_survives_the_way_to_latitude_and_back():
    for point in ((0.0, 0.0), (-3900.0, 4100.0), (2750.5, -1234.5)):
        assert city.to_grid(*city.to_wgs84(*point)) == pytest.approx(point, abs=0.2)


def test_the_motorway_has_a_sign_every_half_kilometre_on_both_sides(town):
    names = [m.name for m in town.markers]
    assert len(names) == len(set(names)) >= 30
    assert "M98 A 38.5" in names
    assert "M98 B 38.5" in names


def test_a_name_becomes_a_code_without_accents_or_apostrophes():
    assert city.slug("Tanner’s Row") == "tanners-row"
    assert city.slug("Café Zoë") == "cafe-zoe"


def test_its_maps_are_small_enough_to_send(town):
    streets = [drawing.Street(s.name, s.points, s.kind) for s in town.streets]
    areas = [drawing.Area("block" if f.kind == "built" else f.kind, f.points, f.width) for f in town.features]
    areas += [drawing.Area("block", outline) for outline in town.footprints]
    board = drawing.svg(streets, areas=areas, centre=(0, -100), width_m=4400, height_m=4400, size=(500, 500))
    flat = town.find("18", "tanners-row", "Flat 2")
    mini = drawing.svg(
        streets, areas=areas, centre=(flat.x, flat.y), width_m=220, height_m=137.5, size=(320, 200),
        house=town.footprints[flat.footprint], ellipse=drawing.Ellipse(flat.x, flat.y, 14, 10, 32), is_mini=True,
    )  # fmt: skip
    assert len(board.encode()) < 150_000
    assert len(mini.encode()) < 25_000
    assert "Tanner’s Row" in mini
    assert 'class="house"' in mini
