//! Meta's WhatsApp Cloud API: webhook deliveries, their signature, error codes, and a client for messages.
//!
//! The map:
//!
//! - [`signature`]: is this body from Meta? A [`VerifiedBody`] exists only if it is.
//! - [`webhook`]: takes a delivery apart ([`webhook::split`]) into elements that can be stored one by one, and reads
//!   each later on its own ([`webhook::decode`]).
//! - [`error`]: what a sender does about each error code ([`ErrorClass`]).
//! - `client` (feature `client`): sends messages and says whether one was accepted, refused, not sent, or in the
//!   unknown.
//!
//! Everything that comes from outside is read leniently: a surprise costs the member it stands in and nothing else.
//! Everything that goes to a log is discreet: no `Debug` shows a secret, a person or their words. The crate keeps no
//! state, reads no clock, and knows nothing of what its messages are for.
//!
//! ```
//! use bytes::Bytes;
//! use whatsapp_graph::webhook::{Event, decode, split};
//! use whatsapp_graph::{AppSecret, VerifiedBody};
//!
//! let secret = AppSecret::new("app secret".to_owned());
//! let body = Bytes::from_static(
//!     br#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
//!         "metadata":{"phone_number_id":"2"},
//!         "messages":[{"id":"wamid.A","from":"14155550123","type":"text","text":{"body":"Hello"}}]}}]}]}"#,
//! );
//! let header = secret.sign(&body);
//!
//! let (body, apps) = VerifiedBody::verify(body, [header.as_bytes()], [("our app", &secret)])?;
//! assert_eq!(apps, ["our app"]);
//!
//! let delivery = split(&body);
//! let element = &delivery.elements[0];
//! assert_eq!((element.dedupe_key.as_str(), element.lane.as_deref()), ("m:wamid.A", Some("14155550123")));
//!
//! let Event::Message(message) = decode(&element.payload)? else { panic!("it is a message") };
//! assert_eq!(message.texts(), ["Hello"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod json;

#[cfg(feature = "client")]
pub mod client;
pub mod error;
pub mod signature;
pub mod webhook;

pub use error::{ApiErrorBody, ErrorClass, RecipientTrouble, TemplateTrouble};
pub use signature::{AppSecret, SignatureError, VerifiedBody, verify_token_matches};
