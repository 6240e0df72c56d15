//! A WhatsApp Cloud API that behaves like Meta's, with a phone page: for the demo, for tests, for load and faults.
