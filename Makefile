# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test soak mutants lint benchmarks accuracy clean install

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

demo: $(STAMP)
	$(BIN)/hwgen demo -o build/demo

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Ten thousand faults on the line to a virtual board; up to half an hour.
soak: $(STAMP)
	$(BIN)/python benchmarks/soak.py

# SEED: which single faults are planted in the hardware and its models; COUNT: how many. An hour;
# a run that was stopped goes on where it was.
mutants: $(STAMP)
	$(BIN)/python benchmarks/mutants.py --seed $(or $(SEED),1) --count $(or $(COUNT),300)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# DATA: a folder of recordings (default: synthetic signals); CKPT: a checkpoint (default: trained
# on them). An hour and more.
benchmarks: $(STAMP)
	$(BIN)/python benchmarks/run.py $(CKPT) $(if $(DATA),--data $(DATA))

# DATA: a folder of recordings, one class per file. Hours.
accuracy: $(STAMP)
	$(BIN)/python benchmarks/accuracy.py $(or $(DATA),$(error say where the recordings are: make accuracy DATA=DIR))

clean:
	rm -rf $(VENV) build/*/
