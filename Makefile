# make demo: render synthetic faces, run everything on them, end in report.html
# make test: the test suite
# make check: formatting, lint, types
# make docs: the documentation as a site, in build/site
# Each sets up .venv first, from pyproject.toml and the versions in constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check docs clean

demo: $(READY)
	$(BIN)/facemotion demo $(DEMO)

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

docs: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "facemotion needs Python 3.11 or later; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	# Without its dependencies, which would put the onnxruntime for CPUs over onnxruntime-gpu.
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps insightface
	touch $(READY)

clean:
	rm -rf $(VENV) facemotion-work report.html demo.npz demo.png
