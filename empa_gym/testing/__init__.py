"""For other people's tests: what a plugged-in part must satisfy, and values to draw in property tests.

:func:`check_reward` needs nothing but this package. :mod:`empa_gym.testing.strategies` needs hypothesis:
``pip install 'empa-gym[testing]'``, then ``from empa_gym.testing import strategies``.
"""

from empa_gym.testing.check_reward import check_reward
from empa_gym.testing.routes import Route, routes

__all__ = ["Route", "check_reward", "routes"]
