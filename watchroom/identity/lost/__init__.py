"""Who gave up before anybody answered: did they ring 999 instead, and may they be rung back safely (R3, R14, R15)?"""
