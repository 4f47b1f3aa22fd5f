# SPDX-License-Identifier: Apache-2.0
# Front door; the logic is in meson.build and scripts/.
BUILD := build
kernel_headers := $(abspath $(BUILD))-kernel-headers

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(kernel_headers):
	mkdir -p $@
	ln -sfn /usr/include/linux $@/linux
	ln -sfn /usr/include/asm-generic $@/asm-generic
	ln -sfn /usr/include/$(shell gcc -print-multiarch)/asm $@/asm

$(BUILD)/build.ninja: | $(kernel_headers)
	CC=musl-gcc meson setup $(BUILD) -Dkernel_headers=$(kernel_headers) -Dc_link_args=-static

.PHONY: all
