//! Where a plan's view of the world came from, when it did not come from the vendors themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The picture a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PictureReport")]
pub struct PictureMark {
    /// When it was taken, UTC, RFC 3339.
    #[schemars(example = &"2026-11-24T08:00:00Z")]
    pub taken: String,
    /// How old it was when the plan was made, in seconds.
    pub age_seconds: u64,
    /// Whether digests stand in the plan for redacted texts, so that the plan made with credentials has another hash.
    pub redacted: bool,
    /// Whether it had to be presumed that the names of what is new are free, and that the vendor takes its targeting.
    pub presumed: bool,
}

impl PictureMark {
    /// The age in its largest whole unit, `3 hours`.
    pub fn age(&self) -> String {
        let (number, unit) = match self.age_seconds {
            seconds @ 0..60 => (seconds, "second"),
            seconds @ 60..3_600 => (seconds / 60, "minute"),
            seconds @ 3_600..172_800 => (seconds / 3_600, "hour"),
            seconds => (seconds / 86_400, "day"),
        };
        format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
    }

    /// What a reader of the plan has to know.
    pub(super) fn sentence(&self) -> String {
        let also = |said: bool, sentence: &'static str| if said { sentence } else { "" };
        let redacted = also(
            self.redacted,
            " It shows digests for texts that were redacted, so the plan made with credentials has another name.",
        );
        let presumed = also(
            self.presumed,
            " It presumes that the names of what is new are free at the vendor, and that the vendor takes its targeting.",
        );
        format!(
            "taken {}, {} old. No vendor was asked and the state was not read; whoever applies this plans again \
             first.{presumed}{redacted}",
            self.taken,
            self.age()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_its_largest_whole_unit() {
        for (age_seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3_599, "59 minutes"),
            (3_600, "1 hour"),
            (100_000, "27 hours"),
            (172_800, "2 days"),
            (864_000, "10 days"),
        ] {
            let mark = PictureMark {
                taken: String::new(),
                age_seconds,
                redacted: false,
                presumed: false,
            };
            assert_eq!(mark.age(), said);
        }
    }
}
