#!/bin/sh
# Tells the Pushgateway twice a minute up to when the log is archived.
set -eu

while sleep 30; do
  test ! -s "$METRICS_FILE" || /bin/sh "$(dirname "$0")/report.sh" >"$METRICS_FILE.answer" 2>&1 ||
    echo "the Pushgateway did not take it" >&2
done
