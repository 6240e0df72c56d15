//! `/api/v1/qr/logo`: the logo in the middle of QR codes.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
    web,
};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use onboarding_core::{ButtonKey, Logo, access::Action, config::ConfigChange};
use onboarding_qr::{MOST_LOGO_BYTES, logo};

use super::{Edit, Place, change};
use crate::{
    api::{Answer, Api, Caller, ETag, Endpoint, IfMatch, Policy, body, endpoint},
    pictures::{cached, is_known, stopping},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (see, set_it) = (Policy::May(Action::SeeConfig), Policy::May(Action::ChangeConfig));
    vec![
        endpoint!(see, show),
        endpoint!(set_it, set).with_bodies_of(MOST_LOGO_BYTES),
        endpoint!(set_it, clear),
    ]
}

/// A file as the body of a request.
struct LogoFile(Bytes);

impl FromRequest for LogoFile {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move { Ok(Self(body::read(payload, MOST_LOGO_BYTES).await?.freeze())) })
    }
}

/// The company's logo as it is drawn.
///
/// A PNG that was made of the file that was given. Its `ETag` names that file.
#[utoipa::path(
    get,
    path = "/api/v1/qr/logo",
    tag = "texts",
    responses(
        (status = 200, description = "the logo", content_type = "image/png", body = String),
        (status = 304, description = "you have it already"),
        (status = 404, description = "the company has none: its codes have ours"),
    )
)]
async fn show(api: web::Data<Api>, caller: Caller, request: HttpRequest) -> Answer<HttpResponse> {
    picture(&api, &caller, &request).await
}

/// The picture, or “not modified”.
pub(crate) async fn picture(api: &Api, caller: &Caller, request: &HttpRequest) -> Answer<HttpResponse> {
    let logo = api.store.logo(&caller.principal.company).await?;
    let logo = logo.ok_or_else(Problem::not_found)?;
    let tag = tag_of(Some(&logo)).to_string();
    let mut answer = HttpResponse::Ok();
    if is_known(request, &tag) {
        answer.status(StatusCode::NOT_MODIFIED);
        return Ok(cached(&mut answer, &tag).finish());
    }
    let picture = logo.picture().unwrap_or_default().to_vec();
    Ok(cached(&mut answer, &tag).content_type("image/png").body(picture))
}

/// Set the logo in the middle of QR codes.
///
/// The body is the file: SVG, PNG or JPEG of at most 1 MiB. It is taken only if codes with it are read, which is tried. Codes that are
/// shown change at once; those that were printed hold as they are.
#[utoipa::path(
    put,
    path = "/api/v1/qr/logo",
    tag = "texts",
    params(("If-Match" = Option<String>, Header, description = "the ETag of what is replaced")),
    request_body(content = String, content_type = "image/*", description = "the file"),
    responses(
        (status = 204, description = "set, with its ETag"),
        (status = 412, description = "it was changed meanwhile"),
        (status = 413, description = "the file is too large"),
        (status = 422, description = "no logo for codes, and why"),
    )
)]
async fn set(api: web::Data<Api>, caller: Caller, seen: IfMatch, file: LogoFile) -> Answer<HttpResponse> {
    let logo = taken(file.0.to_vec()).await?;
    put(&api, &caller, &seen, Some(&logo)).await?;
    Ok(HttpResponse::NoContent()
        .insert_header((header::ETAG, tag_of(Some(&logo)).to_string()))
        .finish())
}

/// Take the company's logo away: its codes have ours again.
#[utoipa::path(
    delete,
    path = "/api/v1/qr/logo",
    tag = "texts",
    params(("If-Match" = Option<String>, Header, description = "the ETag of what is removed")),
    responses(
        (status = 204, description = "there is none any more"),
        (status = 412, description = "it was changed meanwhile"),
    )
)]
async fn clear(api: web::Data<Api>, caller: Caller, seen: IfMatch) -> Answer<HttpResponse> {
    put(&api, &caller, &seen, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The file as a logo, if codes with it are read.
pub(crate) async fn taken(file: Vec<u8>) -> Answer<Logo> {
    // Codes are drawn and read, which nobody else should wait for.
    let judged = web::block(move || logo(&file)).await.map_err(|_| stopping())?;
    judged.map_err(|why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-logo", why.to_string()))
}

/// Names what the company has.
pub(crate) fn tag_of(logo: Option<&Logo>) -> ETag {
    ETag::of_content(logo.map_or("", Logo::digest).as_bytes())
}

/// Sets the logo, or takes it away.
pub(crate) async fn put(api: &Api, caller: &Caller, seen: &IfMatch, logo: Option<&Logo>) -> Answer<()> {
    change(api, caller, |config, moment| {
        seen.agree(&tag_of(config.settings.qr_logo.as_ref()))?;
        let is_so = config.settings.qr_logo.as_ref() == logo;
        config.settings.qr_logo = logo.cloned();
        let settings = Box::new(config.settings.clone());
        let change = || ConfigChange::PutCompany {
            new_key: ButtonKey::mint(&mut moment.draw),
            settings,
        };
        Ok(Edit {
            change: (!is_so).then(change),
            place: Place::new("qr.logo", ""),
            gives: (),
        })
    })
    .await
}
