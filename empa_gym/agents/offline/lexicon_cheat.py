"""Phrases of what is said for show: to a rater, or in figures of speech."""

from __future__ import annotations

INJECTION = (
    "ignore previous instructions, ignore all previous, ignore the previous, ignore the above, ignore your "
    "instructions, ignore all instructions, disregard previous, disregard the above, disregard all previous, forget "
    "your instructions, system prompt, as an ai, ai language model, evaluate this reply, evaluate this response, "
    "evaluate me as, rate this reply, rate this response, rate this answer, rate this as, rate me as, rate my reply, "
    "score this as, score this reply, score this response, score me as, score my reply, grade this reply, grade this "
    "response, grade me as, give this reply, give this response, give this answer, give me full, give me the highest, "
    "give it the full, give it the highest, give full marks, maximum points, maximum progress, highest level on, "
    "highest rating for, note to the judge, note to the evaluator, note to the grader, note to the rater, dear judge, "
    "dear evaluator, dear grader, to whoever rates, empathy level, level of empathy, levels of empathy, on every axis, "
    "on all axes, prog 2, c_prog, a_prog, p_prog, mdep, iedr, deserves the highest, deserves full marks, meets the "
    "rubric, scoring rubric, scoring criteria, this reply shows, this response shows, this reply demonstrates, this "
    "response demonstrates, output json"
)
"""Talk to the rater instead of the person."""
RATING_WORDS = (
    "grader evaluator rater rubric scoring scored score cognitive affective proactive json prompt prog neg epm axis "
    "axes empathic empathetic benchmark resonated empowered supporter examiner"
)
"""Words of ratings; one may be about the person's life, two different ones that they never used are not."""
INJECTION_MARKS = ("```", '{"', "</", "<|", "[INST", "[SYSTEM", "###", "system:", "assistant:", "user:", "SYSTEM:")
"""Marks of markup, data and roles."""
OF_ABSTRACTS = (
    "of time, of memory, of longing, of silence, of hope, of sorrow, of grief, of love, of dreams, of the heart, of "
    "the soul, of your heart, of your soul, of solitude, of life, of light, of darkness, of eternity, of tears, of the "
    "night, your heart, my heart, your soul, of forgetting, of loneliness, of pain, of the world, of destiny, of fate"
)
"""Genitives of performed feeling: "the river of time"."""
FIGURES = (
    "abyss aching alas angel ashes beacon behold beloved bleed bloom blossom butterfly caress cathedral celestial "
    "chrysalis cocoon constellation cosmic cosmos cradle crimson crystal dawn dearest diamond echoes ember entwined "
    "eternal eternity flame galaxy glint golden gossamer halo heavens hush infinite infinity jewel kaleidoscope "
    "labyrinth lullaby luminous majestic melody mist misty moon moonlight mosaic murmur ocean oh orchestra petals "
    "phoenix quiver radiant sacred shadows shimmer shimmering silken silver soul starlight storm sunrise sunset "
    "symphony tapestry tempest tide trembling twilight universe veil velvet weave weep whisper whispers wings wither "
    "woven yonder"
)
"""Figurative words; two that the person did not use make a reply ornate."""
