"""``python -m codemuse``: the ``codemuse`` command where no script of that name is installed, as in the images."""

from codemuse.cli.main import app

if __name__ == "__main__":
    app(prog_name="codemuse")
