"""Phrases of the acts that help: reflecting, validating, reframing, affirming, offering a step.

The assignment of acts to axes follows ESConv (Liu et al. 2021), EPITOME (Sharma et al. 2020) and MITI 4
(Moyers et al. 2016); the phrases are our own. A phrase is matched by the stems of its words, so one form
stands for all; " ... " stands for up to MAX_GAP words of the same sentence.
"""

from __future__ import annotations

MAX_GAP = 14

REFLECTION = (
    "it sounds like, it sounds as if, it sounds as though, sounds like, it seems like, it seems as though, it seems as "
    "if, seems to me, so you, so what you, what I hear, I hear, I am hearing, you are saying, what you are saying, "
    "what you are describing, the way you tell it, the way you describe, the way you say, in other words, part of you, "
    "as if, as though, I notice, what strikes me, what stays with me, it strikes me, I keep coming back to, I am "
    "struck by, let me see if I, if I follow you, if I understand, if I hear you, so it is, so there is, so that is, I "
    "picture, I can picture, I can see, I can almost see, I imagine, you mention, you told me, you describe, you say, "
    "from what you, listening to you, what comes through, at the centre of, what catches me, you keep coming back, I "
    "am thinking of, I think of, that picture of, that image, under all that, underneath it"
)
"""Frames in which something is given back."""
VALIDATION = (
    "I believe you, I believe that, I am not surprised, I keep thinking, it stays with me, I will stay, I am staying, "
    "I am not going to ~tell, no hurry, take your time, no need to hurry, nobody ... asked, no one ... asked, nobody "
    "... noticed, no one ... noticed, nobody ... saw, make sense, no wonder, small wonder, anyone would, anybody "
    "would, who would not, understandable, understandably, you have every right, every reason to, allowed to, that is "
    "a lot, it is a lot, I can see why, I see why, I understand why, I can understand why, it is all right to, nothing "
    "wrong with, you are not wrong, not being silly, not silly, not being dramatic, not overreacting, fair enough, it "
    "is only human, how could you not, how could that not, you do not have to, you need not, I would be too, I would "
    "too, so would I, so would anyone, I can imagine, can only imagine, that must, it must have, must be hard, must "
    "have been, no surprise, hardly surprising, I am sorry, right to be, right to feel, right to want, deserve better, "
    "deserve more, that is real, stay with that, sit with that, sit with you, I am with you, that would hurt, that "
    "would sting, of course you, of course it, anyone in your place, anyone in your shoes"
)
"""Taking what they feel as right, and staying with it."""
REFRAME = (
    "not ... but, it is not that ... it is, is not ... it is, is not about ... it is, less about ... than, less a ... "
    "than, less the ... than, not because ... but because, not so much ... as, not just, not only, both ... and, and "
    "yet, at the same time, on one side, on one hand, the other side, maybe the question, perhaps the question, the "
    "real question, another way to, another way of, what looks like, what if it is not, could it be that, rather than, "
    "instead of, that may be why, maybe that is why, perhaps that is why, that might be why, two things, both things, "
    "both true, both are true, nobody ... and yet, no one ... and yet, it is one thing ... another, does not make, "
    "does not mean, does not cancel, does not undo, cannot undo, two different things, it may not be, perhaps it is "
    "not, maybe it is not"
)
"""Setting one view of the matter against another."""
TENTATIVE = (
    "maybe, perhaps, might, may be, could it be, I wonder, something like, is it possible, a kind of, part of you, "
    "almost, correct me, tell me if, am I wrong, if I hear you, seems, sounds like, as if, as though, I may be wrong, "
    "I might be wrong, I imagine, a little, guess, possibly"
)
"""Leaving room to be wrong."""
AGENCY = (
    "admit answer ask begin bring build call care carry check choose climb come cook cope count decide defend draw "
    "drive earn endure face feed fight find finish forgive gather get give go help hold keep laugh lay lead learn "
    "leave let lift listen look make manage mend move name notice offer open organize own pack paint persist pick "
    "plan play practice practise prepare print promise protect push put raise reach read record refuse remember "
    "return risk run save send set shape share show sing sit speak stand start stay step stop study survive swim take "
    "talk teach tell try turn understand visit wait walk wash watch work write"
)
"""Common verbs of what one does, after "you"; any other is one when the person told of it with that verb."""
MERIT = (
    "that is not nothing, is not nothing, it takes, takes courage, takes nerve, takes strength, takes patience, takes "
    "skill, takes care, that counts, it counts, still counts, that matters, it matters, still yours, is yours, belongs "
    "to you, your work, your doing, your courage, your patience, your care, your skill, your nerve, your honesty, your "
    "judgement, your strength, your persistence, your love, your effort, your loyalty, your attention, your craft, no "
    "small thing, not a small thing, nobody can take, no one can take, cannot take that, nothing takes that, I admire, "
    "I respect, brave, bravery, courageous, resourceful, stubborn, steadfast, thorough, loyal, generous, capable, "
    "competent, skilled, honest, honesty, decent, you did that, you made that, you never gave up, did not give up, "
    "have not given up, not failing, did not fail, that is work, real work, hard work, that is love, that is care, "
    "that is craft, that is skill, that is courage, good work, fine work, well made, worth something, worth a lot, "
    "worth keeping, because of you, thanks to you, without you, up to you, your choice, yours to, in your own time, at "
    "your own pace, you can decide, you decide, you know best, you know better than, only you could"
)
"""Words that say what an act of theirs is worth, or leave the choice with them."""
STEP = (
    "one small, one thing you could, small step, next step, first step, could you, would it help, might it help, what "
    "if you, maybe you could, perhaps you could, you could, you might, might help, it may help, for tonight, just "
    "tonight, this week, tomorrow, this evening, shall we, we could, how about, would you want to, would you like to, "
    "what would be one, where would you begin, where would you start, what would you say to, what would you tell"
)
"""Offering a step."""
PERMISSION = (
    "if you want, if you like, if you would like, would it be all right, would it be okay, is it okay if, is it all "
    "right if, may I, can I, could I, only if, no need to, no rush, no hurry, whenever you, if it feels right, would "
    "you mind if, would it help if, if that suits, tell me if, or not, you need not, up to you, would you want"
)
"""Asking before offering, or leaving the choice with them."""
OWNING = (
    "I missed, I got that wrong, I went too fast, I got ahead, you are right, I did not listen, I was not listening, I "
    "misread, I misunderstood, I passed over, I passed by, I skipped, I took the wrong, my mistake, that was careless "
    "of me, let me try again, I heard the wrong, I jumped, I rushed, I hurried, I talked past, thank you for telling "
    "me, I should have asked, that was not what you, I answered something, I repeated myself, I was repeating"
)
"""Owning a miss."""
