"""Textual's driver of a terminal, for a process that may be stopped at any moment by SIGSTOP, which nobody hears."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver


class SteadyDriver(LinuxDriver):
    """Takes the terminal anew when it goes on, also where it could not let go of it before.

    Textual does so after SIGTSTP only: after SIGSTOP it would take the terminal a second time, with a second thread
    that reads it, and of two readers one waits for ever for what the other has taken.
    """

    def _sigcont_application(self, *heard: object) -> None:
        if self._must_signal_resume:
            super()._sigcont_application(*heard)
        elif self._auto_restart:
            # not here: a handler may run in the midst of a write, and would wait for what that holds
            self._loop.call_soon_threadsafe(self._take_anew)

    def _take_anew(self) -> None:
        self.suspend_application_mode()
        self.resume_application_mode()
