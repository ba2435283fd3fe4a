"""What does a machine say and ask on 101 before a person answers (R20)?"""
