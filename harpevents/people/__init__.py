"""Persons, their names and addresses; staff accounts and sign-in."""
