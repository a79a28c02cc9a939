"""CodeMuse on one machine without containers: the same services, started and watched by a process manager."""
