"""Who can log in to the demo?"""

from watchroom.demo.staff import ACCOUNTS, PASSWORD


def table() -> str:
    """The accounts as the console shows them."""
    lines = [f"  {'log in as':<24}{'password':<18}{'who, and what they do'}"]
    for account in ACCOUNTS:
        who = f"{account.full_name}, {', '.join(account.roles)}"
        lines.append(f"  {account.name + '@' + account.force:<24}{PASSWORD:<18}{who}")
    return "\n".join(lines)
