"""Finds secrets in text, and keeps them from being shown.

``gitleaks.toml`` is the rule set of https://github.com/gitleaks/gitleaks, unchanged; see ``LICENSE.gitleaks``. It may be replaced by a
newer one at any time.
"""
