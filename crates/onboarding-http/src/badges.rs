//! Badges of many users on one sheet to print: at `/api/v1/badges.pdf`, and behind the button of `/admin/users`.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use onboarding_core::{Company, Language, config::UserConfig};
use onboarding_qr::{
    Badge, Code, DrawError, Mark, NoSheet, NotEncodable, Person, badge_sheet, badge_sheet_tag, link_for,
};
use tokio::sync::Semaphore;

use crate::{
    pictures::{FONTS, cached, is_known, stopping},
    problem::Problem,
};

/// Badges on one sheet at the most, which are 50 pages.
pub(crate) const MOST: usize = 500;

/// How many of the chosen users have no code and so no badge.
pub(crate) const LEFT_OUT: &str = "Badges-Left-Out";

/// Sheets that are drawn at once; others wait.
static DRAWN_AT_ONCE: Semaphore = Semaphore::const_new(1);

/// Which users somebody looks at. What is empty narrows nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserFilter<'a> {
    /// What name, username or extension holds.
    pub(crate) q: &'a str,
    /// The id of a unit: theirs, or one above it.
    pub(crate) unit: &'a str,
    /// A role that they have.
    pub(crate) role: &'a str,
}

impl UserFilter<'_> {
    pub(crate) fn fits(&self, user: &UserConfig, company: &Company) -> bool {
        let text = self.q.trim().to_lowercase();
        let extension = user.extension.as_ref().map(ToString::to_string);
        let holds = |field: &str| field.to_lowercase().contains(&text);
        let mut units = company.units_upward(&user.org_unit);
        (self.unit.is_empty() || units.any(|unit| unit.to_string() == self.unit))
            && (self.role.is_empty() || user.roles.iter().any(|role| role.to_string() == self.role))
            && (holds(&user.name) || holds(&user.username) || extension.is_some_and(|one| holds(&one)))
    }
}

/// What is printed of a user.
struct Printed {
    username: String,
    name: String,
    title: Option<String>,
    link: String,
}

/// Whose badges are printed.
#[derive(Default)]
pub(crate) struct Chosen {
    printed: Vec<Printed>,
    /// How many have no code.
    left_out: usize,
}

impl Chosen {
    /// Those of the users who have a code, in their order.
    pub(crate) fn of<'a>(company: &Company, users: impl IntoIterator<Item = &'a UserConfig>) -> Self {
        let mut chosen = Self::default();
        for user in users {
            match link_for(company, &Person::from(user)) {
                Ok(link) => chosen.printed.push(Printed {
                    username: user.username.clone(),
                    name: user.name.clone(),
                    title: user.title.clone(),
                    link,
                }),
                Err(_) => chosen.left_out += 1,
            }
        }
        chosen
    }
    /// How many badges they are.
    pub(crate) fn count(&self) -> usize {
        self.printed.len()
    }

    /// How many of the users have no code.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out
    }
}

/// Why there is no sheet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoBadges {
    #[error("no active user fits, so there is nothing to print: choose others")]
    Nobody,
    #[error(
        "none of the {0} users has a code, so there is nothing to print: give them extensions, and their units a pool"
    )]
    NoCode(usize),
    #[error(
        "it would be {0} badges, and one sheet holds {MOST} at the most: narrow the users with org_unit, role or q, or name \
         them with username, and print several sheets"
    )]
    TooMany(usize),
    #[error("the badge of `{username}` cannot be drawn: {why}")]
    Undrawable { username: String, why: Undrawable },
    #[error("the sheet cannot be drawn: {0}")]
    Paper(DrawError),
    #[error("the service is stopping")]
    Stopping,
}

/// Why one badge cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undrawable {
    #[error(transparent)]
    Code(#[from] NotEncodable),
    #[error(transparent)]
    Drawing(#[from] DrawError),
}

impl From<NoBadges> for Problem {
    fn from(why: NoBadges) -> Self {
        let (status, kind) = match &why {
            NoBadges::Nobody | NoBadges::NoCode(_) => (StatusCode::CONFLICT, "no-badges"),
            NoBadges::TooMany(_) => (StatusCode::UNPROCESSABLE_ENTITY, "too-many-badges"),
            NoBadges::Undrawable { .. } => (StatusCode::CONFLICT, "no-code"),
            NoBadges::Paper(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            NoBadges::Stopping => return stopping(),
        };
        Self::new(status, kind, why.to_string())
    }
}

/// The sheet as PDF, or “not modified”.
pub(crate) async fn answer(
    request: &HttpRequest,
    (company, mark): (Arc<Company>, Mark),
    chosen: Chosen,
    languages: Vec<Language>,
) -> Result<HttpResponse, NoBadges> {
    let Chosen { printed, left_out } = chosen;
    match (printed.len(), left_out) {
        (0, 0) => return Err(NoBadges::Nobody),
        (0, left_out) => return Err(NoBadges::NoCode(left_out)),
        (count, _) if count > MOST => return Err(NoBadges::TooMany(count)),
        _ => {}
    }
    // Many at once would keep everybody else from the processors.
    let _turn = DRAWN_AT_ONCE.acquire().await.map_err(|_| NoBadges::Stopping)?;
    let stopped = |_| NoBadges::Stopping;
    // Hundreds of codes take a while, which nobody else should wait for; so does drawing them.
    let sheet = web::block(move || Sheet::of(&company, &mark, printed, languages));
    let sheet = sheet.await.map_err(stopped)??;
    let tag = format!("\"{}\"", sheet.tag());
    let mut answer = HttpResponse::Ok();
    answer.insert_header((LEFT_OUT, left_out));
    if is_known(request, &tag) {
        answer.status(StatusCode::NOT_MODIFIED);
        return Ok(cached(&mut answer, &tag).finish());
    }
    let pdf = web::block(move || sheet.pdf()).await.map_err(stopped)??;
    cached(&mut answer, &tag)
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"badges.pdf\""));
    Ok(answer.body(pdf))
}

/// A sheet before it is drawn.
struct Sheet {
    company: String,
    badges: Vec<(Printed, Code)>,
    languages: Vec<Language>,
}

impl Sheet {
    fn of(
        company: &Company,
        mark: &Mark,
        printed: Vec<Printed>,
        languages: Vec<Language>,
    ) -> Result<Self, NoBadges> {
        let with_code = |one: Printed| match Code::new(&one.link, mark.clone()) {
            Ok(code) => Ok((one, code)),
            Err(error) => Err(NoBadges::Undrawable {
                username: one.username,
                why: error.into(),
            }),
        };
        Ok(Self {
            company: company.settings.name.clone(),
            badges: printed.into_iter().map(with_code).collect::<Result<_, _>>()?,
            languages,
        })
    }

    fn badges(&self) -> Vec<Badge<'_>> {
        let badges = self.badges.iter().map(|(one, code)| Badge {
            name: &one.name,
            title: one.title.as_deref(),
            company: &self.company,
            code,
        });
        badges.collect()
    }

    fn tag(&self) -> String {
        badge_sheet_tag(&self.badges(), &self.languages, &FONTS)
    }

    fn pdf(&self) -> Result<Vec<u8>, NoBadges> {
        badge_sheet(&self.badges(), &self.languages, &FONTS).map_err(|why| match why {
            NoSheet::Badge { index, error } => NoBadges::Undrawable {
                username: self
                    .badges
                    .get(index)
                    .map_or_else(String::new, |(one, _)| one.username.clone()),
                why: error.into(),
            },
            NoSheet::Paper(error) => NoBadges::Paper(error),
        })
    }
}
