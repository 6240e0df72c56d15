//! Reads that tell whether a number can work. They count against Graph's hourly budget (Meta: about-the-platform), so
//! ask seldom. Reading twice does no harm, so every failure may be repeated.

use reqwest::Url;
use secrecy::ExposeSecret;

use super::answer::{Answer, read_answer};
use super::outcome::{UnknownOutcome, class_with_status};
use super::{AccessToken, GraphClient};
use crate::error::{ApiErrorBody, ErrorClass};
use crate::json::{Object, repair};

/// What Graph says about one of our numbers. The words are open lists (Meta: reference, phone number).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// Id of the number.
    pub id: String,
    /// For people, with punctuation.
    pub display_phone_number: Option<String>,
    /// The name people see.
    pub verified_name: Option<String>,
    /// `CONNECTED` is the only good one.
    pub status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or unknown.
    pub quality_rating: Option<String>,
    /// `APPROVED` or `AVAILABLE_WITHOUT_REVIEW` are good.
    pub name_status: Option<String>,
    /// `AVAILABLE`, `LIMITED` or `BLOCKED`: the worst of number, account, business and app.
    pub can_send_message: Option<String>,
    /// Why it is limited or blocked.
    pub problems: Vec<HealthProblem>,
    /// Id of the business portfolio that the number belongs to.
    pub portfolio_id: Option<String>,
    /// How many people a day the portfolio may write to first: `TIER_2K` and the like.
    pub messaging_limit: Option<String>,
    /// Where the webhooks of the number go: its own address, else the account's, else the app's.
    pub callback: Option<String>,
}

/// One reason why sending is limited or blocked (Meta: support/health-status).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthProblem {
    /// `PHONE_NUMBER`, `WABA`, `BUSINESS`, `APP` or a later word.
    pub entity_type: String,
    /// Code, if the entity is blocked.
    pub code: Option<i64>,
    /// Meta's words, for an operator.
    pub description: String,
    /// What Meta suggests.
    pub solution: Option<String>,
}

/// An app that gets the webhooks of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscribedApp {
    /// Id of the app.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// One language of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language (`en_US`; compare `-` and `_` as equal).
    pub language: Option<String>,
    /// `APPROVED` is the only good one.
    pub status: Option<String>,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`. Marketing has limits that utility has not.
    pub category: Option<String>,
    /// The text of its body, if Graph showed it.
    pub body_text: Option<String>,
    /// How many variables its body has, if Graph showed the body.
    pub body_parameters: Option<usize>,
    /// How many quick-reply buttons it has, if Graph showed its parts.
    pub quick_replies: Option<usize>,
}

/// What Graph says about an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// The app that it was made for.
    pub app_id: Option<String>,
    /// Whether it works.
    pub is_valid: bool,
    /// When it ends, in seconds since 1970; `None` is never.
    pub expires_at: Option<i64>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The accounts (WABAs) that it may do it with, as far as Graph tells.
    pub targets: Vec<String>,
}

/// Why something could not be read, or set up.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No answer, or not in time.
    #[error("graph could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// Graph answered with an error.
    #[error("graph refused with status {status}")]
    Refused {
        /// The error.
        #[source]
        error: Box<ApiErrorBody>,
        /// HTTP status.
        status: u16,
        /// What a sender would do about it.
        class: ErrorClass,
    },
    /// Something else answered, or Graph answered something new.
    #[error("answer with status {0} cannot be read")]
    Unreadable(u16),
}

const NUMBER_FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,name_status,health_status,\
                             whatsapp_business_manager_messaging_limit,webhook_configuration";

impl GraphClient {
    /// State and health of a number.
    pub async fn phone_number(
        &self,
        token: &AccessToken,
        phone_number_id: &str,
    ) -> Result<PhoneNumber, ReadError> {
        let mut url = self.url(&[phone_number_id]);
        url.query_pairs_mut().append_pair("fields", NUMBER_FIELDS);
        self.get(token, url, phone_number).await
    }

    /// The apps subscribed to an account. Ours must be among them, or no webhook arrives.
    pub async fn subscribed_apps(
        &self,
        token: &AccessToken,
        waba_id: &str,
    ) -> Result<Vec<SubscribedApp>, ReadError> {
        let url = self.url(&[waba_id, "subscribed_apps"]);
        self.get(token, url, |body| listing(body, subscribed_app)).await
    }

    /// The languages of the template `name` (first hundred). Empty if there is no such template.
    pub async fn message_template(
        &self,
        token: &AccessToken,
        waba_id: &str,
        name: &str,
    ) -> Result<Vec<Template>, ReadError> {
        let mut url = self.url(&[waba_id, "message_templates"]);
        url.query_pairs_mut()
            .append_pair("name", name)
            .append_pair("fields", "name,language,status,category,components")
            .append_pair("limit", "100");
        let mut templates = self.get(token, url, |body| listing(body, template)).await?;
        // Graph takes the name for a search word.
        templates.retain(|template| template.name == name);
        Ok(templates)
    }

    /// What a token is good for. Graph documents an app's token for the question; a token may ask about itself.
    pub async fn debug_token(&self, token: &AccessToken) -> Result<TokenInfo, ReadError> {
        let mut url = self.url(&["debug_token"]);
        url.query_pairs_mut()
            .append_pair("input_token", token.0.expose_secret());
        self.get(token, url, |body| {
            body.object("data").map(|data| token_info(&data))
        })
        .await
    }

    /// The numbers of an account (first hundred).
    pub async fn phone_numbers(
        &self,
        token: &AccessToken,
        waba_id: &str,
    ) -> Result<Vec<PhoneNumber>, ReadError> {
        let mut url = self.url(&[waba_id, "phone_numbers"]);
        url.query_pairs_mut()
            .append_pair("fields", NUMBER_FIELDS)
            .append_pair("limit", "100");
        self.get(token, url, |body| listing(body, phone_number)).await
    }

    pub(super) async fn get<T>(
        &self,
        token: &AccessToken,
        url: Url,
        read: impl FnOnce(&Object<'_>) -> Option<T>,
    ) -> Result<T, ReadError> {
        let call = self.http.get(url).bearer_auth(token.0.expose_secret());
        self.ask(call, read).await
    }

    /// Makes a call that does no harm when it is repeated.
    pub(super) async fn ask<T>(
        &self,
        call: reqwest::RequestBuilder,
        read: impl FnOnce(&Object<'_>) -> Option<T>,
    ) -> Result<T, ReadError> {
        let response = call
            .send()
            .await
            .map_err(|error| ReadError::Unreachable(error.without_url()))?;
        let answer = read_answer(response).await.map_err(|unknown| match unknown {
            UnknownOutcome::Transport(error) => ReadError::Unreachable(error),
            UnknownOutcome::NoMessageId(status)
            | UnknownOutcome::Unreadable(status)
            | UnknownOutcome::TooLarge(status) => ReadError::Unreadable(status),
        })?;
        let Answer { status, body } = &answer;
        if let Some(error) = answer.error() {
            let class = class_with_status(&error, *status);
            return Err(ReadError::Refused {
                error: Box::new(error),
                status: *status,
                class,
            });
        }
        let text = repair(body);
        let read = if answer.is_success() {
            Object::parse(&text).as_ref().and_then(read)
        } else {
            None
        };
        read.ok_or(ReadError::Unreadable(*status))
    }
}

fn phone_number(body: &Object<'_>) -> Option<PhoneNumber> {
    let health = body.object("health_status");
    let entities = health
        .as_ref()
        .map(|health| health.objects("entities"))
        .unwrap_or_default();
    Some(PhoneNumber {
        id: body.identifier("id")?,
        display_phone_number: body.text("display_phone_number"),
        verified_name: body.text("verified_name"),
        status: body.text("status"),
        quality_rating: body.text("quality_rating"),
        name_status: body.text("name_status"),
        can_send_message: health.and_then(|health| health.text("can_send_message")),
        problems: entities.iter().flat_map(problems).collect(),
        portfolio_id: entities
            .iter()
            .find(|entity| entity.text("entity_type").as_deref() == Some("BUSINESS"))
            .and_then(|entity| entity.identifier("id")),
        messaging_limit: body.text("whatsapp_business_manager_messaging_limit"),
        callback: body.object("webhook_configuration").and_then(|hooks| {
            let levels = ["phone_number", "whatsapp_business_account", "application"];
            levels.into_iter().find_map(|level| hooks.text(level))
        }),
    })
}

fn problems(entity: &Object<'_>) -> Vec<HealthProblem> {
    let entity_type = entity.text("entity_type").unwrap_or_default();
    let errors = entity.objects("errors").into_iter().map(|error| HealthProblem {
        entity_type: entity_type.clone(),
        code: error.integer("error_code"),
        description: error.text("error_description").unwrap_or_default(),
        solution: error.text("possible_solution"),
    });
    let infos = entity.list("additional_info").unwrap_or_default();
    let infos = infos.iter().filter_map(|raw| {
        Some(HealthProblem {
            entity_type: entity_type.clone(),
            code: None,
            description: serde_json::from_str(raw.get()).ok()?,
            solution: None,
        })
    });
    errors.chain(infos).collect()
}

pub(super) fn listing<T>(body: &Object<'_>, item: fn(&Object<'_>) -> Option<T>) -> Option<Vec<T>> {
    if !body.has("data") {
        return None;
    }
    body.list("data").ok()?;
    Some(body.objects("data").iter().filter_map(item).collect())
}

fn subscribed_app(item: &Object<'_>) -> Option<SubscribedApp> {
    let app = item.object("whatsapp_business_api_data")?;
    Some(SubscribedApp {
        id: app.identifier("id")?,
        name: app.text("name"),
    })
}

pub(super) fn template(item: &Object<'_>) -> Option<Template> {
    let components = item.objects("components");
    let is_body = |one: &&Object<'_>| {
        one.text("type")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("body"))
    };
    let body_text = components.iter().find(is_body).and_then(|body| body.text("text"));
    Some(Template {
        name: item.text("name")?,
        language: item.text("language"),
        status: item.text("status"),
        category: item.text("category"),
        body_parameters: body_text.as_deref().map(count_variables),
        body_text,
        quick_replies: item.has("components").then(|| quick_replies(item)),
    })
}

fn quick_replies(item: &Object<'_>) -> usize {
    let is = |object: &Object<'_>, kind: &str| {
        object
            .text("type")
            .is_some_and(|own| own.eq_ignore_ascii_case(kind))
    };
    let components = item.objects("components");
    let buttons = components.iter().filter(|one| is(one, "buttons"));
    buttons
        .flat_map(|one| one.objects("buttons"))
        .filter(|button| is(button, "quick_reply"))
        .count()
}

/// How many different variables, `{{1}}` or `{{name}}`, the text of a template has.
pub fn count_variables(text: &str) -> usize {
    let mut names: Vec<&str> = text
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(name, _)| name.trim())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

fn token_info(data: &Object<'_>) -> TokenInfo {
    let words = |object: &Object<'_>, key| {
        let items = object.list(key).unwrap_or_default();
        let word = |raw: &&serde_json::value::RawValue| match serde_json::from_str(raw.get()).ok()? {
            serde_json::Value::String(word) => Some(word),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        items.iter().filter_map(word).collect::<Vec<_>>()
    };
    let mut targets: Vec<String> = data
        .objects("granular_scopes")
        .iter()
        .flat_map(|scope| words(scope, "target_ids"))
        .collect();
    targets.sort();
    targets.dedup();
    TokenInfo {
        app_id: data.identifier("app_id"),
        is_valid: data.flag("is_valid"),
        expires_at: data.integer("expires_at").filter(|at| *at > 0),
        scopes: words(data, "scopes"),
        targets,
    }
}
