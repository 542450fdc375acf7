"""Figures and sentences, read across domains; writes nothing."""
