"""Results and specifications as text: terminal, JSON, Markdown."""
