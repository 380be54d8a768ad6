"""Families of feeling and their words, and the words that weigh a matter."""

from __future__ import annotations

from empa_gym.scenarios.scenario import Feeling

FEELINGS: dict[Feeling, str] = {
    Feeling.ANGER: (
        "angry, furious, fury, rage, raging, mad at, outraged, resent, resentful, resentment, livid, cross with him, "
        "cross with her, seething, bitter, bitterness, fuming, indignant"
    ),
    Feeling.ANXIETY: (
        "anxious, anxiety, worried, worry, worrying, nervous, nerves, uneasy, on edge, tense, restless, apprehensive, "
        "braced, bracing"
    ),
    Feeling.DISAPPOINTMENT: "disappointed, disappointing, disappointment, let down, disillusioned, letdown",
    Feeling.DOUBT: (
        "doubt, doubting, doubtful, unsure, uncertain, uncertainty, second guess, second guessing, mistrust yourself, "
        "stop trusting yourself, question yourself"
    ),
    Feeling.EMPTINESS: "empty, emptiness, hollow, numb, numbness, void, blank inside, nothing left",
    Feeling.ENVY: "envy, envious, jealous, jealousy, begrudge, covet",
    Feeling.EXHAUSTION: (
        "exhausted, exhausting, exhaustion, tired, weary, worn out, drained, burnt out, burned out, wrung out, bone "
        "tired, fatigue, running on empty"
    ),
    Feeling.FEAR: ("fear, fears, afraid, scared, scary, frightened, frightening, terrified, terror, dread, dreading"),
    Feeling.FRUSTRATION: (
        "frustrated, frustrating, frustration, fed up, exasperated, exasperating, annoyed, irritated, maddening, "
        "infuriating"
    ),
    Feeling.GRIEF: ("grief, grieving, grieve, mourn, mourning, bereft, bereaved, heartbroken, heartbreak"),
    Feeling.GUILT: (
        "guilt, guilty, remorse, blame yourself, blaming yourself, to blame, regret, ashamed of what you did, owe "
        "them, your fault, cannot forgive yourself"
    ),
    Feeling.HELPLESSNESS: "helpless, helplessness, powerless, stuck, trapped, no say, hands tied, cornered",
    Feeling.HURT: (
        "hurt, hurts, hurting, wounded, stung, sting, stings, betrayed, betrayal, rejected, pained, cut deep, "
        "slighted, insulted"
    ),
    Feeling.LONELINESS: (
        "lonely, loneliness, alone with, on your own with, isolated, isolation, left out, nobody there, invisible, "
        "unseen, by yourself, alone in"
    ),
    Feeling.LONGING: (
        "longing, you long for, longs for, yearn, yearning, you miss, missing, homesick, homesickness, ache for, wish "
        "you could go back"
    ),
    Feeling.OVERWHELM: (
        "overwhelmed, overwhelming, swamped, too much at once, drowning, flooded, everything at once, cannot keep up, "
        "buried under"
    ),
    Feeling.SADNESS: (
        "sad, sadness, sorrow, sorrowful, down about, unhappy, feel low, feeling low, tearful, crying, heartache"
    ),
    Feeling.SHAME: (
        "shame, ashamed, humiliated, humiliating, humiliation, embarrassed, embarrassing, mortified, disgrace, "
        "exposed, small in front of, laughed at, not good enough"
    ),
}
"""Families of feeling and the words that name them."""
APPRAISALS = (
    "hard, heavy, painful, rough, brutal, cruel, unfair, harsh, bruising, awful, horrible, dreadful, raw, sore, ache, "
    "aches, aching, weigh, weighs, weight, burden, a lot to carry, a lot to hold, a lot on, a blow, a loss, lost "
    "something, loss, bleak, unbearable, agonizing, torn, tender, strange, disorienting, unsettling, shaken, jolt, "
    "shock, crushing, wrench, wrenching, galling, cold comfort, cruellest, costs you, costly, eats at, gnaw, gnaws, "
    "grind, grinding, relentless, thankless, undone, aged, haunt, haunts, stays with you, stay with you, no small "
    "thing, not nothing, big thing, matters to you, mattered to you, dear to you, meant the world, meant so much, "
    "enormous, suffocating, choke, choking, throat, tightens, sinking, a knot, deflating, demeaning, belittling, "
    "bewildering, confusing, excruciating, merciless, unkind, insult to, injustice, unjust, wrong about that, takes "
    "it out of, wears you down, pressing on, squeeze, squeezed, pulled, pull apart, pulled apart, go cold, sick to, "
    "tears, weep, difficult, tough, painfully, terrible, terribly, lonelier, hardest, heaviest, sharpest, precious, "
    "left holding, holding alone, carrying, carry, bear, upset, upsetting, distressing, devastating, gutting, gutted, "
    "jarring, absurd, infuriate, ugly, awkward, exposing, unnerving, lurch, stomach, hollowed, gut punch, kick in the "
    "teeth, salt in the wound, slap, wince, flinch, chilling, humbling, silenced, erased, robbed, stripped, "
    "disappear, vanish, shut out, locked out, left behind, cast aside, dismissed, overlooked, unheard, taken from"
)
"""Words that say what a matter weighs, without naming a feeling."""
GLAD = (
    "what a gorgeous, how exciting, how wonderful, congratulations, that is great news, great news, good news, "
    "wonderful news, how lovely, sounds like fun, you must be so happy, you must be happy, you must be excited, you "
    "must be thrilled, you must be proud, you must be relieved, lucky you, you are lucky, you are so lucky, that is "
    "awesome, that is amazing, that is fantastic, how fun, so happy for you, sounds wonderful, sounds great, sounds "
    "lovely, sounds exciting, lol, haha"
)
"""Gladness: out of place before somebody in distress."""
