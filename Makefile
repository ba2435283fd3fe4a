# make demo    a working control room in your browser            make test    everything that is promised, tested (5 min)
# make setup   .venv and all that it needs; the others call it     make prove   kills, a real month of calls, benches (long)
# make check   format, lint, types, direction of imports          make clean   away with .venv and all state
#
# PORT=8123 make demo chooses the port; WATCHROOM_DATA=/some/folder keeps the state elsewhere.

.PHONY: setup demo check test test-telephony prove bench bench-identity screenshots clean browser splink
.DEFAULT_GOAL := demo
watchroom := .venv/bin/watchroom

# Python's caches halve the time in which each process starts; they go below .venv and __pycache__, which git ignores.
unexport PYTHONDONTWRITEBYTECODE

setup:
	@scripts/setup

demo: setup
	@exec $(watchroom) demo

check: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

browser:
	@scripts/browser

test: setup browser
	@scripts/test -n 4 $(PYTEST)

# Splink, in .splink: for `watchroom identity batch`, and its test. Serving needs none of it.
splink: setup
	@scripts/splink

# A real exchange (Asterisk) and real callers (sipp); built once, as root. Without: the contract tests, and it is said loudly.
test-telephony: setup
	@scripts/telephony --test

prove: setup browser
	@scripts/prove

bench: setup
	@$(watchroom) bench

# Our lookup of a caller beside Splink's, PostgreSQL's trigrams and a text engine, on the same made-up people: PEOPLE=1000000 make …
bench-identity: setup
	@$(watchroom) bench peers --people $(or $(PEOPLE),100000) --calls $(or $(CALLS),400)

screenshots: setup browser
	@.venv/bin/python scripts/screenshots.py

clean:
	rm -rf .venv .peers .splink .watchroom node_modules watchroom/shell/static/vendor test-results
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
