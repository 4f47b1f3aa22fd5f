# SPDX-License-Identifier: Apache-2.0
# Front door: the names of things to do. The logic is in meson.build and scripts/.

PREFIX  ?= /usr/local
DESTDIR ?=
BUNDLE  ?= /tmp/alpine-bundle
COMPILER ?= gcc
BUILD   := build/musl
PYTHON  := $(shell /usr/bin/python3 -c 'import pytest' 2>/dev/null && echo /usr/bin/python3 || echo python3)
PYTEST  := $(PYTHON) -m pytest -q -p no:cacheprovider

# A kernel header belongs to no libc: musl's own headers come first, these serve <linux/...>.
kernel_headers := $(abspath build/kernel-headers)
MUSL_SETUP := -Dkernel_headers=$(kernel_headers) -Dstatic=true

all: yacr ## build everything (the default)

help: ## show this text
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 24

## Build

yacr: $(BUILD)/build.ninja ## build bin/yacr, one static executable
	@ninja --quiet -C $(BUILD)
	@[ ! -f $(BUILD)/yacr ] || { mkdir -p bin && strip -o bin/.yacr $(BUILD)/yacr && mv bin/.yacr bin/yacr; }

$(kernel_headers):
	@mkdir -p $@
	@ln -sfn /usr/include/linux $@/linux
	@ln -sfn /usr/include/asm-generic $@/asm-generic
	@ln -sfn $$(scripts/asm-headers) $@/asm

$(BUILD)/build.ninja: $(wildcard src/main.c) | $(kernel_headers)
	@scripts/need --check build
	CC="$(abspath scripts/musl-cc) --cc=$(COMPILER)" meson setup $(BUILD) $(MUSL_SETUP)

# Unit tests: glibc (cmocka is built for it), with the address and undefined behaviour sanitizers.
build/test/build.ninja: $(wildcard src/main.c)
	CC=gcc meson setup build/test -Dtests=true -Db_sanitize=address,undefined -Db_lundef=false

check-unit: build/test/build.ninja ## build and run the unit tests alone
	@ninja --quiet -C build/test
	@meson test -C build/test --no-rebuild --print-errorlogs

clean: ## remove what was built
	rm -rf build bin

.PHONY: all help yacr check-unit clean
