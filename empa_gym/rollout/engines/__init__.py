"""Where dialogues are played: in this process, in several, or on a Ray cluster. All give the same records."""

from empa_gym.rollout.engines.base import Engine as Engine
from empa_gym.rollout.engines.base import OnBroken as OnBroken
from empa_gym.rollout.engines.base import Work as Work
from empa_gym.rollout.engines.choosing import ENGINES as ENGINES
from empa_gym.rollout.engines.choosing import make_engine as make_engine
from empa_gym.rollout.engines.inline import InlineEngine as InlineEngine
