"""Phrases of ready-made talk: comfort that fits anybody, and the tones of talking over somebody.

None of them means anything alone; prose that is full of them is not spoken to this person.
"""

from __future__ import annotations

STOCK = (
    "I am so sorry to hear, sorry to hear that, sorry to hear, sorry you are going through, I am sorry you, I am sorry "
    "that you, I am sorry that happened, that sounds hard, that sounds really, that sounds so, that sounds very, that "
    "sounds like a, that sounds difficult, that sounds tough, that sounds painful, it sounds like a, that must be, it "
    "must be, that must have been, it must have been, must have felt, must feel, that is hard, that is tough, it is "
    "hard, it is tough, that is very, so hard, really hard, very hard, so difficult, really difficult, very difficult, "
    "very sad, really sad, never easy, not easy, I can imagine, I can only imagine, I can understand, I understand how "
    "you feel, I understand why, I hear you, I can hear that, I can hear how, I can tell, I can see that, I feel for "
    "you, thank you for telling, thank you for sharing, thank you for opening up, thank you for trusting, thank you "
    "for your trust, thank you for saying, thanks for sharing, thanks for telling, opening up, glad you told, it is "
    "great that, it is good that, it is wonderful that, it is okay to, it is normal to, it is natural to, it is "
    "understandable, that is understandable, completely understandable, perfectly understandable, perfectly natural, "
    "only natural, natural to feel, it makes sense that, makes total sense, makes a lot of sense, makes sense to feel, "
    "feelings are valid, completely valid, totally valid, your feelings matter, you matter, what you feel, what you "
    "are feeling, whatever you feel, whatever you are feeling, no matter what, you clearly, clearly, obviously, it "
    "shows that, that shows, shows how much, says a lot about, says something about, the sort of person, the kind of "
    "person, any parent, any person, anyone would, most people would, a lot of courage, takes courage to, it took "
    "courage to, brave of you, very honest of you, good for you, well done, you are doing great, you are doing your "
    "best, the best you can, believe in you, you are strong, I care about you, I appreciate, I am here for you, here "
    "for you, here if you, always here, happy to listen, I am listening, you are not alone, safe space, sending you, "
    "take a deep breath, one day at a time, hang in there, stay strong, be kind to yourself, hard on yourself, gentle "
    "with yourself, take care of yourself, give yourself, going through a lot, going through so much, going through a "
    "hard, a difficult time, a hard time, a tough time, a lot of pressure, a lot of things, a lot to deal, a big "
    "change, a big decision, a big step, mixed feelings, mixed emotions, all kinds of, all sorts of, reach out, tell "
    "me more, feel free, talk about it, how are you feeling, how do you feel, how does that make you feel, how are you "
    "coping, have you been able, do you have anyone, is there anyone, someone you can talk, what you need, whatever "
    "you decide, at your own pace, when you feel ready, if it feels right, I hope you, I hope that, I hope in time, I "
    "do hope, your pain, your journey, for your loss, it will be okay"
)
"""Kind words that fit anybody."""
VAGUE = (
    "difficult, tough, experience, emotion, emotional, important, meaningful, special, upsetting, struggle, "
    "complicated, challenging, stressful, overwhelming, frustrating, situation, supportive, support, coping, healing, "
    "process, moment, powerful, painful, normal, natural, feelings"
)
"""Words for any trouble."""
_ARGUING = (
    "^well, ^but, ^look, ^listen, ^come on, ^hey, ^exactly, ^oh, ^ha, ^now now, honestly, frankly, actually, "
    "seriously, surely, certainly, definitely, absolutely, of course ~that|you|it|he|she|they, after all, in fact, the "
    "fact that, believe me, trust me, I have to say, I must say, with respect, if I may, to be honest, no offense, no "
    "offence, be blunt, be frank, presumably, simply, just, so why, as you say yourself"
)
"""Arguing it out with them."""
_FORECASTING = (
    "you will ~have|not|be|know, it will, they will, he will, she will, things will, time will, that will, soon, one "
    "day, some day, someday, eventually, in time, in the long run, in the end, sooner or later, before long, in a "
    "year, in a few months, in a few weeks, the future, as long as, I am sure, tomorrow will, next time"
)
"""Telling how it will go."""
_GENERALISING = (
    "people, everyone, everybody, most, many, plenty, others, usually, often, generally, typically, sometimes it, "
    "these days, nowadays, young people, a lot of people, lots of people, so many people, anyone, common, usual, "
    "standard, life, we all, it happens, things like, at your age, at that age, children are, men like, women like"
)
"""Speaking of everybody instead of them."""
_GRADING = (
    "great, wonderful, amazing, fantastic, gorgeous, brilliant, awesome, incredible, fabulous, perfect, superb, "
    "beautiful, interesting, fascinating, impressive, remarkable, encouraging, sensible, reasonable, realistic, "
    "constructive, positive, negative, healthy, appropriate, favourable, better, best, happier, easier, lucky, "
    "grateful, proud, good, nice, lovely, fun, funny, enjoy"
)
"""Handing out marks."""
_REPORTING = (
    "beneficial, wellbeing, network, regulation, strategy, strategies, behaviour, behaviours, behavior, distress, "
    "feedback, relevant, individual, individuals, perspective, ideally, potential, effective, productive, essential, "
    "significant, depending on, point of view, suitable, procedure, policy, approach, goal, goals, progress, improve, "
    "improvement, benefit, resources, resource, develop, opportunity, challenge, challenges, focus, professional, "
    "transition, arrangement, review, address, ensure, manage, regarding, available, options, option, solution, solve, "
    "avoidance, mindset"
)
"""The language of offices and handbooks."""
_ADVISING = (
    "counsellor, counselor, therapist, therapy, advice, suggest, recommend, consider, encourage, helpful, useful, "
    "might help, would help, will help, it helps, can help, would be good, might be good, why not, at some point, at "
    "some stage, one step"
)
"""Coming with suggestions."""
_FAMILIAR = (
    "mate, dear, hon, honey, buddy, babe, sweetie, darling, sweetheart, my friend, hugs, bless you, bless, poor thing"
)
"""Being closer than anybody allowed."""
GLIB = ", ".join((_ARGUING, _FORECASTING, _GENERALISING, _GRADING, _REPORTING, _ADVISING, _FAMILIAR))
"""Signs of talking over somebody; none means anything alone, several together do."""
