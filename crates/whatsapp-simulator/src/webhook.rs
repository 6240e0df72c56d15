//! Webhooks: their bodies, and their way to the service.

mod body;
mod courier;
mod escape;

pub(crate) use body::{ClientCard, MessageUpdate, failed_status, messages, status};
pub(crate) use courier::{Courier, Parcel};
pub(crate) use escape::to_ascii_json;
