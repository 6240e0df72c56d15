-- When an inbound element of the company was finished last: what tells pages that are open that something may have
-- changed (docs/performance.md). While it is made, nothing new comes in; on ten million rows that is some seconds.
CREATE INDEX finished_inbox ON inbox (company_id, finished_at) WHERE finished_at IS NOT NULL;
