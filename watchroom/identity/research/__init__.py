"""Other systems are asked live about who is in touch: what may be sent, what came, and what a person made of it (R66)."""
