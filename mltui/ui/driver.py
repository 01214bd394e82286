"""Textual's driver of a terminal, for a process that may be stopped at any moment by SIGSTOP, which nobody hears."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver


class SteadyDriver(LinuxDriver):
    """Takes the terminal anew when it goes on, also where it could not let go of it before.

    Textual does so after SIGTSTP only: after SIGSTOP it would take the terminal a second time, with a second thread
    that reads it, and of two readers one waits for ever for what the other has taken.
    """

    def _sigcont_application(self, *heard: object) -> None:
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
        super()._sigcont_application(*heard)
