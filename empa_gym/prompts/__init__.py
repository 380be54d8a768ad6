"""Prompts: templates per language as package data, their typed rendering, and the fence around foreign text."""

from empa_gym.prompts.templates import LANGUAGES

__all__ = ["LANGUAGES"]
