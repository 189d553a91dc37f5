//! The table of stable codes: one row per kind of problem, with a sentence that explains it.
//!
//! Promises: a code is never reused for another meaning; the table is sorted by area and has no duplicates (tested).

use crate::text::plain::BOOK;
use serde::{Serialize, Serializer};

/// A stable name for a kind of problem, such as `infield::quota::sum-exceeds-completes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    id: &'static str,
    explanation: &'static str,
}

impl Code {
    /// The name.
    pub fn id(self) -> &'static str {
        self.id
    }

    /// What it means, in a sentence or two.
    pub fn explanation(self) -> &'static str {
        self.explanation
    }

    /// The place in the book that explains it.
    pub fn page(self) -> String {
        let anchor: String = self.id.chars().filter(|c| *c != ':').collect();
        format!("{BOOK}/reference/codes.md#{anchor}")
    }

    /// The code of this name; the leading `infield::` may be left out.
    pub fn find(name: &str) -> Option<Self> {
        let name = name.strip_prefix("infield::").unwrap_or(name);
        ALL.iter()
            .copied()
            .find(|code| code.id.strip_prefix("infield::") == Some(name))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

macro_rules! codes {
    ($($name:ident = $id:literal, $explanation:literal;)*) => {
        $(#[doc = $explanation] pub const $name: Code = Code { id: concat!("infield::", $id), explanation: $explanation };)*

        /// Every code.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    // Files.
    FILE_MISSING = "file::missing", "A path that was asked for does not exist.";
    FILE_UNREADABLE = "file::unreadable", "A file or folder exists but cannot be read; the others were still checked.";
    FILE_TOO_BIG = "file::too-big", "A file is larger than infield reads; nothing of it was read.";
    FILE_NOT_UTF8 = "file::not-utf8", "Manifests are UTF-8 text; this file holds bytes that are not.";

    // What the state shows.
    TEMPLATE_CHANGED = "template::changed", "PureSpectrum applies one template per survey, when the survey is created. Another one, or a first one, cannot be applied later (vendor code 1014).";

    // YAML.
    YAML_SYNTAX = "yaml::syntax", "The text is not YAML, so nothing behind this place in the document was read.";
    YAML_DUPLICATE_KEY = "yaml::duplicate-key", "A mapping says the same key twice. YAML forbids it, and guessing which one counts would be dangerous.";
    YAML_KEY = "yaml::key", "Keys are plain texts; lists, mappings and aliases cannot be keys here.";
    YAML_ALIAS = "yaml::alias", "An alias has no anchor before it, or stands inside the very value it names.";
    YAML_MERGE = "yaml::merge", "A merge key `<<` takes a mapping or a list of mappings.";
    YAML_TAG = "yaml::tag", "Only the tags of YAML's core schema (`!!str`, `!!int`, ...) are understood, and the value has to fit its tag.";
    YAML_BUDGET = "yaml::budget", "A document nests too deeply, has too many values, or expands its aliases into too many.";
    YAML_TRAP = "yaml::trap", "Older YAML readers see another value here than newer ones. Written differently, all agree.";

    // Shape: what the JSON Schemas say.
    SHAPE_TYPE = "shape::type", "A value is of another type than the field takes.";
    SHAPE_UNKNOWN_KEY = "shape::unknown-key", "There is no field of this name at this place.";
    SHAPE_MISSING_KEY = "shape::missing-key", "A field that is always needed is not there.";
    SHAPE_VALUE = "shape::value", "A value is of the right type but not one the field takes.";

    // Documents.
    MANIFEST_NO_KIND = "manifest::no-kind", "Every document says what it is with `kind`.";
    MANIFEST_UNKNOWN_KIND = "manifest::unknown-kind", "There is no manifest of this kind.";
    MANIFEST_DUPLICATE_NAME = "manifest::duplicate-name", "Two manifests have the same name. Names identify resources in state, so they are unique over all kinds of a project.";
    MANIFEST_NOTHING = "manifest::nothing", "No manifest was found below the paths given.";

    MOVED_ITSELF = "moved::itself", "Something is said to have been moved from the name that it has.";
    MOVED_STILL_THERE = "moved::still-there", "Something is said to have been moved from a name that another one still has.";
    MOVED_TWICE = "moved::twice", "Two are said to have been moved from the same name.";
    MOVED_OTHER_KIND = "moved::other-kind", "Something is said to have been of another kind, or in another survey, before.";

    // Surveys.
    SURVEY_NO_VENDOR = "survey::no-vendor", "A survey names where it is fielded, by a block such as `purespectrum:`.";
    SURVEY_INCOMPLETE = "survey::incomplete", "The vendor needs these fields to create a survey, and no template supplies them.";
    SURVEY_LAUNCH_INCOMPLETE = "survey::launch-incomplete", "A survey that should be live lacks something without which it must not be launched.";
    SURVEY_LOCALE = "survey::locale", "The locale is not a BCP 47 tag of language and region such as `en-US`.";
    SURVEY_UNKNOWN_LOCALE = "survey::unknown-locale", "The locale is well-formed, but not one this vendor is known to have.";
    SURVEY_FIELD = "survey::field", "The time in field is two times in UTC, the start before the end.";
    SURVEY_URL = "survey::url", "An entry URL is not an absolute http or https URL.";
    SURVEY_CONFLICTING_POLICY = "survey::conflicting-policy", "The same decision is taken twice, and differently.";
    SURVEY_RECONTACT_LIST = "survey::recontact-list", "A recontact survey needs a list of respondents.";

    // Money.
    MONEY_INVALID = "money::invalid", "A price is an exact decimal with a currency, such as `3.75 USD`.";
    MONEY_CURRENCY = "money::currency", "The vendor does not trade in this currency.";
    MONEY_ABOVE_CEILING = "money::above-ceiling", "The offered price is higher than the highest price that is allowed.";
    MONEY_ZERO = "money::zero", "A price of zero buys nothing.";

    // Targeting.
    TARGETING_UNKNOWN_QUESTION = "targeting::unknown-question", "infield has no name such as this one for a question of the vendor.";
    TARGETING_UNLISTED_QUESTION = "targeting::unlisted-question", "The question's code is not in infield's codebook and is sent as it is.";
    TARGETING_REPEATED_QUESTION = "targeting::repeated-question", "The same question is asked under two names in one mapping.";
    TARGETING_UNKNOWN_ANSWER = "targeting::unknown-answer", "The question has no answer of this name or code.";
    TARGETING_UNLISTED_ANSWER = "targeting::unlisted-answer", "The answer's code is not in infield's codebook and is sent as it is.";
    TARGETING_REPEATED_ANSWER = "targeting::repeated-answer", "The same answer is given twice.";
    TARGETING_ANSWER_LOCALE = "targeting::answer-locale", "The vendor does not have this answer in the survey's locale.";
    TARGETING_NO_ANSWERS = "targeting::no-answers", "A question without answers lets nobody in.";
    TARGETING_INVALID_RANGE = "targeting::invalid-range", "A range is two whole numbers, the smaller first, such as `18-34`.";
    TARGETING_OVERLAPPING_RANGES = "targeting::overlapping-ranges", "Two ranges of one answer list share values.";
    TARGETING_UNQUOTED_CODE = "targeting::unquoted-code", "A code with leading zeros was written as a YAML number and may have lost them.";
    TARGETING_CODE_SHAPE = "targeting::code-shape", "The code does not have the shape that the vendor's codes of this question have.";
    TARGETING_QUOTA_ONLY = "targeting::quota-only", "The vendor takes this question in quotas only.";
    TARGETING_CONFLICTING_DOCS = "targeting::conflicting-docs", "The vendor's documents disagree about what this code means.";
    TARGETING_LIST_FILE = "targeting::list-file", "A list file cannot be used.";

    // Quotas.
    QUOTA_DUPLICATE_NAME = "quota::duplicate-name", "Two quotas of a survey have the same name.";
    QUOTA_DUPLICATE_CRITERIA = "quota::duplicate-criteria", "Two quotas count the same respondents.";
    QUOTA_SHARE = "quota::share", "A share is a percentage above 0% and up to 100%, of a number of completes that the manifest states.";
    QUOTA_SHARES_EXCEED = "quota::shares-exceed-whole", "The shares of quotas over the same questions add up to more than 100%.";
    QUOTA_NONE_OPEN = "quota::none-open", "Every quota wants 0 completes, so that nobody is let in.";
    QUOTA_SHARE_ROUNDS_TO_ZERO = "quota::share-rounds-to-zero", "A share comes to no complete at all.";
    QUOTA_EXCEEDS_COMPLETES = "quota::exceeds-completes", "A single quota wants more completes than the survey.";
    QUOTA_SUM_BELOW_COMPLETES = "quota::sum-below-completes", "The quotas over the same questions add up to less than the survey's completes.";
    QUOTA_SUM_EXCEEDS_COMPLETES = "quota::sum-exceeds-completes", "The quotas over the same questions add up to more than the survey's completes.";
    QUOTA_OVERLAPPING_RANGES = "quota::overlapping-ranges", "Ranges of the same question overlap between quotas without being equal.";
    QUOTA_GAP = "quota::gap", "Respondents between two ranges of the same question belong to no quota.";
    QUOTA_UNREACHABLE = "quota::unreachable", "The survey's qualifications let nobody in who could count for this quota.";
    QUOTA_PARTLY_OUTSIDE = "quota::partly-outside", "Some of a quota's answers are not let in by the survey's qualifications.";
    QUOTA_UNTARGETED = "quota::untargeted", "A quota counts by a question that the group's qualifications do not ask.";
    QUOTA_PROFILES = "quota::profiles", "The vendor keeps targeting in profiles, one for each question, and these quotas do not fit into them.";
    QUOTA_CAPPED = "quota::capped", "Everybody who counts for this quota also counts for a smaller one, which fills first.";

    TEXT_UNSEEN = "text::unseen", "A text has characters that nobody sees, or blanks at an end.";

    // The vendor's own block.
    VENDOR_PACING = "vendor::pacing", "Pacing cannot be longer than the time in field.";
    VENDOR_LIMIT = "vendor::limit", "A value lies outside of what the vendor takes.";
    VENDOR_UNSUPPORTED = "vendor::unsupported", "The vendor has no such field, so what stands there is not sent.";
    VENDOR_REALLOCATION = "vendor::reallocation", "Re-allocating completes between quotas needs quotas.";

    SURVEY_SEVERAL_VENDORS = "survey::several-vendors", "A survey that names several marketplaces says how they share its completes.";
    SURVEY_NO_GROUPS = "survey::no-groups", "Groups are listed at a vendor that has none, or the list is empty.";

    // One manifest for several marketplaces, markets or surveys.
    STUDY_SHARE = "study::share", "The shares of the marketplaces of a survey do not come to the whole of its completes.";
    STAGES_LADDER = "stages::ladder", "Stages rise to all that the survey wants, and each has a complete for every quota.";
    STAGES_FIGURE = "stages::figure", "The marketplace does not tell a figure that a stage asks about.";
    WINDOWS_TIMEZONE = "windows::timezone", "There is no such time zone, or it knows nothing of summer.";
    WINDOWS_HOURS = "windows::hours", "Hours begin before they end, are of days that exist, and none overlap.";
    WINDOWS_COMPLETES = "windows::completes", "Hours need the survey's completes, because what it may cost is approved with them.";
    WINDOWS_SEVERAL = "windows::several", "A survey that several marketplaces field cannot have hours yet.";
    SUPPLIERS_LIST = "suppliers::list", "A list of suppliers names each of them once, and says what they may send.";
    RESPONDENTS_LIST = "respondents::list", "A list of respondents holds one id a line, each once.";
    RESPONDENTS_FEWER = "respondents::fewer", "A survey cannot collect more completes than it lists respondents.";
    PACE_DAILY = "pace::daily", "A pace is a part of the survey's completes, and lets every quota have a complete on the first day.";
    PACE_SEVERAL = "pace::several", "A survey that several marketplaces field cannot have a pace yet.";
    STUDY_EMPTY = "study::empty", "A share of a survey's completes comes to none.";
    MATRIX_SHAPE = "matrix::shape", "A matrix has lists of values, each with a name of its own.";
    MATRIX_UNKNOWN_VALUE = "matrix::unknown-value", "A placeholder or an exclusion names something that the matrix does not have.";
    MATRIX_TOO_MANY = "matrix::too-many", "A matrix stands for more surveys than one document may.";
    DEFAULTS_TWICE = "defaults::twice", "A folder has its defaults in one document.";
    DEFAULTS_MISPLACED = "defaults::misplaced", "Defaults stand in a file named `defaults.yaml`, so that every command finds them.";

    // Groups.
    GROUP_UNKNOWN_SURVEY = "group::unknown-survey", "A group or an exclusion names a survey that no manifest defines.";
    GROUP_REPEATED_MEMBER = "group::repeated-member", "A group lists the same survey twice.";
    GROUP_SHARED_MEMBER = "group::shared-member", "A survey stands in several groups.";
    GROUP_OTHER_VENDOR = "group::other-vendor", "A group or an exclusion names a survey that another marketplace fields.";
    GROUP_NO_REFERENCE = "group::no-reference", "The group's reference cannot be derived, because there is no project name.";
    GROUP_DUPLICATE_REFERENCE = "group::duplicate-reference", "Two groups have the same reference at the vendor.";

    // Outcomes of transactions.
    OUTCOME_LIST = "outcome::list", "A list of outcomes cannot be used: it is not CSV, has no header, or lies outside of the project.";
    OUTCOME_COLUMN = "outcome::column", "A list of outcomes has a column that means nothing to infield, or one of them twice.";
    OUTCOME_EMPTY = "outcome::empty", "There is no transaction in the list.";
    OUTCOME_UNKNOWN = "outcome::unknown", "The word is not one of the outcomes a transaction can have.";
    OUTCOME_TRANSACTION = "outcome::transaction", "The text cannot be a transaction's id.";
    OUTCOME_DUPLICATE = "outcome::duplicate", "A transaction is listed twice.";
    OUTCOME_CONTRADICTION = "outcome::contradiction", "A transaction is listed twice, with different outcomes.";
    OUTCOME_QUOTAS = "outcome::quotas", "Quotas are named for an outcome that counts for none, or a name cannot be sent.";
    OUTCOME_SURVEY = "outcome::survey", "It is not said which survey a transaction belongs to, or the survey is not known.";
    OUTCOME_OTHER_SURVEY = "outcome::other-survey", "The vendor has no such transaction in this survey.";
    OUTCOME_VENDOR = "outcome::vendor", "infield cannot reconcile at this vendor.";

    // The project.
    PROJECT_SEVERAL = "project::several", "There is more than one project among the files.";
    PROJECT_MISPLACED = "project::misplaced", "A project is described in `infield.yaml`, so that every command finds it.";
    PROJECT_RESERVED_ENVIRONMENT = "project::reserved-environment", "The environment `sandbox` is built in and takes no vendor settings.";
    PROJECT_LITERAL_SECRET = "project::literal-secret", "A secret is written into a file that belongs into version control.";
    PROJECT_SECRET_REFERENCE = "project::secret-reference", "A reference to a secret is not of the form `${VARIABLE}`.";
    PROJECT_REQUIRES = "project::requires", "The project asks for a newer infield than this one.";
    PROJECT_ASSUMPTION = "project::assumption", "A correction of what is assumed about a vendor means nothing.";
    PROJECT_QUESTIONS = "project::questions", "A name under `questions:` cannot be used.";
    PROJECT_LINT = "project::lint", "The project says what becomes of a problem that there is not.";
    PROJECT_RULE = "project::rule", "One of the project's own rules cannot be asked.";
    PROJECT_URL = "project::url", "A base URL is not an absolute http or https URL without credentials.";

    // Us.
    INTERNAL = "internal::bug", "infield contradicts itself. This is our bug; please report it.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_explained_and_found_again() {
        let ids: BTreeSet<_> = ALL.iter().map(|code| code.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for code in ALL {
            assert!(
                code.id.starts_with("infield::") && code.id.matches("::").count() == 2,
                "{}",
                code.id
            );
            assert!(
                code.explanation.ends_with('.') && code.explanation.len() > 20,
                "{}",
                code.id
            );
            assert_eq!(Code::find(code.id), Some(*code));
            assert_eq!(Code::find(&code.id["infield::".len()..]), Some(*code));
        }
        assert_eq!(Code::find("infield::no::such"), None);
    }
}
