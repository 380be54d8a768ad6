"""Adapters to trainers, one file each; a file imports its framework, and nothing imports the file."""
