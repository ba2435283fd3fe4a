"""Degrees become metres of the National Grid as Ordnance Survey says, to the five metres that are promised."""

from math import cos, hypot, nan, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.gazetteer import national_grid

# Ordnance Survey's test points for ETRS89 (for our purpose WGS84) and OSTN15, all forty: latitude, longitude, east, north.
POINTS = [
    (49.92226394, -6.29977752, 91492.146, 11318.804),
    (49.96006138, -5.20304610, 170370.718, 11572.405),
    (50.43885826, -4.10864564, 250359.811, 62016.569),
    (50.57563665, -1.29782277, 449816.371, 75335.861),
    (50.93127938, -1.45051434, 438710.920, 114792.250),
    (51.40078220, -3.55128349, 292184.870, 168003.465),
    (51.37447026, 1.44454730, 639821.835, 169565.858),
    (51.42754743, -2.54407618, 362269.991, 169978.690),
    (51.48936565, -0.11992557, 530624.974, 178388.464),
    (51.85890896, -4.30852477, 241124.584, 220332.641),
    (51.89436637, 0.89724327, 599445.590, 225722.826),
    (52.25529382, -2.15458614, 389544.190, 261912.153),
    (52.25160951, -0.91248957, 474335.969, 262047.755),
    (52.75136687, 0.40153547, 562180.547, 319784.995),
    (52.96219109, -1.19747656, 454002.834, 340834.943),
    (53.34480280, -2.64049321, 357455.843, 383290.436),
    (53.41628516, -4.28918070, 247958.971, 393492.909),
    (53.41630925, -4.28917793, 247959.241, 393495.583),
    (53.77911026, -3.04045491, 331534.564, 431920.794),
    (53.80021520, -1.66379168, 422242.186, 433818.701),
    (54.08666318, -4.63452168, 227778.330, 468847.388),
    (54.11685144, -0.07773133, 525745.670, 470703.214),
    (54.32919541, -4.38849118, 244780.636, 495254.887),
    (54.89542340, -2.93827741, 339921.145, 556034.761),
    (54.97912274, -1.61657685, 424639.355, 565012.703),
    (55.85399953, -4.29649016, 256340.925, 664697.269),
    (55.92478266, -3.29479219, 319188.434, 670947.534),
    (57.00606696, -5.82836692, 167634.202, 797067.144),
    (57.13902519, -2.04856031, 397160.491, 805349.736),
    (57.48625001, -4.21926399, 267056.768, 846176.972),
    (57.81351838, -8.57854456, 9587.909, 899448.996),
    (58.21262247, -7.59255561, 71713.132, 938516.404),
    (58.51560361, -6.26091456, 151968.652, 966483.780),
    (58.58120461, -3.72631022, 299721.891, 967202.992),
    (59.03743871, -3.21454001, 330398.323, 1017347.016),
    (59.09335035, -4.41757675, 261596.778, 1025447.602),
    (59.09671617, -5.82799340, 180862.461, 1029604.114),
    (59.53470794, -1.62516966, 421300.525, 1072147.239),
    (59.85409914, -1.27486910, 440725.073, 1107878.448),
    (60.13308092, -2.07382823, 395999.668, 1138728.951),
]


def test_the_projection_is_that_of_the_worked_example_to_a_millimetre():
    """Annex C of the guide: the same point in degrees of OSGB36 and in metres."""
    latitude, longitude = 52 + 39 / 60 + 27.2531 / 3600, 1 + 43 / 60 + 4.5177 / 3600
    assert national_grid.project(latitude, longitude) == pytest.approx((651409.903, 313177.270), abs=0.001)
    assert national_grid.unproject(651409.903, 313177.270) == pytest.approx((latitude, longitude), abs=1e-8)


@pytest.mark.parametrize(("latitude", "longitude", "east", "north"), POINTS)
def test_every_published_point_is_within_five_metres(latitude, longitude, east, north):
    x, y = national_grid.from_degrees(latitude, longitude)
    assert hypot(x - east, y - north) < national_grid.ACCURACY_M
    lat, lon = national_grid.to_degrees(east, north)
    assert hypot(lat - latitude, (lon - longitude) * cos(radians(latitude))) * 111_320 < national_grid.ACCURACY_M


@given(st.floats(0, 699_999), st.floats(0, 1_299_999))
def test_there_and_back_is_the_same_point_to_two_centimetres(east, north):
    """But for the north west corner, over the sea, where the series of the projection itself ends."""
    degrees = national_grid.to_degrees(east, north)
    back = national_grid.from_degrees(*degrees)
    if back is not None:  # on the edge a millimetre decides
        assert hypot(back[0] - east, back[1] - north) < 0.02


@pytest.mark.parametrize("point", [(48.8566, 2.3522), (0, 0), (91, 0), (nan, 0.0), (54.6, float("inf")), (60.39, 5.32)])
def test_what_is_not_in_great_britain_is_not_on_the_grid(point):
    assert national_grid.from_degrees(*point) is None


@pytest.mark.parametrize("point", [(-1, 5), (5, -1), (700_000, 5), (5, 1_300_000), (nan, 5)])
def test_metres_outside_have_no_degrees(point):
    assert national_grid.to_degrees(*point) is None
