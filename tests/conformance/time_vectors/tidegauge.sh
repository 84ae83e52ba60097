#!/bin/sh
# Answers run.py with tidegauge: tidegauge.sh flows|series|clocks CAPTURE
set -eu
lake=$(mktemp -d)
trap 'rm -rf "$lake"' EXIT
tidegauge import --lake "$lake" "$2" >/dev/null 2>&1
case $1 in
flows) set -- flows --limit 0 ;;
series) set -- series --step 60s --metrics bytes ;;
clocks) set -- clocks ;;
esac
tidegauge "$@" --lake "$lake" --format ndjson
