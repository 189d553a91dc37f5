//! Links by which somebody tries a survey out at its marketplace, as the marketplace makes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// The longest link that is taken over, in bytes; what is longer is no link for people.
const LONGEST: usize = 2_000;

/// Where somebody tries a survey out without being counted. What a vendor does not show is `None`. No plan depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Links {
    /// Through the marketplace's own questions, as a respondent comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"https://example.com/start-survey?survey_id=7224")]
    pub entry: Option<String>,
    /// Straight into the questionnaire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questionnaire: Option<String>,
}

impl Links {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Each with what it leads to, for people.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("entry", &self.entry), ("questionnaire", &self.questionnaire)];
        all.into_iter()
            .filter_map(|(name, link)| Some((name, link.as_deref()?)))
    }
}

/// What a vendor shows as a link, where a browser could open it: people click on what they are shown.
pub fn link(shown: &str) -> Option<String> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    let fits = shown.len() <= LONGEST && shown.chars().all(plain);
    let url = Url::parse(shown).ok().filter(|_| fits)?;
    let opens = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
    opens.then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_opens_is_a_link() {
        for fine in [
            "https://spectrumsurveys.com/#/start-survey?survey_id=123455&supplier_id=23",
            "http://example.com:3500/startsurvey?survey_id=3429",
            "https://survey.example.com/s3/7189709/Example-survey?RID={RID}",
        ] {
            assert_eq!(link(fine).as_deref(), Some(fine));
        }
        let long = format!("https://example.com/{}", "x".repeat(LONGEST));
        for none in [
            "",
            "javascript:alert(1)",
            "data:text/html,hello",
            "<SERVER_BASE_URL>/#/start-survey?survey_id=7224",
            "https://who@example.com/",
            "https://example.com/\u{1b}[31m",
            "https://example.com/ and more",
            &long,
        ] {
            assert_eq!(link(none), None, "{none}");
        }
    }
}
