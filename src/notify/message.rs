//! What is sent: `infield.notification/1`, and the same in Slack's shape.

use crate::model::notify::{Hook, Shape};
use crate::model::{Address, VendorId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Lines of a message; of more, it says how many there are.
const MOST_LINES: usize = 20;

/// The format's name and version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[default]
    #[serde(rename = "infield.notification/1")]
    V1,
}

/// A message to a webhook. Keys are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield notification")]
pub struct Message {
    /// The format's name and version.
    pub format: Format,
    /// Its id. A message that comes twice has the same one.
    pub id: String,
    /// When it was written, UTC.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The project, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The environment.
    pub environment: String,
    /// What it is about: `verdicts`, `applies` or `guards`.
    pub topic: String,
    /// All of it in one line.
    pub title: String,
    /// The details, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// The page of the pipeline that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Verdicts that have changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Turn>,
}

/// A verdict that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Turn {
    /// The survey or group.
    pub address: Address,
    /// Where.
    #[schemars(with = "String")]
    pub vendor: VendorId,
    /// The verdict that was told last; missing where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The verdict now.
    pub after: String,
    /// Why.
    pub because: String,
}

impl Message {
    /// What a hook gets.
    pub fn body(&self, hook: &Hook) -> String {
        match hook.shape {
            Shape::Json => json!(self).to_string(),
            Shape::Slack => json!({"text": self.slack()}).to_string(),
        }
    }

    /// Whether a hook wants it.
    pub fn is_for(&self, hook: &Hook) -> bool {
        hook.topics.iter().any(|topic| topic.word() == self.topic)
    }

    /// Slack's text: three signs mean something there, and none of them may come from a name.
    fn slack(&self) -> String {
        let plain = |text: &str| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            text.replace('>', "&gt;")
        };
        let mut text = format!("*{}*", plain(&self.title).replace('*', "\u{2217}"));
        for line in self.lines.iter().take(MOST_LINES) {
            text += &format!("\n\u{2022} {}", plain(line));
        }
        if self.lines.len() > MOST_LINES {
            text += &format!("\nand {} more", self.lines.len() - MOST_LINES);
        }
        if let Some(link) = &self.link {
            text += &format!("\n{}", plain(link));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::notify::Topic;

    fn message() -> Message {
        Message {
            format: Format::V1,
            id: "1".to_owned(),
            at: "2036-01-02T03:04:05Z".parse().unwrap(),
            project: Some("acme".to_owned()),
            environment: "production".to_owned(),
            topic: Topic::Applies.word().to_owned(),
            title: "acme, production: 1 <b> step & *more*".to_owned(),
            lines: (0..25).map(|n| format!("line {n}")).collect(),
            link: Some("https://ci.example/1?a=1&b=2".to_owned()),
            verdicts: Vec::new(),
        }
    }

    fn hook(shape: Shape, topics: &[Topic]) -> Hook {
        Hook {
            variable: "INFIELD_NOTIFY_OPS".to_owned(),
            shape,
            topics: topics.iter().copied().collect(),
        }
    }

    #[test]
    fn slack_gets_one_text_in_which_no_name_means_anything() {
        let body = message().body(&hook(Shape::Slack, &Topic::ALL));
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let text = body["text"].as_str().unwrap();
        assert!(
            text.starts_with(
                "*acme, production: 1 &lt;b&gt; step &amp; \u{2217}more\u{2217}*\n\u{2022} line 0\n"
            ),
            "{text}"
        );
        assert!(
            text.ends_with("line 19\nand 5 more\nhttps://ci.example/1?a=1&amp;b=2"),
            "{text}"
        );
        assert_eq!(body.as_object().unwrap().len(), 1);
    }

    #[test]
    fn others_get_it_as_it_is_and_nobody_what_is_not_asked_for() {
        let body = message().body(&hook(Shape::Json, &Topic::ALL));
        assert_eq!(serde_json::from_str::<Message>(&body).unwrap(), message());
        assert!(body.contains(r#""format":"infield.notification/1""#), "{body}");
        assert!(message().is_for(&hook(Shape::Json, &[Topic::Applies])));
        assert!(!message().is_for(&hook(Shape::Json, &[Topic::Verdicts, Topic::Guards])));
    }
}
