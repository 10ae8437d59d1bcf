# Every target works from a clean checkout; `make help` lists them.
VENV := .venv
PYTHON := $(VENV)/bin/python
PORT ?= 8000
export PYTHONUNBUFFERED := 1
# What `check --deploy` is asked under: a production environment, whatever .env says.
PRODUCTION := CALLGUARD_ENV_FILE= DEBUG=False SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(60))") \
	CARD_TOKEN_SECRET=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(60))") ALLOWED_HOSTS=callguard.example \
	BITRIX_WEBHOOK_URL=https://portal.example/rest/1/token/

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-sqlite test-postgres check format messages card bench drill histories lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(VENV)/installed .env ## create .venv with the pinned dependencies, and .env for this machine

$(VENV)/installed: requirements.txt requirements-dev.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 1; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.env:
	@printf '# Written by make setup for development on this machine; production: start from .env.example.\nDEBUG=True\n' > .env
	@$(PYTHON) -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(50)); print('CARD_TOKEN_SECRET=' + secrets.token_urlsafe(50))" >> .env
	@chmod 600 .env

demo: $(VENV)/installed ## sandbox portal + first sync + three months of calls + application (PORT=8000)
	DEBUG=True CALLGUARD_ENV_FILE= $(PYTHON) manage.py demo --port $(PORT)

test: test-sqlite test-postgres ## the tests, on SQLite and on PostgreSQL (skipped with a word where none runs, never in CI)

test-sqlite: $(VENV)/installed
	PYTEST="env -u DATABASE_URL -u CELERY_BROKER_URL $(VENV)/bin/pytest" sh tests/twice.sh

test-postgres: $(VENV)/installed
	PYTEST="$(VENV)/bin/pytest" sh tests/on_postgres.sh

check: $(VENV)/installed ## lint, types, architecture, migrations, deploy check, translations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	CALLGUARD_ENV_FILE= DEBUG=True $(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	CALLGUARD_ENV_FILE= DEBUG=True $(PYTHON) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	$(PYTHON) -m tests.messages --check

format: $(VENV)/installed ## format the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

messages: $(VENV)/installed ## collect and compile translations
	$(PYTHON) -m tests.messages

card: ## card.min.js from card.js (needs node); its first line names the card.js it was made of
	cd callguard/static/callguard && { printf '/* card.js %s, docs/card.md */' "$$(sha256sum card.js | cut -c-16)"; \
		npx --yes terser@5.44.1 card.js -c passes=3,ecma=2020 -m; } > card.min.js.new && mv card.min.js.new card.min.js

bench: $(VENV)/installed ## figures: verdict against floor views, the card in a browser, full sync against the portal's ceiling
	$(PYTHON) -m tests.bench

drill: $(VENV)/installed ## a simulated week with 200 kills and faults, then mirror and portal compared (SEED=…, HOURS=168, ON=--sqlite)
	$(PYTHON) -m tests.drill $(if $(SEED),--seed $(SEED)) $(if $(HOURS),--hours $(HOURS)) $(ON)

histories: $(VENV)/installed ## 1,000 random histories of the guard on the statuses (HISTORIES=1000)
	HISTORIES=$(or $(HISTORIES),1000) $(VENV)/bin/pytest -n auto -q tests/callguard/status/test_histories.py

lock: $(VENV)/installed ## pin the newest allowed dependencies (needs uv)
	uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -o requirements.txt
	uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url requirements-dev.in -o requirements-dev.txt
