-- Takes no data along.
DROP INDEX finished_inbox;
