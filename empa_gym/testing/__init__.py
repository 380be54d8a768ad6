"""For other people's tests: what a plugged-in part must satisfy, and values to draw in property tests.

:func:`check_reward`, :func:`check_agent` and :func:`check_client` need nothing but this package.
:mod:`empa_gym.testing.strategies` needs hypothesis: ``pip install 'empa-gym[testing]'``, then
``from empa_gym.testing import strategies``.
"""

from empa_gym.testing.check_agent import check_agent
from empa_gym.testing.check_client import check_client
from empa_gym.testing.check_reward import check_reward
from empa_gym.testing.routes import Route, routes

__all__ = ["Route", "check_agent", "check_client", "check_reward", "routes"]
