//! What a vendor shows and a manifest in git must not hold: secrets, and who somebody is.

use serde_json::Value;
use url::Url;

/// Whether a value holds a mail address.
pub fn names_somebody(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('@'),
        Value::Array(items) => items.iter().any(names_somebody),
        Value::Object(map) => map.values().any(names_somebody),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a URL may carry a secret, or tell who somebody is: in front of the host, or behind a key of its query or its
/// fragment. Placeholders of vendors are neither. A secret that is a part of the path looks like any other part.
pub fn carries_secret(text: &str) -> bool {
    const PARTS: [&str; 9] = [
        "token",
        "secret",
        "password",
        "passwd",
        "apikey",
        "api_key",
        "signature",
        "auth",
        "credential",
    ];
    const WHOLE: [&str; 7] = ["key", "sig", "pass", "pwd", "pw", "jwt", "sas"];
    let plain = without_placeholders(text);
    let Ok(url) = Url::parse(&plain) else {
        return plain.contains('@');
    };
    let secret = |key: &str, value: &str| {
        let key = key.to_ascii_lowercase();
        let named = PARTS.iter().any(|part| key.contains(part)) || WHOLE.contains(&key.as_str());
        named && !value.is_empty()
    };
    let fragment = url.fragment().unwrap_or_default();
    let fragment = fragment.split_once('?').map_or(fragment, |(_, query)| query);
    let behind = url::form_urlencoded::parse(fragment.as_bytes());
    plain.contains('@')
        || plain.to_ascii_lowercase().contains("%40")
        || !url.username().is_empty()
        || url.password().is_some()
        || url
            .query_pairs()
            .chain(behind)
            .any(|(key, value)| secret(&key, &value))
}

/// A URL without what a vendor fills in: `[%%token%%]`, `[%RID%]`, `{rid}`, `<rid>` and `%RID%`.
fn without_placeholders(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let close = match c {
            '[' => ']',
            '{' => '}',
            '<' => '>',
            '%' => '%',
            _ => '\0',
        };
        let inner = rest[c.len_utf8()..].split_once(close).map(|(inner, _)| inner);
        match inner.filter(|inner| is_placeholder(inner)) {
            Some(inner) => {
                let after = &rest[inner.len() + 2..];
                let doubled = inner.starts_with(c).then(|| after.strip_prefix(close));
                rest = doubled.flatten().unwrap_or(after);
            }
            None => {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    plain
}

/// Whether this is a name, with nothing but brackets and percent signs around it.
fn is_placeholder(inner: &str) -> bool {
    let name = inner.trim_matches(['[', ']', '{', '}', '%']);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_no_secret_and_a_password_is_one() {
        for plain in [
            "https://survey.example.com/s?tk=[%%token%%]&pid=[%%pid%%]",
            "https://survey.example.com/s?token=[%%token%%]",
            "https://survey.example.com/s?rid=[%RID%]&test=1",
            "https://survey.example.com/s?token={{rid}}&key=%RID%#auth=<auth>",
            "https://survey.example.com/authors/7?design=2&monkey=1",
        ] {
            assert!(!carries_secret(plain), "{plain}");
        }
        for secret in [
            "https://joe:pw@survey.example.com/s",
            "https://survey.example.com/s?api_key=abc123&tk=[%%token%%]",
            "https://survey.example.com/s?who=joe@example.com",
            "https://survey.example.com/s?AuthToken=xyz",
            "https://survey.example.com/s?pwd=hunter2",
            "https://survey.example.com/s?tk=[%%token%%]&token=[%%token%%]&token=abc123",
            "https://survey.example.com/s?apikey=[x]abc123",
            "https://survey.example.com/s?apikey=%41bc%31",
            "https://survey.example.com/s#access_token=abc123",
            "https://survey.example.com/#/start?access_token=abc123",
            "https://survey.example.com/joe@example.com/s",
            "https://survey.example.com/s?who=joe%40example.com",
        ] {
            assert!(carries_secret(secret), "{secret}");
        }
    }
}
