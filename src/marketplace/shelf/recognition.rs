//! What is looked for by its name, and how long a vendor works on something.

use super::inventory::{Listed, Unread};
use crate::model::marketplace::Recognition;
use crate::model::{Field, Known, Level, Status, SurveySpec, VendorId};
use crate::text::normal;

/// Something that is looked for by its name.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// What it is.
    pub level: Level,
    /// The vendor's id of the survey that holds it; groups only.
    pub parent: Option<&'a str>,
    /// As the manifest wants it.
    pub wanted: &'a SurveySpec,
}

impl Sought<'_> {
    /// Whether something at a vendor may be this already: nothing is made beside it unasked. What has the same title and
    /// locale, except for case and spaces, may be it unless it is closed; where a lost create is found by its name, what has
    /// the very name may be it, and so may what has the same reference. What a list does not show rules nothing out.
    pub fn may_be(&self, vendor: VendorId, listed: &Listed) -> bool {
        let by_name = vendor.recognition(self.level) == Recognition::Name;
        let unique = vendor.facts().unique_by;
        let key = match self.level {
            Level::Group => unique.group_key,
            Level::Survey | Level::Container => unique.survey_key,
        };
        let reference = key.and_then(|key| self.wanted.attributes.get(key)?.value()?.as_str());
        if reference.is_some() && reference == listed.reference.as_deref() {
            return true;
        }
        let Some(title) = &listed.title else { return false };
        let wanted = self.wanted.title.value();
        if by_name && key.is_none() && wanted == Some(title) {
            return true;
        }
        let alike = |a: &Option<String>, b: &Field<String>| match (a, b.value()) {
            (Some(a), Some(b)) => tag(a) == tag(b),
            _ => true,
        };
        listed.status != Some(Status::Closed)
            && wanted.is_some_and(|wanted| normal::title(wanted) == normal::title(title))
            && alike(&listed.locale, &self.wanted.locale)
    }
}

impl Sought<'_> {
    /// Whether an entry of a list that cannot be read may be this already; one that is known to be ours is not.
    pub fn could_be(&self, vendor: VendorId, unread: &Unread, known: &Known) -> bool {
        let ours = |id: &String| known.claims(vendor, self.level, id);
        if unread.id.as_ref().is_some_and(ours) {
            return false;
        }
        match (&unread.name, self.wanted.title.value()) {
            (Some(name), Some(wanted)) => normal::title(name) == normal::title(wanted),
            _ => true,
        }
    }
}

/// A locale without the ways of writing it.
fn tag(locale: &str) -> String {
    locale.replace('_', "-").to_lowercase()
}

/// How work of a vendor ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// It is done.
    Done,
    /// The vendor gave up.
    Failed {
        /// Its reason.
        why: String,
    },
    /// Patience ended first.
    StillGoing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::{CINT, INNOVATEMR, PURESPECTRUM};
    use crate::model::LiveKey;

    fn wanted(title: &str, attributes: &[(&str, &str)]) -> SurveySpec {
        let attributes = attributes.iter();
        SurveySpec {
            title: Field::Set(title.to_owned()),
            locale: Field::Set("en-US".to_owned()),
            attributes: attributes
                .map(|(key, value)| ((*key).to_owned(), Field::Set((*value).into())))
                .collect(),
            ..SurveySpec::default()
        }
    }

    fn listed(title: &str, locale: Option<&str>, status: Status) -> Listed {
        Listed {
            key: LiveKey::survey("7"),
            title: Some(title.to_owned()),
            locale: locale.map(str::to_owned),
            reference: None,
            status: Some(status),
            made: None,
        }
    }

    #[test]
    fn the_same_title_and_locale_may_be_it_unless_it_is_closed() {
        let wanted = wanted("Soda tracker, wave 3", &[]);
        let sought = Sought {
            level: Level::Survey,
            parent: None,
            wanted: &wanted,
        };
        for (title, locale, status, may_be) in [
            (" soda  TRACKER, wave 3", Some("en_us"), Status::Live, true),
            ("Soda tracker, wave 3", None, Status::Draft, true),
            ("Soda tracker, wave 3", Some("de-DE"), Status::Draft, false),
            ("Soda tracker, wave 4", Some("en-US"), Status::Draft, false),
            ("Soda tracker, wave 3", Some("en-US"), Status::Closed, false),
        ] {
            let listed = listed(title, locale, status);
            assert_eq!(sought.may_be(PURESPECTRUM, &listed), may_be, "{listed:?}");
        }
    }

    #[test]
    fn what_has_the_very_name_may_be_it_in_any_status() {
        let wanted = wanted("Lift", &[("reference", "r-1"), ("project_reference", "p-1")]);
        let of = |level| Sought {
            level,
            parent: None,
            wanted: &wanted,
        };
        let closed = listed("Lift", None, Status::Closed);
        assert!(
            of(Level::Container).may_be(INNOVATEMR, &closed),
            "its title is its name"
        );
        assert!(!of(Level::Group).may_be(CINT, &closed));
        for (level, reference) in [(Level::Group, "r-1"), (Level::Container, "p-1")] {
            let renamed = Listed {
                reference: Some(reference.to_owned()),
                ..listed("Another", None, Status::Closed)
            };
            assert!(of(level).may_be(CINT, &renamed), "{level:?}");
        }
    }
}
