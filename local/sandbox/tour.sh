. .local/env

# Stock, an order, its history.
curl -s "$INVENTORY/inventory/WATER-500" -H "Authorization: $CUSTOMER" | head -c 300
ORDER=$(curl -s "$ORDERS/orders" -H "Authorization: $CUSTOMER" -H "Content-Type: application/json" -H "Idempotency-Key: tour-$(date +%s)" -d '{"items": [{"productId": "WATER-500", "price": 1.90, "quantity": 2}]}' | sed 's/.*"orderId":"\([^"]*\)".*/\1/')
curl -s "$ORDERS/orders/$ORDER" -H "Authorization: $CUSTOMER"

# A flight, a booking, its steps.
curl -s -X PUT "$BOOKINGS/flights/JB101" -H "Authorization: $OPERATOR" -H "Content-Type: application/json" -d '{"origin": "ZRH", "destination": "LHR", "departsAt": "2030-06-01T09:30:00Z", "seatCapacity": 180, "price": "129.00"}'
BOOKING=$(curl -s "$BOOKINGS/bookings" -H "Authorization: $CUSTOMER" -H "Content-Type: application/json" -H "Idempotency-Key: tour-$(date +%s)" -d '{"flightId": "JB101", "seats": 2}' | sed 's/.*"bookingId":"\([^"]*\)".*/\1/')
curl -s "$BOOKINGS/bookings/$BOOKING" -H "Authorization: $CUSTOMER"

# Every call that the card processor received.
curl -s "$PAYMENT_PROVIDER/calls?reference=$ORDER" -H "Authorization: $OPERATOR"

# A function, a queue and the state machine. The order is charged already, so asking again charges nothing;
# the sample's booking is unknown, so its saga gives back the seats it took and ends FAILED.
sam remote invoke Orders/PlaceOrderFunction --stack-name jetbridge-dev --event-file events/orders/post_order.json
sam remote invoke Payments/PaymentRequestsQueue --stack-name jetbridge-dev --event "{\"orderId\": \"$ORDER\", \"userId\": \"user1\", \"amount\": \"3.80\"}"
sam remote invoke Bookings/ProcessBooking --stack-name jetbridge-dev --event-file events/bookings/process_booking.json

# What is there (the URLs are those on AWS; here use the ones above), and what it logs.
sam list stack-outputs --stack-name jetbridge-dev
sam logs --stack-name jetbridge-dev --name Orders/PlaceOrderFunction
