// Room CallFlow.
