//! What can be set for a company, piece by piece: the resources of `docs/manifest.md`.
//!
//! A change is made to the whole configuration as it is now and judged by the rules that judge manifests
//! ([`mistakes`]); the store makes it under the revision that was read, and tells it in the audit. Whoever is overtaken
//! starts anew on what is there then, so that only the piece that the caller has seen has to be as they saw it.

mod accounts;
mod collection;
mod company;
mod document;
mod extension;
mod external_companies;
mod features;
mod limits;
pub(crate) mod logo;
mod opt_out;
mod org_units;
mod pieces;
mod pools;
mod profiles;
mod qr;
mod refusal;
mod secrets;
mod sign_in;
mod templates;
mod texts;
mod users;

use actix_web::http::StatusCode;
use onboarding_core::{
    Draw, Timestamp,
    config::{CompanyConfig, ConfigChange, loses_last_admin, mistakes},
    ports::ApplyOutcome,
};

pub(crate) use self::pieces::{Settings, Things};
use self::refusal::{Place, refuse};
use super::{Answer, Api, Caller, Endpoint};
use crate::problem::Problem;

/// How often a change is made anew because others were faster.
const MOST_ATTEMPTS: u32 = 5;

pub(super) fn endpoints() -> Vec<Endpoint> {
    [
        company::endpoints(),
        secrets::endpoints(),
        sign_in::endpoints(),
        features::endpoints(),
        limits::endpoints(),
        templates::endpoints(),
        texts::endpoints(),
        opt_out::endpoints(),
        qr::endpoints(),
        logo::endpoints(),
        org_units::endpoints(),
        external_companies::endpoints(),
        users::endpoints(),
        extension::endpoints(),
        profiles::endpoints(),
        accounts::endpoints(),
        pools::endpoints(),
    ]
    .concat()
}

/// Time and chance of one change.
struct Moment {
    now: Timestamp,
    draw: Draw,
}

/// What somebody wants changed, and has been changed in the draft already.
struct Edit<T> {
    /// For the store; none when it is so already.
    change: Option<ConfigChange>,
    /// Where the change is: what is wrong there is the caller's, what is wrong elsewhere stands in the way of it.
    place: Place,
    /// The piece as it is then.
    gives: T,
}

/// The configuration of the caller's company as it is now, with its revision.
async fn present(api: &Api, caller: &Caller) -> Answer<(CompanyConfig, u64)> {
    let present = api.store.config(&caller.principal.company).await?;
    present.ok_or_else(Problem::not_found)
}

/// Makes a change. `edit` makes it in a draft of the whole configuration, perhaps more than once.
async fn change<T>(
    api: &Api,
    caller: &Caller,
    edit: impl Fn(&mut CompanyConfig, &mut Moment) -> Answer<Edit<T>>,
) -> Answer<T> {
    let now = api.clock.now();
    let draw = Draw::from_seed(api.entropy.seed());
    let mut moment = Moment { now, draw };
    for _ in 0..MOST_ATTEMPTS {
        let (before, revision) = present(api, caller).await?;
        let mut wished = before.clone();
        let Edit { change, place, gives } = edit(&mut wished, &mut moment)?;
        let Some(change) = change else {
            return Ok(gives);
        };
        refuse((&before, mistakes(&before)), (&wished, mistakes(&wished)), &place)?;
        secrets::refuse_foreign(api, caller, &before.settings, &wished.settings).await?;
        sign_in::refuse_this_machine(&before.settings, &wished.settings)?;
        if loses_last_admin(&before, &wished) {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "last-admin",
                "the company would have no admin any more; make somebody else one first",
            ));
        }
        let company = &caller.principal.company;
        let applied = api
            .store
            .apply(company, Some(revision), vec![change], &caller.origin(), now)
            .await?;
        match applied {
            ApplyOutcome::Applied(_) => return Ok(gives),
            ApplyOutcome::Taken(why) => return Err(Problem::new(StatusCode::CONFLICT, "taken", why)),
            ApplyOutcome::InUse(why) => return Err(Problem::new(StatusCode::CONFLICT, "in-use", why)),
            ApplyOutcome::Stale => {}
        }
    }
    Err(Problem::new(
        StatusCode::CONFLICT,
        "contended",
        "others change the company all the time; try again",
    ))
}
