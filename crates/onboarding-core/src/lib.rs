#![doc = include_str!("../README.md")]

pub mod access;
mod act;
mod actor;
pub mod audit;
mod breaker;
mod button;
mod chat_room;
mod client;
mod client_profile;
mod company;
pub mod config;
mod crash_point;
mod draw;
mod extension;
#[cfg(feature = "failpoints")]
pub mod failpoint;
mod flow;
mod id;
mod identity;
pub mod import;
mod inbound;
mod ingest_health;
pub mod lifecycle;
mod link;
mod locale;
mod logo;
mod named;
mod notice;
mod opt_out;
mod outbound;
mod phone;
mod platform;
mod pool;
pub mod ports;
mod prospect;
mod qr_text;
mod rate;
mod retention;
pub mod service;
mod sign_in;
mod sizing;
mod text;
mod time;
mod trace;
mod turns;
mod user;
mod written_number;

pub use act::*;
pub use actor::*;
pub use breaker::*;
pub use button::*;
pub use chat_room::*;
pub use client::*;
pub use client_profile::*;
pub use company::*;
pub use draw::*;
pub use extension::{
    Extension, ExtensionError, ExtensionKey, ExtensionToken, MAX_LENGTH as MAX_EXTENSION_LENGTH, find_tokens,
};
pub use flow::*;
pub use id::*;
pub use identity::*;
pub use inbound::*;
pub use ingest_health::*;
pub use link::*;
pub use locale::*;
pub use logo::Logo;
pub use notice::*;
pub use opt_out::*;
pub use outbound::*;
pub use phone::*;
pub use platform::*;
pub use pool::*;
pub use prospect::*;
pub use qr_text::*;
pub use rate::*;
pub use retention::*;
pub use sign_in::*;
pub use sizing::*;
pub use text::{
    ApprovedText, ApprovedTextError, MAX_TEXT_LENGTH, Placeholder, TextError, TextKey, TextTemplate, Texts,
    Values,
};
pub use time::*;
pub use trace::*;
pub use turns::*;
pub use user::*;
pub use written_number::*;
