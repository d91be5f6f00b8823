# The book's commands; "make help" lists them. Works with GNU make 3.81 and later.
#
# Every target sees to its own set-up: a virtual environment in .venv, uv, the locked packages and
# this package. UV_* variables pass through, e.g. UV_TORCH_BACKEND=cpu for a smaller torch.

SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv
READY := $(VENV)/.ready
PYTHONS := python3 python3.13 python3.12 python3.11 python
# Read before a recipe may make it: what the environment is good for can change while it stands,
# e.g. the project folder was moved or the Python below it removed.
SOUND := $(shell $(PYTHON) -c 'import os; \
	print("yes" if open("$(READY)").read().strip() == os.path.abspath("$(VENV)") else "no")' 2>/dev/null)

ifneq ($(SOUND),yes)
STALE := stale
endif

.DEFAULT_GOAL := help
.PHONY: help book test serve check lint verify report gpu links notebooks branch compat colab lock clean stale

help: ## list the commands
	@echo "Deep Learning, Checked: make COMMAND"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'

book: $(READY) ## execute the chapters and make the site: _build/html/index.html
	@$(PYTHON) -m dlbook.site build

# Checks of the finished site need one; "make verify" has them.
test: $(READY) ## run every test that needs no finished site
	@$(PYTHON) -m pytest -q --ignore=tests/site/built -n auto --maxprocesses 4 --dist loadfile $(TESTARGS) && \
	echo "Tests: all passed; the finished site's own checks are run by make check"

serve: $(READY) ## show the site on this machine and rebuild it after each edit
	@$(PYTHON) -m dlbook.site serve

check: ## lint, types, tests, book, and the finished site's checks: what CI asks for
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory book
	@$(MAKE) --no-print-directory verify
	@echo "Check: all passed; the site is in _build/html/index.html"

lint: $(READY) ## check code style, types and the chapters' prose
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check --quiet . || \
	{ echo "Some files are not formatted; run $(VENV)/bin/ruff format ."; exit 1; }
	@$(VENV)/bin/mypy
	@$(PYTHON) -m dlbook.site.lint
	@echo "Lint: clean"

verify: $(READY) ## check the finished site (after make book)
	@$(PYTHON) -m pytest tests/site/built $(TESTARGS)

report: $(READY) ## write and print the report on the last build: _build/report.json
	@$(PYTHON) -m dlbook.site report $(if $(STRICT),--strict)

gpu: $(READY) ## run all chapters at full size on an NVIDIA GPU and record the results
	@$(PYTHON) -m dlbook.site gpu

links: $(READY) ## check the finished site's internal links
	@$(PYTHON) -m dlbook.site links

# Under the smoke budget "make verify" does so, too.
notebooks: $(READY) ## run the launchable notebooks as a reader would (BUDGET=smoke: faster)
	@$(PYTHON) -m dlbook.site notebooks $(if $(BUDGET),--budget $(BUDGET))

branch: $(READY) ## assemble the branch that Colab and Binder open: _build/branch
	@rm -rf _build/branch
	@$(PYTHON) -m dlbook.site branch

compat: $(READY) ## run the tests with the oldest and the newest versions allowed (VERSIONS=oldest: one of them)
	@$(PYTHON) -m dlbook.site compat $(or $(VERSIONS),oldest newest) $(if $(TESTARGS),--tests '$(TESTARGS)')

# Inside Colab's image there is no environment to make: what Colab has is what counts.
colab: ## run the published notebooks with the Python at hand, as in Colab (NOTEBOOKS=folder)
	@PYTHONPATH=src python3 -m dlbook.site.colab $(or $(NOTEBOOKS),_build/notebooks)

# torch itself pins the CUDA packages it wants; without lines of their own here, another build of
# torch (UV_TORCH_BACKEND=cpu) can leave them out.
lock: $(READY) ## resolve requirements.lock anew (UPGRADE=1: with the newest versions)
	@echo uv | $(UV) pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	$(if $(UPGRADE),--upgrade) \
	--extra book --extra test pyproject.toml - --output-file requirements.lock
	@grep -vE '^(nvidia-|cuda-|triton)' requirements.lock > requirements.lock.part
	@mv requirements.lock.part requirements.lock
	@echo "Lock: requirements.lock; the next command installs it"

clean: ## remove what a build made; the environment stays
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@echo "Clean: _build is gone; rm -rf $(VENV) removes the environment as well"

# The stamp comes last, so that an interrupted set-up is repeated. It holds the place it was made
# for: a virtual environment does not work anywhere else, nor once the Python below it is gone.
$(READY): requirements.lock pyproject.toml $(STALE)
	@set -e; rm -f $(READY); \
	if ! { $(PYTHON) -m pip --version >/dev/null 2>&1 && grep -q "$$(pwd -P)/$(VENV)/" $(VENV)/bin/pip; }; then \
	  rm -rf $(VENV); \
	  found=; \
	  for python in $(PYTHONS); do \
	    if [ -z "$$found" ] && $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then found=$$python; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "error: no Python 3.11 or later here (tried $(PYTHONS)); install one and try again" >&2; exit 1; \
	  fi; \
	  if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "error: $$found lacks the venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	  fi; \
	  echo "Set-up 1/3: virtual environment in $(VENV), from $$($$found --version)"; \
	  $$found -m venv $(VENV); \
	fi; \
	echo "Set-up 2/3: uv, then the packages in requirements.lock (torch is large)"; \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.lock)"; \
	VIRTUAL_ENV="$$(pwd -P)/$(VENV)" $(UV) pip install --requirement requirements.lock; \
	echo "Set-up 3/3: the book's own package"; \
	VIRTUAL_ENV="$$(pwd -P)/$(VENV)" $(UV) pip install --quiet --no-deps --editable .; \
	$(PYTHON) -c 'import os; print(os.path.abspath("$(VENV)"))' > $(READY).part; \
	mv $(READY).part $(READY)
