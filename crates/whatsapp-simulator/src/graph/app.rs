//! The app itself: where its webhooks go. Asked with the token that its secret gives.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::error::GraphError;
use super::node::APP_ID;
use super::request::GraphRequest;
use crate::lock;
use crate::simulator::Inner;

const OBJECT: &str = "whatsapp_business_account";
/// What the callback has to give back.
const CHALLENGE: &str = "1158201444";

/// The token of the app: its id and its secret.
pub(crate) fn app_token(app_secret: &SecretString) -> SecretString {
    format!("{APP_ID}|{}", app_secret.expose_secret()).into()
}

fn authenticate(inner: &Inner, app: &str, request: &GraphRequest) -> Result<(), GraphError> {
    if app != APP_ID {
        return Err(GraphError::unknown_object(&request.method, app));
    }
    match &request.token {
        Some(token) if token == inner.app_token.expose_secret() => Ok(()),
        Some(_) => Err(GraphError::bad_token()),
        None => Err(GraphError::no_token()),
    }
}

/// `GET /{app}/subscriptions`.
pub(super) fn subscriptions(
    inner: &Arc<Inner>,
    app: &str,
    request: &GraphRequest,
) -> Result<Value, GraphError> {
    authenticate(inner, app, request)?;
    let subscription = lock(&inner.webhook_url).clone().map(|url| {
        let fields = lock(&inner.fields)
            .iter()
            .map(|name| json!({"name": name, "version": "v26.0"}))
            .collect::<Vec<_>>();
        json!({"object": OBJECT, "callback_url": url, "active": true, "fields": fields})
    });
    Ok(json!({"data": subscription.into_iter().collect::<Vec<_>>()}))
}

/// `POST /{app}/subscriptions`: the callback must answer the handshake before anything changes.
pub(super) async fn subscribe(
    inner: &Arc<Inner>,
    app: &str,
    request: &GraphRequest,
) -> Result<Value, GraphError> {
    authenticate(inner, app, request)?;
    let word = |key: &str| {
        let value = request
            .body
            .as_ref()
            .and_then(|body| body.get(key))
            .and_then(Value::as_str);
        value.ok_or_else(|| GraphError::parameter(format!("The parameter {key} is required.")))
    };
    if word("object")? != OBJECT {
        return Err(GraphError::parameter(
            "Param object must be one of {WHATSAPP_BUSINESS_ACCOUNT}.",
        ));
    }
    let (callback, verify_token, fields) = (word("callback_url")?, word("verify_token")?, word("fields")?);
    let Ok(mut handshake) = reqwest::Url::parse(callback) else {
        return Err(GraphError::callback_not_verified());
    };
    handshake
        .query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", CHALLENGE)
        .append_pair("hub.verify_token", verify_token);
    let verified = match inner.http.get(handshake).send().await {
        Ok(answer) if answer.status() == 200 => answer.text().await.is_ok_and(|text| text == CHALLENGE),
        _ => false,
    };
    if !verified {
        return Err(GraphError::callback_not_verified());
    }
    *lock(&inner.webhook_url) = Some(callback.to_owned());
    *lock(&inner.fields) = fields.split(',').map(str::to_owned).collect();
    Ok(json!({"success": true}))
}
