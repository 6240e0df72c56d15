//! Polls.

use std::{sync::Arc, time::Duration};

use onboarding_core::{
    AccountReport, CompanyId, Health, NumberReport, PlatformFact, TemplateReport, Timestamp, TokenReport,
    ports::{Clock, InspectError, PlatformInspector},
    service::{PlatformPorts, PlatformService},
};
use onboarding_testkit::{PRIMARY, SECONDARIES, acme_id};

use crate::{HK, World};

/// Says what it is told to say.
struct Told {
    number: fn(&str) -> NumberReport,
    template: TemplateReport,
    apps: Vec<String>,
    token: TokenReport,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            number: |id| NumberReport {
                digits: Some(id.trim_start_matches("id-").to_owned()),
                status: Some("CONNECTED".to_owned()),
                can_send: Some("AVAILABLE".to_owned()),
                messaging_limit: Some("TIER_2K".to_owned()),
                callback: Some("https://onboarding.example/webhooks/whatsapp".to_owned()),
                ..NumberReport::default()
            },
            template: TemplateReport {
                language: "en".to_owned(),
                status: Some("APPROVED".to_owned()),
                category: Some("UTILITY".to_owned()),
                parameters: None,
                buttons: Some(0),
                text: None,
            },
            apps: vec!["our app".to_owned()],
            token: TokenReport {
                app: Some("our app".to_owned()),
                is_valid: true,
                expires_at: None,
                scopes: Vec::new(),
            },
        }
    }
}

#[async_trait::async_trait]
impl PlatformInspector for Told {
    async fn token(&self, _company: &CompanyId) -> Result<TokenReport, InspectError> {
        Ok(self.token.clone())
    }

    async fn number(&self, _company: &CompanyId, id: &str) -> Result<NumberReport, InspectError> {
        Ok((self.number)(id))
    }

    async fn account(&self, _company: &CompanyId, _waba: &str) -> Result<AccountReport, InspectError> {
        Ok(AccountReport {
            subscribed_apps: self.apps.clone(),
        })
    }

    async fn template(
        &self,
        _company: &CompanyId,
        _waba: &str,
        _name: &str,
    ) -> Result<Vec<TemplateReport>, InspectError> {
        Ok(vec![self.template.clone()])
    }
}

async fn polls(world: &World, told: Told) -> Vec<PlatformFact> {
    let store = &world.service.store;
    let ports = PlatformPorts::on_store(store, Arc::new(told), Arc::new(world.service.clock.clone()));
    let callback = Some("https://onboarding.example/webhooks/whatsapp");
    PlatformService::new(ports)
        .poll(&acme_id(), callback)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_poll_is_news_once() {
    let world = World::new().await;
    assert!(!polls(&world, Told::default()).await.is_empty());
    world.service.clock.advance(Duration::from_mins(10));
    assert_eq!(polls(&world, Told::default()).await, []);
    assert_eq!(world.state(PRIMARY).await, (Health::Healthy, Vec::new()));
}

#[tokio::test]
async fn the_end_of_the_token_is_told_from_14_days_ahead() {
    const DAY: Duration = Duration::from_hours(24);
    let world = World::new().await;
    let clock = &world.service.clock;
    let end = clock.now() + DAY * 30 + Duration::from_secs(1);
    let ends = || Told {
        token: TokenReport {
            expires_at: Some(end),
            ..Told::default().token
        },
        ..Told::default()
    };
    clock.advance(DAY * 16);
    polls(&world, ends()).await;
    assert_eq!(world.state(PRIMARY).await, (Health::Healthy, Vec::new()));
    clock.advance(Duration::from_secs(1));
    polls(&world, ends()).await;
    let (health, reasons) = world.state(PRIMARY).await;
    assert_eq!(health, Health::Healthy, "it still works");
    assert!(
        matches!(reasons.as_slice(), [told] if told.contains(&format!("token ends at {end}"))),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn each_self_check_finds_its_fault() {
    let faults: [(Told, Health, &str); 6] = [
        (
            Told {
                apps: vec!["another".to_owned()],
                ..Told::default()
            },
            Health::Blocked,
            "not subscribed",
        ),
        (
            Told {
                token: TokenReport::default(),
                ..Told::default()
            },
            Health::Blocked,
            "token is not valid",
        ),
        (
            Told {
                token: TokenReport {
                    expires_at: Some(Timestamp::from_unix_seconds(1_795_000_000)),
                    ..Told::default().token
                },
                ..Told::default()
            },
            Health::Healthy,
            "token ends at",
        ),
        (
            Told {
                number: |id| NumberReport {
                    callback: Some("https://elsewhere.example/".to_owned()),
                    ..(Told::default().number)(id)
                },
                ..Told::default()
            },
            Health::Limited,
            "go to https://elsewhere.example/",
        ),
        (
            Told {
                number: |id| NumberReport {
                    status: Some("DISCONNECTED".to_owned()),
                    ..(Told::default().number)(id)
                },
                ..Told::default()
            },
            Health::Blocked,
            "disconnected",
        ),
        (
            Told {
                number: |_| NumberReport {
                    digits: Some("4912345678".to_owned()),
                    ..NumberReport::default()
                },
                ..Told::default()
            },
            Health::Blocked,
            "belongs to another number",
        ),
    ];
    for (told, health, words) in faults {
        let world = World::new().await;
        polls(&world, told).await;
        let (found, reasons) = world.state(SECONDARIES[0]).await;
        assert_eq!(found, health, "{words}: {reasons:?}");
        assert!(
            reasons.iter().any(|reason| reason.contains(words)),
            "{words}: {reasons:?}"
        );
        polls(&world, Told::default()).await;
        assert_eq!(
            world.state(SECONDARIES[0]).await,
            (Health::Healthy, Vec::new()),
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_template_with_another_number_of_parameters_is_not_sent() {
    let world = World::new().await;
    let template = TemplateReport {
        parameters: Some(3),
        buttons: Some(0),
        text: None,
        ..Told::default().template
    };
    polls(
        &world,
        Told {
            template,
            ..Told::default()
        },
    )
    .await;
    assert_eq!(world.asks(HK, "#kate").await, "account_unhealthy");
}

#[tokio::test]
async fn messages_without_any_status_limit_the_number() {
    let world = World::new().await;
    world.asks(HK, "#kate").await;
    world.service.clock.advance(Duration::from_mins(11));
    let news = polls(&world, Told::default()).await;
    assert!(
        news.iter().any(|fact| fact.reason.contains("no status came")),
        "{news:?}"
    );
    assert_eq!(world.state(PRIMARY).await.0, Health::Limited);
}
