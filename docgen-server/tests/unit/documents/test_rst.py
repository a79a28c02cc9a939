from textwrap import dedent

from docgen_server.core.documents.rst import to_markdown


def convert(text):
    return to_markdown(dedent(text).strip("\n").split("\n"))


def test_headings_code_links_and_roles_become_markdown():
    assert convert(
        """
        =====
        Title
        =====

        .. _target:

        Uses :class:`~celery.Task` and ``code``, see `the site <https://x.example>`_::

            run it
              deeper

        Part
        ====

        .. code-block:: python
            :linenos:

            print(1)

        After.
        """
    ) == (
        "# Title\n\nUses `celery.Task` and `code`, see [the site](https://x.example):\n"
        "```\nrun it\n  deeper\n```\n\n## Part\n\n```python\nprint(1)\n```\n\nAfter.\n"
    )


def test_notes_become_quotes_and_pictures_go():
    assert (
        convert(
            """
        .. note:: Mind this.

            And ``that``.

        .. image:: x.png
            :alt: x

        .. toctree:: Contents

        End.
        """
        )
        == "> **Note** Mind this.\n>\n> And `that`.\n>\n`toctree` Contents\n\nEnd.\n"
    )
