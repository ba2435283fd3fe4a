import itertools
import re
from xml.etree import ElementTree

import pytest

from watchroom.gazetteer import drawing

MAIN = drawing.Street("High Street", [(-400, -20), (-100, 0), (120, 10), (400, 0)], "road")
SIDE = drawing.Street("Fuller’s Row", [(0, -300), (5, 0), (10, 300)])
WINDOW = {"centre": (0, 0), "width_m": 600, "height_m": 400, "size": (480, 320)}


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in parse(svg).iter("text")]


def test_streets_are_drawn_and_named():
    svg = drawing.svg([MAIN, SIDE], **WINDOW)
    assert set(texts(svg)) == {"High Street", "Fuller’s Row"}
    assert 'class="road"' in svg
    assert 'class="street"' in svg


def test_the_same_picture_comes_out_every_time():
    assert drawing.svg([MAIN, SIDE], **WINDOW) == drawing.svg([MAIN, SIDE], **WINDOW)


def test_text_from_outside_cannot_become_markup():
    nasty = '<script>alert("x")</script>&'
    svg = drawing.svg(
        [drawing.Street(nasty, MAIN.points, "road")],
        labels=[drawing.Label(nasty, 0, 120)],
        units=[drawing.Unit(nasty, 0, 50)],
        title=nasty,
        centre=(0, 0),
        width_m=4000,
        height_m=4000,
        size=(900, 900),
    )
    assert "<script" not in svg
    assert parse(svg).get("aria-label") == nasty
    assert nasty in texts(svg)


def test_our_pages_allow_no_inline_style_so_there_is_none():
    svg = drawing.svg([MAIN, SIDE], incidents=[drawing.Incident(0, 0, 1)], units=[drawing.Unit("NH21", 50, 50, "free")], **WINDOW)
    assert "style" not in svg
    assert "<script" not in svg


def test_an_empty_place_is_still_a_map():
    svg = parse(drawing.svg([], **WINDOW))
    assert svg.get("role") == "img"
    assert svg.get("viewBox") == "0 0 480 320"


def test_north_is_up_and_east_is_right():
    svg = drawing.svg([], incidents=[drawing.Incident(150, 100, 2)], **WINDOW)
    assert 'transform="translate(360 80)"' in svg


def test_what_lies_outside_the_window_is_left_out():
    far = drawing.Street("Far Lane", [(9000, 9000), (9500, 9000)])
    svg = drawing.svg([far], units=[drawing.Unit("NH99", 5000, 0)], incidents=[drawing.Incident(0, 9000, 1)], **WINDOW)
    assert texts(svg) == []
    assert "street" not in svg


def test_a_long_road_is_cut_to_the_window():
    long = drawing.Street("Long Drove", [(x, 0) for x in range(-20000, 20001, 20)], "road")
    assert len(drawing.svg([long], **WINDOW)) < 1500


def test_a_window_of_another_shape_shows_more_never_less():
    svg = drawing.svg(
        [], incidents=[drawing.Incident(290, 190, 1), drawing.Incident(-290, -190, 1)], **{**WINDOW, "size": (480, 480)}
    )
    assert svg.count('class="g1"') == 2


@pytest.mark.parametrize(("grade", "shape"), [(1, "polygon"), (2, "polygon"), (3, "rect"), (4, "rect"), (5, "rect")])
def test_each_grade_has_its_shape_and_its_digit(grade, shape):
    svg = parse(drawing.svg([], incidents=[drawing.Incident(0, 0, grade)], **WINDOW))
    marks = svg.find("g")
    assert marks is not None
    assert list(marks.iter(shape))
    assert [t.text for t in marks.iter("text")] == [str(grade)]


def test_the_chosen_job_is_drawn_last_and_larger():
    svg = drawing.svg([], incidents=[drawing.Incident(0, 0, 1, True), drawing.Incident(80, 0, 1)], **WINDOW)
    assert svg.index(drawing._OCTAGON_SMALL) < svg.index(f'"{drawing._OCTAGON}"')


def boxes(svg: str) -> list[tuple[float, float, float]]:
    found = re.findall(r'<g class="unit[^"]*" transform="translate\(([\d.-]+) ([\d.-]+)\)"><rect x="-([\d.]+)"', svg)
    return [(float(x), float(y), float(half)) for x, y, half in found]


def test_units_in_the_same_place_stand_beside_each_other():
    units = [drawing.Unit(f"NH{n:02d}", 0, 0, "free") for n in range(6)]
    placed = boxes(drawing.svg([], units=units, incidents=[drawing.Incident(0, 0, 1)], **WINDOW))
    assert len(placed) == 6
    for (ax, ay, ah), (bx, by, bh) in itertools.combinations(placed, 2):
        assert abs(ax - bx) >= ah + bh or abs(ay - by) >= 22


def test_a_unit_at_the_edge_stays_readable():
    ((x, y, half),) = boxes(drawing.svg([], units=[drawing.Unit("NH21", 299, 199)], **WINDOW))
    assert half <= x <= 480 - half
    assert 11 <= y <= 309


def test_the_state_of_a_unit_is_its_class():
    svg = drawing.svg(
        [], units=[drawing.Unit("A1", 0, 0, "free"), drawing.Unit("A2", 90, 0, "busy"), drawing.Unit("A3", -90, 0)], **WINDOW
    )
    assert re.findall(r'class="(unit[^"]*)"', svg) == ["unit unit--free", "unit unit--busy", "unit"]


def test_the_house_and_where_the_telephone_says_it_is():
    house = [(-5, -5), (5, -5), (5, 5), (-5, 5)]
    svg = drawing.svg([], house=house, ellipse=drawing.Ellipse(2, 3, 30, 20, 45), **{**WINDOW, "width_m": 200, "height_m": 133.3})
    assert 'class="house"' in svg
    assert 'class="ellipse"' in svg
    assert 'rx="72"' in svg
    assert "rotate(-45 " in svg


def test_a_place_without_a_building_is_a_pin():
    assert 'class="pin" cx="240" cy="160"' in drawing.svg([], house=[(0, 0)], **WINDOW)


def test_buildings_show_when_near_and_built_up_ground_from_afar():
    areas = [drawing.Area("block", [(0, 0), (9, 0), (9, 9), (0, 9)]), drawing.Area("block", [(-300, 0), (300, 0)], 100)]
    near = drawing.svg([], areas=areas, centre=(0, 0), width_m=200, height_m=200, size=(400, 400))
    far = drawing.svg([], areas=areas, centre=(0, 0), width_m=4000, height_m=4000, size=(400, 400))
    assert 'class="block"' in near
    assert 'class="casing"' not in near
    assert 'class="block"' not in far
    assert 'class="casing"' in far


def test_names_keep_clear_of_each_other_and_of_the_marks():
    streets = [drawing.Street(f"Row Number {n}", [(-280, n * 14 - 140), (280, n * 14 - 140)]) for n in range(20)]
    svg = drawing.svg(streets, incidents=[drawing.Incident(0, 0, 1)], **WINDOW)
    spots = [(float(x), float(y)) for x, y in re.findall(r'y="4" transform="translate\(([\d.]+) ([\d.]+)\)', svg)]
    assert len(spots) > 5
    for a, b in itertools.combinations(spots, 2):
        assert abs(a[1] - b[1]) > 13 or abs(a[0] - b[0]) > 70
    assert all(abs(x - 240) > 50 or abs(y - 160) > 15 for x, y in spots)


def test_a_name_is_never_upside_down():
    there = drawing.Street("There", [(-200, -90), (200, 90)])
    back = drawing.Street("Back", [(200, -90), (-200, 90)])
    turns = [float(t) for t in re.findall(r"rotate\(([-\d.]+)\)", drawing.svg([there, back], **WINDOW))]
    assert len(turns) == 2
    assert all(-90 <= turn <= 90 for turn in turns)


def test_what_moves_can_be_swapped_without_the_ground():
    moving = {
        "incidents": [drawing.Incident(10, 20, 2)],
        "units": [drawing.Unit("NH21", 60, 0, "free")],
        "route": [(60, 0), (10, 20)],
    }
    assert drawing.marks(**WINDOW, **moving) in drawing.svg([MAIN], **WINDOW, **moving)


def test_rounding_does_not_add_up_along_a_line():
    points = [(x * 1.37, 0.0) for x in range(-200, 200)]
    path = drawing._path(drawing._view((0, 0), 600, 400, (480, 320)), points, 0.0)
    steps = re.findall(r"-?[\d.]+", path)
    total = float(steps[0]) + sum(float(step) for step in steps[2::2])
    assert total == pytest.approx((points[-1][0] + 300) * 0.8, abs=0.06)
