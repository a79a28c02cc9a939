"""Configuration of supervisord, the process manager."""

import shlex
import sys
from collections.abc import Mapping, Sequence

from codemuse.native.layout import Layout
from codemuse.native.processes import Process

_HEAD = """\
[supervisord]
logfile = {logs}/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = {pid_file}
umask = 077
"""
_PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
priority = {priority}
autorestart = true
startsecs = 1
startretries = 100
stopasgroup = true
killasgroup = true
stopwaitsecs = 20
redirect_stderr = true
stdout_logfile = {logs}/{name}.log
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 2
"""


def render(layout: Layout, processes: Sequence[Process], environment: Mapping[str, str]) -> str:
    """The configuration file; what starts first stops last."""
    parts = [_HEAD.format(logs=layout.logs, pid_file=layout.pid_file("supervisord"))]
    for position, process in enumerate(processes, 1):
        needs = " ".join(f"--needs {name}" for name in process.needs)
        starter = f"{shlex.quote(sys.executable)} -m codemuse.native.start {process.name} {needs} -- {process.command}"
        parts.append(
            _PROGRAM.format(
                name=process.name,
                command=starter.replace("%", "%%"),
                environment=_pairs({**environment, **process.environment}),
                priority=position * 10,
                logs=layout.logs,
            )
        )
    return "".join(parts)


def _pairs(environment: Mapping[str, str]) -> str:
    escaped = (
        (name, value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%"))
        for name, value in environment.items()
    )
    return ",".join(f'{name}="{value}"' for name, value in escaped)
