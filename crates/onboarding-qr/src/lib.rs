//! The QR codes that employees show to clients, and what is printed around them.
//!
//! Everything is a function from values to bytes: no clock, no store, no file. The one exception reads the fonts of
//! the machine and says so ([`Fonts::with_system`]).
//!
//! - [`link_for`] and [`code_state`]: what a user's code says, or why there is none;
//! - [`Code`]: the code alone; [`Card`]: with name, title, company and a sentence in the client's language;
//! - [`badge_sheet`]: a PDF of badges to cut out;
//! - [`logo`]: a company's own logo for the middle of its codes, taken only if codes with it are read;
//! - [`vcard`] and [`signature`]: the same link for address books and e-mails.
//!
//! ```
//! use onboarding_core::Language;
//! use onboarding_qr::{Card, Code, Fonts, Mark, Size, Theme};
//!
//! let code = Code::new("https://wa.me/85256428035?text=%23dom123456", Mark::Bubble)?;
//! let card = Card {
//!     name: "Robert Fox",
//!     title: Some("Relationship Manager"),
//!     company: "Acme Wealth",
//!     languages: &[Language::english()],
//!     avatar: None,
//!     code: &code,
//!     theme: Theme::Dark,
//! };
//! let png = card.png(&Fonts::embedded(), Size::new(540)?)?;
//! assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod card;
mod clean;
mod code;
mod draw;
mod fonts;
mod link;
mod logo;
mod mark;
mod picture;
mod proof;
mod sheet;
mod signature;
mod size;
mod symbol;
mod tag;
mod text;
mod vcard;
mod words;

pub use card::{Card, Theme};
pub use code::Code;
pub use draw::DrawError;
pub use fonts::{Fonts, NotAFont};
pub use link::{CodeState, NoCode, Person, code_state, link_for};
pub use logo::{MOST_LOGO_BYTES, NotALogo, logo};
pub use mark::Mark;
pub use picture::{NotAPicture, Picture};
pub use sheet::{Badge, NoSheet, badge_sheet, badge_sheet_tag};
pub use signature::{CodeImage, NoSignature, signature};
pub use size::{InvalidSize, Size};
pub use symbol::NotEncodable;
pub use tag::content_tag;
pub use vcard::vcard;
