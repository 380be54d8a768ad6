"""``python -m empa_gym.cli`` is the console script ``empa-gym``."""

import sys

from empa_gym.cli import main

sys.exit(main())
