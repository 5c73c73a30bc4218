// Room Norms.
