//! What WhatsApp tells of accounts and templates, through the service: what the flow does then.

#![expect(clippy::unwrap_used, reason = "an unwrap that panics is a test that fails")]

mod notices;
mod polls;

use std::{sync::Arc, time::Duration};

use onboarding_core::{
    ChatRoom, Company, Health, NoticeContent, PlatformNotice, Timestamp,
    config::CompanyConfig,
    ports::{Clock, RoomsOf},
};
use onboarding_testkit::{PRIMARY, TestService, acme, acme_id, number};

const HK: &str = "85291234567";
const WABA: &str = "waba-acme";

struct World {
    service: TestService,
}

impl World {
    async fn with(change: impl FnOnce(&mut CompanyConfig)) -> Self {
        let mut config = acme();
        change(&mut config);
        let service = TestService::with(config).await;
        service.clock.advance(Duration::from_hours(24));
        Self { service }
    }

    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn company(&self) -> Arc<Company> {
        self.service.store.company(&acme_id()).await.unwrap().unwrap()
    }

    /// WhatsApp tells this now.
    async fn told(&self, content: NoticeContent) {
        self.told_at(content, self.service.clock.now()).await;
    }

    async fn told_at(&self, content: NoticeContent, at: Timestamp) {
        self.told_of(WABA, content, at).await;
    }

    /// WhatsApp tells this of a WhatsApp Business Account.
    async fn told_of(&self, waba: &str, content: NoticeContent, at: Timestamp) {
        let notice = PlatformNotice {
            waba_id: Some(waba.to_owned()),
            at: Some(at),
            content,
        };
        self.service.notice(waba, notice).await;
        self.service.pump().await;
    }

    /// The live rooms, and the number that each is on.
    async fn rooms(&self) -> Vec<(ChatRoom, String)> {
        let company = self.company().await;
        let views = self.service.store.rooms(&acme_id(), RoomsOf::Live, 99).await;
        let on = |room: &ChatRoom| {
            company
                .account(room.account)
                .unwrap()
                .phone_number
                .digits()
                .to_owned()
        };
        let rooms = views.unwrap().into_iter().map(|view| view.room);
        rooms.map(|room| (room.clone(), on(&room))).collect()
    }

    async fn asks(&self, client: &str, extension: &str) -> String {
        self.service.clock.advance(Duration::from_mins(2));
        self.service.client(client).sends(PRIMARY, extension).await;
        self.service.pump().await;
        self.service.outcomes().await.pop().expect("an outcome")
    }

    async fn state(&self, digits: &str) -> (Health, Vec<String>) {
        let company = self.company().await;
        let account = company
            .accounts
            .iter()
            .find(|one| one.phone_number == number(digits));
        let state = company.state_of(account.unwrap(), self.service.clock.now());
        let reasons = state.findings.into_iter().map(|finding| finding.reason);
        (state.health, reasons.collect())
    }
}
