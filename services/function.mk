# How `sam build` builds every function: copy the packages beside the Makefile and compile them, because
# /var/task cannot be written and a cold start without .pyc files takes more than twice as long.
PYTHON ?= python3.13

build-%:
	cp -R $(filter-out Makefile,$(wildcard *)) "$(ARTIFACTS_DIR)"
	find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +
	$(PYTHON) -m compileall -q --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"
