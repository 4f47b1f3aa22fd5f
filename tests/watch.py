# SPDX-License-Identifier: Apache-2.0
"""The run as a whole: a failure is told when it happens, and the run ends in time, so that what did not go well is known."""

import time

import pytest


class Watch:
    """In the process that gathers the results. @minutes: how long tests may begin, or None."""

    def __init__(self, minutes):
        self.minutes, self.end = minutes, minutes and time.monotonic() + 60 * minutes

    def pytest_sessionstart(self, session):
        self.session = session

    def say(self, text):
        self.session.config.get_terminal_writer().line(f"\n{text}")

    def pytest_runtest_logreport(self, report):
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.say(f"{report.nodeid}: {(crash.message if crash else str(report.longrepr)).strip().splitlines()[0][:300]}")
        if self.end and time.monotonic() > self.end:
            distributor = self.session.config.pluginmanager.getplugin("dsession")  # xdist's, when there is more than one worker
            (distributor or self.session).shouldstop = f"{self.minutes} minutes are over; what had not begun by then did not run"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        if error:
            self.say(f"{node.gateway.id} ended: {error}")
