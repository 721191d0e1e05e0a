//! The templates, built into the binary. Everything they print is escaped, and a
//! value they name but nobody gave is an error, not an empty place.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest, Serde};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, escape_formatter};
use rust_embed::RustEmbed;

use crate::text::Text;
use crate::{asset, filter};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct Templates;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_loader(|name| Ok(Templates::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())));
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => out.write_str(&escaped(text)).map_err(Error::from),
        _ => escape_formatter(out, state, value),
    });
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the standard delimiters do not clash"));
    environment.add_function("t", text);
    environment.add_function("asset", |name: String| {
        asset::url(&name).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no asset {name}")))
    });
    environment.add_function("query", query);
    environment.add_filter("urlencode", |text: String| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    environment.add_filter("money", filter::money);
    environment.add_filter("price", filter::price);
    environment.add_filter("decimal", filter::decimal);
    environment.add_filter("instant", filter::instant);
    environment.add_filter("day", filter::day);
    environment
});

/// As HTML wants it, and no more: addresses stay readable.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// What a module's view holds, for a template.
pub(crate) fn value(view: impl serde::Serialize) -> Value {
    Value::from(Serde(view))
}

/// Renders a template.
///
/// # Errors
/// If the template and its context do not fit: a fault of the program.
pub(crate) fn render(name: &str, context: Value) -> Result<String, Error> {
    ENVIRONMENT.get_template(name)?.render(context)
}

/// `t("key", name=value)`: a text in the reader's language.
fn text(state: &mut State<'_, '_>, key: String, values: Kwargs) -> Result<String, Error> {
    let text = Text::named(&key).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no text {key}")))?;
    let mut written = text.of(filter::locale(state)).to_owned();
    for name in values.args() {
        let value: Value = values.get(name)?;
        written = written.replace(&format!("{{{name}}}"), &value.to_string());
    }
    Ok(written)
}

/// `query([["sort", sort], ["page", none]])`: a query of what is given, with its
/// question mark, or nothing.
fn query(pairs: Value, more: Rest<Value>) -> Result<String, Error> {
    let mut written = form_urlencoded::Serializer::new(String::new());
    for list in std::iter::once(pairs).chain(more.0) {
        for pair in list.try_iter()? {
            let (name, value) = (pair.get_item_by_index(0)?, pair.get_item_by_index(1)?);
            if !value.is_undefined() && !value.is_none() && value.as_str() != Some("") {
                written.append_pair(&name.to_string(), &value.to_string());
            }
        }
    }
    let written = written.finish();
    Ok(if written.is_empty() { written } else { format!("?{written}") })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use minijinja::context;

    use super::*;

    /// Texts that Rust says.
    const CODE: &[Text] = &[
        Text::all_products,
        Text::all_products_description,
        Text::address_edit,
        Text::and_more,
        Text::category_description,
        Text::checkout,
        Text::confirm_title,
        Text::forgot_title,
        Text::home_description,
        Text::home_description_bare,
        Text::list_and,
        Text::list_comma,
        Text::order,
        Text::password_change,
        Text::problem_bad,
        Text::problem_conflict,
        Text::problem_forbidden,
        Text::problem_gone,
        Text::problem_not_found,
        Text::problem_server,
        Text::problem_too_many,
        Text::reset_title,
        Text::search_results_for,
        Text::shop_range,
        Text::shop_ways,
    ];

    #[test]
    fn every_template_is_well_formed() {
        for name in Templates::iter() {
            ENVIRONMENT.get_template(&name).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
    }

    #[test]
    fn b8_templates_name_only_texts_that_exist_and_leave_none_unused() {
        let mut used = BTreeSet::new();
        for name in Templates::iter() {
            let file = Templates::get(&name).unwrap();
            let source = String::from_utf8(file.data.into_owned()).unwrap();
            for quote in ['\'', '"'] {
                for part in source.split(&format!("t({quote}")).skip(1) {
                    let key = part.split(quote).next().unwrap();
                    if key.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
                        assert!(key.ends_with('_') || Text::named(key).is_some(), "{name}: no text {key}");
                        used.insert(key.to_owned());
                    }
                }
            }
        }
        for text in Text::ALL {
            let name = text.key();
            let composed = used.iter().any(|key| key.ends_with('_') && name.starts_with(key.as_str()));
            assert!(
                used.contains(name) || composed || name.starts_with("notice_") || CODE.contains(text),
                "the text {name} is used nowhere"
            );
        }
    }

    #[test]
    fn p6_what_is_printed_is_escaped() {
        let environment = &*ENVIRONMENT;
        let written = environment.render_named_str("x.html", "{{ name }}", context! { name => "<script>'\"&" }).unwrap();
        assert_eq!(written, "&lt;script&gt;&#39;&quot;&amp;");
        let text = environment
            .render_named_str("x.html", "{{ t('search_results_for', q=name) }}", context! { name => "<b>", locale => "en" })
            .unwrap();
        assert!(text.contains("&lt;b&gt;"), "{text}");
    }

    #[test]
    fn queries_hold_what_is_given_only() {
        let source = "{{ query([['q', '茶 &'], ['sort', none], ['page', 2]])|safe }}{{ query([['q', '']]) }}";
        assert_eq!(ENVIRONMENT.render_str(source, ()).unwrap(), "?q=%E8%8C%B6+%26&page=2");
    }
}
