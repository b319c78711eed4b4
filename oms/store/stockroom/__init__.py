"""The stock room: what is sent to other stores and comes from them, and counting."""
