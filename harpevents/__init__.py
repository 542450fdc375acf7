"""Events and membership of an international association of universities."""

__version__ = "0.1.0"
