"""The whole choreography on one page: which tasks hear which event.

Found by the setting SUBSCRIPTIONS. Services emit, they never name a task.
"""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "order.placed": [
        "orders.tasks.source_order",
        "oms.integrations.tasks.tell_confirmation",
        "oms.integrations.tasks.publish_placed",
    ],
    "order.repromised": ["oms.integrations.tasks.tell_new_day"],
    "order.sourcing_requested": ["orders.tasks.source_order"],
    "fulfilment.declined": ["orders.tasks.reroute_order"],
    "parcel.packed": ["orders.tasks.make_label"],
    "parcel.handed_over": [
        "orders.tasks.capture_shipment",
        "oms.integrations.tasks.tell_shipment",
        "oms.integrations.tasks.publish_handed_over",
    ],
    "fulfilment.collected": [
        "orders.tasks.capture_shipment",
        "oms.integrations.tasks.tell_collection",
        "oms.integrations.tasks.publish_collected",
    ],
    "order.carried_out": ["orders.tasks.capture_shipment"],
    "order.released": ["orders.tasks.source_order", "orders.tasks.capture_shipment"],
    "order.cancelled": [
        "orders.tasks.void_payments",
        "oms.integrations.tasks.tell_cancellation",
        "oms.integrations.tasks.publish_cancelled",
    ],
    "order_line.cancelled": ["orders.tasks.void_payments", "oms.integrations.tasks.tell_cancelled_articles"],
    "payment.unknown": ["orders.tasks.reconcile_payment"],
    "payment.authorised_late": ["orders.tasks.revive_order"],
    "payment.returned": ["orders.tasks.void_payments", "oms.integrations.tasks.tell_payment_return"],
    "refund.requested": ["orders.tasks.ask_refund"],
    "return.label_due": ["returns.tasks.make_return_label"],
    "return.credit_returned": ["returns.tasks.refund_returned_credit"],
    "parcel.unknown": ["returns.tasks.track_return"],
    "stock_point.paused": ["orders.tasks.withdraw_offers"],
    "stock_point.reopened": ["orders.tasks.retry_after_reopening"],
    "stock_level.short": ["orders.tasks.resource_short_level"],
    "stock_level.raised": ["orders.tasks.retry_waiting_orders"],
    "expected_receipt.raised": ["orders.tasks.promise_what_is_to_come"],
    "expected_receipt.received": ["orders.tasks.take_received"],
    "expected_receipt.rescheduled": ["orders.tasks.note_rescheduled"],
    "expected_receipt.shrunk": ["orders.tasks.replan_shrunk"],
    "stock_import.created": ["stock.tasks.run_stock_import"],
    "stock_import.approved": ["stock.tasks.run_stock_import"],
    "stock_import.due": ["stock.tasks.run_stock_import"],
    "pickup.ready": ["oms.integrations.tasks.tell_pickup"],
    "order.expired": ["oms.integrations.tasks.tell_expiry"],
    "refund.succeeded": ["oms.integrations.tasks.tell_refund"],
    "payment.awaited": ["oms.integrations.tasks.tell_payment_awaited"],
    "receipt.requested": ["oms.integrations.tasks.tell_receipt"],
    "notification.requested": ["oms.integrations.tasks.send_notification"],
    "return.received": ["oms.integrations.tasks.tell_return"],
}
