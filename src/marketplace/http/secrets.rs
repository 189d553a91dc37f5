//! Every secret of a run, and texts without them: those that were read for it and those that were issued to it.
//!
//! Promises: a text that goes through [`Secrets::hide`] has none of them in it any more, neither as it is nor as JSON or a
//! URL writes it. `Debug` shows none.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::sync::{PoisonError, RwLock};

/// What stands in place of a secret.
const HIDDEN: &str = "[secret]";
/// Secrets shorter than this are not looked for: they would be found in every second word.
const SHORTEST: usize = 6;
/// The token of every sandbox is no secret: its help shows it, and answers are full of the word.
const OF_SANDBOXES: &str = "sandbox";

/// The secrets of a run.
#[derive(Default)]
pub struct Secrets(RwLock<Vec<SecretString>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

impl Secrets {
    /// No secrets yet.
    pub const fn new() -> Self {
        Self(RwLock::new(Vec::new()))
    }

    /// Hides this one from now on.
    pub fn learn(&self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST || secret == OF_SANDBOXES || self.knows(secret) {
            return;
        }
        let mut forms = vec![secret.to_owned()];
        let quoted = Value::from(secret).to_string();
        let in_url = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for form in [quoted[1..quoted.len() - 1].to_owned(), in_url] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.extend(forms.into_iter().map(SecretString::from));
        // One that has another one in it goes first, so that nothing of it is left.
        all.sort_by_key(|one| std::cmp::Reverse(one.expose_secret().len()));
    }

    fn knows(&self, secret: &str) -> bool {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().any(|one| one.expose_secret() == secret)
    }

    /// The text without any of them.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut text = Cow::Borrowed(text);
        for secret in all.iter() {
            let secret = secret.expose_secret();
            if text.contains(secret) {
                text = Cow::Owned(text.replace(secret, HIDDEN));
            }
        }
        text
    }

    /// Whether one of them is in a text.
    pub fn are_in(&self, text: &str) -> bool {
        matches!(self.hide(text), Cow::Owned(_))
    }

    /// The body of an answer without any of them, however its JSON writes them; `None` where there is none in it.
    pub(super) fn hidden_body(&self, body: &[u8]) -> Option<Vec<u8>> {
        if self.0.read().unwrap_or_else(PoisonError::into_inner).is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(body);
        let hidden = self.hide(&text);
        // JSON may write any character as an escape, and then no search finds it.
        let escaped = hidden.contains("\\u") || hidden.contains("\\/");
        let escaped = escaped.then(|| serde_json::from_str::<Value>(&hidden).ok());
        if let Some(mut value) = escaped.flatten()
            && self.hide_in(&mut value)
        {
            return Some(value.to_string().into_bytes());
        }
        matches!(hidden, Cow::Owned(_)).then(|| hidden.into_owned().into_bytes())
    }

    /// Hides them in every text of a value; whether there was one.
    fn hide_in(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.hide(text) {
                Cow::Borrowed(_) => false,
                Cow::Owned(hidden) => {
                    *text = hidden;
                    true
                }
            },
            Value::Array(items) => {
                let mut found = false;
                for item in items {
                    found |= self.hide_in(item);
                }
                found
            }
            Value::Object(map) => {
                let mut found = false;
                for item in map.values_mut() {
                    found |= self.hide_in(item);
                }
                let keys: Vec<String> = map.keys().cloned().collect();
                for key in keys {
                    if let Cow::Owned(hidden) = self.hide(&key)
                        && let Some(inner) = map.shift_remove(&key)
                    {
                        map.insert(hidden, inner);
                        found = true;
                    }
                }
                found
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let secrets = Secrets::new();
        secrets.learn(" pa/ss\"wörd1 ");
        secrets.learn("pa/ss\"wörd1-and-more");
        secrets.learn("sandbox");
        secrets.learn("short");
        for (body, hidden) in [
            (r#"{"title":"x pa/ss\"wörd1 y"}"#, r#"{"title":"x [secret] y"}"#),
            (
                r#"{"title":"pa\/ss\u0022w\u00f6rd1-and-more"}"#,
                r#"{"title":"[secret]"}"#,
            ),
            (r#"{"a\\":["pa\/ss\"w\u00f6rd1"]}"#, r#"{"a\\":["[secret]"]}"#),
            (r#"{"p\u0061/ss\"wörd1":1}"#, r#"{"[secret]":1}"#),
            ("see ?t=pa%2Fss%22w%C3%B6rd1", "see ?t=[secret]"),
        ] {
            let shown = secrets.hidden_body(body.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(shown).unwrap(), hidden);
        }
        for body in ["", "{\"a\\n\": 1.10, \"b\": \"sandbox, short\"}", "\u{fffd}"] {
            assert_eq!(secrets.hidden_body(body.as_bytes()), None, "{body}");
        }
        assert!(!format!("{secrets:?}").contains("ss"));
    }
}
