//! What ids are called: people and programs outside know usernames and phone numbers.

use std::{collections::HashMap, sync::Arc};

use onboarding_core::{
    Act, Actor, Company, OfficialAccountId, UserId,
    access::{Reach, Who},
    service::{ActPorts, ActService, Acted, Wish},
};

use actix_web::http::StatusCode;

use super::{Answer, Api, Caller, written as json};
use crate::problem::Problem;

/// The names of one company, asked for once each.
pub(super) struct Names<'a> {
    api: &'a Api,
    company: Arc<Company>,
    users: HashMap<UserId, String>,
}

impl<'a> Names<'a> {
    /// Of the caller's company.
    pub(super) async fn of(api: &'a Api, caller: &Caller) -> Answer<Self> {
        let company = api.store.company(&caller.principal.company).await?;
        Ok(Self {
            api,
            company: company.ok_or_else(Problem::not_found)?,
            users: HashMap::new(),
        })
    }

    /// The number of an account; none for one that was removed.
    pub(super) fn number(&self, account: OfficialAccountId) -> Option<json::Phone> {
        let account = self.company.account(account)?;
        Some(json::Phone(account.phone_number.clone()))
    }

    /// The username of a user, active or not.
    pub(super) async fn username(&mut self, user: UserId) -> Answer<String> {
        if let Some(known) = self.users.get(&user) {
            return Ok(known.clone());
        }
        let found = self.api.store.user(&self.company.id, user).await?;
        let name = found.map_or_else(|| user.to_string(), |user| user.username);
        self.users.insert(user, name.clone());
        Ok(name)
    }

    /// The user with this username, active or not.
    pub(super) async fn user(&self, username: &str) -> Answer<Option<UserId>> {
        // No database takes it, and nobody is called so.
        if username.contains('\0') {
            return Ok(None);
        }
        let found = self.api.store.user_named(&self.company.id, username).await?;
        Ok(found.map(|user| user.id))
    }
}

/// Whether what belongs to the user is there for the caller.
pub(super) fn reaches(caller: &Caller, user: UserId) -> bool {
    match caller.reach {
        Reach::Company => true,
        Reach::Own => caller.principal.user() == Some(user),
    }
}

/// The caller, as the record of rooms and prospects names them.
pub(super) fn actor(caller: &Caller) -> Actor {
    match &caller.principal.who {
        Who::Person(person) => Actor::User(person.user),
        Who::Service(service) => Actor::Token(service.token),
    }
}

/// Does what is wished.
pub(super) async fn act(api: &Api, caller: &Caller, wish: &Wish) -> Answer<Act> {
    let ports = ActPorts::on_store(&api.store, api.clock.clone(), api.entropy.clone());
    let company = &caller.principal.company;
    match ActService::new(ports)
        .act(company, wish, &caller.origin())
        .await?
    {
        Acted::Done(act) => Ok(*act),
        Acted::NotFound => Err(Problem::not_found()),
        Acted::Prevented(why) => Err(Problem::new(StatusCode::CONFLICT, "prevented", why.to_string())),
        Acted::Contended => Err(Problem::new(
            StatusCode::CONFLICT,
            "contended",
            "others changed it at the same time; try again",
        )),
    }
}
