//! From an access token to a working set-up, step by step.

use std::error::Error;

use onboarding_core::ports::{SetUpReport, SetUpState, SetUpStep, SetUpWish};
use secrecy::SecretString;
use whatsapp_graph::client::{AccessToken, GraphClient, PhoneNumber, ReadError, Template};

use crate::{fields_to_subscribe, proposal::propose};

/// Graph's code for a token that it does not know, or knows no more.
const NO_SUCH_TOKEN: i64 = 190;
const NOT_VALID: &str = "the access token is not valid; make a new one in the settings of your Meta business";

/// The secrets of an app at Meta.
#[derive(Clone)]
pub struct AppSecrets {
    /// Authorises calls of the Graph API.
    pub access_token: AccessToken,
    /// Signs webhooks, and authorises what concerns the app itself.
    pub app_secret: SecretString,
    /// Answers Meta's verification handshake.
    pub verify_token: SecretString,
}

/// Where the secrets are, for the manifest that is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReferences {
    /// Of the access token.
    pub access_token: String,
    /// Of the app secret.
    pub app_secret: String,
    /// Of the verify token.
    pub verify_token: String,
}

/// What setting up needs.
pub struct Connection<'a> {
    /// The way to Meta.
    pub graph: &'a GraphClient,
    /// The secrets of the app.
    pub secrets: &'a AppSecrets,
    /// Where they are.
    pub references: &'a SecretReferences,
    /// Where webhooks go: the address of ours that Meta reaches.
    pub callback: &'a str,
}

/// A WhatsApp Business Account as it was found.
pub(crate) struct Found {
    pub(crate) waba_id: String,
    pub(crate) numbers: Vec<PhoneNumber>,
    pub(crate) templates: Vec<Template>,
}

/// Looks at accounts and numbers, subscribes our app, has webhooks sent to us, and proposes a manifest.
pub async fn connect(connection: &Connection<'_>, wish: &SetUpWish) -> SetUpReport {
    let mut work = Work {
        connection,
        dry_run: wish.dry_run,
        steps: Vec::new(),
    };
    let outcome = work.through(&wish.accounts).await;
    SetUpReport {
        steps: work.steps,
        outcome,
    }
}

struct Work<'a> {
    connection: &'a Connection<'a>,
    dry_run: bool,
    steps: Vec<SetUpStep>,
}

impl Work<'_> {
    async fn through(&mut self, accounts: &[String]) -> Result<String, String> {
        let (app, named) = self.app().await?;
        let accounts = if accounts.is_empty() {
            named
        } else {
            accounts.to_vec()
        };
        if accounts.is_empty() {
            return Err(
                "the access token names no account; name one by the id of your WhatsApp Business Account \
                        (--account ID)"
                    .to_owned(),
            );
        }
        let mut found = Vec::new();
        for account in accounts {
            found.push(self.look_at(account).await?);
        }
        for account in &found {
            self.subscribe(&app, &account.waba_id).await?;
        }
        self.register(&app).await?;
        Ok(propose(&found, self.connection.references))
    }

    /// Our app, and the accounts that its token names.
    async fn app(&mut self) -> Result<(String, Vec<String>), String> {
        let Connection { graph, secrets, .. } = self.connection;
        let token = match graph.debug_token(&secrets.access_token).await {
            Ok(token) if token.is_valid => token,
            // A token that looks at itself is refused instead of being called invalid.
            Ok(_) => return Err(NOT_VALID.to_owned()),
            Err(ReadError::Refused { error, .. }) if error.code == NO_SUCH_TOKEN => {
                return Err(NOT_VALID.to_owned());
            }
            Err(error) => return Err(because("the access token cannot be looked at", &error)),
        };
        let app = token
            .app_id
            .ok_or("WhatsApp does not say which app the access token is of")?;
        self.notes(SetUpState::Fine, format!("access token: valid, of app {app}"));
        Ok((app, token.targets))
    }

    async fn look_at(&mut self, waba_id: String) -> Result<Found, String> {
        let Connection { graph, secrets, .. } = self.connection;
        let cannot = |error: ReadError| because(&format!("account {waba_id}: cannot be looked at"), &error);
        let numbers = graph.phone_numbers(&secrets.access_token, &waba_id).await;
        let numbers = numbers.map_err(cannot)?;
        let templates = graph.message_templates(&secrets.access_token, &waba_id).await;
        let templates = templates.map_err(cannot)?;
        let (many, forms) = (numbers.len(), templates.len());
        let text = format!("account {waba_id}: {many} number(s), {forms} template(s)");
        self.notes(SetUpState::Fine, text);
        for number in &numbers {
            let shown = number.display_phone_number.as_deref().unwrap_or("?");
            let status = number.status.as_deref();
            let state = if status == Some("CONNECTED") {
                SetUpState::Fine
            } else {
                SetUpState::Note
            };
            let status = status.unwrap_or("state unknown").to_lowercase();
            self.notes(state, format!("number {shown}, id {}: {status}", number.id));
        }
        Ok(Found {
            waba_id,
            numbers,
            templates,
        })
    }

    async fn subscribe(&mut self, app: &str, waba: &str) -> Result<(), String> {
        let Connection { graph, secrets, .. } = self.connection;
        let apps = graph.subscribed_apps(&secrets.access_token, waba).await;
        let apps = apps.map_err(|error| {
            because(
                &format!("account {waba}: its subscriptions cannot be read"),
                &error,
            )
        })?;
        if apps.iter().any(|one| one.id == app) {
            self.notes(SetUpState::Fine, format!("account {waba}: our app is subscribed"));
        } else if self.dry_run {
            self.notes(SetUpState::Would, format!("subscribe our app to account {waba}"));
        } else {
            let done = graph.subscribe(&secrets.access_token, waba).await;
            done.map_err(|error| because(&format!("account {waba}: our app cannot be subscribed"), &error))?;
            self.notes(
                SetUpState::Done,
                format!("account {waba}: our app is subscribed now"),
            );
        }
        Ok(())
    }

    /// The address of the app, which gets every field: an address of an account gets messages only.
    async fn register(&mut self, app: &str) -> Result<(), String> {
        let Connection {
            graph,
            secrets,
            callback,
            ..
        } = self.connection;
        let app_token = AccessToken::of_app(app, &secrets.app_secret);
        let present = graph.app_subscription(&app_token, app).await;
        let present = present.map_err(|error| {
            because(
                "app secret (--app-secret): WhatsApp refuses it for this app",
                &error,
            )
        })?;
        let fields = fields_to_subscribe();
        let complete = present.as_ref().is_some_and(|one| {
            let all = fields
                .iter()
                .all(|field| one.fields.iter().any(|own| own == field));
            one.callback == *callback && all
        });
        if complete {
            self.notes(SetUpState::Fine, format!("webhooks go to {callback}"));
            return Ok(());
        }
        let before = match &present {
            Some(one) if one.callback != *callback => format!(", not to {} any more", one.callback),
            _ => String::new(),
        };
        if self.dry_run {
            self.notes(SetUpState::Would, format!("send webhooks to {callback}{before}"));
            return Ok(());
        }
        graph
            .register_callback(&app_token, app, callback, &secrets.verify_token, &fields)
            .await
            .map_err(|error| {
                let refused = format!(
                    "{callback}: WhatsApp does not take this address; the service must run there and know the verify \
                     token: apply the proposed manifest (--dry-run --out FILE), serve, and connect again"
                );
                because(&refused, &error)
            })?;
        self.notes(SetUpState::Done, format!("webhooks go to {callback}{before}"));
        Ok(())
    }

    fn notes(&mut self, state: SetUpState, text: String) {
        self.steps.push(SetUpStep { state, text });
    }
}

/// What went wrong, with all its causes.
fn because(what: &str, error: &dyn Error) -> String {
    let mut text = format!("{what}: {error}");
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
