"""Where the weights come from: people who were never born, the calls they make later, and a model fitted to both. Never needed to serve."""
