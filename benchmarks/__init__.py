"""``python -m benchmarks`` (``make bench``): what the issues ask for, measured on this machine in one run."""
