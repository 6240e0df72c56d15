//! Things of which a company has many, each with a key: listed, created, shown, replaced, removed.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use onboarding_core::config::{CompanyConfig, ConfigChange};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use super::{Edit, Moment, Place, change, present};
use crate::{
    api::{Answer, Api, Caller, ETag, IfMatch, Page, PageQuery},
    problem::Problem,
};

/// What does not stand for itself in one part of an address (RFC 3986, `pchar`).
const NOT_IN_A_PART: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// One of them, as JSON has it.
pub(super) trait Form: Serialize + Clone + 'static {
    /// What it is in the configuration.
    type Of: Clone + PartialEq;

    /// The list, as rules name it.
    const LIST: &'static str;

    /// Where the list is, below `/api/v1/`.
    const ADDRESS: &'static str;

    /// The field with the key.
    const KEY: &'static str;

    /// All of them.
    fn all(config: &CompanyConfig) -> &Vec<Self::Of>;

    /// The same, to change.
    fn all_mut(config: &mut CompanyConfig) -> &mut Vec<Self::Of>;

    /// How it is written.
    fn shown(one: &Self::Of) -> Self;

    /// What is written.
    fn read(self) -> Self::Of;

    /// Its key.
    fn key(one: &Self::Of) -> String;

    /// What puts it into the store.
    fn put(one: Self::Of, moment: &mut Moment) -> ConfigChange;

    /// Whether the caller's right reaches it; what it does not reach is not there for them.
    fn is_within_reach(_one: &Self::Of, _caller: &Caller) -> bool {
        true
    }

    /// Refuses what the caller may not change, though they may change the thing.
    fn check_right(_before: Option<&Self::Of>, _after: Option<&Self::Of>, _caller: &Caller) -> Answer<()> {
        Ok(())
    }
}

/// One that goes as it came.
pub(super) trait Removable: Form {
    /// What takes it out of the store.
    fn remove(one: &Self::Of) -> ConfigChange;
}

pub(super) async fn list<F: Form>(
    api: &Api,
    caller: &Caller,
    query: &PageQuery,
) -> Answer<web::Json<Page<F>>> {
    let (config, _) = present(api, caller).await?;
    let after = query.after::<String>()?;
    let mut all: Vec<_> = F::all(&config)
        .iter()
        .filter(|one| F::is_within_reach(one, caller))
        .map(|one| (F::key(one), one))
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after))
        .collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.truncate(usize::try_from(query.to_fetch()?).unwrap_or(usize::MAX));
    let page = query.page(all, |(key, _)| key.clone())?;
    Ok(web::Json(page.map(|(_, one)| F::shown(one))))
}

pub(super) async fn show<F: Form>(api: &Api, caller: &Caller, key: &str) -> Answer<HttpResponse> {
    let form = seen::<F>(api, caller, key).await?;
    Ok(tagged(StatusCode::OK, &form).json())
}

/// One of them as it is now.
pub(super) async fn seen<F: Form>(api: &Api, caller: &Caller, key: &str) -> Answer<F> {
    let (config, _) = present(api, caller).await?;
    let place = place::<F>(&config, caller, key)?;
    Ok(F::shown(&F::all(&config)[place]))
}

pub(super) async fn create<F: Form>(api: &Api, caller: &Caller, form: F) -> Answer<HttpResponse> {
    let wished = form.read();
    let key = F::key(&wished);
    let created = change(api, caller, |config, moment| {
        if F::all(config).iter().any(|one| F::key(one) == key) {
            let detail = format!("{}: there is one already; change that one", F::KEY);
            return Err(Problem::new(StatusCode::CONFLICT, "exists", detail).about(&format!("/{}", F::KEY)));
        }
        put::<F>(config, moment, caller, None, wished.clone())
    });
    let address = format!(
        "/api/v1/{}/{}",
        F::ADDRESS,
        utf8_percent_encode(&key, NOT_IN_A_PART)
    );
    Ok(tagged(StatusCode::CREATED, &created.await?)
        .with(header::LOCATION, address)
        .json())
}

pub(super) async fn replace<F: Form>(
    api: &Api,
    caller: &Caller,
    key: &str,
    seen: &IfMatch,
    form: F,
) -> Answer<HttpResponse> {
    let wished = form.read();
    let replaced = change(api, caller, |config, moment| {
        let place = place::<F>(config, caller, key)?;
        let before = F::all_mut(config).remove(place);
        seen.require(&tag(&F::shown(&before)))?;
        if F::key(&wished) != key {
            let mend = "a key cannot be changed; create another and remove this one";
            return Err(Problem::field(&format!("/{}", F::KEY), mend));
        }
        put::<F>(config, moment, caller, Some(&before), wished.clone())
    });
    Ok(tagged(StatusCode::OK, &replaced.await?).json())
}

/// `removed` may look at what is left, and say more of it.
pub(super) async fn remove<F: Form>(
    api: &Api,
    caller: &Caller,
    key: &str,
    seen: &IfMatch,
    removed: impl Fn(&mut CompanyConfig, &F::Of) -> Answer<ConfigChange>,
) -> Answer<HttpResponse> {
    change(api, caller, |config, _| {
        let place = place::<F>(config, caller, key)?;
        let before = F::all_mut(config).remove(place);
        seen.agree(&tag(&F::shown(&before)))?;
        F::check_right(Some(&before), None, caller)?;
        Ok(Edit {
            change: Some(removed(config, &before)?),
            place: Place::default(),
            gives: (),
        })
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The changed one stands last, so that what clashes with another is said of it and not of the other.
fn put<F: Form>(
    config: &mut CompanyConfig,
    moment: &mut Moment,
    caller: &Caller,
    before: Option<&F::Of>,
    wished: F::Of,
) -> Answer<Edit<F>> {
    F::check_right(before, Some(&wished), caller)?;
    let all = F::all_mut(config);
    all.push(wished.clone());
    let place = Place::new(format!("{}[{}]", F::LIST, all.len() - 1), "");
    Ok(Edit {
        gives: F::shown(&wished),
        change: (before != Some(&wished)).then(|| F::put(wished, moment)),
        place,
    })
}

fn place<F: Form>(config: &CompanyConfig, caller: &Caller, key: &str) -> Answer<usize> {
    let mut all = F::all(config).iter();
    let place = all.position(|one| F::key(one) == key && F::is_within_reach(one, caller));
    place.ok_or_else(Problem::not_found)
}

/// Of everything that is shown.
pub(super) fn tag(form: &impl Serialize) -> ETag {
    ETag::of_content(&serde_json::to_vec(form).unwrap_or_default())
}

/// An answer with a form and its tag.
pub(super) struct Tagged<'a, F> {
    form: &'a F,
    response: actix_web::HttpResponseBuilder,
}

pub(super) fn tagged<F: Serialize>(status: StatusCode, form: &F) -> Tagged<'_, F> {
    let mut response = HttpResponse::build(status);
    response.insert_header(tag(form).header());
    Tagged { form, response }
}

impl<F: Serialize> Tagged<'_, F> {
    pub(super) fn with(mut self, name: header::HeaderName, value: String) -> Self {
        self.response.insert_header((name, value));
        self
    }

    pub(super) fn json(mut self) -> HttpResponse {
        self.response.json(self.form)
    }
}

/// The endpoints that list, create, show and replace.
macro_rules! collection {
    (
        $form:ident at $all:literal and $one:literal by $key:literal, tagged $tag:literal,
        see $see:ident, change $change:ident;
        list $list:literal, create $create:literal, show $show:literal, replace $replace:literal
    ) => {
        /// What every collection offers.
        fn common_endpoints() -> Vec<$crate::api::Endpoint> {
            use ::onboarding_core::access::Action;
            use $crate::api::{Policy, endpoint};
            vec![
                endpoint!(Policy::May(Action::$see), list),
                endpoint!(Policy::May(Action::$change), create).creation(),
                endpoint!(Policy::May(Action::$see), show),
                endpoint!(Policy::May(Action::$change), replace),
            ]
        }

        #[doc = $list]
        #[utoipa::path(
            get,
            path = $all,
            tag = $tag,
            params($crate::api::PageQuery),
            responses((status = 200, description = "a page", body = $crate::api::Page<$form>))
        )]
        async fn list(
            api: ::actix_web::web::Data<$crate::api::Api>,
            caller: $crate::api::Caller,
            query: ::actix_web::web::Query<$crate::api::PageQuery>,
        ) -> $crate::api::Answer<::actix_web::web::Json<$crate::api::Page<$form>>> {
            super::collection::list(&api, &caller, &query).await
        }

        #[doc = $create]
        #[utoipa::path(
            post,
            path = $all,
            tag = $tag,
            params(("Idempotency-Key" = Option<String>, Header, description = "a random UUID; repeats create nothing")),
            request_body = $form,
            responses(
                (status = 201, description = "created", body = $form),
                (status = 409, description = "it is there already, or would not fit the rest"),
            )
        )]
        async fn create(
            api: ::actix_web::web::Data<$crate::api::Api>,
            caller: $crate::api::Caller,
            body: $crate::api::Body<$form>,
        ) -> $crate::api::Answer<::actix_web::HttpResponse> {
            super::collection::create(&api, &caller, body.0).await
        }

        #[doc = $show]
        #[utoipa::path(
            get,
            path = $one,
            tag = $tag,
            params(($key = String, Path, description = "its key")),
            responses((status = 200, description = "with its ETag", body = $form), (status = 404, description = "none here"))
        )]
        async fn show(
            api: ::actix_web::web::Data<$crate::api::Api>,
            caller: $crate::api::Caller,
            key: ::actix_web::web::Path<String>,
        ) -> $crate::api::Answer<::actix_web::HttpResponse> {
            super::collection::show::<$form>(&api, &caller, &key).await
        }

        #[doc = $replace]
        #[utoipa::path(
            put,
            path = $one,
            tag = $tag,
            params(
                ($key = String, Path, description = "its key"),
                ("If-Match" = Option<String>, Header, description = "the ETag of what is replaced; needed"),
            ),
            request_body = $form,
            responses(
                (status = 200, description = "replaced", body = $form),
                (status = 404, description = "none here"),
                (status = 409, description = "it would not fit the rest"),
                (status = 412, description = "it was changed meanwhile"),
                (status = 428, description = "If-Match is missing"),
            )
        )]
        async fn replace(
            api: ::actix_web::web::Data<$crate::api::Api>,
            caller: $crate::api::Caller,
            key: ::actix_web::web::Path<String>,
            seen: $crate::api::IfMatch,
            body: $crate::api::Body<$form>,
        ) -> $crate::api::Answer<::actix_web::HttpResponse> {
            super::collection::replace(&api, &caller, &key, &seen, body.0).await
        }
    };
}
pub(super) use collection;

/// The endpoint that removes a [`Removable`].
macro_rules! removal {
    ($form:ident at $one:literal by $key:literal, tagged $tag:literal, change $change:ident; $doc:literal) => {
        fn removal_endpoints() -> Vec<$crate::api::Endpoint> {
            use $crate::api::{Policy, endpoint};
            let policy = Policy::May(::onboarding_core::access::Action::$change);
            vec![endpoint!(policy, remove)]
        }

        #[doc = $doc]
        #[utoipa::path(
                    delete,
                    path = $one,
                    tag = $tag,
                    params(
                        ($key = String, Path, description = "its key"),
                        ("If-Match" = Option<String>, Header, description = "the ETag of what is removed"),
                    ),
                    responses(
                        (status = 204, description = "removed"),
                        (status = 404, description = "none here"),
                        (status = 409, description = "something needs it"),
                        (status = 412, description = "it was changed meanwhile"),
                    )
                )]
        async fn remove(
            api: ::actix_web::web::Data<$crate::api::Api>,
            caller: $crate::api::Caller,
            key: ::actix_web::web::Path<String>,
            seen: $crate::api::IfMatch,
        ) -> $crate::api::Answer<::actix_web::HttpResponse> {
            use super::collection::{Removable, remove};
            remove::<$form>(&api, &caller, &key, &seen, |_, one| {
                Ok(<$form as Removable>::remove(one))
            })
            .await
        }
    };
}
pub(super) use removal;
