//! `/api/v1/tokens`: the API tokens of the company. The pattern of a resource.

use actix_web::{HttpResponse, http::header, web};
use onboarding_core::access::{Action, ApiToken, ApiTokenId, TokenMistake, TokenScope, TokenWish};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Api, Body, Caller, Endpoint, Moment, Page, PageQuery, Policy, endpoint};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let admins = Policy::May(Action::ManageTokens);
    vec![
        endpoint!(admins, list),
        endpoint!(admins, create).creation(),
        endpoint!(admins, show),
        endpoint!(admins, revoke),
    ]
}

/// An API token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    id: Uuid,
    /// What the company calls the service that has it.
    name: String,
    scopes: Vec<&'static str>,
    created_at: Moment,
    /// Who made it, as `person:kate`.
    created_by: String,
    expires_at: Moment,
    /// Within a minute.
    last_used_at: Option<Moment>,
    revoked_at: Option<Moment>,
}

/// A token to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "CRM", "scopes": ["rooms:read"], "expires_at": "2027-06-30T00:00:00Z" }))]
struct NewToken {
    /// What the company calls the service; 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Any of `config:read`, `config:write`, `rooms:read`, `rooms:write`, `messages:read`.
    #[schema(min_items = 1)]
    scopes: Vec<String>,
    /// Within 365 days.
    expires_at: Moment,
}

/// A token that has just been created.
#[derive(Debug, Serialize, ToSchema)]
struct CreatedToken {
    #[serde(flatten)]
    token: Token,
    /// What the service sends as `Authorization: Bearer`. It is shown this once.
    secret: String,
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id.as_uuid(),
            name: token.name,
            scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
            created_at: Moment(token.created_at),
            created_by: token.created_by,
            expires_at: Moment(token.expires_at),
            last_used_at: token.last_used_at.map(Moment),
            revoked_at: token.revoked_at.map(Moment),
        }
    }
}

/// The company's tokens, newest first, revoked and expired ones too.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "tokens",
    params(PageQuery),
    responses((status = 200, description = "a page", body = Page<Token>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    query: web::Query<PageQuery>,
) -> Answer<web::Json<Page<Token>>> {
    let after = query.after::<Uuid>()?.map(ApiTokenId::from_uuid);
    let company = &caller.principal.company;
    let tokens = api.store.tokens(company, after, query.to_fetch()?).await?;
    let page = query.page(tokens, |token| token.id.as_uuid())?;
    Ok(web::Json(page.map(Token::from)))
}

/// Create a token. Its secret is in this answer and nowhere else.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "tokens",
    params(("Idempotency-Key" = Option<String>, Header, description = "a random UUID; repeats create nothing")),
    request_body = NewToken,
    responses((status = 201, description = "created", body = CreatedToken))
)]
async fn create(api: web::Data<Api>, caller: Caller, body: Body<NewToken>) -> Answer<HttpResponse> {
    let Body(new) = body;
    let scope = |(place, name): (usize, &String)| {
        TokenScope::from_name(name).ok_or_else(|| {
            let known: Vec<_> = TokenScope::ALL.iter().map(|scope| scope.as_str()).collect();
            let mend = format!("no such scope; known are {}", known.join(", "));
            Problem::field(&format!("/scopes/{place}"), mend)
        })
    };
    let scopes = new.scopes.iter().enumerate().map(scope).collect::<Answer<_>>()?;
    let wish = TokenWish::new(&new.name, scopes, new.expires_at.0, api.clock.now()).map_err(refused)?;
    let created = api
        .access
        .create_token(&caller.principal.company, wish, &caller.origin())
        .await?;
    let address = format!("/api/v1/tokens/{}", created.of.id);
    let answer = CreatedToken {
        token: created.of.into(),
        secret: created.secret.expose_secret().to_owned(),
    };
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, address))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(answer))
}

/// One token.
#[utoipa::path(
    get,
    path = "/api/v1/tokens/{id}",
    tag = "tokens",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "the token", body = Token), (status = 404, description = "none here"))
)]
async fn show(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<Token>> {
    let token = api.store.token(ApiTokenId::from_uuid(*id)).await?;
    let ours = token.filter(|token| token.company == caller.principal.company);
    ours.map(|token| web::Json(token.into()))
        .ok_or_else(Problem::not_found)
}

/// Revoke a token: the next request with it is refused, on every replica. Repeating it changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    tag = "tokens",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 204, description = "revoked"), (status = 404, description = "none here"))
)]
async fn revoke(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let (company, id) = (&caller.principal.company, ApiTokenId::from_uuid(*id));
    let revoked = api
        .store
        .revoke_token(company, id, &caller.origin(), api.clock.now())
        .await?;
    revoked.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::NoContent().finish())
}

fn refused(mistake: TokenMistake) -> Problem {
    let field = match mistake {
        TokenMistake::Name => "/name",
        TokenMistake::NoScope => "/scopes",
        TokenMistake::Expiry => "/expires_at",
    };
    Problem::field(field, mistake)
}
