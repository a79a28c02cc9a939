"""The log of prompts and answers, for organisations that want one."""
