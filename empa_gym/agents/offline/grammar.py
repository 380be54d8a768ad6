"""English word classes, common words and irregular forms: what the reading of a text rests on."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CLASSES = {
    "D": "the a an my your its our their every",
    "H": "this that these those his her each some any no all both another such what which one",
    "P": "of at from into with without between beneath behind toward towards upon among against onto beside",
    "Q": "in on by over under through across about around off out up down away back near along past beyond during "
    "for like as since until before after than above",
    "S": "i we they he she",
    "Y": "you it",
    "O": "me him us them myself yourself himself herself itself ourselves themselves mine yours hers ours theirs",
    "A": "am is are was were be been being have has had having do does did can could will would shall should may might "
    "must ought",
    "N": "not never",
    "C": "and or but nor",
    "B": "if because so while though although whether unless when where why how who whom whose then there here once",
    "T": "to",
    "R": "just only even still also too very really quite rather almost already again ever always often sometimes "
    "maybe perhaps yes yet now well oh much more most less least many few other else anyway enough",
    "F": "someone somebody anyone anybody everyone everybody nobody none something anything everything nothing own "
    "same",
}
KINDS: dict[str, str] = {word: kind for kind, words in _CLASSES.items() for word in words.split()}
"""Function words and their classes; H, Q, Y and later ones may stand nearly anywhere."""

BROKEN_PAIRS = _set("YY DD DP DS DO DA DC DY DN DT PC PA PS SD SP SO SS CC TP TS TC OO PP YS")
"""Pairs of classes that do not follow each other without a pause: "the of", "with is", "I the"."""

BROKEN_ENDS = frozenset("DC")
"""Classes that end no sentence."""

PAST = _set(
    "went knew wrote drew took gave told came became said kept held stood ran sang spoke chose began brought bought "
    "caught taught sat ate threw woke wore forgot understood sent slept felt got made met fell grew rang flew "
    "swore heard hid led lay lit rode rose shook shone shot slid stole struck swept tore arrived died asked"
)
"""Past forms, which follow neither an article nor a preposition nor "to"."""
FINITE = _set(
    "goes knows wants needs thinks does says know believe ask tell give bring become hear come speak listen belong "
    "allow expect mention remember happen"
)
"""Other verbs that follow neither an article nor a preposition."""
NOUNS_IN_ED = _set("hundred need seed weed feed speed breed deed creed shed sled unsaid injured wounded wanted tired")
NOUNS_IN_LY = _set(
    "family reply ally belly july assembly butterfly bully lily jelly fly early elderly daily likely lonely lovely "
    "friendly silly holy ugly italy"
)
"""Words in -ed and -ly that may stand alone after an article."""

COMMON = _set(
    "thing get go come make take give put say tell know think feel want need like look see seem sound hear mean "
    "let try keep good bad great nice right okay ok lot bit way kind sort people person man woman time day today "
    "moment part place point little big new long first last next hard difficult tough really sure talk understand "
    "happen start stop help find use do be have life world situation stuff anyth work feeling "
    "emotion experience share care strong proud thank sorry hope happy love believe matter important better best "
    "worst worse wrong true real actual maybe wonder remember imagine moment please hello hi hey guy way "
    "one deep inside heart mind honest simp probab especial certain complete total absolute whole able always"
)
"""Stems so common that taking them up shows no listening."""

IRREGULAR: dict[str, str] = {
    form: root
    for root, forms in {
        "be": "am is are was were been being",
        "have": "has had having",
        "do": "does did done doing",
        "go": "went gone going goes",
        "teach": "taught teaching",
        "write": "wrote written writing writ",
        "draw": "drew drawn",
        "keep": "kept",
        "hold": "held",
        "tell": "told",
        "say": "said says",
        "lose": "lost losing los",
        "feel": "felt",
        "stand": "stood",
        "build": "built",
        "choose": "chose chosen choosing choos",
        "know": "knew known",
        "think": "thought",
        "come": "came coming com",
        "make": "made making mak",
        "leave": "left leaving leav",
        "buy": "bought",
        "bring": "brought",
        "catch": "caught",
        "sing": "sang sung",
        "speak": "spoke spoken",
        "run": "ran running",
        "see": "saw seen seeing",
        "give": "gave given giving giv",
        "take": "took taken taking tak",
        "ring": "rang rung",
        "sleep": "slept",
        "light": "lit",
        "pay": "paid",
        "feed": "fed",
        "bend": "bent",
        "lie": "lied lying",
        "sit": "sat sitting",
        "break": "broke broken",
        "steal": "stole stolen",
        "grow": "grew grown",
        "fall": "fell fallen",
        "forget": "forgot forgotten",
        "find": "found",
        "fight": "fought",
        "get": "got gotten getting",
        "hear": "heard",
        "mean": "meant",
        "read": "reading",
        "send": "sent",
        "show": "shown",
        "spend": "spent",
        "wear": "wore worn",
        "win": "won",
        "hide": "hid hidden hiding hid",
        "begin": "began begun",
        "drive": "drove driven driving driv",
        "eat": "ate eaten",
        "throw": "threw thrown",
        "wake": "woke woken waking wak",
        "bear": "bore borne",
        "learn": "learnt",
        "child": "children kid kids childhood",
        "mother": "mum mom mam mama mothers",
        "father": "dad papa fathers",
        "man": "men",
        "woman": "women",
        "foot": "feet",
        "tooth": "teeth",
        "life": "lives",
        "their": "theirs",
        "guilt": "guilty",
        "anger": "angry angrily",
        "shame": "ashamed asham shamed",
        "lonely": "loneliness lonel",
        "fear": "afraid fearful",
        "envy": "envious",
        "grief": "grieving griev grieve",
        "happy": "happiness",
        "heavy": "heavier heaviness",
        "tired": "tiring tir tire",
        "pride": "prid",
        "this": "this",
        "us": "us",
        "his": "his",
        "its": "its",
        "as": "as",
        "thing": "things",
        "during": "during",
        "nothing": "nothing",
        "everything": "everything",
        "something": "something",
        "anything": "anything",
        "morning": "mornings",
        "evening": "evenings",
        "only": "only",
        "family": "families",
        "early": "earlier",
        "always": "always",
        "perhaps": "perhaps",
        "wedding": "weddings",
        "need": "needed needs",
        "yes": "yes",
        "less": "less",
    }.items()
    for form in (root, *forms.split())
}
"""Irregular forms, family words with one meaning, and words that only look like a suffix."""
