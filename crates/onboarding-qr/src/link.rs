//! What a code says: the link that opens WhatsApp at the right number with the extension typed.

use onboarding_core::{
    Company, Extension, Health, MOST_TYPED, OfficialAccount, OrgUnitId, PoolId, Timestamp, Typed, User,
    config::UserConfig, whatsapp_link,
};

/// What is needed of a user to draw what belongs to them.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Stable name within the company; named in errors.
    pub username: &'a str,
    /// As clients read it.
    pub name: &'a str,
    /// Their position.
    pub title: Option<&'a str>,
    /// Where mail reaches them.
    pub email: Option<&'a str>,
    /// Decides which pool serves them.
    pub org_unit: &'a OrgUnitId,
    /// By which clients ask for them.
    pub extension: Option<&'a Extension>,
}

impl<'a> From<&'a User> for Person<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            username: &user.username,
            name: &user.name,
            title: user.title.as_deref(),
            email: user.email.as_deref(),
            org_unit: &user.org_unit,
            extension: user.extension.as_ref(),
        }
    }
}

impl<'a> From<&'a UserConfig> for Person<'a> {
    fn from(user: &'a UserConfig) -> Self {
        Self {
            username: &user.username,
            name: &user.name,
            title: user.title.as_deref(),
            email: user.email.as_deref(),
            org_unit: &user.org_unit,
            extension: user.extension.as_ref(),
        }
    }
}

/// Why a user has no code. Each says what an admin does about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// Clients could not ask for them. Pages show no QR icon at all.
    #[error("{username} has no extension: give them one in the manifest")]
    NoExtension {
        /// Whom it is about.
        username: String,
    },
    /// No number would answer.
    #[error("no pool serves {username}'s unit {unit}: give the unit, or one above it, a pool")]
    NoPool {
        /// Whom it is about.
        username: String,
        /// The unit that no pool serves.
        unit: OrgUnitId,
    },
    /// WhatsApp would not type all of it.
    #[error(
        "the text of {username}'s code has {length} characters, and WhatsApp types {MOST_TYPED} at the most: shorten the \
         company's qr.text or the extension"
    )]
    TextTooLong {
        /// Whom it is about.
        username: String,
        /// Of the text.
        length: usize,
    },
    /// The pool names a number that is no more.
    #[error("the primary account of pool {pool} is out of use: give the pool another primary")]
    PrimaryGone {
        /// The pool.
        pool: PoolId,
    },
}

/// What a page shows of a user's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeState {
    /// The code can be shown and shared.
    Ready {
        /// What it holds.
        link: String,
    },
    /// The number cannot answer at present: the page greys the code, and sharing is off. The link is right and
    /// works again, unchanged, once the account does.
    AccountIssue {
        /// What the code holds.
        link: String,
    },
    /// There is none.
    Missing(NoCode),
}

/// The link that the person's code holds: the primary of the pool that serves them, the company's text typed.
///
/// It is ASCII only and does not depend on the primary's health, so that a printed badge outlives an outage;
/// [`code_state`] tells the two apart.
pub fn link_for(company: &Company, person: &Person<'_>) -> Result<String, NoCode> {
    primary_and_link(company, person).map(|(_, link)| link)
}

/// What a page shows: the code, the code with the account's issue, or nothing.
pub fn code_state(company: &Company, person: &Person<'_>, now: Timestamp) -> CodeState {
    match primary_and_link(company, person) {
        // A limited account takes no new room, but a primary never carries one: it still answers.
        Ok((primary, link)) if company.health_of(primary, now) == Health::Blocked => {
            CodeState::AccountIssue { link }
        }
        Ok((_, link)) => CodeState::Ready { link },
        Err(why) => CodeState::Missing(why),
    }
}

fn primary_and_link<'a>(
    company: &'a Company,
    person: &Person<'_>,
) -> Result<(&'a OfficialAccount, String), NoCode> {
    let username = || person.username.to_owned();
    let extension = person
        .extension
        .ok_or_else(|| NoCode::NoExtension { username: username() })?;
    let pools = company.pools_for(person.org_unit);
    let pool = pools.first().ok_or_else(|| NoCode::NoPool {
        username: username(),
        unit: person.org_unit.clone(),
    })?;
    let primary = company.account(pool.primary).ok_or_else(|| NoCode::PrimaryGone {
        pool: pool.id.clone(),
    })?;
    let text = company.settings.qr_text.typed(&Typed {
        extension,
        name: person.name,
        title: person.title,
        company: &company.settings.name,
        primary: &primary.phone_number,
    });
    let length = text.chars().count();
    if length > MOST_TYPED {
        return Err(NoCode::TextTooLong {
            username: username(),
            length,
        });
    }
    Ok((primary, whatsapp_link(&primary.phone_number, &text)))
}
