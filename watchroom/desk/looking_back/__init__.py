"""What did the system know about this incident, and when? For inspection: any second of it, and a bundle that proves itself."""
