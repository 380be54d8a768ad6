"""What pytest leaves out: files that import a framework which is not installed here hold no doctests to run."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("ray") else ["empa_gym/rollout/engines/ray*.py", "empa_gym/rollout/ray*.py"]
collect_ignore_glob += [] if find_spec("numba") else ["empa_gym/mapo/numba*.py"]
collect_ignore_glob += [] if find_spec("transformers") else ["empa_gym/training/causal_lm.py"]
collect_ignore_glob += [] if find_spec("phonenumbers") and find_spec("stdnum") else ["empa_gym/pipeline/pii.py"]
collect_ignore_glob += [] if find_spec("stable_baselines3") else ["empa_gym/integrations/sb3.py"]
