# Every command a developer or CI runs. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Extra flags, e.g. make run ARGS='--workers 2 --api-port 8001', make test TESTFLAGS='-race -run Schedule'.
ARGS ?=
TESTFLAGS ?=
# Packages tested at the same time. Several start a PostgreSQL and a Temporal of their own.
TESTJOBS ?= 2
BENCH ?= .
DRILL ?= 5m
SEED ?= $(shell date +%s)

# The tests of the whole system run by themselves: whatever shares the machine with them makes them wait.
NOT_E2E := go list ./... | grep -v '/e2e$$'

GOTEST := go test -timeout 20m -p $(TESTJOBS)
# The last line says how many tests there were.
GOTESTSUM := bin/gotestsum --format pkgname-and-test-fails --

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##### run

.PHONY: run
run: ready ## Start everything on this computer (Ctrl-C stops it); sets up what is missing. ARGS='--help' lists flags.
	@exec bin/devstack up $(ARGS)

.PHONY: setup
setup: ready gotestsum lint-tools ## Install and build everything that is missing, also for test and lint.

.PHONY: web
web: ## Build the web UI into web/dist, which the program carries.
	@tools/web.sh

.PHONY: build
build: web ## Build our own programs into bin/.
	@tools/programs.sh

.PHONY: migrate
migrate: build ## Bring the database named by FOSSAWORK_DATABASE_URL to the current schema.
	@bin/fossawork-scheduler migrate

# Everything `run` needs. The three have nothing to do with each other and the first time takes minutes, so they run
# side by side, also without -j.
.PHONY: ready
ready:
	@MAKEFLAGS= $(MAKE) --no-print-directory -j3 packages temporal build

.PHONY: packages
packages:
	@tools/packages.sh

.PHONY: temporal
temporal:
	@tools/build.sh temporal "first time only, about 3 min"

##### test

.PHONY: check
check: lint test ## lint and test: what CI runs.

.PHONY: test
test: ready gotestsum web-test ## Every test: unit, workflow, replay, store, Temporal, whole system, browser.
	@$(GOTESTSUM) -timeout 20m -p $(TESTJOBS) $(TESTFLAGS) $$($(NOT_E2E))
	@$(GOTESTSUM) -timeout 30m $(TESTFLAGS) ./e2e/...

.PHONY: web-test
web-test: ready ## Tests of the web UI: units, and in a browser against the whole system.
	@cd web && npx vitest run --reporter=dot && npx playwright test --reporter=line

.PHONY: screenshots
screenshots: ready ## Pictures of every page of the web UI, light and dark, phone and desk, into web/screenshots/.
	@cd web && npx playwright test --config screenshots.config.ts --reporter=line

.PHONY: unit
unit: ## Tests that need no server and no browser.
	@$(GOTEST) -short $(TESTFLAGS) ./...

.PHONY: integration
integration: ready ## Every test but those of the whole system.
	@$(GOTEST) $(TESTFLAGS) $$($(NOT_E2E))

.PHONY: e2e
e2e: ready ## Tests of the whole system: PostgreSQL, Temporal, simulator, browser.
	@$(GOTEST) $(TESTFLAGS) ./e2e/...
	@cd web && npx playwright test --reporter=line

.PHONY: drill
drill: ready ## A day on a shortened clock: random kills, outages, pauses, edits. DRILL=10m SEED=7 choose length and course.
	@FOSSAWORK_DRILL=$(DRILL) FOSSAWORK_DRILL_SEED=$(SEED) $(GOTEST) -count=1 -v -run "^TestDrill$$" $(TESTFLAGS) ./e2e | grep -v '"level"'

.PHONY: replay
replay: ## Replay recorded workflow histories against the present code.
	@$(GOTEST) -run Replay $(TESTFLAGS) ./workflows/...

.PHONY: record-histories
record-histories: ready ## Record workflow histories as replay fixtures; only on released code, see workflows/replay_test.go.
	@FOSSAWORK_RECORD_HISTORIES=$(CURDIR)/workflows/testdata/histories $(GOTEST) -count=1 $(TESTFLAGS) ./e2e/...

.PHONY: bench
bench: ready ## Benchmarks; BENCH=<regexp> chooses.
	@$(GOTEST) -timeout 60m -run '^$$' -bench '$(BENCH)' $(TESTFLAGS) ./...

.PHONY: gotestsum
gotestsum:
	@tools/build.sh test

##### lint

.PHONY: lint
lint: lint-go lint-format lint-workflows lint-modules lint-openapi lint-web ## Linters, formatting, determinism of workflows, modules, generated files.

.PHONY: lint-tools
lint-tools: golangci-lint workflowcheck

.PHONY: golangci-lint
golangci-lint:
	@tools/build.sh lint "first time only, about 2 min"

.PHONY: workflowcheck
workflowcheck:
	@tools/build.sh workflowcheck

.PHONY: lint-go
lint-go: golangci-lint
	@echo "lint: golangci-lint"
	@bin/golangci-lint run --timeout 15m ./...

.PHONY: lint-format
lint-format: golangci-lint
	@echo "lint: format"
	@bin/golangci-lint fmt --diff ./... || { echo 'not formatted: run make fmt' >&2; exit 1; }

.PHONY: lint-workflows
lint-workflows: workflowcheck
	@echo "lint: workflowcheck"
	@bin/workflowcheck ./workflows/...

.PHONY: lint-modules
lint-modules:
	@echo "lint: go.mod"
	@go mod tidy -diff

.PHONY: lint-openapi
lint-openapi: build
	@echo "lint: api/openapi.yaml"
	@bin/fossawork-scheduler openapi | diff -u api/openapi.yaml - || { echo 'api/openapi.yaml is not current: run make openapi' >&2; exit 1; }

.PHONY: web-packages
web-packages:
	@tools/web.sh packages

.PHONY: lint-web
lint-web: web-packages
	@echo "lint: web (generated types, tsc, eslint, prettier)"
	@cd web && npx openapi-typescript ../api/openapi.yaml 2>/dev/null | diff -q - src/api/schema.d.ts >/dev/null || \
		{ echo 'web/src/api/schema.d.ts is not current: run make openapi' >&2; exit 1; }
	@cd web && npm run --silent types && npm run --silent lint

.PHONY: fmt
fmt: golangci-lint web-packages ## Format the code.
	@bin/golangci-lint fmt ./...
	@npm --prefix web run --silent format >/dev/null

.PHONY: openapi
openapi: web-packages ## Write api/openapi.yaml from the code, and the types of the web UI from it.
	@go run ./cmd/fossawork-scheduler openapi >api/openapi.yaml.new
	@mv api/openapi.yaml.new api/openapi.yaml
	@npm --prefix web run --silent schema >/dev/null

##### clean

.PHONY: clean
clean: ## Remove our own built programs and test results; tools (bin/) and data (.data/) stay.
	@rm -rf bin/devstack bin/fossawork-scheduler bin/portalsim dist web/test-results web/screenshots *.test *.out
	@echo "kept: bin/ (tools, minutes to build), .data/ (databases); remove them by hand if you mean to"
