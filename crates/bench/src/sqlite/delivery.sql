INSERT INTO deliveries (company_id, delivery_id, received_at, raw) VALUES ('bench', :delivery, :now, :raw)
ON CONFLICT DO NOTHING;

INSERT INTO inbox (company_id, inbox_id, delivery_id, account_id, dedupe_key, lane, place, arrival, payload, due_at)
VALUES ('bench', :inbox, :delivery, :primary, :dedupe, :lane, (SELECT coalesce(max(place), 0) + 1 FROM inbox), :now,
        :payload, :now)
ON CONFLICT DO NOTHING
