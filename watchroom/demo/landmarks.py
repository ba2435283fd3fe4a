# ruff: noqa: E501 - tables: one landmark a line
"""Which places do people name instead of an address? The demo town's landmarks: a table, drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A landmark before it is given a street: it stands at the building plot nearest to (x, y), or just there if `open`."""

    code: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    x: float
    y: float
    size: tuple[float, float] = (18, 12)  # its building, metres
    is_open: bool = False  # a bridge, park or square: no building, no address


SITES: tuple[Site, ...] = (
    Site("market-place", "Market Place", ("the market", "the square", "the market square"), "square", 4, 22, is_open=True),
    Site("town-hall", "Harrowby Town Hall", ("the town hall", "the civic"), "civic", 40, 60, (34, 22)),
    Site("station", "Harrowby Station", ("the train station", "the railway station", "the station"), "station", -500, -475, (60, 14)),
    Site("bus-station", "Harrowby Bus Station", ("the bus station", "the interchange"), "station", -300, 90, (50, 24)),
    Site("hospital", "Harrowby General Hospital", ("the General", "the hospital", "A and E", "casualty"), "hospital", -700, 470, (90, 46)),
    Site("northgate-station", "Northgate Police Station", ("the police station", "the nick", "Northgate nick"), "police", -150, 790, (34, 18)),
    Site("fire-station", "Harrowby Fire Station", ("the fire station",), "fire", -820, 170, (30, 18)),
    Site("ambulance-station", "Weirside Ambulance Station", ("the ambulance station",), "ambulance", -960, -260, (28, 18)),
    Site("magistrates", "Harrowby Magistrates’ Court", ("the magistrates", "the court"), "court", -95, 500, (34, 20)),
    Site("library", "Harrowby Library", ("the library",), "civic", -150, 60, (26, 18)),
    Site("college", "Harrowby College", ("the college", "the tech"), "school", -420, 820, (70, 34)),
    Site("academy", "Harrow Valley Academy", ("the academy", "the big school"), "school", 820, -560, (80, 36)),
    Site("millfield-school", "Millfield High School", ("Millfield High", "the high school"), "school", -980, -80, (70, 34)),
    Site("northgate-primary", "Northgate Primary School", ("Northgate Primary", "Northgate school"), "school", -760, 860, (40, 22)),
    Site("tannery-primary", "Tannery Lane Primary School", ("Tannery Primary", "the primary on Tannery Lane"), "school", 640, 500, (40, 22)),
    Site("ferrybank-primary", "Ferrybank Primary School", ("Ferrybank school", "the Ferrybank primary"), "school", -560, -1590, (40, 22)),
    Site("orchard-infants", "Orchard Infants’ School", ("the infants", "Orchard school"), "school", 1540, 1060, (40, 22)),
    Site("askwold-school", "Askwold Church School", ("the village school",), "school", -2860, 560, (26, 14)),
    Site("old-quay-nursery", "Bumblebee Day Nursery", ("Bumblebees", "the nursery"), "school", 200, -330, (18, 12)),
    Site("lantern", "The Lantern", ("the Lantern pub", "the Lantern on Quay Road", "Lanterns"), "pub", 560, -190, (20, 14)),
    Site("tanners-arms", "The Tanner’s Arms", ("the Tanners",), "pub", 330, 420, (16, 12)),
    Site("jolly-bargeman", "The Jolly Bargeman", ("the Bargeman", "the barge"), "pub", 60, -860, (18, 12)),
    Site("railway-inn", "The Turntable", ("the pub by the station",), "pub", -430, -400, (16, 12)),
    Site("weavers", "The Weavers’ Rest", ("the Weavers",), "pub", -650, -120, (16, 12)),
    Site("corn-dolly", "The Corn Dolly", ("the Dolly",), "pub", -70, 420, (16, 12)),
    Site("first-pippin", "The First Pippin", ("the Pippin",), "pub", 1200, 1210, (22, 14)),
    Site("blacksmith", "The Anvil and Hammer", ("the Anvil", "the pub in Askwold"), "pub", -2770, 690, (18, 12)),
    Site("plough", "The Plough and Heron", ("the Plough",), "pub", 2000, -2630, (18, 12)),
    Site("ferry-bridge", "Ferry Bridge", ("the ferry bridge", "the old iron bridge"), "bridge", 98, -1008, is_open=True),
    Site("priory-bridge", "Priory Bridge", ("the footbridge by the priory",), "bridge", -712, -1085, is_open=True),
    Site("chandlers-bridge", "Chandler’s Bridge", ("the swing bridge",), "bridge", 714, -262, is_open=True),
    Site("weir-bridge", "Weir Bridge", ("the ring road bridge by the weir",), "bridge", 1287, 128, is_open=True),
    Site("west-bridge", "West Bridge", ("the western ring road bridge",), "bridge", -1085, -930, is_open=True),
    Site("harrow-park", "Harrow Park", ("the park", "the duck pond", "the bandstand"), "park", -370, 520, is_open=True),
    Site("curriers-field", "Currier’s Field", ("the rec on Kiln Street", "the swings"), "park", 380, 650, is_open=True),
    Site("castle-garth", "Castle Garth", ("the castle", "the castle mound"), "park", 160, 120, is_open=True),
    Site("ferry-meadows", "Ferry Meadows", ("the meadows", "the riverside"), "park", -200, -1320, is_open=True),
    Site("orchard-fields", "Orchard Playing Fields", ("the playing fields", "the skate park"), "park", 1420, 850, is_open=True),
    Site("cemetery", "Northgate Cemetery", ("the cemetery", "the crem"), "park", -1050, 1000, is_open=True),
    Site("racecourse", "Harrowby Racecourse", ("the races", "the racecourse"), "park", 1820, -1140, is_open=True),
    Site("arcade", "The Arcade", ("the shopping centre", "the precinct"), "shop", -60, 200, (46, 26)),
    Site("supermarket", "Greenholm Superstore", ("Greenholm", "the big supermarket"), "shop", -1060, 30, (70, 40)),
    Site("retail-park", "Eastfield Retail Park", ("the retail park",), "shop", 1560, 340, (90, 34)),
    Site("petrol", "Eastfield Filling Station", ("the petrol station on Eastfield Road", "the garage"), "shop", 1430, 400, (18, 12)),
    Site("northgate-post-office", "Northgate Post Office", ("the post office on Northgate",), "post_office", -120, 640, (14, 10)),
    Site("ferrybank-post-office", "Ferrybank Post Office", ("the post office in Ferrybank",), "post_office", 150, -1260, (14, 10)),
    Site("old-quay-post-office", "Old Quay Post Office", ("the post office on Quay Road",), "post_office", 300, -130, (14, 10)),
    Site("orchard-post-office", "Orchard Post Office", ("the post office on Orchard Way",), "post_office", 1600, 960, (14, 10)),
    Site("askwold-shop", "Askwold Stores and Post Office", ("the village shop",), "post_office", -2720, 790, (14, 10)),
    Site("minster", "St Wilfa’s Church", ("St Wilfa’s", "the big church"), "worship", 90, -110, (40, 18)),
    Site("mosque", "Kiln Street Mosque", ("the mosque",), "worship", 240, 640, (26, 18)),
    Site("gurdwara", "Harrowby Gurdwara", ("the gurdwara",), "worship", -520, -180, (26, 18)),
    Site("synagogue", "Harrowby Hebrew Congregation", ("the synagogue",), "worship", -520, 950, (18, 14)),
    Site("leisure-centre", "Weirside Leisure Centre", ("the baths", "the swimming pool"), "leisure", 1120, 120, (54, 34)),
    Site("football", "Bargate Ground", ("the football ground", "Harrowby Town"), "leisure", 760, 930, (80, 60)),
    Site("cinema", "The Regent Cinema", ("the Regent", "the pictures"), "leisure", 180, -220, (30, 20)),
    Site("nightclub", "Cargo", ("Cargo nightclub", "the club on the quay"), "leisure", 440, -170, (24, 16)),
    Site("orchard-house", "Orchard House Care Home", ("Orchard House",), "care", 1560, 820, (34, 18)),
    Site("ferry-view", "Ferry View Sheltered Housing", ("Ferry View",), "care", 190, -1400, (40, 16)),
    Site("hostel", "Granary House", ("the hostel", "Granary hostel"), "care", 900, -480, (24, 14)),
    Site("health-centre", "Millfield Health Centre", ("the doctor’s in Millfield", "the health centre"), "health", -560, -30, (26, 18)),
    Site("car-park", "Saltergate Multi-storey", ("the multi-storey",), "car_park", 130, -300, (44, 30)),
    Site("junction-7", "M98 Junction 7", ("junction seven", "the motorway roundabout"), "junction", 3128, 760, is_open=True),
)  # fmt: skip
