//! The HTTP surface: WhatsApp webhook and operations endpoints on actix-web.
