//! `/api/v1/openapi.json`: the API as its own table describes it.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header};
use onboarding_core::access::Action;
use utoipa::openapi::{
    Components, Content, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Paths, Ref,
    RefOr, ResponseBuilder, Type,
    path::{Operation, ParameterIn},
    schema::Schema,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use super::{Endpoint, Policy, endpoint};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let everybody = Policy::Open("the description of the API tells nothing of any company");
    vec![endpoint!(everybody, describe)]
}

/// This description.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "description",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json"))
)]
async fn describe() -> HttpResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let document = document(&super::endpoints());
        document.to_json().unwrap_or_default()
    });
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("application/json")
        .body(TEXT.as_str())
}

/// The OpenAPI document of these endpoints. What holds for all of a policy (who may, and how they are refused) is
/// added here, so that handlers describe only what is theirs.
pub fn document(endpoints: &[Endpoint]) -> OpenApi {
    let (mut paths, mut components) = (Paths::new(), Components::new());
    for endpoint in endpoints {
        let Some(described) = &endpoint.described else {
            continue;
        };
        let mut operation = completed(endpoint, described.operation.clone());
        operation.operation_id = Some(operation_id(endpoint, &operation));
        let method = http_method(endpoint);
        paths.add_path_operation(&endpoint.path, vec![method], operation);
        components.schemas.extend(described.schemas.clone());
    }
    components
        .schemas
        .insert("Problem".to_owned(), problem_schema().into());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    let cookie = ApiKey::Cookie(ApiKeyValue::new(super::SESSION_COOKIE));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    let info = InfoBuilder::new()
        .title("Onboarding")
        .version("1")
        .description(Some(
            "What admins and other services of a company can do. Errors are problem documents (RFC 9457).",
        ))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .build()
}

fn http_method(endpoint: &Endpoint) -> utoipa::openapi::HttpMethod {
    use utoipa::openapi::HttpMethod;
    match endpoint.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

/// Handlers have short names that repeat; with the tag before them they do not, but for sub-resources, which have longer
/// ones.
fn operation_id(endpoint: &Endpoint, operation: &Operation) -> String {
    let name = operation.operation_id.as_deref().unwrap_or_default();
    let resource = endpoint.path.trim_start_matches("/api/v1/");
    let fixed = resource.split('/').filter(|part| !part.starts_with('{'));
    let words: Vec<_> = fixed.map(|part| part.replace(['-', '.'], "_")).collect();
    format!("{}_{name}", words.join("_"))
}

fn completed(endpoint: &Endpoint, mut operation: Operation) -> Operation {
    if let Policy::May(action) = endpoint.policy {
        let may = format!("Needs the right `{action}`{}.", scopes_of(action));
        let description = operation.description.get_or_insert_default();
        if !description.is_empty() {
            description.push_str("\n\n");
        }
        description.push_str(&may);
        let none = [""; 0];
        operation.security = Some(vec![
            SecurityRequirement::new("token", none),
            SecurityRequirement::new("session", none),
        ]);
        for (status, what) in [
            ("401", "nobody is signed in, or the token is worth nothing"),
            ("403", "the caller may not"),
            ("429", "too many requests; `Retry-After` says when to come again"),
        ] {
            add_problem(&mut operation, status, what);
        }
    }
    if let Some(body) = &operation.request_body {
        let is_json = matches!(body, RefOr::T(body) if body.content.contains_key("application/json"));
        let (unreadable, other_type) = if is_json {
            (
                "the body is no JSON, or says a key twice",
                "the body is of another type than JSON",
            )
        } else {
            (
                "the body or a parameter cannot be read",
                "the body is of another type",
            )
        };
        for (status, what) in [
            ("400", unreadable),
            ("413", "the body is too large"),
            ("415", other_type),
            ("422", "a field is unknown, missing or has a wrong value"),
        ] {
            add_problem(&mut operation, status, what);
        }
    }
    let takes = |place: ParameterIn| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|one| matches!(one, RefOr::T(one) if one.parameter_in == place))
    };
    let (by_query, by_path) = (takes(ParameterIn::Query), takes(ParameterIn::Path));
    if by_query || endpoint.creates {
        add_problem(&mut operation, "400", "a parameter or header cannot be read");
    }
    if by_path {
        add_problem(&mut operation, "404", "none here");
    }
    if endpoint.creates {
        add_problem(
            &mut operation,
            "409",
            "the same request with this Idempotency-Key is under way",
        );
    }
    add_problem(&mut operation, "503", "the store does not answer");
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with('4')
        {
            response
                .content
                .entry(PROBLEM.to_owned())
                .or_insert_with(|| problem_content().into());
        }
    }
    operation
}

fn scopes_of(action: Action) -> String {
    let scopes: Vec<_> = action.scopes().iter().map(|scope| format!("`{scope}`")).collect();
    if scopes.is_empty() {
        String::new()
    } else {
        format!("; a token needs the scope {}", scopes.join(" or "))
    }
}

const PROBLEM: &str = "application/problem+json";

fn problem_content() -> Content {
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build()
}

fn add_problem(operation: &mut Operation, status: &str, what: &str) {
    let response = ResponseBuilder::new()
        .description(what)
        .content(PROBLEM, problem_content())
        .build();
    let responses = &mut operation.responses.responses;
    responses
        .entry(status.to_owned())
        .or_insert_with(|| response.into());
}

fn problem_schema() -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let field = ObjectBuilder::new()
        .property("field", text())
        .property("detail", text());
    let errors = utoipa::openapi::ArrayBuilder::new().items(field);
    ObjectBuilder::new()
        .property(
            "type",
            text().description(Some("stable; urn:onboarding:problem:…")),
        )
        .property("title", text())
        .property("status", ObjectBuilder::new().schema_type(Type::Integer))
        .property("detail", text().description(Some("what was wrong, and the mend")))
        .property("errors", errors)
        .required("type")
        .required("title")
        .required("status")
        .required("detail")
        .into()
}
