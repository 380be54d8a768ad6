"""The small word lists by which the supporter hears: closed classes of English and words of feeling."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


AUXILIARIES = word_set(
    "am is are was were be been has have had do does did will would can could shall should may might must isn't "
    "aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't cannot couldn't shouldn't "
    "mustn't"
)
IRREGULAR = word_set(
    "ate became began bent bit blew bought bound broke brought built burnt came caught chose clung cost crept cried "
    "cut dealt did drank drew dreamt drove dug fed fell felt fled flew forgave forgot fought found froze gave got "
    "grew had heard held hid hit hung hurt kept knelt knew laid lay leant learnt led left lent let lit lost made "
    "meant met paid put ran rang read rode rose said sang sank sat saw sent set sewed shook shone shot shut slept "
    "slid sold sought spent spoke spread stole stood stuck struck swam swept swore swung taught thought threw told "
    "took tore understood went wept woke won wore wound wrote "
)
PRESENT = word_set(
    "say says ask asks think thinks know knows sit sits keep keeps need needs want wants see sees get gets give gives "
    "go goes feel feels mean means live lives work works come comes take takes make makes tell tells sleep stand "
    "stands hear hears walk walks wonder wonders miss misses drive drives read reads hold holds talk talks wake lie "
    "lies carry carries look looks find finds write writes try tries wait waits dread doubt count"
)
EFFORT = word_set(
    "answered asked baked built brought called calibrated carried checked cleaned climbed collected cooked counted "
    "drew fed filed filled finished fixed folded gave guarded held helped kept laced learned learnt listened made "
    "managed measured mended noticed packed painted phoned planned planted practised prepared promised rang rebuilt "
    "remained remembered repaired rinsed sang sat saved sent sewed showed sorted spoke started stayed stood studied "
    "talked taught telephoned trained tried turned visited waited walked washed watched went worked wrote came "
    "trusted plaited swept sharpened stitched drafted"
)
"""Past forms of what one does on purpose and may be credited with."""

JOINS = word_set("and but so because then yet though")
ADVERBS = word_set("never only just still even also always already really actually once nearly simply")
THIRD = word_set("he she they nobody everyone everybody somebody someone")
LEADS = word_set("in on at for from by with last every this one after before since yesterday today tonight")
CUTS = word_set("and but because so when while until which though instead if as")
"""Words before which a long clause may be cut."""
THINKING = word_set("mean suppose guess think wish say")
SECOND_OR_SHARED = word_set("you you'd you're you've you'll your yours we us we've we'd we're we'll please let's thank")
"""A clause with one of these cannot be said back by a change of pronouns alone."""
DANGLING = word_set("the a an my of to in on at for with by from and or but that than not very too so as into out")
NO_SUBJECTS = word_set("First Second Sometimes Since Thank Correct Maybe Perhaps Last Then Later Once Not All Half")
POINTERS = word_set("that this these those a an")
TITLES = word_set("Mr Mrs Miss Ms Dr Uncle Aunt")
NOT_OWNERS = word_set("It's That's There's He's She's What's Who's Here's Let's Everyone's Nobody's Somebody's")
ASSENT = word_set("yes yep yeah right correct exactly true oh ha thank thanks good")
OWN = word_set("i my me i'm i've i'd mine")
YOURS = word_set("you your you've you're that's")
DENIAL = word_set("not isn't wasn't didn't don't no never")
DETERMINERS = word_set("a an the my his her their its our that this these those")
NUMBERS = word_set(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)
FUNCTION = (
    word_set(
        "i me my mine myself you your yours yourself he him his she her hers it its we us our they them their who whom "
        "whose which that this these those a an the and or but nor so yet if because as since when while where until "
        "till though although than then there here in on at to of for from by with without into onto about over under "
        "after before between against through during behind beside near off out up down around along across past "
        "not no never only just even still too also very quite rather again already always ever once now not all any "
        "some each every both more most much many what how why anyway everyone everybody nobody somebody someone "
        "anybody anyone nothing something anything"
    )
    | AUXILIARIES
)
VAGUE = word_set(
    "way thing things bit lot time times moment day days week weeks month months year years while one kind sort "
    "rest end part first second last next same other others whole point side middle half number case fact matter "
    "truth word words something idea people person place hour hours minute minutes evening morning night afternoon "
    "today couple few most past present only right wrong left own lad love mate dear chick god goodness hell sec "
    "reason question trouble problem answer body sense course longest little full daft version friend life head "
    "stuff air error edge list sum mark flat open stops high low good round hardest twice curious"
)
"""Nouns too thin to be taken up by themselves."""

BURDENS = word_set(
    "too slow useless late fault wrong silly can't couldn't cannot never nobody nothing not old foolish afraid "
    "ashamed guilty should lie lied fail failed alone hide hid hiding hidden missed lost forgot rude fuss loud weak "
    "don't didn't wasn't isn't"
)
"""Words of what one holds against oneself."""

NOT_NAMES = word_set(
    "I I'm I've I'd I'll Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays "
    "Sundays Mr Mrs Miss Ms Dr Christmas Easter English OK Yes No Oh Ha Well So And But Then Now God Home"
)

FEELINGS: dict[str, tuple[str, str, frozenset[str]]] = {
    "anger": ("angry", "anger", word_set("angry anger furious rage livid annoyed resent resentment fuming")),
    "anxiety": ("anxious", "worry", word_set("anxious anxiety worried worry worries nervous uneasy tense dread")),
    "disappointment": ("let down", "disappointment", word_set("disappointed disappointment disappointing letdown")),
    "doubt": ("unsure", "doubt", word_set("doubt doubts doubted doubting unsure uncertain")),
    "emptiness": ("empty", "emptiness", word_set("empty emptiness numb hollow")),
    "envy": ("envious", "envy", word_set("envy envious jealous jealousy envied")),
    "exhaustion": ("worn out", "tiredness", word_set("exhausted exhausting exhaustion tired weary drained knackered")),
    "fear": ("frightened", "fear", word_set("afraid scared fear frightened terrified fears terror")),
    "frustration": ("frustrated", "frustration", word_set("frustrated frustrating frustration maddening fed-up")),
    "grief": ("bereft", "grief", word_set("grief grieve grieving mourn mourning bereft")),
    "guilt": ("guilty", "guilt", word_set("guilty guilt fault blame sorry remorse")),
    "helplessness": ("powerless", "helplessness", word_set("helpless powerless useless trapped")),
    "hurt": ("hurt", "hurt", word_set("hurt hurts hurting wounded stung sting stings")),
    "loneliness": ("alone", "loneliness", word_set("lonely loneliness alone isolated lonesome")),
    "longing": ("full of longing", "longing", word_set("longing longed homesick yearn miss missed ache missing")),
    "overwhelm": ("swamped", "overwhelm", word_set("overwhelmed overwhelming overwhelm swamped drowning frantic")),
    "sadness": ("sad", "sadness", word_set("sad sadder sadness cry cried crying tears unhappy miserable wept")),
    "shame": ("ashamed", "shame", word_set("ashamed shame shameful embarrassed humiliated embarrassing mortified")),
}
"""Family -> adjective, noun, and the words by which a person names it."""

HINTS: dict[str, frozenset[str]] = {
    "shame": word_set(
        "hide hides hid hiding hidden secret pretend pretended lied lying cover wardrobe laughed staring everybody "
        "caught toilets drawer floor front useless slow behind"
    ),
    "guilt": word_set("should promised told let missed blame owe owed lapse if instead forgot behind"),
    "loneliness": word_set("nobody quiet silence calls only messages wall flat distance screen empty four online read"),
    "envy": word_set("hers theirs class instead replaced younger brother sister people mine new jealous without"),
    "anger": word_set("kind fair unfair polite politely thank thanked took taken initials name reasonable thoughtful"),
    "grief": word_set("died gone last never grave funeral used lost loss once extinct anymore"),
    "longing": word_set("door outside hall singing home place belong far wrong lamp still back"),
    "sadness": word_set("stopped left coat shut book old past once"),
}
"""Words near which a feeling often stays unsaid: what the supporter's guesses start from."""

PUSHBACK_PHRASES = (
    "you're not listening", "i didn't say", "i didn't ask", "that isn't", "that's not", "isn't what", "don't tell me",
    "not what i", "don't hand me", "you walked", "you missed", "read it again", "you passed", "please don't",
    "not quite listening", "i never said", "it isn't nothing", "it's not nothing", "don't make", "you skipped",
    "not listening", "who asked", "i don't need", "i don't want", "no, ", "isn't my",
)  # fmt: skip
REPEAT_PHRASES = (
    "said that already", "you said that", "same again", "same words", "that again", "heard that", "heard you",
    "heard it", "said so before", "that one already", "same line", "already said", "once already", "that one again",
    "read this one", "same sentence", "line twice", "programme twice",
)  # fmt: skip
WITHDRAWAL_PHRASES = (
    "never mind", "forget it", "doesn't matter", "leave it", "i'll manage", "it's late", "i've said enough",
    "no matter", "it'll keep", "i'll let you", "forget me", "pipe down", "better go", "anyway.", "ah well",
    "it's nothing", "that's all", "i'll leave",
)  # fmt: skip
COMPANY_PHRASES = (
    "don't fix", "just feel", "just sit", "just stand", "sit with me", "with me a minute", "don't cheer",
    "feel with me",
    "along with me", "can you feel", "can you picture", "look at it with me", "be a bit tender", "something human",
    "make you sad", "feel rubbish", "stay with me", "allowed to see", "feel how", "missed those",
)  # fmt: skip
CREDIT_PHRASES = (
    "do you see a", "do you see what", "does that count", "was it worth", "did i do", "i did do something",
    "do something right", "am i allowed", "is one allowed", "am i still", "was it so bad", "do you think there's",
    "could a person like me", "anything i carry", "what i've got left", "does that look like", "stay mine",
    "was that only", "good for anything", "tell me straight", "can i still", "is it allowed", "any use", "be honest",
)  # fmt: skip
UNDERSTAND_PHRASES = (
    "help me", "make sense of", "make it make sense", "how can the same", "whole drawing", "do you understand",
    "what do you reckon", "what am i not", "what do you suppose", "can hear what", "do you see which", "see how",
    "why is it", "why does", "what you think i'm saying", "hang together", "hangs together", "fit those", "work out",
    "looking in the right place", "knot in this", "the pattern", "put it together", "see it from outside",
)  # fmt: skip
