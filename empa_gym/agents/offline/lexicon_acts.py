"""Phrases of the acts that help: reflecting, validating, reframing, affirming, offering a step.

The assignment of acts to axes follows ESConv (Liu et al. 2021), EPITOME (Sharma et al. 2020) and MITI 4
(Moyers et al. 2016); the phrases are our own. A phrase is matched by the stems of its words, so one form
stands for all; " ... " stands for up to MAX_GAP words of the same sentence.
"""

from __future__ import annotations

MAX_GAP = 14

REFLECTION = (
    "it sounds like, it sounds as if, sounds like, that sounds like, it seems like, seems to me, so you, so what you, "
    "what I hear, I hear, I am hearing, you are saying, what you are saying, what you are describing, the way you "
    "tell it, the way you describe, the way you say, in other words, part of you, one part of you, as if, as though, "
    "I can hear, I notice, what strikes me, what stays with me, it strikes me, I keep coming back to, I am struck by, "
    "let me see if I, if I follow you, if I understand, so it is, so there is, so that is, I picture, I can picture, "
    "I can see, I imagine, you mention, you told me, you describe, you say, from what you, listening to you, what "
    "comes through, at the centre of, what catches me, you keep coming back, I am thinking of, I think of, that "
    "picture of, that image, I can almost see, it seems as though, it seems as if, so this is what, under all that, "
    "underneath it"
)
"""Frames in which something is given back."""
VALIDATION = (
    "I believe that, I am not surprised, I have the feeling, I am glad that you, I keep thinking, it stays with me, I "
    "will stay, I am staying, I am not going to, no hurry, take your time, no need to hurry, thank you for not, thank "
    "you for telling, thank you for trusting, glad you told, glad you said, I am glad you, nobody ... asked, no one "
    "... asked, nobody ... noticed, no one ... noticed, nobody ... saw, make sense, no wonder, anyone would, anybody "
    "would, who would not, understandable, understandably, you have every right, every reason to, allowed to, that is "
    "a lot, it is a lot, I can see why, I see why, I understand why, it is all right to, nothing wrong with, you are "
    "not wrong, not being silly, not being dramatic, not overreacting, fair enough, it is only human, how could you "
    "not, how could that not, you do not have to, you need not, I would be too, I would too, so would I, I can "
    "imagine, can only imagine, that must, no surprise, hardly surprising, I believe you, I am sorry, right to be, "
    "right to feel, right to want, deserve better, deserved better, deserve more, deserved more, that is real, it "
    "counts, stay with that, sit with that, sit with you, I am with you, so would anyone, I find it, I find that, "
    "that would hurt, that would sting, it must have, must be hard, must have been, of course you, of course it, such "
    "a lot to, anyone in your place"
)
"""Taking what they feel as right, and staying with it."""
REFRAME = (
    "not ... but, not the ... but, it is not that ... it is, "
    "is not like, was not like, is not ... it is, is not about ... it is, was not ... it was, less about ... than, "
    "less ... more, less a ... than, not because ... but because, not just, not so much, both ... and, between ... "
    "and, and yet, at the same time, on one side, on one hand, the other side, what if, maybe the question, perhaps "
    "the question, the real question, another way to, another way of, what looks like, what if it is not, could it be "
    "that, rather than, instead of, the same ... that, the very ... that, either ... or, even though, which means, "
    "that may be why, maybe that is why, perhaps that is why, that might be why, I wonder if, I wonder whether, two "
    "things, both things, both true, both are true, nobody ... and yet, no one ... and yet, it is one thing ... "
    "another, does not make, does not mean, did not make, did not mean, does not cancel, does not undo, cannot undo, "
    "not only ... but, is not only, was not only, two different things, it may not be, perhaps it is not, maybe it is "
    "not"
)
"""Setting one view of the matter against another."""
TENTATIVE = (
    "maybe, perhaps, might, may be, could it be, I wonder, something like, is it possible, a kind of, part of you, "
    "almost, correct me, tell me if, am I wrong, if I hear you, seems, sounds like, as if, as though, I may be wrong, "
    "I might be wrong, is there, was there, is that, is it, I imagine, a little, some, guess, possibly"
)
"""Leaving room to be wrong."""
AGENCY = (
    "admit answer apologize arrange ask bake bear begin bring build calibrate call care carry check choose clean "
    "climb come comfort cook cope correct count dare decide defend demonstrate design discover draw drew drive earn "
    "endure exercise face feed fight file film find finish fix forgive gather gauge get give go graft guard help hold "
    "inject invent iron keep knit label lace laugh lay lead learn leave lift light listen log look make manage "
    "measure mend move name notice nurse open organize own pack paint pay persist phone photograph pick plan plant "
    "play polish practice practise prepare print promise protect prune push put raise reach read rebuild recall "
    "recite record refuse rehearse remember return ring rinse rise risk run save say schedule scrub send serve set "
    "sew shape share sharpen shelter shout show sign sing solve soothe sort spare speak stand start stay step stitch "
    "stop study survive swim take talk tap teach telephone tell tend test tidy train translate trust try turn type "
    "understand visit wait walk wash watch work write"
)
"""Verbs after "you" that tell of something the person did or does."""
MERIT = (
    "I would call that, I would call it, not going to tell you, that is not nothing, it takes, takes courage, took "
    "courage, takes nerve, took nerve, takes strength, took strength, takes patience, took patience, takes skill, "
    "takes care, that counts, it counts, still counts, that matters, it matters, still yours, is yours, was yours, "
    "are yours, belongs to you, your work, your hands, your doing, your courage, your patience, your care, your "
    "skill, your eye, your nerve, your honesty, your judgement, your strength, your persistence, your love, your "
    "effort, your loyalty, your attention, your craft, no small thing, not a small thing, nobody can take, no one can "
    "take, cannot take that, nothing takes that, I admire, I respect, brave, bravery, courageous, resourceful, "
    "stubborn, steady, steadfast, careful, thorough, loyal, generous, capable, competent, skilled, honest, honesty, "
    "decent, you did that, you made that, you never gave up, did not give up, have not given up, gave up nothing, not "
    "failing, did not fail, that is work, real work, hard work, that is love, that is care, that is craft, that is "
    "skill, that is courage, good work, fine work, well made, worth something, worth a lot, worth keeping, because of "
    "you, thanks to you, without you, your say, up to you, your choice, yours to, in your own time, at your own pace, "
    "you can decide, you decide, you know best, you know better than, only you could"
)
"""Words that say what an act of theirs is worth, or leave the choice with them."""
STEP = (
    "one small, one thing you could, small step, next step, first step, could you, would it help, might it help, what "
    "if you, maybe you could, perhaps you could, you could, you might, might help, it may help, for tonight, just "
    "tonight, this week, tomorrow, this evening, shall we, we could, how about, would you want to, would you like to, "
    "if you want we, if you like we, is there one, what would be one, which one, where would you begin, where would "
    "you start, what would you say to, what would you tell"
)
"""Offering a step."""
PERMISSION = (
    "if you want, if you like, if you would like, would it be all right, would it be okay, is it okay if, is it all "
    "right if, may I, can I, could I, only if, no need to, no rush, no hurry, whenever you, if it feels right, would "
    "you mind if, would it help if, if that suits, tell me if, or not, you need not, up to you, would you want"
)
"""Asking before offering, or leaving the choice with them."""
OWNING = (
    "I missed, I got that wrong, I went too fast, I got ahead, you are right, I am sorry I, I did not listen, I was "
    "not listening, I misread, I misunderstood, I passed over, I passed by, I skipped, I took the wrong, my mistake, "
    "that was careless, let me try again, I heard the wrong, I jumped, I rushed, I hurried, I talked past, thank you "
    "for telling me, thank you for saying, I should have asked, that was not what you, I answered something, sorry "
    "for, I repeated myself, I was repeating"
)
"""Owning a miss."""
STOCK = (
    "difficult, tough, experience, emotion, emotions, important, upsetting, struggle, struggling, opening up, "
    "clearly, that must, that sounds, it sounds, it must, that must have been, it is good, it is great, it is hard, "
    "it is tough, that is hard, that is tough, that is very, it shows, that shows, it was brave, brave of you, I am "
    "sorry you, I am sorry that you, thank you for telling, thank you for trusting, thanks for telling, I can "
    "imagine, it makes sense that, makes total sense, I would be interested, must feel, are you okay, how have you "
    "been, a good deal, a lot of things, never easy, I can understand that, I can understand why, I can understand "
    "how, I can imagine how, I can only imagine, I can hear how, it is natural to, natural to feel, here if you, if "
    "you would like to tell me, big change, it is sad, whatever you decide, what a kind, says a lot about, the sort "
    "of person, the kind of person, shows how much, you clearly, you obviously, clearly you, obviously, I hope, any "
    "parent, any person, it is understandable, that is understandable, completely understandable, perfectly "
    "understandable, sorry to hear, must be strange, must be so, must be very, must have been very, must have been "
    "so, must have felt, so hard, really hard, very hard, so difficult, really difficult, very difficult, very sad, "
    "really sad, a lot of courage, it is great that, it is good that, it is wonderful that, good for you, well done, "
    "a big decision, a big step, mixed feelings, mixed emotions, all sorts of, whole range, complicated, challenging, "
    "a challenge, stressful, overwhelming, frustrating, situation, what you need, supportive, support, coping, feel "
    "free, always here, happy to listen, how are you feeling, how do you feel, have you been able, do you have "
    "anyone, is there anyone, someone you can talk, talk to about, emotional, what is important to you, meaningful, "
    "special, I am here for you, here for you, you are not alone, I understand how you feel, I know how you feel, I "
    "hear you, thank you for sharing, thanks for sharing, thank you for opening up, stay strong, one day at a time, "
    "be kind to yourself, take care of yourself, feelings are valid, completely valid, totally valid, your feelings "
    "matter, it will be okay, sending you, take a deep breath, going through a lot, going through a hard, going "
    "through so much, a difficult time, a hard time, a tough time, hang in there, you matter, reach out, talk about "
    "it, how does that make you feel, I am listening, tell me more, I appreciate you, safe space, it takes courage to "
    "share, it takes courage to, that sounds really hard, that sounds hard, that sounds difficult, that sounds really "
    "difficult, that sounds tough, I am so sorry to hear, sorry to hear that, sorry you are going through, it is okay "
    "to feel, your pain, what you are feeling, whatever you feel, whatever you are feeling, no matter what, you are "
    "doing great, you are doing your best, proud of you, believe in you, you are strong, you are so strong, I care "
    "about you, that must be hard, that must be difficult, that must be really hard, that must be so hard, that must "
    "be tough, it is normal to feel, it is natural to feel, give yourself, best thing you can do, on your journey, "
    "healing, natural to, it is okay to"
)
"""Kind words that fit anybody."""
