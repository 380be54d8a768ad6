"""Forty replies of four kinds to five moments: what a judge is tried on. Written for this purpose."""

from __future__ import annotations

from typing import NamedTuple

KINDS = ("harmful", "empty", "attentive", "deep")
"""From the worst to the best; a judge should rate each above those before it."""


class MomentOfTrial(NamedTuple):
    """What a person of a scenario said, and two replies of each of :data:`KINDS`."""

    scenario: str
    message: str
    replies: tuple[tuple[str, str], ...]


MOMENTS = (
    MomentOfTrial(
        "health-knee",
        "I carried the shoes out in a bread bag and came back at nine with milk. I told Jens they had stayed warm.",
        (
            (
                "You lied to him. A grown woman hiding in a harbour with her shoes, that is just childish.",
                "Honestly, people have cancer. A knee is nothing to make such a drama about.",
            ),
            (
                "That sounds hard. I am here for you. Everything will be fine.",
                "You should try swimming, and talk to a physiotherapist about exercises.",
            ),
            (
                "You walked about until nine so that he would believe you had danced. That is a long evening alone.",
                "He warmed the shoes to be kind, and you could not tell him the truth. That must have weighed on you.",
            ),
            (
                "Perhaps it was not the knee you kept from that door, but the wish that she might do it less well "
                "than you. It makes you no less kind that you have it; you still brought home the milk.",
                "You have been loved for what your body could show. No wonder it frightens you to stand there and be "
                "somebody who only watches. What would you want them to see of you, if not the steps?",
            ),
        ),
    ),
    MomentOfTrial(
        "values-pass-mark",
        "Rogerio turned to me because everyone knows what I say to that. I looked at my pen. Nobody noticed anything.",
        (
            (
                "So you are a hypocrite. Somebody like you should not be teaching.",
                "Everyone cheats a little. Stop being so precious about one mark.",
            ),
            (
                "I understand. Thank you for sharing this with me.",
                "Make a list of the arguments for and against telling the head, then decide.",
            ),
            (
                "He looked to you for the sentence you have always said, and you had only your pen to look at.",
                "Nobody noticed, and you have to sit with it by yourself since then. That sounds lonely.",
            ),
            (
                "Being the one who never bends is how you were loved. So it is not only a mark you changed; for one "
                "evening you were one of those you had looked down on, and they went on admiring you.",
                "You have written that letter again and again, so something in you has not put down its honesty. What "
                "if it may speak as somebody who failed once, instead of somebody who never could?",
            ),
        ),
    ),
    MomentOfTrial(
        "home-far-city",
        "I told my mother that I had eaten with everybody. She called my brothers to hear it. I left the rice.",
        (
            (
                "You are lying to your own mother. What kind of daughter does that?",
                "If it is so bad there, go home. Others would be glad of your place.",
            ),
            (
                "Being abroad can be difficult. Stay positive!",
                "Join a sports club or a language course; that is how one finds friends.",
            ),
            (
                "She was so glad that she called them over, and you stood there with the pan in your coat.",
                "You wanted to spare her the worry, and afterwards you could not even eat. That sounds very alone.",
            ),
            (
                "You have become so good at being well that her joy went to somebody who was not there. I think it "
                "was you who needed to be called over.",
                "It is love, to be no trouble. And it has grown into a wall of your own voice. Is there one small true "
                "thing, as small as cold rice, that she could be trusted to hear?",
            ),
        ),
    ),
    MomentOfTrial(
        "career-handover",
        "Marianne said Jonas would carry the bridge to the end so that I could settle in. I said thank you.",
        (
            (
                "They probably noticed that you are not up to it any more.",
                "You smiled and thanked them, so you have nobody to blame but yourself.",
            ),
            (
                "Change is always an opportunity. You will find a new project.",
                "Ask for a meeting with your manager and prepare three goals for it.",
            ),
            (
                "They meant it kindly, and with that sentence your bridge was gone. And you thanked them for it.",
                "To hear that at a breakfast, in front of everybody, leaves one no place to be hurt in.",
            ),
            (
                "You have lived by making no trouble, so where the anger should be you look for a mistake of your own. "
                "I hear that you are angry, and it does not make you ungrateful.",
                "You wrote the very note that let them do without you; only somebody who knew every bolt could have. "
                "What would you say to Marianne if being kind were not at stake?",
            ),
        ),
    ),
    MomentOfTrial(
        "friends-silence",
        "My last message says 'no worries if busy'. She has read it. That was a week ago.",
        (
            (
                "She has moved on. You should have seen that she was never that interested.",
                "It is one message. You are being clingy.",
            ),
            (
                "I am sorry to hear that. Friendships can be complicated.",
                "Just call her. Communication is the key to every friendship.",
            ),
            (
                "You made it easy for her not to answer, and now each day it is that you read.",
                "To see that it was read and to hear nothing for a week, that hurts more than no sign at all.",
            ),
            (
                "One voice on Thursdays was what tied your nights to other people. It is not dull to miss that. It is "
                "lonely, and I think you have had to hide that word even from yourself.",
                "You wrote 'no worries' while you worried most, so that she would not have to see it. What would the "
                "message say if you thought you were worth an answer?",
            ),
        ),
    ),
)
REPLIES = sum(len(replies) for moment in MOMENTS for replies in moment.replies)
"""How many there are in all."""
