//! All modules' routes as one API, and the document that describes it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use http::{HeaderValue, Method};
use serde_json::Value;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, Paths};
use utoipa::{PartialSchema as _, ToSchema};
use zg_base::App;

use crate::finish::{Finish, TrustedProxies, finish};
use crate::problem::{FieldError, Texts};
use crate::routes::{Routes, Who};
use crate::{file, live};

/// One operation and who may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its method.
    pub method: Method,
    /// Its path, with `{parameters}`.
    pub path: String,
    /// Who may call it.
    pub who: Who,
    /// The module it belongs to.
    pub module: &'static str,
}

/// What the API is told by the configuration.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Origins that may call it from a browser; empty is CORS off.
    pub cors_origins: Vec<String>,
    /// Proxies whose forwarded addresses are believed.
    pub proxies: TrustedProxies,
    /// A request takes this long at most.
    pub timeout: Duration,
    /// Is it reached by HTTPS alone?
    pub hsts: bool,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self { cors_origins: Vec::new(), proxies: TrustedProxies::default(), timeout: Duration::from_secs(30), hsts: false }
    }
}

/// The whole API.
pub struct Api {
    router: Router<App>,
    openapi: OpenApi,
    operations: Vec<Operation>,
    texts: Arc<Texts>,
}

/// An error, as `application/problem+json` (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "describes the body that `Problem::body` builds")]
struct ProblemSchema {
    /// A URN made of the code.
    r#type: String,
    /// The status in words.
    title: String,
    /// HTTP status.
    status: u16,
    /// A stable code that programs may act on.
    code: String,
    /// What went wrong and what to do, in the reader's language.
    detail: String,
    /// By which the log lines are found.
    request_id: String,
    /// Fields that were refused.
    errors: Option<Vec<FieldError>>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("operations", &self.operations.len()).finish_non_exhaustive()
    }
}

impl Api {
    /// Puts modules together.
    #[must_use]
    pub fn new(modules: Vec<Routes>) -> Self {
        let mut texts = Texts::default();
        texts.add(include_str!("../problems.toml"));
        let mut router = Router::new();
        let mut operations = Vec::new();
        let mut openapi = OpenApiBuilder::new()
            .info(InfoBuilder::new().title("Zhanggui").version(env!("CARGO_PKG_VERSION")).build())
            .paths(Paths::new())
            .components(Some(Components::new()))
            .build();
        for module in modules {
            let (routes, described, listed, problems) = module.into_parts();
            router = router.merge(routes);
            openapi = openapi.nest("/api/v1", described);
            operations.extend(listed);
            for toml in problems {
                texts.add(toml);
            }
        }
        let components = openapi.components.get_or_insert_with(Components::new);
        components.schemas.insert("Problem".to_owned(), ProblemSchema::schema());
        components.schemas.insert("FieldError".to_owned(), FieldError::schema());
        for (name, scheme) in schemes() {
            components.security_schemes.insert(name.to_owned(), scheme.into());
        }
        Self { router, openapi, operations, texts: Arc::new(texts) }
    }

    /// Every operation, for the walk over all of them and for the list of rights.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The texts of all problem codes.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The OpenAPI 3.1 document.
    ///
    /// # Panics
    /// Never: what utoipa built is JSON.
    pub fn document(&self) -> Value {
        serde_json::to_value(&self.openapi).expect("an OpenAPI document is JSON")
    }

    /// Every right that a route states, sorted: what a role can be given.
    pub fn rights(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self
            .operations
            .iter()
            .filter_map(|operation| match operation.who {
                Who::Right { name, .. } => Some(name),
                Who::Staff | Who::Shopper | Who::Public => None,
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The router: the API under `/api/v1`, `/ws`, `/files`, and whatever pages are merged beside.
    pub fn router(&self, app: App, config: &ApiConfig, pages: Router<App>) -> Router {
        let origins: Arc<[String]> = config.cors_origins.clone().into();
        let setup = Finish {
            app: app.clone(),
            texts: Arc::clone(&self.texts),
            proxies: config.proxies.clone(),
            origins: Arc::clone(&origins),
            timeout: config.timeout,
            hsts: config.hsts,
        };
        let document = self.document().to_string();
        let api = self
            .router
            .clone()
            .route("/openapi.json", get(move || std::future::ready(([("content-type", "application/json")], document.clone()))));
        let router = Router::new()
            .nest("/api/v1", api)
            .route("/ws", get(live::handler))
            .route("/files/{name}", get(file::handler))
            .merge(pages)
            .layer(axum::Extension(live::AllTopics(self.rights().into_iter().map(str::to_owned).collect())))
            .layer(DefaultBodyLimit::max(1024 * 1024))
            .layer(from_fn_with_state(setup, finish));
        let router = crate::compress::compressed(router);
        let router = if origins.is_empty() { router } else { router.layer(cors(&origins)) };
        router.with_state(app)
    }
}

/// Exact origins, without credentials: a browser on another site carries no cookie of ours.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            http::header::CONTENT_TYPE,
            http::header::ACCEPT_LANGUAGE,
            http::header::AUTHORIZATION,
            http::header::IF_MATCH,
            http::header::IF_NONE_MATCH,
            http::HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([http::header::ETAG, http::header::LOCATION, http::header::RETRY_AFTER])
        .max_age(Duration::from_secs(3600))
}

fn schemes() -> [(&'static str, SecurityScheme); 3] {
    let cookie = |name: &str, text: &str| SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, text)));
    [
        ("staff", cookie(crate::STAFF_COOKIE, "A member of staff's session. Unsafe methods also need `X-CSRF-Token`.")),
        ("shopper", cookie(crate::SHOPPER_COOKIE, "A shopper's session. Unsafe methods also need `X-CSRF-Token`.")),
        ("key", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("zg_…").build())),
    ]
}
