"""The table of answers: ROWS in each module, made by tests.answers.table; test_checkers.py puts them to the checkers."""
