PYTHON ?= python
GYMNASIUM_OLD ?= 1.2.2

.PHONY: check lint types test old-gymnasium openai2 ray lm sb3 bench

check: lint types test

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest

# The environment's own tests on the oldest gymnasium that a supported trainer pins.
old-gymnasium:
	$(PYTHON) -m venv .venv-gymnasium-old
	.venv-gymnasium-old/bin/pip install -q "gymnasium==$(GYMNASIUM_OLD)" . "hypothesis>=6.100" "moviepy>=2.2.1" "pytest>=8"
	.venv-gymnasium-old/bin/python -m pytest tests/envs tests/dialogue

# The clients on the older major version of the openai package.
openai2:
	$(PYTHON) -m venv .venv-openai2
	.venv-openai2/bin/pip install -q "openai>=2,<3" . "hypothesis>=6.100" "pyreqwest>=0.15,<1" "pytest>=8"
	.venv-openai2/bin/python -m pytest tests/clients

# The engine of a Ray cluster, on a small one of this machine; RLlib pins gymnasium, so that it has its own environment.
ray:
	$(PYTHON) -m venv .venv-ray
	.venv-ray/bin/pip install -q ".[fast,ray]" "hypothesis>=6.100" "pytest>=8"
	.venv-ray/bin/python -m pytest tests/rollout/test_engines_ray.py empa_gym/rollout/engines empa_gym/rollout/ray_feed.py

# A causal language model as the policy that is trained: a tiny one, made on the spot.
lm:
	$(PYTHON) -m venv .venv-lm
	.venv-lm/bin/pip install -q "torch==2.13.0" ".[lm]" "hypothesis>=6.100" "pytest>=8"
	HF_HUB_OFFLINE=1 .venv-lm/bin/python -m pytest tests/training/test_causal_lm.py

# Stable-Baselines3 on strategies and numbers.
sb3:
	$(PYTHON) -m venv .venv-sb3
	.venv-sb3/bin/pip install -q "torch==2.13.0" ".[sb3]" "pytest>=8"
	.venv-sb3/bin/python -m pytest tests/integrations/test_sb3.py

bench:
	$(PYTHON) benchmarks/step_rate.py
	$(PYTHON) benchmarks/outside_opinion.py
	$(PYTHON) benchmarks/attack_suite.py
	$(PYTHON) benchmarks/mapo_speed.py
	$(PYTHON) benchmarks/estimator_bias.py
	$(PYTHON) benchmarks/concurrency.py
	$(PYTHON) benchmarks/vector_step.py
	$(PYTHON) benchmarks/rollout_engines.py
