"""The incident's own views, a module for each thing one does: open, log, grade, board, close."""
