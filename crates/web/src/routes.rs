//! Routes that cannot forget who may call them.
//!
//! There is no way to add a handler but by a statement of who may call it. The
//! statement puts the guard before every extractor and the requirement into the
//! OpenAPI document.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use utoipa::openapi::path::{HttpMethod, Operation as Described, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, ContentBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use zg_base::{App, Right};

use crate::api::Operation;
use crate::guard::guard;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Staff and, if `keys`, API keys that hold the right.
    Right {
        /// Name of the right.
        name: &'static str,
        /// May an API key hold it?
        keys: bool,
    },
    /// Any member of staff, about themselves. Keys never.
    Staff,
    /// A shopper who has signed in.
    Shopper,
    /// Anybody.
    Public,
}

/// The routes of one module.
pub struct Routes {
    module: &'static str,
    router: OpenApiRouter<App>,
    operations: Vec<Operation>,
    problems: Vec<&'static str>,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes").field("module", &self.module).field("operations", &self.operations).finish_non_exhaustive()
    }
}

impl Routes {
    /// No routes yet, of a module by whose name the document groups them.
    #[must_use]
    pub fn new(module: &'static str) -> Self {
        Self { module, router: OpenApiRouter::with_openapi(empty()), operations: Vec::new(), problems: Vec::new() }
    }

    /// The texts of the module's problem codes: the content of its `problems.toml`.
    #[must_use]
    pub fn problems(mut self, toml: &'static str) -> Self {
        self.problems.push(toml);
        self
    }

    /// For staff and keys that hold the right.
    #[must_use]
    pub fn allow<R: Right>(self, routes: UtoipaMethodRouter<App>) -> Self {
        self.add(Who::Right { name: R::NAME, keys: R::FOR_KEYS }, routes)
    }

    /// As [`Self::allow`], taking bodies up to `bytes`.
    #[must_use]
    pub fn allow_upload<R: Right>(self, bytes: usize, (schemas, paths, router): UtoipaMethodRouter<App>) -> Self {
        let router = router.layer(DefaultBodyLimit::max(bytes));
        self.add(Who::Right { name: R::NAME, keys: R::FOR_KEYS }, (schemas, paths, router))
    }

    /// For any member of staff, about themselves.
    #[must_use]
    pub fn staff(self, routes: UtoipaMethodRouter<App>) -> Self {
        self.add(Who::Staff, routes)
    }

    /// For shoppers who have signed in.
    #[must_use]
    pub fn shopper(self, routes: UtoipaMethodRouter<App>) -> Self {
        self.add(Who::Shopper, routes)
    }

    /// For anybody.
    #[must_use]
    pub fn public(self, routes: UtoipaMethodRouter<App>) -> Self {
        self.add(Who::Public, routes)
    }

    fn add(mut self, who: Who, (schemas, mut paths, router): UtoipaMethodRouter<App>) -> Self {
        for (path, item) in &mut paths.paths {
            for (method, operation) in operations(item) {
                describe(self.module, who, &method, path, operation);
                self.operations.push(Operation { method, path: format!("/api/v1{path}"), who, module: self.module });
            }
        }
        let router = router.route_layer(from_fn(move |request, next| guard(who, request, next)));
        self.router = self.router.routes((schemas, paths, router));
        self
    }

    pub(crate) fn into_parts(self) -> (Router<App>, OpenApi, Vec<Operation>, Vec<&'static str>) {
        let (router, openapi) = self.router.split_for_parts();
        (router, openapi, self.operations, self.problems)
    }
}

fn empty() -> OpenApi {
    OpenApiBuilder::new().components(Some(Components::new())).build()
}

fn operations(item: &mut PathItem) -> Vec<(http::Method, &mut Described)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [(HttpMethod::Get, get), (HttpMethod::Put, put), (HttpMethod::Post, post), (HttpMethod::Delete, delete), (HttpMethod::Patch, patch)]
        .into_iter()
        .filter_map(|(method, operation)| operation.as_mut().map(|operation| (plain(&method), operation)))
        .collect()
}

fn plain(method: &HttpMethod) -> http::Method {
    match method {
        HttpMethod::Put => http::Method::PUT,
        HttpMethod::Post => http::Method::POST,
        HttpMethod::Delete => http::Method::DELETE,
        HttpMethod::Patch => http::Method::PATCH,
        _ => http::Method::GET,
    }
}

fn describe(module: &str, who: Who, method: &http::Method, path: &str, operation: &mut Described) {
    operation.tags = Some(vec![module.to_owned()]);
    operation.operation_id = Some(operation_id(method, path));
    let (security, note) = match who {
        Who::Right { name, keys } => {
            let mut ways = vec![SecurityRequirement::new("staff", [name])];
            if keys {
                ways.push(SecurityRequirement::new("key", [name]));
            }
            (ways, format!("Right: `{name}`."))
        }
        Who::Staff => (vec![SecurityRequirement::new("staff", [""; 0])], "Any member of staff, about themselves.".to_owned()),
        Who::Shopper => (vec![SecurityRequirement::new("shopper", [""; 0])], "A signed-in shopper.".to_owned()),
        Who::Public => (Vec::new(), "Anybody.".to_owned()),
    };
    operation.security = Some(security);
    let before = operation.description.take().unwrap_or_default();
    operation.description = Some(format!("{before}\n\n{note}").trim().to_owned());
    let problem = ResponseBuilder::new()
        .description("A problem: what went wrong and what to do")
        .content("application/problem+json", ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build())
        .build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(problem));
}

/// `POST /admin/orders/{id}/cancel` → `postAdminOrdersByIdCancel`: unique because the pair is.
fn operation_id(method: &http::Method, path: &str) -> String {
    let mut id = method.as_str().to_ascii_lowercase();
    for part in path.split(['/', '-', '.', '_']).filter(|part| !part.is_empty()) {
        let name = part.trim_matches(['{', '}']);
        if name.len() < part.len() {
            id.push_str("By");
        }
        let mut letters = name.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.extend(letters);
    }
    id
}

#[cfg(test)]
mod tests {
    #[test]
    fn operation_ids_say_method_and_path() {
        let id = |method, path| super::operation_id(&method, path);
        assert_eq!(id(http::Method::POST, "/admin/orders/{id}/cancel"), "postAdminOrdersByIdCancel");
        assert_eq!(id(http::Method::GET, "/store/carts/{token}/shipping-methods"), "getStoreCartsByTokenShippingMethods");
    }
}
