"""The words that moderation looks for, by category and language; already folded (no accents, lower case).

ANYWHERE: stems that are clear wherever they stand in a word. WHOLE: words that are harmless inside others. Two more
sets only count together with another (safety.py): MINORS beside SEXUAL_CONTEXT, VIOLENT beside PEOPLE. The lists are
short on purpose: a false refusal costs a user more than a word that a second rule would catch.
"""

from __future__ import annotations

# fmt: off
# ruff: noqa: E501  (the wide letters of some scripts count twice)
ANYWHERE: dict[str, tuple[str, ...]] = {
    "sexual": (
        "porn", "hentai", "blowjob", "handjob", "cumshot", "creampie", "gangbang", "deepthroat", "masturbat",
        "ejaculat", "fellatio", "cunnilingus", "dildo", "orgasm", "bukkake", "camgirl", "genital", "pornograf",
        "pornograph", "masturbier", "geschlechtsverkehr", "onanier", "ejakul", "branlette", "masturbac", "masturbaz",
        "mamada", "boquete", "pompino", "порн", "мастурб", "минет", "трахат", "эякул", "色情", "做爱", "裸体性", "口交", "手淫",
        "エロ画像", "ポルノ", "セックス", "オナニー", "포르노", "섹스", "اباحي", "إباحي",
    ),
    "sexual/minors": (
        "pedophil", "paedophil", "pedofil", "padophil", "lolicon", "shotacon", "childporn", "kinderporn", "pedoporn",
        "педофил", "детскоепорно", "儿童色情", "恋童", "ロリコン", "児童ポルノ", "아동포르노",
    ),
    "hate": (
        "swastika", "hakenkreuz", "white power", "whitepower", "ku klux", "kukluxklan", "blutundehre", "siegheil",
        "sieg heil", "heil hitler", "heilhitler", "свастик", "зигхайль", "卐纳粹", "hitlergruss", "gas the jews",
    ),
    "self-harm": (
        "suicid", "selbstmord", "selbstverletz", "automutil", "autolesion", "самоубий", "суицид", "自杀", "自殺", "자살",
        "self harm", "selfharm", "self-harm", "انتحار",
    ),
    "violence/graphic": (
        "behead", "decapitat", "disembowel", "dismember", "eviscerat", "gore porn", "enthaupt", "ausgeweidet",
        "decapite", "eventre", "demembre", "decapitad", "desmembrad", "smembrat", "обезглав", "расчлен", "斩首", "斬首",
        "肢解",
    ),
}

WHOLE: dict[str, tuple[str, ...]] = {
    "sexual": (
        "sex", "sexual", "sexually", "nsfw", "xxx", "nude", "nudes", "naked", "topless", "erotic", "erotica", "penis",
        "vagina", "vulva", "cock sucking", "pussy licking", "tits", "boobs", "nipples", "cum", "horny", "milf",
        "anal", "rape", "raped", "raping", "fuck", "fucking", "fucked", "orgy", "striptease", "fetish", "bondage",
        "nue", "nus", "nues", "sexe", "baise", "bite en erection", "seins nus", "viol", "partouze", "nackt", "nackte",
        "nackter", "nacktes", "ficken", "gefickt", "titten", "vergewaltigung", "erotisch", "desnuda", "desnudo",
        "desnudas", "follar", "tetas", "violacion", "erotico", "erotica", "nuda", "nudo", "scopare", "stupro", "nua",
        "foder", "estupro", "naakt", "neuken", "verkrachting", "naga", "nagi", "gwalt", "ruchanie", "ciplak",
        "tecavuz", "seks", "голая", "голый", "голые", "обнаженная", "обнаженный", "секс", "изнасилование", "эротика",
        "裸体", "裸女", "全裸", "ヌード", "裸", "강간", "나체", "누드", "عاري", "عارية", "جنس",
    ),
    "hate": (
        "nazi propaganda", "kkk", "nigger", "niggers", "faggot", "faggots", "kike", "kikes", "wetback", "chink",
        "untermensch", "untermenschen", "bougnoule", "youpin", "sudaca", "жид", "хач",
    ),
    "violence/graphic": (
        "gore", "guts spilling", "mutilated corpse", "gory",
    ),
    "self-harm": (
        "kill myself", "cut myself", "cutting my wrists", "hang myself", "mich umbringen", "me suicider",
    ),
    "illicit": (
        "how to make meth", "build a bomb", "pipe bomb", "cook meth", "bombe bauen", "fabriquer une bombe",
    ),
    "harassment/threatening": (
        "i will kill you", "kill you", "je vais te tuer", "ich bringe dich um", "te voy a matar",
    ),
}

MINORS: tuple[str, ...] = (
    "child", "children", "kid", "kids", "minor", "minors", "toddler", "baby", "infant", "preteen", "teen", "teens",
    "teenage", "teenager", "schoolgirl", "schoolboy", "underage", "little girl", "little boy", "young girl",
    "young boy", "loli", "shota", "girl", "boy", "enfant", "enfants", "fillette", "gamine", "mineure", "mineur",
    "ecoliere", "adolescente", "kind", "kinder", "madchen", "junge", "minderjahrig", "minderjahrige", "schulmadchen",
    "nina", "nino", "ninas", "ninos", "menor", "menores", "colegiala", "bambina", "bambino", "minorenne", "ragazzina",
    "crianca", "criancas", "menina", "menino", "meisje", "jongen", "dziecko", "dziewczynka", "cocuk", "ребенок",
    "дети", "девочка", "мальчик", "школьница", "несовершеннолетняя", "儿童", "小孩", "女童", "幼女", "小学生", "中学生", "女子高生",
    "少女", "子供", "어린이", "소녀", "طفل", "طفلة", "قاصر",
)

# Beside a word for a minor these refuse, though alone they do not.
SEXUAL_CONTEXT: tuple[str, ...] = (
    "sexy", "seductive", "lingerie", "underwear", "panties", "undressed", "undressing", "stripping",
    "without clothes", "no clothes", "bikini", "lewd", "aroused", "provocative", "thong", "sensual", "unclothed",
    "nu", "nude", "kinky", "deshabille", "sous-vetements", "lascif", "unbekleidet", "unterwasche", "aufreizend",
    "ropa interior", "sin ropa", "sensuale", "biancheria", "semi nude", "белье", "раздетая", "раздетый", "内衣", "脱衣",
    "下着", "性感", "속옷",
)

VIOLENT: tuple[str, ...] = (
    "blood", "bloody", "stab", "stabbed", "stabbing", "corpse", "corpses", "torture", "tortured", "massacre",
    "execution", "executed", "lynching", "lynched", "murder", "murdered", "sang", "cadavre", "torturee", "egorge",
    "blut", "blutig", "leiche", "gefoltert", "ermordet", "sangre", "cadaver", "torturado", "asesinado", "кровь",
    "труп", "пытка", "血", "尸体", "死体", "拷問", "피", "시체",
)

PEOPLE: tuple[str, ...] = (
    "man", "woman", "person", "people", "human", "victim", "child", "girl", "boy", "soldier", "prisoner", "crowd",
    "homme", "femme", "personne", "victime", "mann", "frau", "mensch", "opfer", "hombre", "mujer", "persona",
    "victima", "мужчина", "женщина", "человек", "жертва", "男人", "女人", "人", "男性", "女性", "남자", "여자",
)

# Harmless words that hold a stem of ANYWHERE, or mean something else beside these.
ALLOWED: tuple[str, ...] = (
    "blood orange", "blood oranges", "blood moon", "naked eye", "naked cake", "naked mole rat", "naked mole-rat",
    "nude colour", "nude color", "nude lipstick", "sex pistols", "essex", "sussex", "middlesex", "cocktail",
    "cockatoo", "peacock", "hancock", "congenital", "suicide squad", "nude beige", "nude pink", "kid goat",
    "kid gloves", "baby blue", "baby elephant", "boy scout", "cum laude", "anal fin", "bikini atoll", "blood bank",
    "nu metal", "nu jazz", "gore-tex", "gore tex", "gorey", "viol d'amore", "viola", "bite de", "child's drawing",
)
