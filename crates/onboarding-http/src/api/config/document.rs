//! Settings of which a company has one set: shown and replaced as a whole.

use actix_web::{HttpResponse, http::StatusCode};
use onboarding_core::{ButtonKey, CompanySettings, config::ConfigChange};
use serde::Serialize;

use super::{
    Edit, Place, change,
    collection::{tag, tagged},
    present,
};
use crate::api::{Answer, Api, Caller, IfMatch};

/// One set of settings, as JSON has it.
pub(super) trait Document: Serialize + Clone + 'static {
    /// The part of the manifest that it is, as rules name it.
    const PLACE: &'static str;

    /// The field that holds that part; nothing where the document is the part.
    const FIELD: &'static str = "";

    /// How it is written.
    fn shown(settings: &CompanySettings) -> Self;

    /// Writes it into the settings.
    fn write(self, settings: &mut CompanySettings);
}

pub(super) async fn show<D: Document>(api: &Api, caller: &Caller) -> Answer<HttpResponse> {
    let form = seen::<D>(api, caller).await?;
    Ok(tagged(StatusCode::OK, &form).json())
}

/// The set as it is now.
pub(super) async fn seen<D: Document>(api: &Api, caller: &Caller) -> Answer<D> {
    let (config, _) = present(api, caller).await?;
    Ok(D::shown(&config.settings))
}

pub(super) async fn replace<D: Document>(
    api: &Api,
    caller: &Caller,
    seen: &IfMatch,
    form: D,
) -> Answer<HttpResponse> {
    let replaced = change(api, caller, |config, moment| {
        seen.require(&tag(&D::shown(&config.settings)))?;
        let before = config.settings.clone();
        form.clone().write(&mut config.settings);
        let settings = &config.settings;
        let put = || ConfigChange::PutCompany {
            new_key: ButtonKey::mint(&mut moment.draw),
            settings: Box::new(settings.clone()),
        };
        Ok(Edit {
            change: (before != *settings).then(put),
            place: Place::new(D::PLACE, D::FIELD),
            gives: D::shown(settings),
        })
    });
    Ok(tagged(StatusCode::OK, &replaced.await?).json())
}

/// The two endpoints of a document.
macro_rules! document {
    ($form:ident at $path:literal, tagged $tag:literal, change $change:ident; show $show:literal, replace $replace:literal) => {
        pub(super) fn endpoints() -> Vec<$crate::api::Endpoint> {
            use ::onboarding_core::access::Action;
            use $crate::api::{Policy, endpoint};
            vec![
                endpoint!(Policy::May(Action::SeeConfig), show),
                endpoint!(Policy::May(Action::$change), replace),
            ]
        }

        #[doc = $show]
        #[utoipa::path(
            get,
            path = $path,
            tag = $tag,
            responses((status = 200, description = "with its ETag", body = $form))
        )]
        async fn show(
            api: ::actix_web::web::Data<$crate::api::Api>,
            caller: $crate::api::Caller,
        ) -> $crate::api::Answer<::actix_web::HttpResponse> {
            $crate::api::config::document::show::<$form>(&api, &caller).await
        }

        #[doc = $replace]
        #[utoipa::path(
            put,
            path = $path,
            tag = $tag,
            params(("If-Match" = Option<String>, Header, description = "the ETag of what is replaced; needed")),
            request_body = $form,
            responses(
                (status = 200, description = "replaced", body = $form),
                (status = 409, description = "it would not fit the rest"),
                (status = 412, description = "it was changed meanwhile"),
                (status = 428, description = "If-Match is missing"),
            )
        )]
        async fn replace(
            api: ::actix_web::web::Data<$crate::api::Api>,
            caller: $crate::api::Caller,
            seen: $crate::api::IfMatch,
            body: $crate::api::Body<$form>,
        ) -> $crate::api::Answer<::actix_web::HttpResponse> {
            $crate::api::config::document::replace(&api, &caller, &seen, body.0).await
        }
    };
}
pub(super) use document;
