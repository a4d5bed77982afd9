"""The table of answers: ROWS in each module, made by tests.learn.answers.table; test_checkers.py puts them to the checkers."""
