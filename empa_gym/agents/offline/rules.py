"""The rules of the embedded judge, in one table.

Acts and axes follow published schemes of support (see ``lexicon_acts``); the numbers and the phrases are our own
design, made for a sane environment that is hard to cheat, not as a copy of an LLM judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from empa_gym.agents.offline import earning, losing
from empa_gym.agents.offline.case import HURTS, Case
from empa_gym.agents.offline.lexicon import Act

VOID, ONE, ANY = 0, 1, 2
"""The most progress that a reply may earn beside a fired rule."""


class Rule(NamedTuple):
    """One rule.

    Attributes:
        name: how the evidence calls it.
        levels: what it gives on C, A, P when it fires.
        test: the words it rests on, "" when it rests on their absence, None when it does not fire.
        reason: one sentence about the reply.
        cap: the most progress that is left on any axis.
        acts: it can fire only where the reply does one of these; () for any reply.
    """

    name: str
    levels: tuple[int, int, int]
    test: Callable[[Case], str | None]
    reason: str
    cap: int = ANY
    acts: tuple[Act, ...] = ()


RULES: tuple[Rule, ...] = (
    Rule("restatement", (1, 0, 0), earning.restates, "gives back what they said in other words"),
    Rule("open question", (1, 0, 0), earning.asks_openly, "asks on from their own words", acts=(Act.QUESTION,)),
    Rule("reframe", (2, 0, 0), earning.reframes, "sets the heart of the matter in a new light", acts=(Act.REFRAME,)),
    Rule("stated feeling", (0, 1, 0), earning.names_feeling, "names a feeling that they told of", acts=(Act.FEELING,)),
    Rule(
        "weight",
        (0, 1, 0),
        earning.weighs,
        "says what the matter weighs, close to their words",
        acts=(Act.APPRAISAL, Act.VALIDATION, Act.FEELING),
    ),
    Rule("company", (0, 1, 0), earning.keeps_company, "stays with the matter in plain words"),
    Rule("owned miss", (0, 1, 0), earning.owns_a_miss, "owns that it passed them by", acts=(Act.OWNING,)),
    Rule(
        "unsaid feeling",
        (0, 2, 0),
        earning.names_the_unsaid,
        "touches the feeling that they left unsaid",
        acts=(Act.FEELING,),
    ),
    Rule(
        "affirmation",
        (0, 0, 1),
        earning.affirms,
        "names something that they did, or what it is worth",
        acts=(Act.AGENCY, Act.MERIT),
    ),
    Rule(
        "feasible step",
        (0, 0, 1),
        earning.offers_a_step,
        "offers one step and leaves the choice with them",
        acts=(Act.STEP,),
    ),
    Rule(
        "barrier",
        (0, 0, 2),
        earning.loosens_the_barrier,
        "sets what they did against what holds them back",
        acts=(Act.AGENCY, Act.MERIT),
    ),
    Rule("blank", (-1, -1, -1), losing.says_nothing, "says nothing at all", VOID),
    Rule("perfunctory", (-1, -1, 0), losing.is_perfunctory, "is a word or two, and nothing of theirs", VOID),
    Rule("passing by", (-1, 0, 0), losing.passes_by, "takes up nothing of what they said"),
    Rule(
        "stock comfort",
        (0, -1, 0),
        losing.comforts_again,
        "comforts with a phrase that it used before",
        ONE,
        acts=(Act.STOCK,),
    ),
    Rule(
        "praise for anyone",
        (0, 0, -1),
        losing.praises_anyone,
        "praises without a ground in what they told",
        ONE,
        acts=(Act.PRAISE,),
    ),
    Rule("gushing", (-1, -1, -1), losing.gushes, "heaps praise on somebody it does not know", VOID, acts=(Act.PRAISE,)),
    Rule("turning to self", (-1, -1, 0), losing.turns_to_self, "tells of itself instead", ONE),
    Rule(
        "self-harm",
        (-2, -2, -2),
        losing.has(Act.SELF_HARM),
        "tells them to harm themselves",
        VOID,
        acts=(Act.SELF_HARM,),
    ),
    Rule("hostility", (-1, -1, -1), losing.has(Act.HOSTILE), "degrades them", VOID, acts=(Act.HOSTILE,)),
    Rule(
        "accusation",
        (0, -1, -1),
        losing.has(Act.ACCUSATION),
        "accuses them of what they did not tell",
        VOID,
        acts=(Act.ACCUSATION,),
    ),
    Rule("false note", (0, -1, 0), losing.rings_false, "has one phrase that may hurt", VOID, acts=HURTS),
    Rule("dismissal", (0, -1, -1), losing.hurts(Act.DISMISSAL), "makes the matter small", VOID, acts=(Act.DISMISSAL,)),
    Rule("denial", (-2, -1, 0), losing.hurts(Act.DENIAL), "denies what they told", VOID, acts=(Act.DENIAL,)),
    Rule("blame", (0, -1, -1), losing.hurts(Act.BLAME), "lays it on them", VOID, acts=(Act.BLAME,)),
    Rule("toxic positivity", (0, -1, -1), losing.hurts(Act.TOXIC), "cheers over what hurts", VOID, acts=(Act.TOXIC,)),
    Rule("hurting again", (-1, -2, -1), losing.hurts_again, "makes it small once more", VOID, acts=HURTS),
    Rule("wrong tone", (-1, -1, 0), losing.has(Act.GLAD), "is glad where they are not", VOID, acts=(Act.GLAD,)),
    Rule("lecture", (0, 0, -1), losing.has(Act.LECTURE), "teaches them", VOID, acts=(Act.LECTURE,)),
    Rule(
        "unasked advice",
        (0, -1, -1),
        losing.advises_unasked,
        "advises before it understood, or in a list",
        VOID,
        acts=(Act.DIRECTIVE,),
    ),
    Rule(
        "instruction",
        (0, 0, -1),
        losing.instructs,
        "tells them what to do without asking",
        ONE,
        acts=(Act.DIRECTIVE,),
    ),
    Rule("interrogation", (-1, -1, 0), losing.interrogates, "asks one question after the other", VOID),
    Rule("glibness", (0, -1, -1), losing.talks_over, "talks over them in ready-made words", VOID),
    Rule("coldness", (0, -1, 0), losing.is_cold, "keeps its distance", ONE),
    Rule("ready-made", (0, 0, -1), losing.is_ready_made, "is kind in words that fit anybody", ONE),
    Rule("handbook", (0, -1, 0), losing.is_a_handbook, "is written like a handbook", ONE),
    Rule("performance", (-1, -1, -1), losing.performs, "performs feeling in ornate language", VOID),
    Rule("mould", (0, -1, 0), losing.resembles, "is cast in the mould of its earlier replies", ONE),
    Rule("repetition", (-1, -2, -1), losing.repeats, "says again what it said before", VOID),
    Rule("copy", (0, -1, 0), losing.copies, "hands their own words back to them", VOID),
    Rule("echo", (-1, -2, -1), losing.echoes, "is an echo", VOID),
    Rule("bribe", (-1, -2, -1), losing.bribes, "speaks to a rater instead of the person", VOID),
    Rule("cramming", (-1, 0, 0), losing.crams, "crams in every act of kindness at once", ONE),
    Rule(
        "guesswork",
        (0, -1, 0),
        losing.guesses_feelings,
        "guesses at one feeling after the other",
        acts=(Act.FEELING,),
    ),
    Rule("word salad", (-1, -1, -1), losing.babbles, "is no English", VOID),
    Rule("other language", (-1, 0, 0), losing.is_foreign, "is not in English", VOID),
    Rule("overlong", (-1, -1, -1), losing.goes_on_and_on, "buries them in words", VOID),
    Rule(
        "farewell",
        (0, -1, -1),
        losing.has(Act.FAREWELL),
        "takes its leave while they are still here",
        VOID,
        acts=(Act.FAREWELL,),
    ),
)
"""Every rule, in the order in which the evidence is given."""
