PYTHON ?= python
GYMNASIUM_OLD ?= 1.2.2

.PHONY: check lint types test old-gymnasium openai2 bench

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

bench:
	$(PYTHON) benchmarks/step_rate.py
	$(PYTHON) benchmarks/outside_opinion.py
	$(PYTHON) benchmarks/attack_suite.py
	$(PYTHON) benchmarks/mapo_speed.py
	$(PYTHON) benchmarks/estimator_bias.py
	$(PYTHON) benchmarks/concurrency.py
	$(PYTHON) benchmarks/vector_step.py
