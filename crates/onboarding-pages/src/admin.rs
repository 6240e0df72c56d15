//! The Organization Admin: what admins and auditors see of their company.
//!
//! Lists are one page ([`ListPage`]) with search, filter and paging; what people have to understand rather than look up
//! has a page of its own ([`StoryPage`], [`FeaturesPage`], [`PoolsPage`]).

mod connect;
mod edit_words;
mod features;
mod form;
mod import;
mod link;
mod list;
mod logo;
mod outcome;
mod pools;
mod section;
mod story;
mod sure;
mod tokens;
mod words;

pub use connect::{ConnectPage, ConnectStep};
pub use edit_words::EditWords;
pub use features::{FeatureGroup, FeatureRow, FeaturesPage, feature_groups, profile_field_words};
pub use form::{Field, FormPage, Input, Preview, Refused, TextPage};
pub use import::{ImportPage, ImportPreviewPage, ImportRunPage};
pub use link::MadeLinkPage;
pub use list::{Cell, Choice, Filter, ListPage, Mark, Row};
pub use logo::LogoPage;
pub use outcome::outcome_words;
pub use pools::{Bar, Forecast, Member, PoolCard, PoolsPage};
pub use section::Section;
pub use story::{Considered, Fact, StoryPage, StoryStep, story};
pub use sure::SurePage;
pub use tokens::{MadeTokenPage, NewTokenPage, TOKEN_DAYS};
pub use words::AdminWords;
