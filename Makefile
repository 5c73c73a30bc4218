# make demo | demo-modem | test | test-load | run | build | bench | lint | format | sanitize | install PREFIX=/usr/local
# `demo`, `demo-modem`, `test`, `run` and `build` do all the set-up themselves (scripts/setup; packages in packaging/apt-packages).
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
HOTLINE := .build/release/hotline

.PHONY: all build demo demo-modem run test test-load lint format bench sanitize install setup-build setup-test

all: build

setup-build:
	@scripts/setup build

setup-test:
	@scripts/setup test

build: setup-build
	$(SWIFT) build -c release --product hotline

demo: build
	$(HOTLINE) demo --keep

demo-modem: build
	@scripts/setup simulator
	$(HOTLINE) demo --modem --keep

run: build
	$(HOTLINE) serve --example

lint:
	scripts/check-imports
	scripts/check-messages
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift

format:
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift

# A debug build: it is quicker made than a release build, and it checks more. What computes is optimised in it too
# (`computes` in Package.swift). Without symbols for a debugger and an index for an editor, which take a sixth of the time
# and are looked at by nobody; each module in one go, since everything is built once (docs/decisions/0016-test-build.md).
DEBUG_BUILD := -debug-info-format none --disable-index-store -Xswiftc -whole-module-optimization -Xswiftc -num-threads -Xswiftc 1 \
	-Xswiftc -no-emit-module-separately-wmo
# The peers and tools of the tests are installed while the build goes on, which does not need them.
test: setup-build lint
	@mkdir -p .build
	@scripts/setup test >.build/setup-test.log 2>&1 & setup=$$!; \
	    $(SWIFT) build --build-tests $(DEBUG_BUILD); built=$$?; \
	    wait $$setup; made=$$?; cat .build/setup-test.log; [ $$made -eq 0 ] && exit $$built
	scripts/test

bench: setup-test
	Benchmarks/media all
	Benchmarks/latency
	Benchmarks/recordings
	Benchmarks/store
	Benchmarks/console
	Benchmarks/ladder

# The load caller of `Benchmarks/ladder`, a package of its own.
test-load:
	cd Benchmarks/load && $(SWIFT) test

sanitize: setup-test
	scripts/sanitize

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/hotline $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 $(HOTLINE) $(DESTDIR)$(PREFIX)/bin/hotline
	cp -r flows prompts modems transcripts imports norms web $(DESTDIR)$(PREFIX)/share/hotline/
	install -d $(DESTDIR)$(PREFIX)/share/hotline/audio-fixtures
	cp audio-fixtures/* $(DESTDIR)$(PREFIX)/share/hotline/audio-fixtures/
	install -m 755 packaging/transcribe-faster-whisper $(DESTDIR)$(PREFIX)/share/hotline/
	install -m 644 packaging/hotline.yaml $(DESTDIR)$(PREFIX)/share/hotline/hotline.yaml.example
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/hotline.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/hotline.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/hotline.service
