"""Counting, days, drawing, and what a supervisor looks at first: plain functions over plain rows, no database and no clock."""
