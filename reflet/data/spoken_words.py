"""The tables of the front end: what is written short and said long."""

from __future__ import annotations

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTH_OF = {m: i + 1 for i, m in enumerate(MONTHS)} | {m[:3]: i + 1 for i, m in enumerate(MONTHS)} | {"sept": 9}
WEEKDAYS = {
    "mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday", "thur": "thursday",
    "thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday",
}  # fmt: skip

# Titles stand before a name, so a full stop after them ends no sentence.
TITLES = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "messrs": "messers", "dr": "doctor", "prof": "professor",
    "rev": "reverend", "hon": "honorable", "gen": "general", "col": "colonel", "capt": "captain", "cpt": "captain",
    "lt": "lieutenant", "sgt": "sergeant", "maj": "major", "cmdr": "commander", "adm": "admiral", "gov": "governor",
    "sen": "senator", "rep": "representative", "pres": "president", "st": "saint", "mt": "mount", "ft": "fort",
    "fr": "father", "supt": "superintendent",
}  # fmt: skip
# After a name: 12 Elm St., Baker Dr.
PLACES = {
    "st": "street", "dr": "drive", "ave": "avenue", "blvd": "boulevard", "rd": "road", "ln": "lane", "ct": "court",
    "pl": "place", "sq": "square", "hwy": "highway", "pkwy": "parkway", "apt": "apartment",
}  # fmt: skip
ABBREVIATIONS = {
    "etc": "et cetera", "vs": "versus", "approx": "approximately", "dept": "department", "inc": "incorporated",
    "ltd": "limited", "co": "company", "corp": "corporation", "bros": "brothers", "jr": "junior", "sr": "senior",
    "est": "established", "govt": "government", "misc": "miscellaneous", "esp": "especially", "incl": "including",
    "assn": "association", "univ": "university", "tel": "telephone", "temp": "temperature", "max": "maximum",
    "min": "minimum", "avg": "average", "intl": "international", "natl": "national", "ca": "circa", "cf": "compare",
    "al": "al", "viz": "namely", "resp": "respectively", "ref": "reference", "ed": "edition", "eds": "editors",
    "hrs": "hours", "hr": "hour", "mins": "minutes", "secs": "seconds", "yr": "year", "yrs": "years",
}  # fmt: skip
# Only with a full stop, or before a number: elsewhere they are words.
BEFORE_NUMBERS = {
    "no": "number", "nos": "numbers", "fig": "figure", "figs": "figures", "vol": "volume", "vols": "volumes",
    "ch": "chapter", "sec": "section", "p": "page", "pp": "pages", "art": "article", "ext": "extension",
    "eq": "equation", "para": "paragraph", "ver": "version", "op": "opus",
}  # fmt: skip
DOTTED = {
    "e.g.": ["for", "example"], "i.e.": ["that", "is"], "a.m.": ["A", "M"], "p.m.": ["P", "M"],
    "a.k.a.": ["A", "K", "A"], "w/": ["with"], "w/o": ["without"], "b/c": ["because"], "c/o": ["care", "of"],
    "24/7": ["twenty", "four", "seven"], "and/or": ["and", "or"], "n/a": ["N", "A"], "ph.d.": ["P", "H", "D"],
    "he/she": ["he", "or", "she"], "his/her": ["his", "or", "her"], "s/he": ["he", "or", "she"],
}  # fmt: skip

# unit -> (one, many). Those that are also words are read as units only after a number.
UNITS: dict[str, tuple[str, str]] = {
    "km/h": ("kilometer per hour", "kilometers per hour"), "kph": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"), "m/s": ("meter per second", "meters per second"),
    "km²": ("square kilometer", "square kilometers"), "km2": ("square kilometer", "square kilometers"),
    "m²": ("square meter", "square meters"), "m2": ("square meter", "square meters"),
    "m³": ("cubic meter", "cubic meters"), "m3": ("cubic meter", "cubic meters"),
    "cm²": ("square centimeter", "square centimeters"), "cm³": ("cubic centimeter", "cubic centimeters"),
    "sq ft": ("square foot", "square feet"), "ft²": ("square foot", "square feet"),
    "km": ("kilometer", "kilometers"), "cm": ("centimeter", "centimeters"), "mm": ("millimeter", "millimeters"),
    "µm": ("micrometer", "micrometers"), "nm": ("nanometer", "nanometers"), "m": ("meter", "meters"),
    "mi": ("mile", "miles"), "ft": ("foot", "feet"), "yd": ("yard", "yards"), "in.": ("inch", "inches"),
    "kg": ("kilogram", "kilograms"), "mg": ("milligram", "milligrams"), "g": ("gram", "grams"),
    "lbs": ("pound", "pounds"), "lb": ("pound", "pounds"), "oz": ("ounce", "ounces"), "t": ("ton", "tons"),
    "ml": ("milliliter", "milliliters"), "mL": ("milliliter", "milliliters"), "cl": ("centiliter", "centiliters"),
    "l": ("liter", "liters"), "L": ("liter", "liters"), "gal": ("gallon", "gallons"), "tsp": ("teaspoon", "teaspoons"),
    "tbsp": ("tablespoon", "tablespoons"),
    "°C": ("degree celsius", "degrees celsius"), "°F": ("degree fahrenheit", "degrees fahrenheit"),
    "°": ("degree", "degrees"), "K": ("kelvin", "kelvin"),
    "kHz": ("kilohertz", "kilohertz"), "MHz": ("megahertz", "megahertz"), "GHz": ("gigahertz", "gigahertz"),
    "Hz": ("hertz", "hertz"), "dB": ("decibel", "decibels"),
    "kbps": ("kilobit per second", "kilobits per second"), "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "KB": ("kilobyte", "kilobytes"), "kB": ("kilobyte", "kilobytes"), "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"), "TB": ("terabyte", "terabytes"), "PB": ("petabyte", "petabytes"),
    "MiB": ("mebibyte", "mebibytes"), "GiB": ("gibibyte", "gibibytes"), "px": ("pixel", "pixels"),
    "kWh": ("kilowatt hour", "kilowatt hours"), "kW": ("kilowatt", "kilowatts"), "MW": ("megawatt", "megawatts"),
    "GW": ("gigawatt", "gigawatts"), "W": ("watt", "watts"), "mAh": ("milliamp hour", "milliamp hours"),
    "V": ("volt", "volts"), "J": ("joule", "joules"), "kJ": ("kilojoule", "kilojoules"),
    "kcal": ("kilocalorie", "kilocalories"), "Pa": ("pascal", "pascals"), "hPa": ("hectopascal", "hectopascals"),
    "ms": ("millisecond", "milliseconds"), "µs": ("microsecond", "microseconds"), "s": ("second", "seconds"),
    "sec": ("second", "seconds"), "min": ("minute", "minutes"), "h": ("hour", "hours"), "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"), "ha": ("hectare", "hectares"), "mpg": ("mile per gallon", "miles per gallon"),
    "rpm": ("revolution per minute", "revolutions per minute"), "ppm": ("part per million", "parts per million"),
}  # fmt: skip

# sign -> (one, many, one of its hundredths, many of them)
CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"), "US$": ("U S dollar", "U S dollars", "cent", "cents"),
    "C$": ("canadian dollar", "canadian dollars", "cent", "cents"),
    "A$": ("australian dollar", "australian dollars", "cent", "cents"),
    "USD": ("U S dollar", "U S dollars", "cent", "cents"), "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"), "CHF": ("swiss franc", "swiss francs", "centime", "centimes"),
    "JPY": ("yen", "yen", "sen", "sen"), "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"), "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"), "₩": ("won", "won", "jeon", "jeon"),
}  # fmt: skip
MULTIPLES = {
    "k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion", "tn": "trillion",
    "thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion",
}  # fmt: skip

SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "<": "less than", ">": "greater than", "×": "times", "÷": "divided by",
    "±": "plus or minus", "≈": "about", "≠": "is not", "≤": "at most", "≥": "at least", "°": "degrees",
    "§": "section", "©": "copyright", "®": "registered", "™": "trademark", "@": "at", "#": "number", "%": "percent",
    "‰": "per mille", "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen", "√": "square root of", "∞": "infinity",
    "→": "to", "←": "from", "µ": "micro", "№": "number", "*": "", "^": "to the power of", "~": "about", "|": "",
    "\\": "backslash", "_": "", "/": "slash", "¢": "cents",
}  # fmt: skip
FRACTIONS = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
             "⅞": (7, 8), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6)}  # fmt: skip
GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        [
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
            "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
        ],
        strict=True,
    )
) | {"ς": "sigma"}  # fmt: skip

# Capitals that are said as one word; other short ones are spelled.
SAID_AS_WORDS = {
    "NASA", "NATO", "UNESCO", "UNICEF", "OPEC", "NAFTA", "RAM", "ROM", "PIN", "SIM", "AIDS", "COVID", "LASER", "RADAR",
    "SCUBA", "SONAR", "JPEG", "GIF", "SQL", "NASDAQ", "FIFA", "IKEA", "ASAP", "ASCII", "SWAT", "YOLO",
    "DOS", "BIOS", "LAN", "WAN", "JSON", "YAML", "MIDI", "ZIP", "TED", "ACT", "UEFA", "ASEAN", "OSHA", "FEMA", "NOAA",
}  # fmt: skip
SAYINGS = {
    "JPEG": ["jay", "peg"], "SQL": ["sequel"], "GIF": ["gif"], "ASCII": ["ask", "key"], "JSON": ["jay", "sahn"],
    "NASDAQ": ["naz", "dack"], "YAML": ["yam", "ul"], "COVID": ["co", "vid"], "OK": ["O", "K"],
}  # fmt: skip
# Ordinary short words that are sometimes shouted; everything else of two or three capitals is spelled.
SHOUTED = frozenset(
    [
        "A", "I", "AN", "AND", "ANY", "ARE", "AS", "AT", "BE", "BUT", "BY", "CAN", "DAY", "DID", "DO", "FOR", "GET",
        "GO", "HAD", "HAS", "HE", "HER", "HIM", "HIS", "HOW", "IF", "IN", "IS", "ITS", "ME", "MY", "NEW", "NO", "NOT",
        "NOW", "OF", "OFF", "OH", "OLD", "ON", "ONE", "OR", "OUR", "OUT", "RUN", "SAY", "SEE", "SHE", "SO", "THE",
        "TO", "TOO", "TOP", "TRY", "TWO", "UP", "USE", "WAS", "WAY", "WE", "WHO", "WHY", "WIN", "YES", "YET", "YOU",
        "BIG", "BAD", "RED", "ALL", "END", "FUN", "LET", "MAN", "MAY", "BAR", "CAR", "DOG", "CAT", "HOT",
    ]
)  # fmt: skip
REGNAL = frozenset(
    [
        "Henry", "Louis", "Charles", "George", "Edward", "Elizabeth", "James", "William", "Richard", "John", "Paul",
        "Pius", "Benedict", "Francis", "Leo", "Philip", "Catherine", "Peter", "Alexander", "Nicholas", "Frederick",
        "Napoleon", "Victoria", "Mary", "Edmund", "Otto", "Ivan", "Gregory", "Innocent", "Clement", "Urban",
        "Boniface", "Juan", "Alfonso", "Ferdinand", "Carl", "Gustav", "Christian", "Margaret", "Anne", "Ramses",
        "Ramesses", "Cleopatra", "Ptolemy", "Rama", "Haakon", "Olav", "Harald", "Albert", "Leopold", "Baldwin",
        "Umberto",
    ]
)  # fmt: skip
COUNTED = frozenset(
    [
        "Chapter", "Part", "Act", "Scene", "Book", "Volume", "War", "Type", "Phase", "Class", "Article", "Section",
        "Stage", "Level", "Grade", "Title", "Appendix", "Figure", "Table", "Round", "Bowl", "Apollo", "Saturn",
        "Rocky", "Episode", "Symphony", "Sonata", "Category", "Tier", "Division", "Corps", "Mark", "Model", "Unit",
    ]
)  # fmt: skip
