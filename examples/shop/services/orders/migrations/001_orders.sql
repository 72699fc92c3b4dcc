create table orders (
  id uuid primary key default gen_random_uuid(),
  customer text not null,
  total_cents integer not null check (total_cents >= 0),
  placed_at timestamptz not null default now()
);

create table order_lines (
  order_id uuid not null references orders (id),
  position smallint not null,
  product_id text not null,
  name text not null,
  quantity smallint not null check (quantity > 0),
  unit_cents integer not null check (unit_cents >= 0),
  primary key (order_id, position)
);

create index orders_by_time on orders (placed_at desc);
