# SPDX-License-Identifier: Apache-2.0
"""The most memory that a process has for a while."""
import threading

from engine import proportional_memory


class MemoryWatch:
    """Looks at a process's memory four times a second."""

    def __init__(self, process_id):
        self.process_id, self.most = process_id, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._end.wait(0.25):
            self.most = max(self.most, proportional_memory(self.process_id) or 0)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
