"""What are the streets, houses and people of the demo called? Word lists of our own, plausible and meant for nobody.

Family and given names come in the mixture of a British town of now: each origin below has its own lists, so that an
invented person's two names belong together; a long list runs from the names of the old to those of the young. They are
common names; any likeness to a living person is chance.
"""

from __future__ import annotations

# ── Streets: each ward's words, and what its streets tend to be called ──────────────────────────────────────────────

WORDS: dict[str, tuple[str, ...]] = {
    "tannery": (
        "Skinner’s", "Currier’s", "Bark", "Lime Pit", "Cordwainer", "Saddler’s", "Glover", "Oakbark", "Leather", "Bellows",
        "Cooper’s", "Potter’s", "Brickfield", "Claypit", "Foundry", "Anvil", "Chapel", "Temperance", "Union", "Provident",
        "Albion", "Hammer", "Harness", "Bridle", "Whittawer", "Last", "Thimble", "Kilnfield", "Furnace", "Clinker", "Tile",
        "Hope", "Industry", "Cobbler’s", "Vat", "Lathe", "Wheelwright", "Nailer’s", "Ember", "Gasfield", "Coke", "Farrier",
    ),
    "northgate": (
        "Palmerston", "Peel", "Melbourne", "Clarendon", "Granville", "Rosebery", "Alma", "Inkerman", "Osborne", "Jubilee",
        "Beaconsfield", "Wilberforce", "Nightingale", "Brunel", "Telford", "Faraday", "Somerville", "Herschel", "Havelock",
        "Hartington", "Althorp", "Lansdowne", "Addison", "Cavendish", "Dunraven", "Egerton", "Fitzroy", "Gladwin", "Holland",
        "Kimberley", "Ludlow", "Marlow", "Norwood", "Portland", "Regent", "Stanhope", "Trevelyan", "Upton", "Vernon", "Warwick",
        "Cemetery", "Infirmary", "Observatory", "Gaol", "Belmont", "Clifton", "Bellevue",
    ),
    "old-quay": (
        "Cable", "Anchor", "Capstan", "Lighter", "Staithe", "Salter’s", "Herring", "Oyster", "Tallow", "Pilot", "Custom House",
        "Merchant", "Spicer", "Silver", "Friar", "Swan", "Bell", "Maltings", "Brewer", "Mercer", "Butter", "Corn", "Pepper",
        "Chandler’s", "Rope", "Sail", "Net", "Windlass", "Bishop", "Bonded", "Keel", "Mast", "Tide", "Crane", "Hawser", "Quay",
        "Stockfish", "Wool", "Wine", "Lantern", "Well", "Pump", "Cross", "Drapers",
    ),
    "millfield": (
        "Weir", "Sluice", "Bobbin", "Loom", "Shuttle", "Carding", "Warp", "Weft", "Teasel", "Flax", "Linen", "Worsted", "Spinner’s",
        "Weaver’s", "Dam", "Goit", "Waterwheel", "Millstone", "Engine", "Signal", "Carriage", "Turntable", "Siding", "Coal",
        "Millfield", "Corduroy", "Fustian", "Damask", "Calico", "Heddle", "Reed", "Selvedge", "Twill", "Mill", "Abbot", "Tithe",
        "Grange", "Monk", "Mitre", "Locomotive",
    ),
    "ferrybank": (
        "Beech", "Hawthorn", "Rowan", "Sycamore", "Poplar", "Alder", "Willow", "Larch", "Elm", "Wordsworth", "Keats", "Shelley",
        "Byron", "Milton", "Clare", "Cowper", "Blake", "Marvell", "Herbert", "Attlee", "Bevan", "Lansbury", "Pankhurst", "Fawcett",
        "Seacole", "Hornbeam", "Aspen", "Maple", "Juniper", "Spindle", "Ferry", "Meadow", "Osier", "Sedge", "Bulrush", "Causeway",
        "Cuffay", "Equiano", "Besant", "Rathbone", "Ellen", "Chartist", "Garden City", "Bittern", "Heron", "Towpath",
    ),
    "orchard": (
        "Russet", "Bramley", "Pippin", "Pearmain", "Codlin", "Costard", "Damson", "Medlar", "Quince", "Mulberry", "Greengage",
        "Perry", "Blossom", "Windfall", "Beehive", "Linnet", "Thrush", "Goldfinch", "Swift", "Martin", "Wren", "Lapwing", "Plover",
        "Curlew", "Apple Tree", "Cherry", "Walnut", "Hazel", "Filbert", "Sorrel", "Clover", "Honeysuckle", "Foxglove", "Dovecote",
        "Barley", "Harvest", "Sickle", "Haywain", "Skylark", "Yarrow", "Teal",
    ),
}  # fmt: skip

SUFFIXES: dict[str, dict[str, tuple[str, ...]]] = {
    "tannery": {"street": ("Row", "Street", "Street", "Terrace", "Street"), "close": ("Yard", "Court", "Place")},
    "northgate": {
        "street": ("Street", "Road", "Terrace", "Avenue", "Road", "Crescent", "Gardens"),
        "close": ("Place", "Mews", "Villas"),
    },
    "old-quay": {"street": ("Lane", "Street", "Wynd", "Row", "Hill", "Street"), "close": ("Passage", "Yard", "Court")},
    "millfield": {"street": ("Street", "Road", "Street", "Terrace", "Road"), "close": ("Court", "Place", "Yard")},
    "ferrybank": {"street": ("Road", "Avenue", "Crescent", "Grove", "Drive", "Road"), "close": ("Close", "Green", "Walk")},
    "orchard": {"street": ("Drive", "Way", "Rise", "Gardens", "Road", "Garth"), "close": ("Close", "Mead", "Croft")},
}

SHOPS = (
    "Lockyer’s Pharmacy", "The Copper Kettle", "Pashley & Daughter, Butchers", "Harrow Books", "Saffron Garden", "Bright’s Bakery",
    "Kaya Barbers", "Vape Corner", "Quickfix Phones", "The Wool Basket", "Harrowby Charity Shop", "Lucky Star Takeaway", "Bet Harrow",
    "Nile Grocery", "Threadneedle Alterations", "Sole Repair", "Polski Sklep Bocian", "Harrow Valley Building Society", "Odeyemi Foods",
    "Blooms of Harrowby", "The Cheese Room", "Moorview Opticians", "Second Chapter Books", "Riverside Dental", "Mehfil Sweets",
    "Card Corner", "Penny’s Café", "Gadd Jewellers", "Harrow Travel", "Tattoo Parlour Nine", "Spokes Cycles", "Kebab House",
    "Pets & Paws", "Northmoor Credit Union", "Toy Box", "Paper Lane Stationers", "Baltic Delicatessen", "Iris Hair", "Launderama",
    "Golden Fry",
)  # fmt: skip

WORKS = (
    "{street} Works",
    "Unit {n}, {street} Yard",
    "{street} Mill",
    "{street} Business Centre",
    "Warehouse {n}",
    "{street} Self-store",
    "{street} Motors",
    "Unit {n}",
    "{street} Building Supplies",
    "{street} Joinery",
)

FARMS = (
    "Carr Farm", "High Fold", "Low Fold", "Lapwing Farm", "Stonebeck", "Wether House", "Nab End", "Peat House", "Long Byre",
    "Gallows Farm", "Ings House", "Drove End", "Willow Farm", "Home Farm", "Sallow Barn", "Marsh House", "Kingcup Farm", "Sluice Cottage",
    "Skylark Farm", "Hagg Farm", "Rush House", "Ewe Cote", "Heron House", "Bank Farm", "Far Pasture", "White Gate", "Bield House",
    "Lathe Cottage", "Moor Side", "Keeper’s Cottage",
)  # fmt: skip

# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────

# origin: (share of households, women's names, men's names, family names, languages an interpreter may be needed for)
PEOPLE: dict[str, tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "british": (
        620,
        ("Doreen", "Jean", "Margaret", "Sheila", "Maureen", "Brenda", "Patricia", "Hazel", "Susan", "Linda", "Christine", "Carol",
         "Heather", "Julie", "Karen", "Tracey", "Sharon", "Debbie", "Nicola", "Lisa", "Claire", "Sarah", "Emma", "Gemma", "Kelly",
         "Stacey", "Hannah", "Amy", "Lauren", "Chloe", "Jade", "Megan", "Beth", "Ellie", "Rosie", "Freya", "Poppy", "Evie", "Ruby", "Isla"),
        ("Ronald", "Dennis", "Kenneth", "Raymond", "Derek", "Brian", "Keith", "John", "Peter", "Alan", "Graham", "Trevor", "Stephen",
         "Paul", "Mark", "Gary", "Kevin", "Ian", "Andrew", "Wayne", "Darren", "Lee", "Craig", "Scott", "Adam", "Ryan", "Luke", "Jack",
         "Callum", "Josh", "Connor", "Liam", "Kieran", "Tyler", "Harry", "Alfie", "Archie", "Oscar", "Noah", "Leo"),
        ("Ashdown", "Barraclough", "Bickerdike", "Boothroyd", "Brearley", "Calvert", "Cartwright", "Chadwick", "Copley", "Crowther",
         "Dawson", "Dent", "Dobson", "Earnshaw", "Fairbrother", "Farrow", "Fawley", "Garside", "Gledhill", "Greenhalgh", "Hallam",
         "Hardcastle", "Hebden", "Hirst", "Holroyd", "Horsfall", "Ibbotson", "Jagger", "Kaye", "Kershaw", "Langstaff", "Lumb",
         "Mallinson", "Marsden", "Metcalfe", "Naylor", "Nettleton", "Ogden", "Oldroyd", "Peckett", "Pickles", "Prentice", "Ramsden",
         "Redfearn", "Rowntree", "Sedgwick", "Shackleton", "Sharples", "Stansfield", "Stott", "Sugden", "Sutcliffe", "Sykes",
         "Tattersall", "Thackray", "Thornber", "Tordoff", "Turnbull", "Uttley", "Varley", "Waddington", "Wainwright", "Whiteley",
         "Widdop", "Woodhead", "Wrigglesworth", "Yeadon", "Pell", "Bright", "Cole", "Marsh", "Rudd", "Spence", "Tull", "Vickers"),
        (),
    ),
    "irish": (
        40,
        ("Aoife", "Siobhán", "Niamh", "Bernadette", "Orla", "Maeve", "Bridie", "Róisín"),
        ("Declan", "Pádraig", "Seán", "Eamon", "Cormac", "Brendan", "Fergal"),
        ("Brennan", "Cassidy", "Doyle", "Fitzgerald", "Gallagher", "Keane", "McGrath", "Nolan", "O’Dowd", "O’Shea", "Tierney"),
        (),
    ),
    "welsh_scottish": (
        40,
        ("Carys", "Rhian", "Catrin", "Eilidh", "Morag", "Iona", "Nia", "Mairi"),
        ("Gethin", "Rhys", "Hamish", "Angus", "Dylan", "Euan", "Owain", "Fraser"),
        ("Bevan", "Cadwallader", "Drummond", "Geddes", "Llewellyn", "MacAskill", "Prosser", "Rhydderch", "Sinclair", "Urquhart"),
        (),
    ),
    "pakistani": (
        65,
        ("Shazia", "Nasreen", "Aisha", "Saima", "Rukhsana", "Zara", "Mariam", "Hina", "Sana", "Amina"),
        ("Imran", "Tariq", "Bilal", "Usman", "Nadeem", "Zeeshan", "Hamza", "Shabir", "Kashif", "Faisal"),
        ("Akhtar", "Bashir", "Chaudhry", "Hussain", "Iqbal", "Javed", "Mahmood", "Mirza", "Qureshi", "Rafiq", "Shah", "Yousaf"),
        ("Urdu", "Punjabi"),
    ),
    "indian": (
        50,
        ("Priti", "Meera", "Harpreet", "Jaswinder", "Kavita", "Anjali", "Simran", "Lakshmi", "Divya", "Gurpreet"),
        ("Rajesh", "Harjit", "Sanjay", "Gurdeep", "Amit", "Vikram", "Manjit", "Arjun", "Nikhil", "Balbir"),
        ("Bhatt", "Chauhan", "Dhillon", "Gill", "Joshi", "Kapoor", "Mistry", "Nair", "Patel", "Rao", "Sandhu", "Sidhu", "Solanki"),
        ("Gujarati", "Punjabi"),
    ),
    "bangladeshi": (
        24,
        ("Fatema", "Rehana", "Nasima", "Sultana", "Tahmina", "Ruksana"),
        ("Abdul", "Mizanur", "Shahin", "Rafiqul", "Jamal", "Kamrul"),
        ("Begum", "Chowdhury", "Islam", "Khatun", "Miah", "Rahman", "Uddin"),
        ("Bengali", "Sylheti"),
    ),
    "polish": (
        45,
        ("Agnieszka", "Katarzyna", "Magdalena", "Joanna", "Ewa", "Zuzanna", "Maja"),
        ("Piotr", "Tomasz", "Marek", "Jakub", "Paweł", "Krzysztof", "Filip"),
        ("Adamczyk", "Dudek", "Jabłoński", "Kowalczyk", "Lis", "Mazur", "Nowak", "Pawlak", "Sobczak", "Wójcik", "Zając"),
        ("Polish",),
    ),
    "romanian": (
        25,
        ("Ioana", "Elena", "Mihaela", "Andreea", "Cristina"),
        ("Andrei", "Ionuț", "Florin", "Marius", "Radu"),
        ("Ardelean", "Constantin", "Dumitru", "Lungu", "Moldovan", "Popa", "Stan", "Ursu"),
        ("Romanian",),
    ),
    "nigerian_ghanaian": (
        30,
        ("Ngozi", "Folake", "Abena", "Chioma", "Temi", "Adwoa", "Yetunde"),
        ("Chidi", "Kwame", "Emeka", "Kofi", "Tunde", "Segun", "Yaw"),
        ("Adeyemi", "Asante", "Boateng", "Eze", "Mensah", "Nwosu", "Ogunleye", "Okafor", "Owusu"),
        (),
    ),
    "caribbean": (
        30,
        ("Marcia", "Yvonne", "Shanice", "Beverley", "Keisha", "Gloria"),
        ("Winston", "Delroy", "Leroy", "Jermaine", "Marlon", "Errol", "Devon"),
        ("Bailey", "Campbell", "Clarke", "Francis", "Grant", "Henry", "Pinnock", "Reid", "Samuels", "Thompson"),
        (),
    ),
    "chinese_vietnamese": (
        18,
        ("Mei", "Li Na", "Xiu", "Linh", "Thuy", "Wing"),
        ("Wei", "Jun", "Ka Ho", "Minh", "Duc", "Ming"),
        ("Chan", "Cheung", "Lam", "Leung", "Nguyen", "Pham", "Tran", "Wong", "Zhang"),
        ("Cantonese", "Mandarin", "Vietnamese"),
    ),
    "arab_kurdish_turkish": (
        24,
        ("Leyla", "Zeynep", "Rana", "Huda", "Shirin", "Elif", "Nour"),
        ("Karwan", "Mehmet", "Omar", "Yusuf", "Azad", "Sami", "Emre"),
        ("Al-Hakim", "Aziz", "Barzani", "Demir", "Haddad", "Kaya", "Mansour", "Saleh", "Yılmaz"),
        ("Arabic", "Kurdish Sorani", "Turkish"),
    ),
    "somali_eritrean_ethiopian": (
        18,
        ("Hodan", "Ifrah", "Selam", "Saba", "Fadumo", "Hanna"),
        ("Abdi", "Yonas", "Mahad", "Dawit", "Liban", "Samuel"),
        ("Abdullahi", "Farah", "Ghebre", "Haile", "Mohamud", "Tesfaye", "Warsame", "Yusuf"),
        ("Somali", "Tigrinya", "Amharic"),
    ),
    "ukrainian": (
        12,
        ("Olena", "Iryna", "Kateryna", "Daryna"),
        ("Andriy", "Oleksandr", "Maksym", "Taras"),
        ("Bondar", "Hrytsenko", "Kovalenko", "Melnyk", "Tkachuk"),
        ("Ukrainian",),
    ),
    "filipino_portuguese": (
        18,
        ("Marisol", "Joy", "Catarina", "Inês", "Lourdes"),
        ("Jomar", "Rui", "Tiago", "Ramon", "Nuno"),
        ("Bautista", "Dela Cruz", "Ferreira", "Mendes", "Pereira", "Reyes", "Santos"),
        ("Portuguese",),
    ),
}  # fmt: skip
