//! Lists of vendors that were looked up lately, kept beside the state for a day.
//!
//! Promises: only `lookup` reads them, never a plan; a file that is damaged, of another format or of other settings is as good
//! as none; no secret and no name of a person is kept. Failing to keep one is no error.

use crate::flow::files;
use crate::manifest::Environment;
use crate::marketplace::shelf::lists::{Entry, List, Source, Topic};
use crate::text::hex;
use camino::Utf8PathBuf;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The format of the files.
const FORMAT: &str = "infield.cache/1";
/// How long a list counts as it is.
const EXPIRY: SignedDuration = SignedDuration::from_hours(24);

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    taken: Timestamp,
    under: String,
    entries: Vec<Entry>,
}

/// A list that was kept.
pub(super) struct Kept {
    pub(super) list: List,
    age: SignedDuration,
}

impl Kept {
    /// Whether it may stand for the vendor's.
    pub(super) fn is_fresh(&self) -> bool {
        self.age >= SignedDuration::ZERO && self.age < EXPIRY
    }

    /// How old it is, for people.
    pub(super) fn age(&self) -> String {
        let (hours, minutes) = (self.age.as_hours(), self.age.as_mins());
        match (hours, minutes) {
            (..=-1, _) | (0, ..=0) => "less than a minute".to_owned(),
            (0, 1) => "1 minute".to_owned(),
            (0, minutes) => format!("{minutes} minutes"),
            (1, _) => "1 hour".to_owned(),
            (hours, _) => format!("{hours} hours"),
        }
    }
}

/// Where one list is kept.
pub(super) struct Place(Utf8PathBuf);

impl Place {
    /// The place of a list of an environment; none for lists of people.
    pub(super) fn of(
        local: &Utf8PathBuf,
        settings: &Environment,
        vendor: &str,
        topic: Topic,
        locale: Option<&str>,
    ) -> Option<Self> {
        if topic == Topic::Users {
            return None;
        }
        // Settings show no secret, and another account or address is another list.
        let digest = digest(settings);
        let name = format!(
            "{vendor}-{}-{}-{digest}.json",
            topic.word(),
            locale.unwrap_or("all")
        );
        Some(Self(local.join("cache").join(name)))
    }

    /// What is kept there.
    pub(super) fn read(&self, now: Timestamp) -> Option<Kept> {
        let bytes = std::fs::read(&self.0).ok()?;
        let file: File = serde_json::from_slice(&bytes).ok()?;
        (file.format == FORMAT).then(|| Kept {
            age: now.duration_since(file.taken),
            list: List {
                source: Source::Vendor,
                under: Cow::Owned(file.under),
                entries: file.entries,
            },
        })
    }

    /// Keeps a list, as a whole or not at all.
    pub(super) fn write(&self, list: &List, now: Timestamp) {
        let file = File {
            format: FORMAT.to_owned(),
            taken: now,
            under: list.under.to_string(),
            entries: list.entries.clone(),
        };
        if let Err(error) = self.try_write(&file) {
            tracing::debug!(%error, path = %self.0, "the list was not kept");
        }
    }

    fn try_write(&self, file: &File) -> std::io::Result<()> {
        let folder = self.0.parent().unwrap_or(camino::Utf8Path::new("."));
        std::fs::create_dir_all(folder)?;
        files::write(self.0.as_std_path(), &serde_json::to_vec(file)?)
    }
}

/// All lists of an environment that are kept, whatever their age, with the keys of their marketplaces, in the order of the files.
pub(super) fn all(local: &Utf8PathBuf, settings: &Environment) -> Vec<(String, List)> {
    let end = format!("-{}.json", digest(settings));
    let folder = local.join("cache");
    let mut files: Vec<String> = folder
        .read_dir_utf8()
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|file| file.file_name().to_owned())
        .filter(|name| name.ends_with(&end))
        .collect();
    files.sort();
    let read = |name: String| {
        let (vendor, _) = name.split_once('-')?;
        let kept = Place(folder.join(&name)).read(Timestamp::UNIX_EPOCH)?;
        Some((vendor.to_owned(), kept.list))
    };
    files.into_iter().filter_map(read).collect()
}

/// What tells settings apart; it shows no secret.
fn digest(settings: &Environment) -> String {
    hex::sha256(format!("{settings:?}"), 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back_until_it_expires_and_damage_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let local = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        let of =
            |locale| Place::of(&local, &Environment::default(), "cint", Topic::Questions, locale).unwrap();
        let list = List {
            source: Source::Vendor,
            under: Cow::Borrowed("`cint`"),
            entries: vec![Entry {
                id: "7".to_owned(),
                ..Entry::default()
            }],
        };
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let later = |hours| now + SignedDuration::from_hours(hours);
        assert!(of(None).read(now).is_none());
        of(Some("en-US")).write(&list, now);
        let kept = of(Some("en-US")).read(later(23)).unwrap();
        assert!(kept.is_fresh() && kept.age() == "23 hours");
        assert_eq!(kept.list, list);
        let found = all(&local, &Environment::default());
        assert_eq!(found, [("cint".to_owned(), list.clone())]);
        let old = of(Some("en-US")).read(later(24)).unwrap();
        assert!(!old.is_fresh());
        assert!(
            !of(Some("en-US")).read(later(-1)).unwrap().is_fresh(),
            "a clock that went back"
        );
        assert!(of(Some("de-DE")).read(now).is_none());
        for damage in ["", "{", "{\"format\":\"infield.cache/2\"}", "[1]"] {
            std::fs::write(&of(Some("en-US")).0, damage).unwrap();
            assert!(of(Some("en-US")).read(now).is_none(), "{damage}");
        }
        assert!(Place::of(&local, &Environment::default(), "cint", Topic::Users, None).is_none());
    }
}
