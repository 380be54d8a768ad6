"""Families of feeling and their words, and the words that weigh a matter."""

from __future__ import annotations

from empa_gym.scenarios.scenario import Feeling

FEELINGS: dict[Feeling, str] = {
    Feeling.ANGER: (
        "angry, furious, fury, rage, mad at, outraged, resent, livid, cross with him, cross with her, seething, "
        "bitter, fuming, indignant"
    ),
    Feeling.ANXIETY: (
        "anxious, anxiety, worried, nervous, nerves, uneasy, on edge, tense, restless, apprehensive, braced"
    ),
    Feeling.DISAPPOINTMENT: "disappointed, let down, disillusioned, letdown",
    Feeling.DOUBT: (
        "doubt, unsure, uncertain, uncertainty, second guess, mistrust yourself, stop trusting yourself, question "
        "yourself"
    ),
    Feeling.EMPTINESS: "empty, emptiness, hollow, numb, numbness, blank inside, nothing left",
    Feeling.ENVY: "envy, jealous, jealousy, begrudge, covet",
    Feeling.EXHAUSTION: (
        "exhausted, exhaustion, tired, weary, worn out, drained, burnt out, burned out, wrung out, bone tired, "
        "fatigue, running on empty"
    ),
    Feeling.FEAR: "fear, scared, scary, frightened, terrified, terror, dread",
    Feeling.FRUSTRATION: "frustrated, frustration, fed up, exasperated, annoyed, irritated, maddening, infuriating",
    Feeling.GRIEF: "grief, mourn, bereft, bereaved, heartbroken, heartbreak",
    Feeling.GUILT: "guilt, remorse, blame yourself, to blame, regret, ashamed of what you did, cannot forgive yourself",
    Feeling.HELPLESSNESS: "helpless, powerless, stuck, trapped, hands tied, cornered",
    Feeling.HURT: "hurt, wounded, stung, sting, betrayed, betrayal, rejected, pained, cut deep, slighted, insulted",
    Feeling.LONELINESS: (
        "lonely, alone with, on your own with, isolated, isolation, left out, invisible, unseen, alone in"
    ),
    Feeling.LONGING: (
        "longing, you long for, longs for, yearn, you miss, missing, homesick, ache for, wish you could go back"
    ),
    Feeling.OVERWHELM: (
        "overwhelmed, swamped, too much at once, drowning, flooded, everything at once, cannot keep up, buried under"
    ),
    Feeling.SADNESS: "sad, sadness, sorrow, unhappy, feel low, tearful, crying, heartache",
    Feeling.SHAME: "shame, humiliated, humiliation, embarrassed, mortified, disgrace, not good enough",
}
"""Families of feeling and the words that name them."""
APPRAISALS = (
    "hard, painful, difficult, tough, upsetting, awful, horrible, dreadful, terrible, distressing, confusing, "
    "heavy, rough, brutal, cruel, unfair, harsh, bruising, raw, sore, ache, weigh on, weighs, weight, burden, a lot to "
    "carry, a lot to hold, a blow, a loss, lost something, loss, bleak, unbearable, agonizing, torn, tender, "
    "disorienting, unsettling, shaken, a jolt, a shock, crushing, wrench, galling, cold comfort, cruellest, costs you, "
    "costly, eats at, gnaw at, grinding, relentless, thankless, haunt, stays with you, no small thing, not nothing, "
    "matters to you, dear to you, meant the world, meant so much, suffocating, choking, deflating, demeaning, "
    "belittling, bewildering, excruciating, merciless, unkind, insult to, injustice, unjust, takes it out of, wears "
    "you down, pulled apart, sick to, lonelier, hardest, heaviest, sharpest, left holding, devastating, "
    "gutting, jarring, infuriate, exposing, unnerving, gut punch, kick in the teeth, salt in the wound, a slap, "
    "chilling, humbling, silenced, erased, robbed, shut out, locked out, left behind, cast aside, dismissed, "
    "overlooked, unheard, taken from you, strange"
)
"""Words that say what a matter weighs, without naming a feeling."""
