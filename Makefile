# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test prove soak networks fuzz kill mutants lint benchmarks zoo quadratic fronts
.PHONY: anomaly accuracy loads clean install

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

demo: $(STAMP)
	$(BIN)/hwgen demo -o build/demo

# Two workers have a thread each; their order of the files is that of tests/conftest.py.
test: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# PROOFS: words in the names of some proofs (default: all; docs/verification.md lists them).
prove: $(STAMP)
	$(BIN)/python -m tests.formal.prove $(PROOFS)

# Ten thousand faults on the lines to three virtual boards; half an hour, or MINUTES at least.
soak: $(STAMP)
	$(BIN)/python benchmarks/soak.py $(if $(MINUTES),--minutes $(MINUTES))

# A hundred thousand windows of random networks in Verilator against the golden model.
networks: $(STAMP)
	$(BIN)/python benchmarks/networks.py $(if $(SEED),--seed $(SEED))

# Damaged inputs into every reader, a million each: hours. RUNS=10000 for a look.
fuzz: $(STAMP)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[fuzz]'
	$(BIN)/python benchmarks/fuzz.py $(TARGETS) $(if $(RUNS),--runs $(RUNS))

# Builds ended by `kill -9` at random times and finished by the next; a quarter of an hour.
kill: $(STAMP)
	$(BIN)/python benchmarks/kill.py

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

# Every network of the zoo, or NETS, from training to a routed chip; the table of docs/networks.md.
# DATA: a folder of recordings (default: synthetic signals). Hours; goes on where it was.
zoo: $(STAMP)
	$(BIN)/python benchmarks/zoo.py $(NETS) $(if $(DATA),--data $(DATA))

# Conventional and quadratic networks, what they reach and what they cost; a section of
# docs/quadratic.md. DATA: a folder of recordings (default: none); an hour, then on where it was.
quadratic: $(STAMP)
	$(BIN)/python benchmarks/quadratic.py $(if $(DATA),--data $(DATA))

# Autoencoders on the tables of ODDS and on bearings; the tables of docs/anomaly.md. DATA: a folder
# with odds/ and cwru/0HP/ (default: ../shared/data). Half an hour, then on where it was.
anomaly: $(STAMP)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[anomaly]'
	$(BIN)/python benchmarks/anomaly.py $(if $(DATA),--data $(DATA))

# Networks with and without filters in front; the tables of docs/fronts.md. DATA: the CWRU records
# of the drive end without load. An hour, then on where it was.
fronts: $(STAMP)
	$(BIN)/python benchmarks/fronts.py --data $(or $(DATA),$(error say where the recordings are: make fronts DATA=DIR))

# DATA: a folder of recordings, one class per file. Hours.
accuracy: $(STAMP)
	$(BIN)/python benchmarks/accuracy.py $(or $(DATA),$(error say where the recordings are: make accuracy DATA=DIR))

# Trained at one load, tested at others; the tables of docs/training.md. DATA: recordings of the loads
# that train; OTHER: folders of other loads. Minutes for each of the networks and seeds; MORE: options.
loads: $(STAMP)
	$(BIN)/python benchmarks/loads.py $(or $(DATA),$(error say where the recordings are: make loads DATA=DIR OTHER="DIR ...")) $(foreach dir,$(OTHER),--test-data $(dir)) $(MORE)

clean:
	rm -rf $(VENV) build/*/
