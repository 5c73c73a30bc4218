// Room Evidence.
