//! What every page of somebody who is signed in needs.

use std::{future::Future, pin::Pin, sync::Arc};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header, web};
use askama::Template;
use onboarding_core::{Company, Role, Timestamp, User, access::Who};
use onboarding_pages::{Area, CONTENT_POLICY, Place, Shell, Signed, TEAMS_CONTENT_POLICY};

use super::{WaysIn, rendered, tongue::Chosen};
use crate::{
    api::{Answer, Api, Caller},
    problem::Problem,
};

/// Somebody who is signed in looks at a page: an argument of its handler. Services look at no pages; for them nothing
/// is there.
pub(crate) struct Visit {
    pub(crate) caller: Caller,
    pub(crate) user: User,
    pub(crate) company: Arc<Company>,
    pub(crate) area: Area,
    pub(crate) now: Timestamp,
    chosen: Chosen,
    https: bool,
    demo: bool,
}

impl Visit {
    /// What is around the page.
    pub(crate) fn shell(&self, place: Place) -> Shell<'_> {
        Shell {
            area: self.area,
            place,
            tongue: self.chosen.tongue,
            company: &self.company.settings.name,
            signed: Some(Signed {
                name: &self.user.name,
                administrates: self.user.roles.iter().any(|role| *role != Role::User),
                form_token: self.caller.form_token(),
            }),
            demo: self.demo,
        }
    }

    /// An answer with the page.
    pub(crate) fn page(&self, page: &impl Template) -> Answer<HttpResponse> {
        let policy = match self.area {
            Area::Teams => TEAMS_CONTENT_POLICY,
            Area::App | Area::Admin => CONTENT_POLICY,
        };
        let mut answer = HttpResponse::Ok();
        answer
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .content_type("text/html; charset=utf-8");
        // Inside Microsoft Teams there are no cookies at all.
        let remembers = self.area != Area::Teams;
        if let Some(cookie) = self.chosen.cookie(self.https).filter(|_| remembers) {
            answer.cookie(cookie);
        }
        Ok(answer.body(rendered(page)?))
    }
}

/// Which of the products the address belongs to.
pub(super) fn area_of(path: &str) -> Area {
    [Area::Teams, Area::Admin]
        .into_iter()
        .find(|area| {
            path.strip_prefix(area.base())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
        .unwrap_or(Area::App)
}

impl FromRequest for Visit {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        let api = request.app_data::<web::Data<Api>>().cloned();
        let ways = request.app_data::<web::Data<WaysIn>>();
        let demo = ways.is_some_and(|ways| ways.demo.is_some());
        let (area, chosen) = (area_of(request.path()), Chosen::of(request));
        Box::pin(async move {
            let caller = caller.await?;
            let api = api.ok_or_else(Problem::not_found)?;
            let Who::Person(person) = &caller.principal.who else {
                return Err(Problem::not_found());
            };
            let id = &caller.principal.company;
            let company = api.store.company(id).await?.ok_or_else(Problem::not_found)?;
            let user = api
                .store
                .user(id, person.user)
                .await?
                .ok_or_else(Problem::not_found)?;
            Ok(Self {
                user,
                company,
                area,
                now: api.clock.now(),
                chosen,
                https: api.is_https(),
                demo,
                caller,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_product_that_it_begins_with() {
        assert_eq!(area_of("/teams/profile"), Area::Teams);
        assert_eq!(area_of("/admin"), Area::Admin);
        assert_eq!(area_of("/teamster"), Area::App);
        assert_eq!(area_of("/app/chats"), Area::App);
    }
}
