// Room WorkOrders.
