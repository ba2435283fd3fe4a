"""Who hung up and is owed a call at the place they keep (R19)?"""
