-- The same key gives the same order, whoever asks first; the fingerprint tells a repeat from a mix-up.
alter table orders
  add column idempotency_key text,
  add column fingerprint text;

create unique index orders_by_idempotency_key on orders (idempotency_key);
