# SPDX-License-Identifier: Apache-2.0
# Front door: the names of things to do. The logic is in meson.build and scripts/.

PREFIX   ?= /usr/local
ETC      ?= /etc
DESTDIR  ?=
BUNDLE   ?= /tmp/alpine-bundle
COMPILER ?= gcc
RUNTIME  ?= $(abspath bin/yacr)
BUILD    := build/musl

PYTHON := scripts/python
PYTEST = $(PYTHON) -m pytest -q -p no:cacheprovider -n auto --dist loadgroup --timeout 300

kernel_headers := $(abspath build/kernel-headers)
musl_setup := -Dkernel_headers=$(kernel_headers) -Dstatic=true -Db_pie=false
# Beside build/musl and build/test, which are gcc's.
combinations := clang-musl clang-glibc

all: yacr helpers ## build everything (the default)

yacr: $(BUILD)/build.ninja ## build bin/yacr, one static executable
	@ninja --quiet -C $(BUILD)
	@mkdir -p bin && strip -o bin/.yacr $(BUILD)/yacr && mv bin/.yacr bin/yacr

helpers: build/helpers/build.ninja ## build libexec/yacr: what needs libraries, as far as they are there
	@ninja --quiet -C build/helpers helpers >build/helpers/log || { cat build/helpers/log; exit 1; }
	@mkdir -p libexec/yacr
	@for h in build/helpers/helpers/*/yacr-*; do \
		[ ! -f $$h ] || { strip -o libexec/yacr/.new $$h && mv libexec/yacr/.new libexec/yacr/$${h##*/}; } || exit; \
	done

demo: ## install what is missing, build, make a bundle, and show yacr at work
	@scripts/need build demo
	@$(MAKE) --no-print-directory yacr
	@scripts/demo

check: musl_setup += --werror
check: ## install what is missing, build, and run every test
	@scripts/need build demo test
	@scripts/need machine || echo "the tests in the machine will be skipped"
	@$(MAKE) --no-print-directory musl_setup="$(musl_setup)" yacr helpers
	@$(MAKE) --no-print-directory check-builds build-tests
	$(PYTEST) tests --conformance --machine short --minutes 70

check-unit: build-tests ## run the unit tests alone
	$(PYTEST) tests/unit tests/fuzz

check-integration: yacr helpers ## run the integration tests alone; RUNTIME=PATH for another runtime
	$(PYTEST) tests/integration --runtime $(RUNTIME)

check-vm: yacr helpers ## run everything in machines with systemd and cgroup v2 (QEMU, emulated; it takes hours)
	@scripts/need test machine
	$(PYTEST) --machine all tests/vm

check-peers: yacr helpers ## run the integration tests with the runc and crun of this machine
	for peer in runc crun; do $(PYTEST) tests/integration --runtime $$(command -v $$peer) || exit; done

check-engines: yacr helpers build-tests ## run the tests with Docker, containerd and Podman alone
	$(PYTEST) tests/engines

bench: yacr ## measure beside crun and runc (bench/peers DIR gets them; PEERS=DIR) and write docs/performance.md
	$(PYTHON) bench/bench.py $(BENCH)

lint: ## run the checks of the source tree alone
	$(PYTEST) tests/lint

format: ## format the C sources
	scripts/format

install: yacr helpers install_completion install_packaging ## install below DESTDIR and PREFIX
	install -D -m 755 bin/yacr $(DESTDIR)$(PREFIX)/bin/yacr
	install -d $(DESTDIR)$(PREFIX)/libexec/yacr
	for h in libexec/yacr/*; do [ ! -f $$h ] || install -m 755 $$h $(DESTDIR)$(PREFIX)/libexec/yacr || exit; done
	install -d $(DESTDIR)$(PREFIX)/share/man/man8
	bin/yacr man >build/yacr.8 && install -m 644 build/yacr.8 $(DESTDIR)$(PREFIX)/share/man/man8/yacr.8

# Where an engine takes a file of ours as it is, that is its place; the others are for their owners to copy from.
install_packaging:
	@scripts/install-packaging $(PREFIX) $(DESTDIR)$(PREFIX)/share/yacr $(DESTDIR)$(ETC)

install_completion: yacr ## install the completions of bash, zsh and fish
	scripts/install-completion $(DESTDIR)$(PREFIX)/share

alpine_bundle: yacr ## make an OCI bundle in /tmp/alpine-bundle
	@scripts/alpine-bundle $(BUNDLE)

apt_install: ## install what building, showing and testing need
	@scripts/need build demo test

clean: ## remove what was built
	rm -rf build bin libexec

help: ## show this text
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 24

# musl has no kernel headers of its own: a directory with links to exactly those.
$(kernel_headers):
	@mkdir -p $@
	@ln -sfn /usr/include/linux $@/linux
	@ln -sfn /usr/include/asm-generic $@/asm-generic
	@ln -sfn $$(scripts/asm-headers) $@/asm

$(BUILD)/build.ninja: | $(kernel_headers)
	@scripts/need --check build
	@echo "setting up $(BUILD)"
	@CC="$(abspath scripts/musl-cc) --cc=$(COMPILER)" scripts/setup $(BUILD) $(musl_setup)

build/helpers/build.ninja:
	@CC=$(COMPILER) scripts/setup build/helpers $(filter --werror,$(musl_setup))

# Unit tests: glibc (cmocka is built for it), with the address and undefined behaviour sanitizers.
build-tests: build/test/build.ninja
	@nice ninja --quiet -C build/test

build/test/build.ninja:
	@CC=gcc scripts/setup build/test --werror -Dtests=true -Db_sanitize=address,undefined -Db_lundef=false

# Both compilers and both C libraries take the sources without a warning.
check-builds: $(combinations:%=build/%/build.ninja)
	@for c in $(combinations); do nice ninja --quiet -C build/$$c || exit; done

build/%-musl/build.ninja: | $(kernel_headers)
	@CC="$(abspath scripts/musl-cc) --cc=$*" scripts/setup build/$*-musl --werror -Doptimization=1 $(musl_setup)

build/%-glibc/build.ninja:
	@CC=$* scripts/setup build/$*-glibc --werror -Doptimization=1

.PHONY: all yacr helpers demo check check-unit check-integration check-vm check-peers check-engines bench lint format install \
	install_completion install_packaging \
	alpine_bundle apt_install clean help build-tests check-builds
