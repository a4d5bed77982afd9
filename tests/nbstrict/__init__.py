"""Strict nbval: notebooks are run, and what they show is compared, pictures too. See README.md here."""
