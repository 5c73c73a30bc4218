// Room AudioLog.
