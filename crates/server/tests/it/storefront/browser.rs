//! Somebody with a browser and no scripts: follows links, fills in forms, keeps cookies.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::support::{Call, Client, Reply, TestApp};

pub(crate) struct Browser {
    client: Client,
    cookies: RefCell<BTreeMap<String, String>>,
    token: RefCell<String>,
}

impl Browser {
    pub(crate) fn new(app: &TestApp) -> Self {
        let client = app.guest().header("accept", "text/html");
        Self { client, cookies: RefCell::default(), token: RefCell::default() }
    }

    /// Opens a page.
    pub(crate) async fn open(&self, path: &str) -> Reply {
        let reply = self.call("GET", path).send().await;
        self.keep(&reply);
        reply
    }

    /// Sends a form of the page that was opened last, and says where it leads.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.token.borrow().clone();
        let mut all = vec![("_token", token.as_str())];
        all.extend_from_slice(fields);
        let reply = self.call("POST", path).header("sec-fetch-site", "same-origin").form(&all).send().await;
        self.keep(&reply);
        reply
    }

    /// The same, and then opens where it leads.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let reply = self.send(path, fields).await.expect(303);
        self.open(reply.header("location").split('#').next().unwrap_or_default()).await
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        let cookies: Vec<String> = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let call = self.client.raw(method, path);
        if cookies.is_empty() { call } else { call.header("cookie", &cookies.join("; ")) }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// The token of the forms of the page that was opened last.
    pub(crate) fn token(&self) -> String {
        self.token.borrow().clone()
    }

    fn keep(&self, reply: &Reply) {
        for cookie in reply.headers.get_all("set-cookie") {
            let text = cookie.to_str().expect("a cookie is ASCII");
            let (name, rest) = text.split_once('=').expect("name=value");
            let value = rest.split(';').next().unwrap_or_default();
            assert!(text.contains("HttpOnly") && text.contains("SameSite=Lax"), "{text}");
            let mut cookies = self.cookies.borrow_mut();
            if text.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(token) = between(&reply.text(), "name=\"_token\" value=\"", "\"") {
            *self.token.borrow_mut() = token;
        }
    }
}

/// The first text between two others.
pub(crate) fn between(text: &str, from: &str, to: &str) -> Option<String> {
    let rest = text.split_once(from)?.1;
    Some(rest.split_once(to)?.0.to_owned())
}
