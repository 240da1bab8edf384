#!/bin/sh
# Renew the locks: run (what a deployment installs), dev (run plus what the tests need), and bench (the peers that
# make bench installs beside the suite, in an environment of their own and therefore bound to no other lock).
# --no-emit-index-url and --no-header: a lock names versions and hashes, never a registry or a machine.
set -eu
cd "$(dirname "$0")/.."
members=""
for name in shared cases fees oversight notifications embedded; do
  members="$members --no-emit-package gongzheng-$name"
done
compile() {
  # shellcheck disable=SC2086  # $members is a list of words
  UV_FIND_LINKS='' .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header $members "$@"
}
compile "$@" deploy/embedded/pyproject.toml requirements/build.in --output-file requirements/run.lock
compile "$@" --constraint requirements/run.lock --group pyproject.toml:dev deploy/embedded/pyproject.toml \
  requirements/build.in --output-file requirements/dev.lock
compile "$@" requirements/bench.in --output-file requirements/bench.lock
