"""Answers over a lake: the questions people ask, and how far each answer can be trusted."""
