"""The Gymnasium surface: the text space, the environment, its pictures and its ids."""
