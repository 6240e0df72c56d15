//! The configuration as pages edit it: piece by piece through the forms of the API, so that there is one set of rules.

use actix_web::HttpResponse;
use onboarding_core::CompanySettings;
use serde::Serialize;
use serde_json::Value;

use super::{
    accounts::OfficialAccountForm,
    collection::{self, Form, Removable, tag},
    company::CompanyForm,
    document::{self, Document},
    external_companies::ExternalCompanyForm,
    features::FeaturesForm,
    limits::LimitsForm,
    opt_out::OptOutForm,
    org_units::OrgUnitForm,
    pools::PoolForm,
    qr::QrForm,
    secrets::SecretsForm,
    sign_in::SignInForm,
    templates::TemplatesForm,
    texts::TextsForm,
    users::{self, UserForm},
};
use crate::api::{Answer, Api, Caller, ETag, IfMatch, body};

/// Things of which a company has many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Things {
    Users,
    OrgUnits,
    ExternalCompanies,
    Pools,
    Accounts,
}

/// Settings of which it has one set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settings {
    Company,
    Features,
    Limits,
    Qr,
    Texts,
    Templates,
    OptOut,
    Secrets,
    SignIn,
}

/// A piece as it is now.
pub(crate) struct Seen {
    /// As the API shows it.
    pub(crate) form: Value,
    /// Names this state.
    pub(crate) tag: ETag,
}

impl Seen {
    fn of(form: &impl Serialize) -> Self {
        Self {
            tag: tag(form),
            form: serde_json::to_value(form).unwrap_or_default(),
        }
    }
}

/// A form of JSON as the API reads it from a body.
fn read<T: serde::de::DeserializeOwned>(form: &Value) -> Answer<T> {
    body::parse(form.to_string().as_bytes())
}

/// Takes one away that goes as it came.
async fn take<F: Removable>(api: &Api, caller: &Caller, key: &str, seen: &IfMatch) -> Answer<HttpResponse> {
    collection::remove::<F>(api, caller, key, seen, |_, one| Ok(F::remove(one))).await
}

impl Things {
    /// The field with the key.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Users => UserForm::KEY,
            Self::OrgUnits => OrgUnitForm::KEY,
            Self::ExternalCompanies => ExternalCompanyForm::KEY,
            Self::Pools => PoolForm::KEY,
            Self::Accounts => OfficialAccountForm::KEY,
        }
    }

    /// One of them.
    pub(crate) async fn seen(self, api: &Api, caller: &Caller, key: &str) -> Answer<Seen> {
        async fn seen<F: Form>(api: &Api, caller: &Caller, key: &str) -> Answer<Seen> {
            Ok(Seen::of(&collection::seen::<F>(api, caller, key).await?))
        }
        match self {
            Self::Users => seen::<UserForm>(api, caller, key).await,
            Self::OrgUnits => seen::<OrgUnitForm>(api, caller, key).await,
            Self::ExternalCompanies => seen::<ExternalCompanyForm>(api, caller, key).await,
            Self::Pools => seen::<PoolForm>(api, caller, key).await,
            Self::Accounts => seen::<OfficialAccountForm>(api, caller, key).await,
        }
    }

    /// Adds one.
    pub(crate) async fn create(self, api: &Api, caller: &Caller, form: &Value) -> Answer<()> {
        use collection::create;
        let created = match self {
            Self::Users => create::<UserForm>(api, caller, read(form)?).await,
            Self::OrgUnits => create::<OrgUnitForm>(api, caller, read(form)?).await,
            Self::ExternalCompanies => create::<ExternalCompanyForm>(api, caller, read(form)?).await,
            Self::Pools => create::<PoolForm>(api, caller, read(form)?).await,
            Self::Accounts => create::<OfficialAccountForm>(api, caller, read(form)?).await,
        };
        created.map(drop)
    }

    /// Replaces one that the caller has seen.
    pub(crate) async fn replace(
        self,
        api: &Api,
        caller: &Caller,
        (key, seen): (&str, &IfMatch),
        form: &Value,
    ) -> Answer<()> {
        use collection::replace;
        let replaced = match self {
            Self::Users => replace::<UserForm>(api, caller, key, seen, read(form)?).await,
            Self::OrgUnits => replace::<OrgUnitForm>(api, caller, key, seen, read(form)?).await,
            Self::ExternalCompanies => {
                replace::<ExternalCompanyForm>(api, caller, key, seen, read(form)?).await
            }
            Self::Pools => replace::<PoolForm>(api, caller, key, seen, read(form)?).await,
            Self::Accounts => replace::<OfficialAccountForm>(api, caller, key, seen, read(form)?).await,
        };
        replaced.map(drop)
    }

    /// Takes one away that the caller has seen; a user may name a successor.
    pub(crate) async fn remove(
        self,
        api: &Api,
        caller: &Caller,
        (key, seen): (&str, &IfMatch),
        successor: Option<String>,
    ) -> Answer<()> {
        let removed = match self {
            Self::Users => users::leaves(api, caller, key, seen, successor).await,
            Self::OrgUnits => take::<OrgUnitForm>(api, caller, key, seen).await,
            Self::ExternalCompanies => take::<ExternalCompanyForm>(api, caller, key, seen).await,
            Self::Pools => take::<PoolForm>(api, caller, key, seen).await,
            Self::Accounts => take::<OfficialAccountForm>(api, caller, key, seen).await,
        };
        removed.map(drop)
    }
}

impl Settings {
    /// The set as these settings have it.
    pub(crate) fn of(self, settings: &CompanySettings) -> Value {
        fn of<D: Document>(settings: &CompanySettings) -> Value {
            serde_json::to_value(D::shown(settings)).unwrap_or_default()
        }
        match self {
            Self::Company => of::<CompanyForm>(settings),
            Self::Features => of::<FeaturesForm>(settings),
            Self::Limits => of::<LimitsForm>(settings),
            Self::Qr => of::<QrForm>(settings),
            Self::Texts => of::<TextsForm>(settings),
            Self::Templates => of::<TemplatesForm>(settings),
            Self::OptOut => of::<OptOutForm>(settings),
            Self::Secrets => of::<SecretsForm>(settings),
            Self::SignIn => of::<SignInForm>(settings),
        }
    }

    /// The set as it is now.
    pub(crate) async fn seen(self, api: &Api, caller: &Caller) -> Answer<Seen> {
        async fn seen<D: Document>(api: &Api, caller: &Caller) -> Answer<Seen> {
            Ok(Seen::of(&document::seen::<D>(api, caller).await?))
        }
        match self {
            Self::Company => seen::<CompanyForm>(api, caller).await,
            Self::Features => seen::<FeaturesForm>(api, caller).await,
            Self::Limits => seen::<LimitsForm>(api, caller).await,
            Self::Qr => seen::<QrForm>(api, caller).await,
            Self::Texts => seen::<TextsForm>(api, caller).await,
            Self::Templates => seen::<TemplatesForm>(api, caller).await,
            Self::OptOut => seen::<OptOutForm>(api, caller).await,
            Self::Secrets => seen::<SecretsForm>(api, caller).await,
            Self::SignIn => seen::<SignInForm>(api, caller).await,
        }
    }

    /// Replaces the set that the caller has seen.
    pub(crate) async fn replace(
        self,
        api: &Api,
        caller: &Caller,
        seen: &IfMatch,
        form: &Value,
    ) -> Answer<()> {
        use document::replace;
        let replaced = match self {
            Self::Company => replace::<CompanyForm>(api, caller, seen, read(form)?).await,
            Self::Features => replace::<FeaturesForm>(api, caller, seen, read(form)?).await,
            Self::Limits => replace::<LimitsForm>(api, caller, seen, read(form)?).await,
            Self::Qr => replace::<QrForm>(api, caller, seen, read(form)?).await,
            Self::Texts => replace::<TextsForm>(api, caller, seen, read(form)?).await,
            Self::Templates => replace::<TemplatesForm>(api, caller, seen, read(form)?).await,
            Self::OptOut => replace::<OptOutForm>(api, caller, seen, read(form)?).await,
            Self::Secrets => replace::<SecretsForm>(api, caller, seen, read(form)?).await,
            Self::SignIn => replace::<SignInForm>(api, caller, seen, read(form)?).await,
        };
        replaced.map(drop)
    }
}
