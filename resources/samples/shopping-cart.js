/** Prices are in cents: floating point loses money. */

/** Sum of a cart before taxes. @param {{price: number, quantity: number}[]} items */
export function subtotal(items) {
  return items.reduce((sum, item) => sum + item.price * item.quantity, 0);
}

/** Take a coupon off the price. An expired coupon changes nothing, and no price falls below zero. */
export function applyCoupon(total, coupon, now = new Date()) {
  if (!coupon || now > coupon.expires) return total;
  const reduction = coupon.percent ? Math.round((total * coupon.percent) / 100) : coupon.amount;
  return Math.max(0, total - reduction);
}

/** Shipping is free from 50 euros on; islands and oversized parcels always cost extra. */
export function shippingFee(total, { island = false, oversized = false } = {}) {
  const base = total >= 5000 ? 0 : 490;
  return base + (island ? 900 : 0) + (oversized ? 1500 : 0);
}

/** Group digits and put the currency where the customer expects it. */
export function formatPrice(cents, locale = "de-DE", currency = "EUR") {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
}
