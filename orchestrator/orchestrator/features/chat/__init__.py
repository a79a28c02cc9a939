"""Conversations: sessions, questions, answers, and the socket that carries them."""
