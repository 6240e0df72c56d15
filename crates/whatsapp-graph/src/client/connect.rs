//! Setting an app up: subscribing it to accounts, and telling Graph where its webhooks go. Source: Meta "Create a webhook
//! endpoint" and "Webhooks overview". Doing it twice comes to the same, so every failure may be repeated.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::check::{listing, template};
use super::{AccessToken, GraphClient, ReadError, Template};
use crate::json::Object;

/// The object under which an app subscribes to WhatsApp.
const OBJECT: &str = "whatsapp_business_account";

/// Where the webhooks of an app go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSubscription {
    /// The address.
    pub callback: String,
    /// The fields that are sent.
    pub fields: Vec<String>,
}

impl GraphClient {
    /// Subscribes the app of the token to an account, without which none of its webhooks arrive.
    pub async fn subscribe(&self, token: &AccessToken, waba_id: &str) -> Result<(), ReadError> {
        let url = self.url(&[waba_id, "subscribed_apps"]);
        let call = self.http.post(url).bearer_auth(token.0.expose_secret());
        self.ask(call, success).await
    }

    /// Where the webhooks of the app go; `None` while it has no address for WhatsApp. Asked with the app's own token.
    pub async fn app_subscription(
        &self,
        app_token: &AccessToken,
        app_id: &str,
    ) -> Result<Option<AppSubscription>, ReadError> {
        let url = self.url(&[app_id, "subscriptions"]);
        let found = self
            .get(app_token, url, |body| listing(body, subscription))
            .await?;
        Ok(found.into_iter().flatten().next())
    }

    /// Sends the webhooks of the app to this address from now on. Graph asks there for the verify token before it answers.
    pub async fn register_callback(
        &self,
        app_token: &AccessToken,
        app_id: &str,
        callback: &str,
        verify_token: &SecretString,
        fields: &[&str],
    ) -> Result<(), ReadError> {
        let url = self.url(&[app_id, "subscriptions"]);
        let body = json!({
            "object": OBJECT,
            "callback_url": callback,
            "verify_token": verify_token.expose_secret(),
            "fields": fields.join(","),
        });
        let call = self.http.post(url).bearer_auth(app_token.0.expose_secret());
        self.ask(call.json(&body), success).await
    }

    /// The templates of an account in all their languages (first hundred).
    pub async fn message_templates(
        &self,
        token: &AccessToken,
        waba_id: &str,
    ) -> Result<Vec<Template>, ReadError> {
        let mut url = self.url(&[waba_id, "message_templates"]);
        url.query_pairs_mut()
            .append_pair("fields", "name,language,status,category,components")
            .append_pair("limit", "100");
        self.get(token, url, |body| listing(body, template)).await
    }
}

fn success(body: &Object<'_>) -> Option<()> {
    body.flag("success").then_some(())
}

/// The subscriptions of other objects are none of ours.
#[expect(
    clippy::option_option,
    reason = "not readable, another object's and ours are three things"
)]
fn subscription(item: &Object<'_>) -> Option<Option<AppSubscription>> {
    if item.text("object")? != OBJECT {
        return Some(None);
    }
    // Graph lists fields as objects with a version; older answers as plain words.
    let named = item
        .objects("fields")
        .iter()
        .filter_map(|field| field.text("name"))
        .collect::<Vec<_>>();
    let words = || {
        let list = item.list("fields").unwrap_or_default();
        list.iter()
            .filter_map(|raw| serde_json::from_str(raw.get()).ok())
            .collect()
    };
    Some(Some(AppSubscription {
        callback: item.text("callback_url")?,
        fields: if named.is_empty() { words() } else { named },
    }))
}
