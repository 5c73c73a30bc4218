// Room Documents.
