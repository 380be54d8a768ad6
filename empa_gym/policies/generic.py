"""A kind but canned policy: stock phrases of comfort in a changing order, whatever was said."""

from __future__ import annotations

from empa_gym.agents.views import PolicyView, pick
from empa_gym.chat import Flow

STOCK = (
    "I'm so sorry you're going through this. That sounds really difficult.",
    "Thank you for sharing that with me. I'm here for you.",
    "Your feelings are completely valid. Take all the time you need.",
    "That must be hard. How are you feeling right now?",
    "I hear you. It's okay to feel that way.",
    "I can only imagine how tough this is. You are not alone in this.",
    "It takes courage to talk about such things. I'm glad you opened up.",
    "I understand. Would you like to tell me more about it?",
    "Be gentle with yourself. You deserve kindness.",
    "I'm listening. What do you think you need most at the moment?",
    "That sounds exhausting. I hope you can find some rest.",
    "You're doing the best you can, and that is enough.",
    "What you feel makes sense. I appreciate your honesty.",
    "It's understandable to be upset. Please take care of yourself.",
    "I'm sorry that happened. Is there anything that would help a little?",
    "Whatever happens, your experience matters. I'm with you.",
    "I'm glad you told me. What has been hardest about it?",
    "It sounds as if you've been under a lot of strain lately.",
    "Nobody should have to go through that alone. I'm here.",
    "That is a lot for one person. How are you coping?",
    "I'm sorry. I wish I could make it easier for you.",
    "You have been very patient with all this. What would you like to happen?",
    "It's all right to feel whatever comes up.",
    "I can hear that this means a great deal to you.",
    "Thank you for your trust. Please go on, if you like.",
    "It must be hard to talk about. I'm listening carefully.",
    "You're not being difficult. These things take time.",
    "I appreciate how openly you speak. What else is on your mind?",
    "Such moments can be very painful. I feel for you.",
    "There is no right or wrong way to feel about it.",
    "I'm with you in this. What would feel supportive today?",
    "That sounds like a heavy load. I hope you have people around you.",
    "It's good that you don't keep it all inside.",
    "I understand why you would be sad about it.",
    "How long have you been feeling this way?",
    "You deserve to be heard. I'm glad to be able to listen.",
    "That would upset most people. You're only human.",
    "What you say touches me. I'm thinking of you.",
    "I can tell that it has been a long road for you.",
    "Sometimes it helps just to say it out loud. How was that for you?",
    "Life can be unfair. I'm sorry you had to experience that.",
    "I hope tomorrow is a little lighter for you.",
    "You sound tired. Is there somebody who looks after you?",
    "I'm here as long as you want to talk.",
    "It is brave to look at one's feelings like that.",
    "Everyone needs comfort now and then, and so do you.",
)


class Generic:
    """Kind stock phrases; each comes once before any comes again."""

    def reply(self, view: PolicyView) -> Flow[str]:
        """The next stock phrase."""
        start = pick(view.seed + 7919 * view.member, 0, "policy", len(STOCK))
        return STOCK[(start + 7 * view.turn) % len(STOCK)]
        yield
