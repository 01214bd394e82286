"""The run folder's format: its writer, its reader, and the fold of events into a RunState."""
