//! What can be read: numbers, accounts, templates, tokens.

use std::sync::Arc;

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::error::GraphError;
use super::is_valid_token;
use super::request::GraphRequest;
use crate::config::{Account, Template, TemplateStatus};
use crate::lock;
use crate::simulator::Inner;

pub(super) const APP_ID: &str = "634974688087057";
const BUSINESS_ID: &str = "506914307656634";
/// Fields of a number that Graph leaves out unless they are asked for.
const ON_REQUEST: [&str; 3] = [
    "health_status",
    "status",
    "whatsapp_business_manager_messaging_limit",
];

/// `GET /{id}`: a number or an account.
pub(super) fn get(inner: &Arc<Inner>, id: &str, request: &GraphRequest) -> Result<Value, GraphError> {
    let world = lock(&inner.world);
    let fields = request.query.get("fields").map(String::as_str);
    if let Some(account) = world
        .accounts
        .iter()
        .find(|account| account.phone_number_id == id)
    {
        let webhook = lock(&inner.webhook_url).clone();
        return Ok(select(number(account, webhook.as_deref()), fields, &ON_REQUEST));
    }
    let account = world
        .accounts
        .iter()
        .find(|account| account.waba_id == id)
        .ok_or_else(|| GraphError::unknown_object(&Method::GET, id))?;
    let node = json!({
        "id": id,
        "name": account.verified_name,
        "status": "ACTIVE",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "currency": "USD",
        "timezone_id": "42",
        "message_template_namespace": "0f0e0d0c_0b0a_0908_0706_050403020100",
        "health_status": {
            "can_send_message": account.health.can_send_message,
            "entities": [{"entity_type": "WABA", "id": id, "can_send_message": account.health.can_send_message}],
        },
    });
    Ok(select(node, fields, &["health_status", "status"]))
}

pub(super) fn phone_numbers(
    inner: &Arc<Inner>,
    waba: &str,
    request: &GraphRequest,
) -> Result<Value, GraphError> {
    let world = lock(&inner.world);
    let webhook = lock(&inner.webhook_url).clone();
    let fields = request.query.get("fields").map(String::as_str);
    let numbers: Vec<_> = world
        .accounts
        .iter()
        .filter(|account| account.waba_id == waba)
        .map(|account| select(number(account, webhook.as_deref()), fields, &ON_REQUEST))
        .collect();
    if numbers.is_empty() {
        return Err(GraphError::unknown_object(&Method::GET, waba));
    }
    Ok(page(&numbers))
}

pub(super) fn subscribed_apps(inner: &Arc<Inner>, waba: &str) -> Result<Value, GraphError> {
    known_waba(inner, waba, &Method::GET)?;
    if lock(&inner.unsubscribed).contains(waba) {
        return Ok(json!({"data": []}));
    }
    Ok(json!({"data": [{"whatsapp_business_api_data": {
        "link": "https://example.com", "name": "Simulator", "id": APP_ID,
    }}]}))
}

pub(super) fn subscribe(inner: &Arc<Inner>, waba: &str) -> Result<Value, GraphError> {
    known_waba(inner, waba, &Method::POST)?;
    lock(&inner.unsubscribed).remove(waba);
    Ok(json!({"success": true}))
}

pub(super) fn unsubscribe(inner: &Arc<Inner>, waba: &str) -> Result<Value, GraphError> {
    known_waba(inner, waba, &Method::DELETE)?;
    lock(&inner.unsubscribed).insert(waba.to_owned());
    Ok(json!({"success": true}))
}

pub(super) fn templates(inner: &Arc<Inner>, waba: &str, request: &GraphRequest) -> Result<Value, GraphError> {
    known_waba(inner, waba, &Method::GET)?;
    let world = lock(&inner.world);
    let wanted = |key: &str, value: &str| request.query.get(key).is_none_or(|wanted| wanted == value);
    let templates: Vec<_> = world
        .templates
        .iter()
        .enumerate()
        .filter(|(_, template)| template.waba_id.as_ref().is_none_or(|owner| owner == waba))
        .filter(|(_, template)| wanted("name", &template.name) && wanted("language", &template.language))
        .filter(|(_, template)| wanted("status", status_word(template.status)))
        .map(|(index, template)| {
            let fields = request.query.get("fields").map(String::as_str);
            select(template_node(index, template), fields, &[])
        })
        .collect();
    Ok(page(&templates))
}

pub(super) fn debug_token(inner: &Arc<Inner>, request: &GraphRequest) -> Result<Value, GraphError> {
    let token = request
        .query
        .get("input_token")
        .ok_or_else(|| GraphError::parameter("The parameter input_token is required."))?;
    if !is_valid_token(inner, token) {
        return Ok(json!({"data": {
            "error": {"code": 190, "message": "The access token could not be decrypted"},
            "is_valid": false,
            "scopes": [],
        }}));
    }
    let mut wabas: Vec<_> = lock(&inner.world)
        .accounts
        .iter()
        .map(|account| account.waba_id.clone())
        .collect();
    wabas.sort();
    wabas.dedup();
    Ok(json!({"data": {
        "app_id": APP_ID,
        "type": "SYSTEM_USER",
        "application": "Simulator",
        "is_valid": true,
        "expires_at": 0,
        "data_access_expires_at": 0,
        "issued_at": 1_795_000_000,
        "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"],
        "granular_scopes": [
            {"scope": "whatsapp_business_management", "target_ids": wabas},
            {"scope": "whatsapp_business_messaging", "target_ids": wabas},
        ],
        "user_id": "122100000000000001",
    }}))
}

fn number(account: &Account, webhook: Option<&str>) -> Value {
    let health = &account.health;
    json!({
        "id": account.phone_number_id,
        "display_phone_number": account.phone_number,
        "verified_name": account.verified_name,
        "quality_rating": health.quality_rating,
        "code_verification_status": "VERIFIED",
        "name_status": "APPROVED",
        "new_name_status": "NONE",
        "status": health.status,
        "account_mode": "LIVE",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "whatsapp_business_manager_messaging_limit": health.messaging_limit,
        "webhook_configuration": {"application": webhook.unwrap_or_default()},
        "health_status": {
            "can_send_message": health.can_send_message,
            "entities": [
                number_entity(account),
                {"entity_type": "WABA", "id": account.waba_id, "can_send_message": "AVAILABLE"},
                {"entity_type": "BUSINESS", "id": BUSINESS_ID, "can_send_message": "AVAILABLE"},
                {"entity_type": "APP", "id": APP_ID, "can_send_message": "AVAILABLE"},
            ],
        },
    })
}

/// Meta explains a block with errors and a limit with words.
fn number_entity(account: &Account) -> Value {
    let health = &account.health;
    let mut entity = json!({
        "entity_type": "PHONE_NUMBER",
        "id": account.phone_number_id,
        "can_send_message": health.can_send_message,
    });
    if let Some((words, remedy)) = &health.problem {
        if health.can_send_message == "BLOCKED" {
            entity["errors"] = json!([{
                "error_code": 141_006, "error_description": words, "possible_solution": remedy,
            }]);
        } else {
            entity["additional_info"] = json!([words]);
        }
    }
    entity
}

fn template_node(index: usize, template: &Template) -> Value {
    let mut components = vec![json!({"type": "BODY", "text": template.body})];
    if !template.buttons.is_empty() {
        let buttons: Vec<_> = template
            .buttons
            .iter()
            .map(|title| json!({"type": "QUICK_REPLY", "text": title}))
            .collect();
        components.push(json!({"type": "BUTTONS", "buttons": buttons}));
    }
    json!({
        "id": (900_000_000_000_000_u64 + index as u64).to_string(),
        "name": template.name,
        "language": template.language,
        "status": status_word(template.status),
        "category": "UTILITY",
        "components": components,
        "quality_score": {"score": "GREEN"},
        "rejected_reason": if template.status == TemplateStatus::Rejected { "INVALID_FORMAT" } else { "NONE" },
    })
}

fn status_word(status: TemplateStatus) -> &'static str {
    match status {
        TemplateStatus::Approved => "APPROVED",
        TemplateStatus::Pending => "PENDING",
        TemplateStatus::Rejected => "REJECTED",
        TemplateStatus::Paused => "PAUSED",
        TemplateStatus::Disabled => "DISABLED",
    }
}

fn known_waba(inner: &Inner, waba: &str, method: &Method) -> Result<(), GraphError> {
    let known = lock(&inner.world)
        .accounts
        .iter()
        .any(|account| account.waba_id == waba);
    if known {
        Ok(())
    } else {
        Err(GraphError::unknown_object(method, waba))
    }
}

fn page(data: &[Value]) -> Value {
    json!({"data": data, "paging": {"cursors": {"before": "QVFI", "after": "QVFJ"}}})
}

/// The fields asked for and `id`; without a wish all but those that Graph gives on request only.
fn select(node: Value, fields: Option<&str>, on_request: &[&str]) -> Value {
    let Value::Object(node) = node else { return node };
    let wanted = |key: &str| match fields {
        None => !on_request.contains(&key),
        Some(fields) => key == "id" || fields.split(',').any(|field| field.trim() == key),
    };
    Value::Object(
        node.into_iter()
            .filter(|(key, _)| wanted(key))
            .collect::<Map<_, _>>(),
    )
}
