//! One page: who reads it, and how it is put together and sent.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use minijinja::value::Object;
use minijinja::{Error, State, Value, context};
use zg_base::secrets::{sha256_hex, token};
use zg_base::{Actor, App};
use zg_domain::Locale;
use zg_web::{Meta, Problem, SHOPPER_COOKIE, Shopper, Texts, cookie_of};

use crate::shell::TOKEN_FIELD;
use crate::template::{self, value};
use crate::text::Text;

/// The language chosen last.
pub(crate) const LOCALE_COOKIE: &str = "zg_locale";
/// The cart's token.
pub(crate) const CART_COOKIE: &str = "zg_cart";
/// What the forms' token is bound to.
const FORM_COOKIE: &str = "zg_form";
/// What the page before wants to have said, as the name of a text.
const NOTICE_COOKIE: &str = "zg_notice";

/// A note for the shop that is not ordered yet.
const MESSAGE_COOKIE: &str = "zg_message";

/// Its longest, in characters.
const MESSAGE_LIMIT: usize = 500;

/// How long a cart and a form are remembered.
const LASTING: i64 = 60 * 24 * 3600;
/// Pages of the shop load nothing that is not ours, and no inline code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A page in the making. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Page(Arc<Inner>);

struct Inner {
    app: App,
    texts: Arc<Texts>,
    locale: Locale,
    actor: Actor,
    member: Option<Shopper>,
    /// Path and query as asked for.
    asked: String,
    cart: Option<String>,
    message: Option<String>,
    notice: Option<Text>,
    form: Arc<FormToken>,
    request_id: String,
    user_agent: String,
    secure: bool,
}

/// What a page says of itself to search engines and to the reader's tab.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// Title, without the shop's name.
    pub(crate) title: String,
    /// One or two sentences.
    pub(crate) description: String,
    /// Path of the one true address; pages without one stay out of indexes.
    pub(crate) canonical: Option<String>,
    /// The same page in each language, by path. Empty: the path is the same but for the language.
    pub(crate) alternates: Vec<(Locale, String)>,
    /// A picture, by path.
    pub(crate) image: Option<String>,
}

impl Head {
    /// Of a page that is nobody's business but the reader's.
    pub(crate) fn private(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

impl Page {
    /// Finds out who asks.
    pub(crate) async fn open(app: &App, parts: &Parts, locale: Locale) -> Result<Self, Problem> {
        let member = zg_web::shopper_of_page(app, parts).await?;
        let actor = member.as_ref().map_or_else(|| zg_web::guest(parts), |member| member.actor.clone());
        let headers = &parts.headers;
        let session = cookie_of(headers, SHOPPER_COOKIE).filter(|_| member.is_some()).unwrap_or_default();
        let notice = cookie_of(headers, NOTICE_COOKIE).filter(|name| name.starts_with("notice_")).and_then(|name| Text::named(&name));
        let form = FormToken::new(app, cookie_of(headers, FORM_COOKIE), session);
        Ok(Self(Arc::new(Inner {
            app: app.clone(),
            texts: parts.extensions.get::<Arc<Texts>>().cloned().unwrap_or_default(),
            locale,
            actor,
            member,
            asked: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            cart: cookie_of(headers, CART_COOKIE).filter(|token| !token.is_empty()),
            message: cookie_of(headers, MESSAGE_COOKIE).and_then(|sealed| unpacked(&sealed)),
            notice,
            form: Arc::new(form),
            request_id: parts.extensions.get::<Meta>().map(|meta| meta.request_id.clone()).unwrap_or_default(),
            user_agent: headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned(),
            secure: app.shop().base_url.starts_with("https:"),
        })))
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn locale(&self) -> Locale {
        self.0.locale
    }

    pub(crate) fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// The shopper, if signed in.
    pub(crate) fn member(&self) -> Option<&Shopper> {
        self.0.member.as_ref()
    }

    /// The token of the visitor's cart.
    pub(crate) fn cart(&self) -> Option<&str> {
        self.0.cart.as_deref()
    }

    /// The note for the shop that was typed last.
    pub(crate) fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Keeps a note for the shop until it is ordered; an empty one is forgotten.
    pub(crate) fn message_cookie(&self, note: &str) -> HeaderValue {
        let short: String = note.trim().chars().take(MESSAGE_LIMIT).collect();
        let lasts = if short.is_empty() { 0 } else { LASTING };
        self.cookie(MESSAGE_COOKIE, &URL_SAFE_NO_PAD.encode(short), lasts)
    }

    pub(crate) fn user_agent(&self) -> &str {
        &self.0.user_agent
    }

    /// What a form of this visitor's must carry; none if no page with a form was served.
    pub(crate) fn form_token(&self) -> Option<String> {
        (!self.0.form.fresh).then(|| self.0.form.token())
    }

    /// A text in the reader's language.
    pub(crate) fn say(&self, text: Text) -> &'static str {
        text.of(self.0.locale)
    }

    /// The shop's name in the reader's language.
    pub(crate) fn shop_name(&self) -> &str {
        names(&self.0.app.shop().name, self.0.locale).0
    }

    /// A problem in the reader's language.
    pub(crate) fn word(&self, problem: &Problem) -> Value {
        value(problem.body(&self.0.texts, self.0.locale, &self.0.request_id))
    }

    /// A path in the reader's language: `/en/cart` of `/cart`.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/{}{rest}", self.0.locale.tag())
    }

    /// 200 with a template.
    pub(crate) async fn show(&self, name: &str, head: Head, values: Value) -> Result<Response, Problem> {
        self.answer(StatusCode::OK, name, head, values).await
    }

    /// A template with a status: 422 shows a form again with what was wrong.
    pub(crate) async fn answer(&self, status: StatusCode, name: &str, head: Head, values: Value) -> Result<Response, Problem> {
        // Only a page with one true address is the same for everybody.
        let shared = head.canonical.is_some();
        let frame = self.frame(head).await?;
        let html = template::render(name, context! { ..values, ..frame }).map_err(|error| broken(name, &error))?;
        Ok(self.send(status, html, shared))
    }

    /// A refusal in the shop's look.
    pub(crate) async fn problem(&self, problem: &Problem) -> Response {
        let status = problem.status();
        let known = self.word(problem);
        let title = match status {
            StatusCode::NOT_FOUND => Text::problem_not_found,
            StatusCode::GONE => Text::problem_gone,
            StatusCode::CONFLICT => Text::problem_conflict,
            StatusCode::FORBIDDEN => Text::problem_forbidden,
            StatusCode::TOO_MANY_REQUESTS => Text::problem_too_many,
            status if status.is_client_error() => Text::problem_bad,
            _ => Text::problem_server,
        };
        let head = Head::private(self.say(title));
        let values = context! { problem => known, server_fault => status.is_server_error() };
        match self.answer(status, "problem.html", head, values).await {
            Ok(response) => response,
            // The frame itself cannot be made: the database is away.
            Err(_) => self.bare(status, self.say(title)),
        }
    }

    /// Without header and footer, which need the database.
    fn bare(&self, status: StatusCode, title: &str) -> Response {
        let values = context! { locale => self.0.locale.tag(), title, shop => self.0.app.shop().name.as_str(), request_id => self.0.request_id.as_str() };
        match template::render("bare.html", values) {
            Ok(html) => self.send(status, html, false),
            Err(error) => broken("bare.html", &error).into_response(),
        }
    }

    async fn frame(&self, head: Head) -> Result<Value, Problem> {
        let inner = &self.0;
        let app = &inner.app;
        let tag = inner.locale.tag();
        let categories = zg_catalog::store::tree(app, inner.locale).await?;
        let cart_count = match &inner.cart {
            Some(token) => crate::cart::count(app, token).await?,
            None => 0,
        };
        let member = match &inner.member {
            Some(member) => Some(zg_customers::shopper::me(app.read(), member.customer_id).await?.name),
            None => None,
        };
        let here = inner.asked.strip_prefix(&format!("/{tag}")).unwrap_or("/");
        let (bare_path, query) = here.find('?').map_or((here, ""), |at| here.split_at(at));
        let alternates: Vec<Value> = Locale::ALL
            .into_iter()
            .map(|locale| {
                let own = head.alternates.iter().find(|(known, _)| *known == locale).map(|(_, path)| path.clone());
                let path = own.unwrap_or_else(|| format!("/{}{bare_path}", locale.tag()));
                // What is chosen, filtered or searched stays so in the other language.
                let switch = format!("{path}{query}");
                let name = match locale {
                    Locale::ZhCn => "中文",
                    Locale::En => "English",
                };
                context! { tag => locale.tag(), path, switch, name, current => locale == inner.locale }
            })
            .collect();
        Ok(context! {
            locale => tag,
            root => format!("/{tag}"),
            here => bare_path,
            asked => inner.asked.as_str(),
            zone => app.shop().time_zone.name(),
            brand => brand(&app.shop().name, inner.locale),
            base => app.shop().base_url.as_str(),
            year => app.today().format("%Y").to_string(),
            title => head.title,
            description => head.description,
            canonical => head.canonical,
            image => head.image,
            alternates => alternates,
            shop => crate::about::shop(app, &categories, inner.locale).await?,
            nav => value(&categories),
            cart_count => cart_count,
            member => member,
            notice => inner.notice.map(Text::key),
            request_id => inner.request_id.as_str(),
            form => Value::from_dyn_object(Arc::clone(&inner.form)),
        })
    }

    fn send(&self, status: StatusCode, html: String, shared: bool) -> Response {
        let inner = &self.0;
        let has_form = inner.form.used.load(Ordering::Relaxed);
        let personal = has_form || inner.member.is_some() || inner.cart.is_some() || inner.notice.is_some();
        let etag = format!("W/\"{}\"", sha256_hex(html.as_bytes()).get(..20).unwrap_or_default());
        let mut response = (status, html).into_response();
        let headers = response.headers_mut();
        put(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
        put(headers, header::CONTENT_LANGUAGE, inner.locale.tag());
        put(headers, header::CONTENT_SECURITY_POLICY, POLICY);
        let cache = match (status, shared, personal) {
            (StatusCode::OK, true, false) => "public, max-age=60",
            (StatusCode::OK, true, true) => "private, no-cache",
            _ => "no-store",
        };
        put(headers, header::CACHE_CONTROL, cache);
        put(headers, header::VARY, "Cookie");
        if status == StatusCode::OK {
            put(headers, header::ETAG, &etag);
        }
        if has_form && inner.form.fresh {
            headers.append(header::SET_COOKIE, self.cookie(FORM_COOKIE, &inner.form.cookie, LASTING));
        }
        if personal {
            headers.append(header::SET_COOKIE, self.cookie(LOCALE_COOKIE, inner.locale.tag(), LASTING));
        }
        if inner.notice.is_some() {
            headers.append(header::SET_COOKIE, self.cookie(NOTICE_COOKIE, "", 0));
        }
        response
    }

    /// 301 to where a page is found now.
    pub(crate) fn moved(&self, rest: &str) -> Response {
        let mut response = self.go(rest);
        *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
        put(response.headers_mut(), header::CACHE_CONTROL, "public, max-age=3600");
        response
    }

    /// 303 to another page of the shop.
    pub(crate) fn go(&self, rest: &str) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        put(response.headers_mut(), header::LOCATION, &self.path(rest));
        response
    }

    /// 303 to another page, which says something first.
    pub(crate) fn go_saying(&self, rest: &str, notice: Text) -> Response {
        let mut response = self.go(rest);
        response.headers_mut().append(header::SET_COOKIE, self.cookie(NOTICE_COOKIE, notice.key(), 60));
        response
    }

    /// A cookie out of scripts' reach; `seconds` of 0 takes it away.
    pub(crate) fn cookie(&self, name: &str, value: &str, seconds: i64) -> HeaderValue {
        let secure = if self.0.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Remembers a cart.
    pub(crate) fn cart_cookie(&self, token: &str) -> HeaderValue {
        self.cookie(CART_COOKIE, token, LASTING)
    }

    /// Forgets the cart.
    pub(crate) fn no_cart_cookie(&self) -> HeaderValue {
        self.cookie(CART_COOKIE, "", 0)
    }
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::unavailable("busy"))
    }
}

/// `form()` in a template: the hidden field of a form. That it was asked for is
/// how the page learns that it holds a form.
struct FormToken {
    app: App,
    cookie: String,
    session: String,
    fresh: bool,
    used: AtomicBool,
}

impl FormToken {
    fn new(app: &App, cookie: Option<String>, session: String) -> Self {
        let known = cookie.filter(|cookie| (16..=64).contains(&cookie.len()));
        let fresh = known.is_none();
        Self { app: app.clone(), cookie: known.unwrap_or_else(token), session, fresh, used: AtomicBool::new(false) }
    }

    fn token(&self) -> String {
        self.app.secrets().tag("form", &format!("{}.{}", self.cookie, self.session))
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken(…)")
    }
}

impl Object for FormToken {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        self.used.store(true, Ordering::Relaxed);
        let field = format!("<input type=\"hidden\" name=\"{TOKEN_FIELD}\" value=\"{}\">", self.token());
        Ok(Value::from_safe_string(field))
    }
}

/// The shop's name in the reader's language, and the other one, if it has two. One
/// configured as `掌柜杂货 Zhanggui General Store` is two names, told apart by their script.
fn names(name: &str, locale: Locale) -> (&str, Option<&str>) {
    let chinese = |text: &str| text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c));
    match (name.split_once(' '), locale) {
        (Some((zh, en)), Locale::ZhCn) if chinese(zh) && !chinese(en) => (zh, Some(en)),
        (Some((zh, en)), Locale::En) if chinese(zh) && !chinese(en) => (en, Some(zh)),
        _ => (name, None),
    }
}

fn brand(whole: &str, locale: Locale) -> Value {
    let (name, other) = names(whole, locale);
    let other_lang = match locale {
        Locale::ZhCn => Locale::En,
        Locale::En => Locale::ZhCn,
    };
    let seal = whole.chars().next().map(String::from).unwrap_or_default();
    context! { name, other => other.unwrap_or_default(), other_lang => other_lang.tag(), seal }
}

fn unpacked(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok().filter(|text| !text.is_empty())
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn broken(name: &str, error: &Error) -> Problem {
    let error: &dyn std::error::Error = error;
    tracing::error!(template = name, error, "a page could not be rendered");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}
