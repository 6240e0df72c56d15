//! Deliveries: taken apart element by element, each decoded on its own.
//!
//! Meta bundles up to 1,000 updates in one POST and repeats the whole POST for up to seven days if it is refused (Meta:
//! webhooks/create-webhook-endpoint). So nothing in a delivery is ever a reason to refuse it: [`split`] turns every
//! message, status and other change into exactly one [`Element`] or one [`Broken`], and no element can spoil another.
//! An element's payload stands alone: store it, and [`decode`] it when its turn comes.

mod contacts;
mod content;
mod decode;
mod element;
mod message;
mod redacted;
mod split;
mod status;
mod update;

pub use content::{ContactCard, ContactPhone, Content, Interactive, Media};
pub use decode::{DecodeError, Event, decode};
pub use element::{Broken, Delivery, Element, ElementKind};
pub use message::{Message, Referral};
pub use split::{split, split_bytes};
pub use status::{DeliveryStatus, Status};
pub use update::Update;
