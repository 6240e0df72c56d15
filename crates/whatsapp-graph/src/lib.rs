//! Meta's WhatsApp Cloud API: webhook wire types, signature check, error codes and the messages client.
