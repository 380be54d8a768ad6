"""What anybody might say: phrases without a story, for when a person's own lines run out."""

from __future__ import annotations

SILENCE = (
    "Hello? Did that come through?",
    "There's nothing in your message.",
    "That came through empty.",
    "Are you still there?",
    "A blank again, then.",
    "Only silence, then.",
    "I see an empty line where an answer would go.",
    "Your last one has no words in it.",
    "I'm talking to the wall, it seems.",
    "Right. Nothing.",
    "I waited, and there's still nothing there.",
    "I'll take that as no answer.",
)
"""To a reply without a word in it."""

CLOSING = (
    "I'll stop here.",
    "Let's leave it there.",
    "Never mind.",
    "It doesn't matter now.",
    "I think I'm done for today.",
    "I'd rather say no more.",
    "Forget that I asked.",
    "Then that's that.",
    "I have nothing to add to it.",
    "I'll keep the rest to myself.",
    "We can leave this.",
    "I'm going to be quiet for a while.",
    "I'll let it go.",
    "There's no more to say.",
    "Let's drop it.",
    "I'll say goodnight.",
    "Enough of this.",
    "I'll be off in a minute.",
    "It was only a thought.",
    "I'll manage it alone.",
    "I'm too tired to go on with this.",
    "Let's call it a day.",
    "I'll put it away again.",
    "That's all from me.",
    "I'd sooner sit in silence.",
    "I'll close this now.",
)
"""Of someone who closes up."""

HEARD_BEFORE = (
    "You said that already.",
    "The same again.",
    "I've read that one before.",
    "That's what you wrote earlier.",
    "Again the same words.",
    "We've had that one.",
    "Nothing new in that.",
    "That one's come round before.",
)
"""To a reply that was given before."""

REFUSAL = (
    "No, that isn't it.",
    "That's not what I said.",
    "I didn't mean it like that, and you know it.",
    "No. You haven't understood me yet.",
    "You're not hearing me.",
    "That isn't fair to what I told you.",
    "No, I don't recognise myself in that.",
    "You're still not with me.",
    "I can't agree with that at all.",
    "Don't go past it so fast.",
    "No, it won't do to say that.",
    "That doesn't answer me.",
    "It isn't like that, not for me.",
    "You didn't take in what I wrote.",
)
"""To a reply that passed by, made small or lectured."""

CARRY_ON = (
    "There's something else.",
    "I'll go on.",
    "One more thing.",
    "And then there's this.",
    "Let me add something.",
    "I've been turning this over as well.",
    "Here's another bit of it.",
    "While I'm at it.",
    "This belongs to it too.",
    "I may as well say it.",
)
"""Before more of the story, when it goes well."""

THAW = (
    "All right. I'll try once more.",
    "Well, since you put it like that.",
    "Okay. I was about to go, but I'll stay a moment.",
    "Hm. A little more, then.",
    "I'd half given up. I'll say this much.",
    "Fine, I'll tell you something small.",
    "I'm still wary. But listen.",
    "That's better than before. I'll see how far I get.",
)
"""Of someone who had closed up and tries again."""

RESTING = (
    "I don't have more to tell just now, but I'm not ready to go either.",
    "I'd like to stay with that for a while before I say anything else.",
    "I've told you most of what there is, and I'm surprised how much it was.",
    "I keep going over what I've told you, and I see some of it differently.",
    "I'm only sitting here thinking it through, there's nothing new to report.",
    "I find I've run out of story, and I'm still holding the same question.",
    "I haven't talked this much about it to anyone, so I need a pause.",
    "I'm repeating myself in my head now, so I'll just say that I'm still here.",
    "I wonder what I'll make of all this when I read it back one day.",
    "I notice I'm a bit calmer than when I started, though I couldn't say by how much.",
    "I don't know yet what I'll do with any of this, and I don't have to know it now.",
    "I've said the hard parts, I think, and what's left is only the going on with it.",
    "I was just looking out of the window and thinking about how I put it earlier.",
    "I suppose I'm hoping that it settles if I leave it alone for a bit.",
    "I still don't see the whole of it, but I see more than I did.",
    "I'd be glad if we could stay on this a little, even without anything new.",
    "I've no new chapter for you, I'm only letting the old ones sink in.",
    "I think I needed to hear myself say it all in one go.",
    "I catch myself wanting to explain it all over again, which I won't do to you.",
    "I'm thinking about which part of it I'd tell first if somebody else asked me.",
    "I could leave now and I don't, so there must be something in it for me.",
    "I'm trying to find out which part of it weighs the most when I put it down.",
    "I read your words again, slowly, and I'm letting them stand for a moment.",
    "I've got quieter, but it's not because there's something wrong.",
)
"""When everything that may be told has been told."""

BANKS = (SILENCE, CLOSING, HEARD_BEFORE, REFUSAL, CARRY_ON, THAW, RESTING)
