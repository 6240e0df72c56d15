//! The table of endpoints: none without a policy.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{
    HttpResponse, Route,
    http::{Method, StatusCode},
    middleware::from_fn,
    web,
};
use onboarding_core::access::Action;
use utoipa::openapi::{HttpMethod, RefOr, path::Operation, schema::Schema};

use super::{MAX_JSON, gate};
use crate::problem::Problem;

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Anybody, for this reason.
    Open(&'static str),
    /// Whom the core's rule lets take the action (`onboarding_core::access`).
    May(Action),
}

/// One method of one address, with its policy. It cannot be made without one.
#[derive(Clone)]
pub struct Endpoint {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) policy: Policy,
    pub(super) creates: bool,
    most_body: usize,
    pub(super) is_try: bool,
    pub(super) described: Option<Described>,
    handler: Arc<dyn Fn() -> Route + Send + Sync>,
}

/// What the OpenAPI document says of it.
#[derive(Clone)]
pub(super) struct Described {
    pub(super) operation: Operation,
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
}

/// Why a table cannot be served.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TableError {
    /// Only one of them would be reached.
    #[error("two endpoints for {0}")]
    Twice(String),
    /// It would change something for anybody.
    #[error("{0} changes something and is open to anybody")]
    OpenChange(String),
    /// Only creations are remembered by their key.
    #[error("{0} answers 201 and is not declared a creation")]
    NotACreation(String),
}

impl Endpoint {
    /// An endpoint of the API; made by the macro `endpoint!`, which takes method, address and
    /// description from the handler's own annotation.
    pub fn described<P>(policy: Policy, handler: impl Fn() -> Route + Send + Sync + 'static) -> Self
    where
        P: utoipa::Path + utoipa::__dev::SchemaReferences,
    {
        let mut schemas = Vec::new();
        P::schemas(&mut schemas);
        let operation = P::operation();
        let method = P::methods().into_iter().next();
        Self {
            method: method_of(&method.expect("an annotation names one method")),
            path: P::path(),
            policy,
            creates: false,
            most_body: MAX_JSON,
            is_try: false,
            described: Some(Described { operation, schemas }),
            handler: Arc::new(handler),
        }
    }

    /// An endpoint for people with a browser, which the OpenAPI document leaves out.
    pub fn page(
        method: Method,
        path: &str,
        policy: Policy,
        handler: impl Fn() -> Route + Send + Sync + 'static,
    ) -> Self {
        Self {
            method,
            path: path.to_owned(),
            policy,
            creates: false,
            most_body: MAX_JSON,
            is_try: false,
            described: None,
            handler: Arc::new(handler),
        }
    }

    /// It creates something: a repeated request with the same `Idempotency-Key` is answered as the first was.
    pub fn creation(mut self) -> Self {
        self.creates = true;
        self
    }

    /// It takes bodies of so many bytes, where that is not [`MAX_JSON`].
    pub fn with_bodies_of(mut self, bytes: usize) -> Self {
        self.most_body = bytes;
        self
    }

    /// It is open to anybody and asked as often as a stranger may try, though it is a `GET`: it makes us ask others.
    pub fn tried(mut self) -> Self {
        self.is_try = true;
        self
    }

    /// `GET`, `POST` and so on.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The address, with names in braces for what varies.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Who may call it.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    fn shown(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn route(&self) -> Route {
        let rules = gate::Rules {
            policy: self.policy,
            creates: self.creates,
            most_body: self.most_body,
            is_try: self.is_try,
            is_page: self.described.is_none(),
        };
        (self.handler)()
            .method(self.method.clone())
            .wrap(from_fn(move |request, next| gate::pass(rules, request, next)))
    }
}

/// Says why the table cannot be served, before anything is.
pub fn check(endpoints: &[Endpoint]) -> Result<(), TableError> {
    let mut known = BTreeSet::new();
    for endpoint in endpoints {
        let changes = !endpoint.method.is_safe();
        if !known.insert((endpoint.path.clone(), endpoint.method.to_string())) {
            return Err(TableError::Twice(endpoint.shown()));
        }
        let Some(described) = &endpoint.described else {
            continue;
        };
        if changes && matches!(endpoint.policy, Policy::Open(_)) {
            return Err(TableError::OpenChange(endpoint.shown()));
        }
        let says_created = described.operation.responses.responses.contains_key("201");
        if says_created && !endpoint.creates {
            return Err(TableError::NotACreation(endpoint.shown()));
        }
    }
    Ok(())
}

/// One resource an address, because the first that fits is asked and no other.
pub(super) fn mount(config: &mut web::ServiceConfig, endpoints: &[Endpoint]) {
    let mut mounted = BTreeSet::new();
    for first in endpoints {
        if !mounted.insert(first.path.as_str()) {
            continue;
        }
        let here: Vec<_> = endpoints.iter().filter(|one| one.path == first.path).collect();
        let methods: Vec<_> = here.iter().map(|one| one.method.as_str()).collect();
        let allowed = methods.join(", ");
        let mut resource = web::resource(first.path.as_str());
        for endpoint in here {
            resource = resource.route(endpoint.route());
        }
        config.service(
            resource.default_service(web::to(move || std::future::ready(wrong_method(allowed.clone())))),
        );
    }
}

fn wrong_method(allowed: String) -> HttpResponse {
    let detail = format!("this address takes {allowed}");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", detail);
    problem.with_header("Allow", allowed).response()
}

fn method_of(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

/// The endpoint of a handler that stands in the same module and has a `#[utoipa::path(…)]`:
/// `endpoint!(Policy::May(Action::SeeSelf), show)`.
macro_rules! endpoint {
    ($policy:expr, $handler:ident) => {
        ::pastey::paste! {
            $crate::api::Endpoint::described::<[<__path_ $handler>]>($policy, || {
                ::actix_web::web::route().to($handler)
            })
        }
    };
}
pub(crate) use endpoint;
