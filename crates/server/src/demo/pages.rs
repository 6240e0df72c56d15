//! The demo's own pages: the guide, and the decisions told as stories.

use std::sync::Arc;

use actix_web::{HttpResponse, http::header, web};
use onboarding_core::{
    Candidate, Company, CompanyId, Role, TraceStep,
    config::CompanyConfig,
    ports::{OnboardingRecord, OnboardingStore},
};
use serde::Serialize;

/// Decisions that the page shows.
const SHOWN: u32 = 50;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The pages of one demo. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pages {
    data: web::Data<Shown>,
}

struct Shown {
    store: Arc<dyn OnboardingStore>,
    company: CompanyId,
    accounts: Vec<(onboarding_core::OfficialAccountId, String)>,
    guide: Guide,
}

#[derive(askama::Template)]
#[template(path = "guide.html")]
struct Guide {
    company: String,
    users: Vec<GuideUser>,
}

struct GuideUser {
    username: String,
    name: String,
    title: String,
    extension: String,
    administrates: bool,
}

impl Pages {
    pub(super) fn new(store: Arc<dyn OnboardingStore>, company: &Company, config: &CompanyConfig) -> Self {
        let user = |user: &onboarding_core::config::UserConfig| GuideUser {
            username: user.username.clone(),
            name: user.name.clone(),
            title: user.title.clone().unwrap_or_default(),
            extension: user
                .extension
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            administrates: user.roles.iter().any(|role| *role != Role::User),
        };
        let guide = Guide {
            company: company.settings.name.clone(),
            users: config.users.iter().map(user).collect(),
        };
        let accounts = company
            .accounts
            .iter()
            .map(|a| (a.id, a.phone_number.to_string()))
            .collect();
        Self {
            data: web::Data::new(Shown {
                store,
                company: company.id.clone(),
                accounts,
                guide,
            }),
        }
    }

    pub(super) fn configure(&self, app: &mut web::ServiceConfig) {
        app.app_data(self.data.clone())
            .route("/", web::get().to(guide))
            .route(
                "/demo/decisions",
                web::get().to(async || page("text/html", include_str!("pages/decisions.html"))),
            )
            .route(
                "/demo/decisions.js",
                web::get().to(async || page("text/javascript", include_str!("pages/decisions.js"))),
            )
            .route(
                "/demo/style.css",
                web::get().to(async || page("text/css", include_str!("pages/style.css"))),
            )
            .route("/demo/decisions.json", web::get().to(decisions));
    }
}

fn page(kind: &'static str, body: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type(format!("{kind}; charset=utf-8"))
        .body(body.into())
}

async fn guide(shown: web::Data<Shown>) -> HttpResponse {
    match askama::Template::render(&shown.guide) {
        Ok(html) => page("text/html", html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// One decision as the page reads it.
#[derive(Serialize)]
struct Decision {
    id: String,
    at: String,
    number: String,
    text: String,
    outcome: String,
    suppressed: bool,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    stage: &'static str,
    finding: String,
    candidates: Vec<Weighed>,
}

#[derive(Serialize)]
struct Weighed {
    subject: String,
    verdict: &'static str,
    reason: String,
}

async fn decisions(shown: web::Data<Shown>) -> HttpResponse {
    match shown.store.latest_onboardings(&shown.company, SHOWN).await {
        Ok(records) => {
            let told: Vec<_> = records.into_iter().map(|record| tell(&shown, record)).collect();
            HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(told)
        }
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn tell(shown: &Shown, record: OnboardingRecord) -> Decision {
    let number = shown.accounts.iter().find(|(id, _)| *id == record.account);
    let weighed = |candidate: &Candidate| Weighed {
        subject: candidate.subject.clone(),
        verdict: candidate.verdict.as_str(),
        reason: candidate.reason.clone(),
    };
    let step = |step: &TraceStep| Step {
        stage: step.stage.as_str(),
        finding: step.finding.clone(),
        candidates: step.candidates.iter().map(weighed).collect(),
    };
    Decision {
        id: record.id.to_string(),
        at: record.decided_at.to_string(),
        number: number.map(|(_, number)| number.clone()).unwrap_or_default(),
        text: record.text,
        outcome: record.outcome,
        suppressed: record.suppressed,
        steps: record.trace.steps().iter().map(step).collect(),
    }
}
