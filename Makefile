# Node 24 comes with the dependencies, so that any host with Node >= 20 will do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

INSTALLED := node_modules/.package-lock.json
# What a target reads from the command line: make demo BREAK=fence
BREAK ?=
SPEC ?=

.PHONY: help install lint format generate build test test-tools e2e demo sandbox bench sweep coverage mutate clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

install: $(INSTALLED) ## install the dependencies, Node 24 among them

# npm writes the file itself; touched, because it keeps an older time when nothing had to change.
$(INSTALLED): package-lock.json
	@command -v npm >/dev/null || { echo 'npm is missing: install Node.js 20 or later (https://nodejs.org), then run make again.' >&2; exit 1; }
	@npm ci --no-audit --no-fund --loglevel=error || { echo 'npm ci failed (see above); with the network back, run make install again.' >&2; exit 1; }
	@node scripts/check-node.cjs
	@touch $@

lint: $(INSTALLED) ## types, ESLint, layers, formatting
	@node scripts/check-node.cjs
	@npm run -s lint

format: $(INSTALLED) ## rewrite the files in the house format
	@npm run -s format

generate: $(INSTALLED) ## derive from crds/ the API's types, the chart's copies and deploy/base
	@npm run -s generate

build: $(INSTALLED) ## bundle the operator and the CLI into dist/
	@node scripts/check-node.cjs
	@npm run -s build

test: lint build ## lint, build and every test that needs Node alone (SPEC=test/x.test.ts for some)
	@$(if $(SPEC),mocha $(SPEC),node scripts/test.ts)

test-tools: build ## the tests that need tools which Node does not bring; installs these (promtool, Lua, hadolint, psql, aws)
	@scripts/test-tools.sh

e2e: build ## the same on real API servers, built from source at the first time (needs Go; SPEC=… for some)
	@node scripts/control-plane.ts >/dev/null
	@mocha --config test/e2e/mocharc.json $(if $(SPEC),$(SPEC),'test/e2e/**/*.test.ts')

demo: build ## lose a region on this machine and come back (BREAK=fence|cas|intent|position|traffic-gate|standing-fence)
	@npm run -s demo -- $(if $(BREAK),--break $(BREAK))

sandbox: build ## start two regions on this machine and leave them running
	@npm run -s sandbox

bench: build ## measure the operator: run time, requests at rest, memory, isolation (SPEC=chain,rest,fleet,processes,isolation for some)
	@npm run -s bench -- $(SPEC)

sweep: $(INSTALLED) ## the operator killed at each effect of each timeline, at all three moments (about half an hour)
	@SWEEP=full npm run -s sweep

coverage: $(INSTALLED) ## how much of the decisions the tests reach
	@npm run -s coverage

mutate: $(INSTALLED) ## how many faults planted in the decisions the tests notice (slow)
	@npm run -s mutate

clean: ## remove what was built (not node_modules)
	@rm -rf dist coverage reports .stryker-tmp node_modules/.cache
