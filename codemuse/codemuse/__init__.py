"""The shared kit of CodeMuse: what every service needs, the wire contracts, the command line and the native launcher."""

__version__ = "0.1.0"
