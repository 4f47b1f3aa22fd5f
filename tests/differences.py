# SPDX-License-Identifier: Apache-2.0
"""Where the runtimes that distributions ship differ from what the tests ask for.

{runtime: {test or test[parameters]: why}}.  Each of these must fail on that runtime (pytest's strict
xfail): for the attacks that is the proof that the test can fail at all.  The versions are those of
Debian 12: runc 1.1.5 and crun 1.8.1; `make check-peers` runs the suite with them.
"""

DIFFERENCES = {}
