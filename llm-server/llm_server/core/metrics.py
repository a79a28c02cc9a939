"""Metrics of llm-server besides those that every service has."""

from prometheus_client import Counter

FALLBACKS = Counter("codemuse_llm_fallbacks_total", "Calls that went on to another model.", ("model", "reason"))
SWITCHES = Counter("codemuse_llm_switches_total", "Answers that another model went on with.", ("model",))
KEYS_REFUSED = Counter("codemuse_llm_keys_refused_total", "Calls whose key the upstream did not accept.", ("model",))
CACHE = Counter("codemuse_llm_cache_total", "Answers looked for in the cache.", ("outcome",))
"""``exact``, ``similar`` or ``miss``."""
TOKENS = Counter("codemuse_llm_tokens_total", "Tokens read and written.", ("model", "direction"))
BUDGET_ALERTS = Counter(
    "codemuse_llm_budget_alerts_total", "Budgets that went over their warning line.", ("scope", "unit", "period")
)
SET_ASIDE = Counter(
    "codemuse_llm_accounts_set_aside_total", "Parts of the accounts that Redis or Postgres did not take.", ("kind",)
)
NOTES_DROPPED = Counter(
    "codemuse_llm_accounts_dropped_total", "Operations that were given up because Redis was away for too long."
)
