. .local/env
# Place an order, look at it, look at the stock, book a seat.
ORDER=$(curl -s "$ORDERS/orders" -H "Authorization: $CUSTOMER" -H "Idempotency-Key: tour-$(date +%s)" -d '{"items": [{"productId": "WATER-500", "price": 1.90, "quantity": 2}]}' | sed 's/.*"orderId":"\([^"]*\)".*/\1/')
curl -s "$ORDERS/orders/$ORDER" -H "Authorization: $CUSTOMER"
