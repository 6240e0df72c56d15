#![doc = include_str!("../README.md")]

pub mod audit;
mod breaker;
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
mod inbound;
mod ingest_health;
mod link;
mod locale;
mod named;
mod outbound;
mod phone;
mod pool;
pub mod ports;
mod rate;
pub mod service;
mod text;
mod time;
mod trace;
mod turns;
mod user;

pub use breaker::*;
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
pub use inbound::*;
pub use ingest_health::*;
pub use link::*;
pub use locale::*;
pub use outbound::*;
pub use phone::*;
pub use pool::*;
pub use rate::*;
pub use text::{MAX_TEXT_LENGTH, Placeholder, TextError, TextKey, TextTemplate, Texts, Values};
pub use time::*;
pub use trace::*;
pub use turns::*;
pub use user::*;
