"""Keep the course's other languages in step with the English one: python -m tests.translate."""
