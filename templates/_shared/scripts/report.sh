#!/bin/sh
# Tells the Pushgateway of the point that the backup has just made. A run that failed never gets here.
set -eu

wget -q -O - -T 30 --post-file "$METRICS_FILE" \
  "$PUSHGATEWAY/metrics/job/bpc/cluster/$CLUSTER/policy/$POLICY/dataset/$DATASET/location/$LOCATION"
