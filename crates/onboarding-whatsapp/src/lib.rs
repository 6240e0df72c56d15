//! The messenger and inbound decoder ports on the WhatsApp Cloud API.
