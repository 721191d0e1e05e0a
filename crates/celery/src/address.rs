//! URLs of brokers and result backends, and what of them people may see.

/// A URL for people to read.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // A password may hold any sign, also one that ends the host; nothing behind the last `@` is secret.
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:**@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("redis://me:se:cr@et@host:1/2"), "redis://me:**@host:1/2");
        assert_eq!(without_password("redis://host/2"), "redis://host/2");
    }
}
